"""``adsift train``: labelled data in, a bundle out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from adsift.cli import options as opt
from adsift.cli.exits import EXIT_CODES, clean_exit
from adsift.cli.training import check_output, read_base, read_data, train_model

HELP = (
    "Train a model on labelled paragraphs, from scratch or on top of another model.\n\n"
    "With --base a few hundred paragraphs do. The same data, options and seed give the same "
    "model, byte for byte."
)
EPILOG = f"""
[bold]Examples[/bold]
adsift train labelled.jsonl -o my-model --base default
adsift train train.csv -o my-model --base default --validation held-out.csv
adsift train project-export.json -o my-model \\
  --label-map 'Advert=commerce,Promo=commerce/product,Report=news,Other='
adsift strip article.txt --model my-model
{EXIT_CODES}"""


def train(
    data: Annotated[
        list[Path],
        typer.Argument(
            metavar="DATA",
            help="Files of labelled data, also compressed: JSON lines of documents with labelled "
            "spans or of one paragraph a line, as adsift tag writes them; CSV or TSV with columns "
            "text and label; exports of Label Studio, doccano and Prodigy; - is standard input.",
            show_default=False,
        ),
    ],
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            metavar="BUNDLE",
            help="Folder for the model, made if missing. A model that is there is replaced.",
            show_default=False,
        ),
    ],
    base: Annotated[
        str | None,
        typer.Option(
            metavar="MODEL",
            help="Adapt this model: the folder of one, or default. Left out: from scratch.",
            show_default=False,
        ),
    ] = None,
    validation: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="DATA",
            help="Labelled data to measure on: figures before and after. May be repeated.",
            show_default=False,
        ),
    ] = None,
    format: opt.DataFormat = "auto",
    label_map: opt.LabelMap = None,
    allow_duplicates: Annotated[
        bool,
        typer.Option(
            "--allow-duplicates",
            help="Go on if texts are both in DATA and in --validation; the figures leave them out.",
        ),
    ] = False,
    seed: Annotated[int, typer.Option(min=0, max=2**31, help="Of everything random.")] = 20251016,
    jobs: Annotated[
        int, typer.Option(min=1, help="Processes, for training from scratch; changes no result.")
    ] = 1,
    quiet: opt.Quiet = False,
) -> None:
    """The command of that name."""
    with clean_exit():
        start = read_base(base)
        check_output(output, base)
        training, held_out = read_data(data, validation or [], format, label_map)
        train_model(training, held_out, start, output, allow_duplicates, seed, jobs, quiet)
