"""The options that several commands have, with their help."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from adsift.document import Format as FormatName
from adsift.policy import CONFIDENCE

InputFormat = Literal["auto", "jsonl"]

DataFormatName = Literal[
    "auto", "documents", "paragraphs", "csv", "tsv", "label-studio", "doccano", "prodigy"
]

_JSONL = "JSON lines input"

Paths = Annotated[
    list[str],
    typer.Argument(
        metavar="PATH",
        help="Files, folders, glob patterns in quotes ('pages/**/*.html'), or - for standard "
        "input. In folders: .txt .md .markdown .html .htm .xhtml .jsonl, each also with .gz, .zst, "
        ".bz2 or .xz; hidden files, .labels.jsonl and what adsift clean keeps beside its results "
        "(_adsift) are left out. Other names can be given one by one.",
        show_default=False,
    ),
]
Output = Annotated[
    str | None,
    typer.Option(
        "--output",
        "-o",
        metavar="PATH",
        help="Write here and not to standard output: a file for one input; for several a folder "
        "that mirrors theirs, made if missing, or a .jsonl file for all. Files appear when they "
        "are whole; an input is never overwritten.",
        show_default=False,
    ),
]
Drop = Annotated[
    str,
    typer.Option(
        metavar="LABELS",
        help="Labels to take out, with commas: news, analysis, boilerplate, commerce.",
    ),
]
MinProbability = Annotated[
    float,
    typer.Option(min=0.0, max=1.0, help="Take a paragraph out only if its label is this probable."),
]
MaxContentLoss = Annotated[
    float | None,
    typer.Option(
        metavar="SHARE",
        help="Take out what can be, such that at most this share of all news and analysis is "
        "lost: 0.01 is one in a hundred. For commerce, boilerplate or both; each document "
        "is judged once. Not together with --min-probability.",
        show_default=False,
    ),
]
Confidence = Annotated[
    float | None,
    typer.Option(
        metavar="SHARE",
        help="How sure the bound of --max-content-loss must be.",
        show_default=str(CONFIDENCE),
    ),
]
Format = Annotated[
    FormatName,
    typer.Option("--format", help="What the documents are; auto tells by name and text."),
]
DataFormat = Annotated[
    DataFormatName,
    typer.Option("--format", help="What files of labelled data are; auto tells by content."),
]
LabelMap = Annotated[
    str | None,
    typer.Option(
        metavar="MAP",
        # Short, for a terminal of 80 columns has few for this, and cuts what does not fit.
        help="Other names for labels: 'Ad=commerce,Skip=', or a file "
        "with a name and its label on each line or as a JSON object.",
        show_default=False,
    ),
]
Input = Annotated[
    InputFormat,
    typer.Option(
        "--input-format",
        help="jsonl: each line is a document, whatever the file's name; auto: if it is .jsonl.",
        rich_help_panel=_JSONL,
    ),
]
TextField = Annotated[
    str,
    typer.Option(
        metavar="FIELD",
        help="Where the text is; content.text looks inside content.",
        rich_help_panel=_JSONL,
    ),
]
IdField = Annotated[
    str, typer.Option(metavar="FIELD", help="Where an id may be.", rich_help_panel=_JSONL)
]
UrlField = Annotated[
    str, typer.Option(metavar="FIELD", help="Where the URL may be.", rich_help_panel=_JSONL)
]
Url = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="Address of the page, for a single document: tells its own links from foreign ones.",
        show_default=False,
    ),
]
Model = Annotated[
    str | None,
    typer.Option(
        metavar="PATH",
        help="Folder of a model bundle, or the name of a shipped one; left out: the default one.",
        show_default=False,
    ),
]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", help="Only errors on stderr: no progress, no notes.")
]
