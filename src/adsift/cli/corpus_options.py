"""The options of the commands that work on a whole corpus, with their help."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from adsift.cli.sizes import show_size
from adsift.corpus.options import MOST_WORKERS, OutputFormat, RemovedFormat, TagsIn, TextForm
from adsift.corpus.record import Fields, Limits

InputFormat = Literal["auto", "jsonl", "csv", "tsv", "parquet", "warc", "wet", "files"]

EXIT_CODES = """
[bold]Exit codes[/bold]
  0  all done
  1  some documents were rejected, the others are done; or the run broke off, and --resume goes on
  2  wrong usage, nothing done
  3  could not start: no input found, model missing, output not writable or of another run
130  interrupted; --resume goes on
141  the reader of the output went away
"""

FIELDS = Fields()
CHUNK_BYTES = show_size(Limits().chunk_bytes)
DOCUMENT_BYTES = show_size(Limits().document_bytes)

_INPUT, _OUTPUT, _RUN = "Input", "Output", "Run"


Inputs = Annotated[
    list[str],
    typer.Argument(
        metavar="INPUT",
        help="Files, folders, glob patterns in quotes ('crawl/**/*.warc.gz'), addresses (s3://, "
        "gs://, hf:// and what else fsspec knows), or - for standard input. In folders: texts, "
        "Markdown, HTML, JSON lines, CSV, TSV, Parquet, WARC and WET, each also with gzip, "
        "zstd, bz2 or xz.",
        show_default=False,
    ),
]
Output = Annotated[
    str,
    typer.Option(
        "--output",
        "-o",
        metavar="OUT",
        help="Folder for the cleaned corpus, here or remote, made if missing. It mirrors the "
        "inputs; the account of the run is in OUT/_adsift. - writes one file to standard "
        "output and keeps no account.",
        show_default=False,
    ),
]

# ------------------------------------------------------------------------------------ what comes in

InputFormatOption = Annotated[
    InputFormat,
    typer.Option(
        "--input-format",
        help="What all inputs are; auto tells by content, then by name. files: each is a document.",
        rich_help_panel=_INPUT,
    ),
]
TextField = Annotated[
    str,
    typer.Option(
        metavar="FIELD",
        help="Field or column of the text; content.text looks inside content.",
        rich_help_panel=_INPUT,
    ),
]
IdField = Annotated[
    str, typer.Option(metavar="FIELD", help="Where an id may be.", rich_help_panel=_INPUT)
]
UrlField = Annotated[
    str,
    typer.Option(
        metavar="FIELD",
        help="Where the page's address may be. It tells a page's own links from foreign ones.",
        rich_help_panel=_INPUT,
    ),
]
MaxDocumentBytes = Annotated[
    str,
    typer.Option(
        metavar="SIZE",
        help="A larger record is rejected and, but in Parquet, never held in memory: 50MB, 2GiB or "
        "a number.",
        rich_help_panel=_INPUT,
    ),
]

# ----------------------------------------------------------------------------------- what comes out

OutputFormatOption = Annotated[
    OutputFormat,
    typer.Option(
        "--output-format",
        help="same: the input's, all other fields and columns as they were; jsonl, parquet: "
        "records of id, url and text, and with --mode tag a column of tags.",
        rich_help_panel=_OUTPUT,
    ),
]
TextFormOption = Annotated[
    TextForm,
    typer.Option(
        "--text-form",
        help="same: each document in its own format; text: the texts of the kept paragraphs with "
        "blank lines between, also of HTML.",
        rich_help_panel=_OUTPUT,
    ),
]
TagsInOption = Annotated[
    TagsIn,
    typer.Option(
        "--tags-in",
        help="Where tags are: in a column (or field) of the record, or in files beside the corpus "
        "in dolma's layout, which adsift apply finds by --tags-from. auto: a column where the "
        "format has columns, else attributes.",
        rich_help_panel=_OUTPUT,
    ),
]
TagsField = Annotated[
    str,
    typer.Option(metavar="FIELD", help="Name of the column of tags.", rich_help_panel=_OUTPUT),
]
RemovedFormatOption = Annotated[
    RemovedFormat,
    typer.Option(
        "--removed-format",
        help="Of the files of removed paragraphs in OUT/_adsift/removed.",
        rich_help_panel=_OUTPUT,
    ),
]
NoPatches = Annotated[
    bool,
    typer.Option(
        "--no-patches",
        help="Keep nothing to restore the inputs from: adsift restore will not work.",
        rich_help_panel=_OUTPUT,
    ),
]

# ----------------------------------------------------------------------------------- how it is done

Workers = Annotated[
    int,
    typer.Option(
        "--workers",
        "-j",
        metavar="N",
        min=0,
        max=MOST_WORKERS,
        help="Processes; 0: one a core. Changes no result.",
        rich_help_panel=_RUN,
    ),
]
ChunkBytes = Annotated[
    str,
    typer.Option(
        metavar="SIZE",
        help="What a worker takes at a time: 8MB, 1GiB or a number. Memory grows with it.",
        rich_help_panel=_RUN,
    ),
]
Resume = Annotated[
    bool,
    typer.Option(
        "--resume",
        help="Go on with the run in OUT, whatever ended it. Inputs and options must be the same, "
        "--work-dir too.",
        rich_help_panel=_RUN,
    ),
]
Overwrite = Annotated[
    bool,
    typer.Option(
        "--overwrite", help="Start anew where OUT holds a run already.", rich_help_panel=_RUN
    ),
]
Strict = Annotated[
    bool,
    typer.Option("--strict", help="Stop at the first rejected document.", rich_help_panel=_RUN),
]
WorkDir = Annotated[
    str | None,
    typer.Option(
        metavar="FOLDER",
        help="Local folder for what is under way; a remote OUT needs one. Left out: in OUT. To "
        "go on with the run, name it again.",
        show_default=False,
        rich_help_panel=_RUN,
    ),
]
