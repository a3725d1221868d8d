"""``adsift tag``: a label for each paragraph."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from adsift.cli import options as opt
from adsift.cli.exits import EXIT_CODES, clean_exit
from adsift.cli.jobs import Form, Tag
from adsift.cli.output import stdout_is_terminal
from adsift.cli.plan import finish, make_report, make_sink, prepare
from adsift.cli.reading import ReadOptions
from adsift.cli.run import run

HELP = (
    "Say of each paragraph whether it is news, analysis, boilerplate or commerce.\n\n"
    "An empty document has no paragraphs, which is no error."
)
EPILOG = f"""
[bold]Examples[/bold]
adsift tag article.txt
adsift tag article.md --output-format text | less
adsift tag page.html | jq -r 'select(.label == "commerce").text'
adsift tag articles/ -o tags.jsonl
adsift tag corpus.jsonl.gz --text-field content.text -o tagged.jsonl.gz
{EXIT_CODES}"""

# What is behind the input's own name when a result goes into a folder.
_ENDINGS = {Form.TEXT: ".tags.txt", Form.JSONL: ".jsonl"}


class TagForm(StrEnum):
    """Values of ``--output-format`` of tag."""

    TEXT = "text"
    JSONL = "jsonl"


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
        found, destination = prepare(paths, output, input_format, url)
        terminal = destination.is_stdout and stdout_is_terminal()
        form = Form(output_format or (Form.TEXT if terminal else Form.JSONL))
        report = make_report(found, destination, quiet)
        code = run(
            found,
            ReadOptions(format, url, text_field, id_field, url_field),
            model,
            Tag(form, colour=terminal),
            [make_sink(found, destination, _ENDINGS[form])],
            report,
        )
        finish(found, report, code)
