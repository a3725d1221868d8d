"""``adsift explain``: why a paragraph has its label."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from adsift.cli import options as opt
from adsift.cli.exits import EXIT_CODES, UsageError, clean_exit
from adsift.cli.explaining import (
    explain_document,
    explanation_line,
    explanation_page,
    read_document,
)
from adsift.cli.output import StdoutSink, stdout_is_terminal
from adsift.cli.reading import ReadOptions
from adsift.cli.run import load_model
from adsift.document import Label

HELP = (
    "Say which words, features and neighbours made the label of a paragraph.\n\n"
    "Each table adds up to the score in its last line. Step 2, which reads step 1's "
    "probabilities of the paragraph and of those around it, decides. With --model accurate "
    "it says what that tier decided and explains the fast model behind it."
)
EPILOG = f"""
[bold]Examples[/bold]
adsift explain article.txt --paragraph 12
adsift explain article.txt --find "Hand-Crank Radios"
adsift explain page.html --paragraph 3 --label commerce --top 5
adsift explain page.html --paragraph 3 --output-format json \\
  | jq .in_context.views
{EXIT_CODES}"""


class ExplainForm(StrEnum):
    """Values of ``--output-format`` of explain."""

    TEXT = "text"
    JSON = "json"


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
    format: opt.Format = "auto",
    url: opt.Url = None,
    model: opt.Model = None,
) -> None:
    """The command of that name."""
    with clean_exit():
        if (paragraph is None) == (not (find or "").strip()):
            raise UsageError("choose the paragraph by --paragraph or by --find")
        item = read_document(path, ReadOptions(format, url))
        found = explain_document(load_model(model), item, paragraph, find, label)
        with StdoutSink() as sink:
            if output_format == ExplainForm.JSON:
                sink.write(item.source, explanation_line(item.source, found))
            else:
                page = explanation_page(item.source, found, top, stdout_is_terminal())
                sink.write(item.source, page.encode("utf-8", "replace"))
