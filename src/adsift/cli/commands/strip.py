"""``adsift strip``: paragraphs out."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from adsift.cli import options as opt
from adsift.cli.destination import Destination, output_path
from adsift.cli.exits import EXIT_CODES, UsageError, clean_exit
from adsift.cli.inputs import Found
from adsift.cli.jobs import Form, Strip
from adsift.cli.labels import chosen_confidence, chosen_labels
from adsift.cli.output import FileSink, Sink, StdoutSink
from adsift.cli.plan import finish, make_report, make_sink, prepare
from adsift.cli.reading import ReadOptions
from adsift.cli.run import run

HELP = (
    "Take the commerce out of articles.\n\n"
    "The output is UTF-8. But for what was taken out, text and Markdown stay as they were, "
    "line ends included. An empty document comes back as it is, which is no error."
)
EPILOG = f"""
[bold]Examples[/bold]
adsift strip article.txt --show-removed
adsift strip page.html --drop commerce,boilerplate --output-format text
adsift strip articles/ -o clean/ --removed removed.jsonl
adsift strip articles/ -o clean/ --max-content-loss 0.01
adsift strip 'pages/**/*.html' --output-format text -o texts/
adsift strip corpus.jsonl.gz --text-field content.text -o clean.jsonl.gz
curl -s https://example.org/a | adsift strip - --url https://example.org/a
{EXIT_CODES}"""

# What is behind the input's own name when a result goes into a folder.
_ENDINGS = {Form.OWN: "", Form.HTML: "", Form.TEXT: ".txt", Form.JSONL: ".jsonl"}


class StripForm(StrEnum):
    """Values of ``--output-format`` of strip."""

    TEXT = "text"
    HTML = "html"
    JSONL = "jsonl"


def strip(
    paths: opt.Paths,
    output: opt.Output = None,
    drop: opt.Drop = "commerce",
    min_probability: opt.MinProbability = 0.0,
    max_content_loss: opt.MaxContentLoss = None,
    confidence: opt.Confidence = None,
    output_format: Annotated[
        StripForm | None,
        typer.Option(
            help="text: the texts of the kept paragraphs with blank lines between; html: for HTML "
            "input only; jsonl: a line a document with text, kept and removed paragraphs. Left "
            "out: as the input is, but jsonl when several inputs go to standard output or to "
            "a .jsonl file. JSON lines input stays that: only its text field changes.",
            show_default=False,
        ),
    ] = None,
    removed: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Write the removed paragraphs here, as JSON lines; - is standard output, if -o "
            "names another place for the rest.",
            show_default=False,
        ),
    ] = None,
    show_removed: Annotated[
        bool, typer.Option("--show-removed", help="Show the removed paragraphs on stderr.")
    ] = False,
    format: opt.Format = "auto",
    url: opt.Url = None,
    model: opt.Model = None,
    quiet: opt.Quiet = False,
    input_format: opt.Input = "auto",
    text_field: opt.TextField = "text",
    id_field: opt.IdField = "id",
    url_field: opt.UrlField = "url",
) -> None:
    """The command of that name."""
    with clean_exit():
        confidence = chosen_confidence(confidence, max_content_loss)
        labels = chosen_labels(drop, min_probability, max_content_loss, confidence)
        found, destination = prepare(paths, output, input_format, url)
        form = _form(output_format, found, destination)
        log = _log(removed, destination)
        sink = make_sink(found, destination, _ENDINGS[form], b"\n", output_path(removed))
        report = make_report(found, destination, quiet, removed)
        plain = not all(source.jsonl for source in found.inputs)
        if plain and output_format is None and form == Form.JSONL and destination.is_stdout:
            report.note("several inputs: writing JSON lines; -o FOLDER keeps their own formats")
        code = run(
            found,
            ReadOptions(format, url, text_field, id_field, url_field),
            model,
            Strip(
                labels,
                min_probability,
                form,
                text_field,
                log,
                show_removed,
                max_content_loss,
                confidence,
            ),
            [sink, log] if log else [sink],
            report,
        )
        finish(found, report, code)


def _log(removed: str | None, destination: Destination) -> Sink | None:
    if removed is None:
        return None
    path = output_path(removed)
    if path is not None:
        return FileSink(path, even_empty=True)
    if destination.is_stdout:
        raise UsageError("the result and --removed would both go to standard output; choose -o")
    return StdoutSink()


def _form(wanted: StripForm | None, found: Found, destination: Destination) -> Form:
    one_stream = found.several and not destination.is_folder
    if wanted is None:
        return Form.JSONL if one_stream or destination.is_jsonl_file else Form.OWN
    if one_stream and destination.is_jsonl_file and wanted != StripForm.JSONL:
        raise UsageError(f"{destination.path} takes JSON lines, not {wanted}; choose a folder")
    return Form(wanted)
