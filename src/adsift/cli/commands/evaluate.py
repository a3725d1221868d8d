"""``adsift evaluate``: a model on labelled pages."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from adsift.cli import options as opt
from adsift.cli.exits import EXIT_CODES, clean_exit

HELP = (
    "Measure a model on labelled pages: is the label right, how much content would a strip "
    "lose, how much commerce would it leave, can the probabilities be relied on.\n\n"
    "The figures mean something only on pages of sites that the model was not trained on."
)
EPILOG = f"""
[bold]Examples[/bold]
adsift evaluate seeds
adsift evaluate my-pages.jsonl --model my-bundle \\
  --report report.html --json report.json
adsift evaluate my-pages.jsonl --model my-bundle --compare default
adsift evaluate project-export.json \\
  --label-map 'Advert=commerce,Promo=commerce/product,Report=news,Other='
{EXIT_CODES}"""


def evaluate(
    data: Annotated[
        str,
        typer.Argument(
            metavar="DATA",
            help="Labelled pages: a file that adsift train reads, such as JSON lines of documents "
            "with text and spans (start, end, label, kind); a folder with train.jsonl and "
            "pages/; or a folder of articles, each with its NAME.labels.jsonl, such as seeds/; "
            "- is standard input.",
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
    format: opt.DataFormat = "auto",
    label_map: opt.LabelMap = None,
    quiet: opt.Quiet = False,
) -> None:
    """The command of that name."""
    from adsift.cli.evaluating import Wanted, evaluate_command

    with clean_exit():
        evaluate_command(
            Wanted(
                data,
                model,
                compare,
                views,
                report,
                json,
                seed,
                max_pages,
                format,
                label_map,
                quiet,
            )
        )
