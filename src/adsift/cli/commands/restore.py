"""``adsift restore``: the inputs of a run, from its output."""

from __future__ import annotations

from typing import Annotated

import typer

from adsift.cli import options as opt
from adsift.cli.corpus_run import restore_corpus
from adsift.cli.exits import clean_exit

HELP = (
    "Rebuild what adsift clean or apply was given, from what it wrote.\n\n"
    "Text formats come back byte for byte, Parquet with equal columns and rows. Files that were "
    "compressed are compressed anew. OUT must be as the run wrote it. What the run has not kept, "
    "such as records over --max-document-bytes, cannot come back; each input that lacks any is "
    "named."
)
EPILOG = """
[bold]Examples[/bold]
adsift clean crawl/ -o clean/
adsift restore clean/ -o crawl-again/

[bold]Exit codes[/bold]
  0  all restored
  1  some inputs did not come back whole, each with a line on stderr; or it broke off: OUT was
     changed or is damaged, or no room is left
  2  wrong usage, nothing done
  3  could not start: OUT holds no finished run, or one with --no-patches, or nothing but tables
     that --output-format has made anew; RESTORED is not empty
130  interrupted
"""


def restore(
    output: Annotated[
        str,
        typer.Argument(
            metavar="OUT", help="The output of the run, here or remote.", show_default=False
        ),
    ],
    target: Annotated[
        str,
        typer.Option(
            "--output",
            "-o",
            metavar="RESTORED",
            help="Folder for the restored inputs, here or remote, made if missing, else empty.",
            show_default=False,
        ),
    ],
    quiet: opt.Quiet = False,
) -> None:
    """The command of that name."""
    with clean_exit():
        raise typer.Exit(restore_corpus(output, target, quiet))
