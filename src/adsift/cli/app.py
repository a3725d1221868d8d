"""The commands. What they do is in the modules beside this one."""

from __future__ import annotations

from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from adsift import __version__
from adsift.cli import options as opt
from adsift.cli import train as training
from adsift.cli.destination import Destination, check_places, choose_destination, output_path
from adsift.cli.exits import ExitCode, UsageError, clean_exit
from adsift.cli.explaining import (
    explain_document,
    explanation_line,
    explanation_page,
    read_document,
)
from adsift.cli.inputs import Found, Input, find_inputs
from adsift.cli.jobs import Form, Strip, Tag
from adsift.cli.output import FileSink, Sink, StdoutSink, stdout_is_terminal
from adsift.cli.reading import ReadOptions
from adsift.cli.report import FEW, Report
from adsift.cli.run import load_model, run
from adsift.document import Label
from adsift.errors import PolicyError
from adsift.policy import CONFIDENCE, Bound, Policy

_EXIT_CODES = """
[bold]Exit codes[/bold]
  0  all done
  1  some inputs failed, each with a line on stderr; the others are done
  2  wrong usage, nothing done
  3  could not start: model missing or damaged, output not writable
130  interrupted
141  the reader of the output went away
"""
_STRIP_HELP = (
    "Take the commerce out of articles.\n\n"
    "The output is UTF-8. But for what was taken out, text and Markdown stay as they were, "
    "line ends included. An empty document comes back as it is, which is no error."
)
_STRIP_EPILOG = f"""
[bold]Examples[/bold]
adsift strip article.txt --show-removed
adsift strip page.html --drop commerce,boilerplate --output-format text
adsift strip articles/ -o clean/ --removed removed.jsonl
adsift strip articles/ -o clean/ --max-content-loss 0.01
adsift strip 'pages/**/*.html' --output-format text -o texts/
adsift strip corpus.jsonl.gz --text-field content.text -o clean.jsonl.gz
curl -s https://example.org/a | adsift strip - --url https://example.org/a
{_EXIT_CODES}"""
_TAG_HELP = (
    "Say of each paragraph whether it is news, analysis, boilerplate or commerce.\n\n"
    "An empty document has no paragraphs, which is no error."
)
_TAG_EPILOG = f"""
[bold]Examples[/bold]
adsift tag article.txt
adsift tag article.md --output-format text | less
adsift tag page.html | jq -r 'select(.label == "commerce").text'
adsift tag articles/ -o tags.jsonl
adsift tag corpus.jsonl.gz --text-field content.text -o tagged.jsonl.gz
{_EXIT_CODES}"""
_EXPLAIN_HELP = (
    "Say which words, features and neighbours made the label of a paragraph.\n\n"
    "Each table adds up to the score in its last line. Step 2, which reads step 1's "
    "probabilities of the paragraph and of those around it, decides."
)
_EXPLAIN_EPILOG = f"""
[bold]Examples[/bold]
adsift explain article.txt --paragraph 12
adsift explain article.txt --find "Hand-Crank Radios"
adsift explain page.html --paragraph 3 --label commerce --top 5
adsift explain page.html --paragraph 3 --output-format json | jq .in_context.views
{_EXIT_CODES}"""
_EVALUATE_HELP = (
    "Measure a model on labelled pages: is the label right, how much content would a strip "
    "lose, how much commerce would it leave, can the probabilities be relied on.\n\n"
    "The figures mean something only on pages of sites that the model was not trained on."
)
_EVALUATE_EPILOG = f"""
[bold]Examples[/bold]
adsift evaluate seeds
adsift evaluate my-pages.jsonl --model my-bundle --report report.html --json report.json
adsift evaluate my-pages.jsonl --model my-bundle --compare default
{_EXIT_CODES}"""

# What is behind the input's own name when a result goes into a folder.
_STRIP_ENDINGS = {Form.OWN: "", Form.HTML: "", Form.TEXT: ".txt", Form.JSONL: ".jsonl"}
_TAG_ENDINGS = {Form.TEXT: ".tags.txt", Form.JSONL: ".jsonl"}

app = typer.Typer(
    name="adsift",
    help="Separate advertising from journalism: label each paragraph of an article as news, "
    "analysis, boilerplate or commerce, and strip or tag it.",
    epilog=_EXIT_CODES,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


class StripForm(StrEnum):
    """Values of ``--output-format`` of strip."""

    TEXT = "text"
    HTML = "html"
    JSONL = "jsonl"


class TagForm(StrEnum):
    """Values of ``--output-format`` of tag."""

    TEXT = "text"
    JSONL = "jsonl"


class ExplainForm(StrEnum):
    """Values of ``--output-format`` of explain."""

    TEXT = "text"
    JSON = "json"


def main() -> None:
    """Run the command line."""
    app(prog_name="adsift")


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"adsift {__version__}")
        raise typer.Exit


@app.callback()
def _adsift(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    del version  # its callback has done all


@app.command("strip", help=_STRIP_HELP, epilog=_STRIP_EPILOG)
def strip(
    paths: opt.Paths,
    output: opt.Output = None,
    drop: Annotated[
        str,
        typer.Option(
            metavar="LABELS",
            help="Labels to take out, with commas: news, analysis, boilerplate, commerce.",
        ),
    ] = "commerce",
    min_probability: Annotated[
        float,
        typer.Option(
            min=0.0, max=1.0, help="Take a paragraph out only if its label is this probable."
        ),
    ] = 0.0,
    max_content_loss: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE",
            help="Take out what can be, such that at most this share of all news and analysis is "
            "lost: 0.01 is one in a hundred. For commerce, boilerplate or both; each document "
            "is judged once. Not together with --min-probability.",
            show_default=False,
        ),
    ] = None,
    confidence: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE",
            help="How sure the bound of --max-content-loss must be.",
            show_default=str(CONFIDENCE),
        ),
    ] = None,
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
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Write the removed paragraphs here, as JSON lines.",
            show_default=False,
        ),
    ] = None,
    show_removed: Annotated[
        bool, typer.Option("--show-removed", help="Show the removed paragraphs on stderr.")
    ] = False,
    format: opt.Format = opt.FormatName.AUTO,
    url: opt.Url = None,
    model: opt.Model = None,
    quiet: opt.Quiet = False,
    input_format: opt.Input = opt.InputFormat.AUTO,
    text_field: opt.TextField = "text",
    id_field: opt.IdField = "id",
    url_field: opt.UrlField = "url",
) -> None:
    """The command of that name."""
    with clean_exit():
        if confidence is not None and max_content_loss is None:
            raise UsageError("--confidence is that of --max-content-loss, which is missing")
        confidence = CONFIDENCE if confidence is None else confidence
        labels = _labels(drop, min_probability, max_content_loss, confidence)
        found, destination = _prepare(paths, output, input_format, url)
        form = _strip_form(output_format, found, destination)
        log = FileSink(removed, even_empty=True) if removed else None
        sink = _sink(found, destination, _STRIP_ENDINGS[form], b"\n", removed)
        report = _report(found, destination, quiet)
        plain = not all(source.jsonl for source in found.inputs)
        if plain and output_format is None and form == Form.JSONL and destination.is_stdout:
            report.note("several inputs: writing JSON lines; -o FOLDER keeps their own formats")
        code = run(
            found,
            ReadOptions(format.value, url, text_field, id_field, url_field),
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
        _finish(found, report, code)


@app.command("tag", help=_TAG_HELP, epilog=_TAG_EPILOG)
def tag(
    paths: opt.Paths,
    output: opt.Output = None,
    output_format: Annotated[
        TagForm | None,
        typer.Option(
            help="text: to read, in colours on a terminal; jsonl: a line a paragraph with "
            "document, index, text, start, end, tag, links, label, kind and probabilities. Left "
            "out: text on a terminal, else jsonl. JSON lines input keeps its lines and gets a "
            "field paragraphs.",
            show_default=False,
        ),
    ] = None,
    format: opt.Format = opt.FormatName.AUTO,
    url: opt.Url = None,
    model: opt.Model = None,
    quiet: opt.Quiet = False,
    input_format: opt.Input = opt.InputFormat.AUTO,
    text_field: opt.TextField = "text",
    id_field: opt.IdField = "id",
    url_field: opt.UrlField = "url",
) -> None:
    """The command of that name."""
    with clean_exit():
        found, destination = _prepare(paths, output, input_format, url)
        terminal = destination.is_stdout and stdout_is_terminal()
        form = Form(output_format or (Form.TEXT if terminal else Form.JSONL))
        report = _report(found, destination, quiet)
        code = run(
            found,
            ReadOptions(format.value, url, text_field, id_field, url_field),
            model,
            Tag(form, colour=terminal),
            [_sink(found, destination, _TAG_ENDINGS[form])],
            report,
        )
        _finish(found, report, code)


@app.command("explain", help=_EXPLAIN_HELP, epilog=_EXPLAIN_EPILOG)
def explain(
    path: Annotated[
        str,
        typer.Argument(
            metavar="PATH",
            help="One file with one document, or - for standard input.",
            show_default=False,
        ),
    ],
    paragraph: Annotated[
        int | None,
        typer.Option(
            "--paragraph",
            "-p",
            metavar="N",
            min=0,
            help="Which paragraph: the index that tag gives it, from 0.",
            show_default=False,
        ),
    ] = None,
    find: Annotated[
        str | None,
        typer.Option(
            metavar="TEXT",
            help="The paragraph that holds this text, whatever the case, instead of --paragraph.",
            show_default=False,
        ),
    ] = None,
    label: Annotated[
        Label | None,
        typer.Option(
            help="The label to explain; left out: the one that the paragraph has.",
            show_default=False,
        ),
    ] = None,
    top: Annotated[
        int, typer.Option(min=1, help="Lines of a table in text; json always has all.")
    ] = 12,
    output_format: Annotated[
        ExplainForm, typer.Option(help="text: to read; json: one line with everything.")
    ] = ExplainForm.TEXT,
    format: opt.Format = opt.FormatName.AUTO,
    url: opt.Url = None,
    model: opt.Model = None,
) -> None:
    """The command of that name."""
    with clean_exit():
        if (paragraph is None) == (not (find or "").strip()):
            raise UsageError("choose the paragraph by --paragraph or by --find")
        item = read_document(path, ReadOptions(format.value, url))
        found = explain_document(load_model(model), item, paragraph, find, label)
        with StdoutSink() as sink:
            if output_format == ExplainForm.JSON:
                sink.write(item.source, explanation_line(item.source, found))
            else:
                page = explanation_page(item.source, found, top, stdout_is_terminal())
                sink.write(item.source, page.encode("utf-8", "replace"))


@app.command("evaluate", help=_EVALUATE_HELP, epilog=_EVALUATE_EPILOG)
def evaluate(
    data: Annotated[
        str,
        typer.Argument(
            metavar="DATA",
            help="Labelled pages: a JSON lines file of documents with text and spans (start, end, "
            "label, kind), a folder with train.jsonl.gz and pages/, or a folder of articles, "
            "each with its NAME.labels.jsonl, such as seeds/.",
            show_default=False,
        ),
    ],
    model: opt.Model = None,
    compare: Annotated[
        str | None,
        typer.Option(
            metavar="PATH",
            help="Another bundle on the same pages: is the difference real?",
            show_default=False,
        ),
    ] = None,
    views: Annotated[
        str | None,
        typer.Option(
            metavar="VIEWS",
            help="With commas: html (the pages as fetched), text (without markup), extracted (by "
            "trafilatura). Left out: all that the data allows.",
            show_default=False,
        ),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Write an HTML report here, with excerpts of the worst pages.",
            show_default=False,
        ),
    ] = None,
    json: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write it all as JSON here, without texts.", show_default=False
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the draws of pages.")] = 0,
    max_pages: Annotated[
        int | None,
        typer.Option(
            min=1, help="No more than so many pages, drawn at random.", show_default=False
        ),
    ] = None,
    quiet: opt.Quiet = False,
) -> None:
    """The command of that name."""
    from adsift.cli.evaluate import Wanted, evaluate_command

    with clean_exit():
        evaluate_command(Wanted(data, model, compare, views, report, json, seed, max_pages, quiet))


app.command("train", help=training.HELP, epilog=training.EXAMPLES + _EXIT_CODES)(training.train)


def _labels(
    drop: str, min_probability: float, max_content_loss: float | None, confidence: float
) -> tuple[str, ...]:
    labels = tuple(name.strip() for name in drop.split(",") if name.strip())
    if not labels:
        raise UsageError("--drop names no label")
    try:
        Policy.of(labels, min_probability)
        if max_content_loss is not None:
            Bound.of(labels, max_content_loss, confidence)
    except PolicyError as error:
        raise UsageError(str(error)) from None
    if max_content_loss is not None and min_probability:
        raise UsageError("--min-probability and --max-content-loss cannot be used together")
    return labels


def _prepare(
    paths: list[str], output: str | None, input_format: opt.InputFormat, url: str | None
) -> tuple[Found, Destination]:
    found = find_inputs(
        paths,
        all_jsonl=input_format == opt.InputFormat.JSONL,
        output=output_path(output),
    )
    if url is not None and (found.several or any(source.jsonl for source in found.inputs)):
        raise UsageError("--url is the address of a single document; JSON lines have --url-field")
    return found, choose_destination(output, found.several)


def _strip_form(wanted: StripForm | None, found: Found, destination: Destination) -> Form:
    one_stream = found.several and not destination.is_folder
    if wanted is None:
        return Form.JSONL if one_stream or destination.is_jsonl_file else Form.OWN
    if one_stream and destination.is_jsonl_file and wanted != StripForm.JSONL:
        raise UsageError(f"{destination.path} takes JSON lines, not {wanted}; choose a folder")
    return Form(wanted)


def _sink(
    found: Found,
    destination: Destination,
    ending: str,
    separator: bytes = b"",
    removed: Path | None = None,
) -> Sink:
    place = partial(destination.place, base=found.base, ending=ending)
    places: list[tuple[Input | None, Path]] = [(None, removed)] if removed else []
    if destination.is_folder:
        places += [(source, place(source)) for source in found.inputs]
    elif destination.path:
        places.append((None, destination.path))
    check_places(found, places)
    return destination.sink(place, separator if ending != ".jsonl" else b"")


def _report(found: Found, destination: Destination, quiet: bool) -> Report:
    many = len(found.inputs) > FEW or any(source.jsonl for source in found.inputs)
    # Documents that run over the terminal are progress enough, and a bar would garble them.
    seen = destination.is_stdout and stdout_is_terminal()
    return Report(len(found.inputs), quiet=quiet, progress=many and not seen)


def _finish(found: Found, report: Report, code: ExitCode) -> None:
    if found.several or any(source.jsonl for source in found.inputs):
        report.summary()
    raise typer.Exit(code)
