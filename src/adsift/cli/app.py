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
from adsift.cli.inputs import Found, Input, find_inputs
from adsift.cli.jobs import Form, Strip, Tag
from adsift.cli.output import FileSink, Sink, stdout_is_terminal
from adsift.cli.reading import ReadOptions
from adsift.cli.report import FEW, Report
from adsift.cli.run import run
from adsift.errors import PolicyError
from adsift.policy import Policy

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
        labels = _labels(drop, min_probability)
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
            Strip(labels, min_probability, form, text_field, log, show_removed),
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


app.command("train", help=training.HELP, epilog=training.EXAMPLES + _EXIT_CODES)(training.train)


def _labels(drop: str, min_probability: float) -> tuple[str, ...]:
    labels = tuple(name.strip() for name in drop.split(",") if name.strip())
    if not labels:
        raise UsageError("--drop names no label")
    try:
        Policy.of(labels, min_probability)
    except PolicyError as error:
        raise UsageError(str(error)) from None
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
