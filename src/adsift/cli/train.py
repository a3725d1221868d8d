"""``adsift train``: labelled data in, a bundle out."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from adsift.cli import options as opt
from adsift.cli.exits import OutputError, RunError, StartError, UsageError, clean_exit, reason, say
from adsift.cli.progress import TimeLeft
from adsift.errors import BundleError, LabelledDataError

if TYPE_CHECKING:
    from adsift.labelled import LabelledData
    from adsift.model.bundle import Bundle

HELP = (
    "Train a model on labelled paragraphs, from scratch or on top of another model.\n\n"
    "With --base a few hundred paragraphs do. The same data, options and seed give the same "
    "model, byte for byte."
)
EXAMPLES = """
[bold]Examples[/bold]
adsift train labelled.jsonl -o my-model --base default
adsift train train.csv -o my-model --base default --validation held-out.csv
adsift train project-export.json -o my-model --label-map 'Advert=commerce,Report=news,Other='
adsift strip article.txt --model my-model
"""


class DataFormat(StrEnum):
    """Values of ``--format`` of train."""

    AUTO = "auto"
    DOCUMENTS = "documents"
    PARAGRAPHS = "paragraphs"
    CSV = "csv"
    TSV = "tsv"
    LABEL_STUDIO = "label-studio"
    DOCCANO = "doccano"
    PRODIGY = "prodigy"


def train(
    data: Annotated[
        list[Path],
        typer.Argument(
            metavar="DATA",
            help="Files of labelled data, also with gzip: JSON lines of documents with labelled "
            "spans or of one paragraph a line, as adsift tag writes them; CSV or TSV with columns "
            "text and label; exports of Label Studio, doccano and Prodigy.",
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
    format: Annotated[
        DataFormat, typer.Option("--format", help="What the files are; auto tells by content.")
    ] = DataFormat.AUTO,
    label_map: Annotated[
        str | None,
        typer.Option(
            metavar="MAP",
            help="Other names for labels: 'Ad=commerce,Promo=commerce/product,Skip=', or a file "
            "with a name and its label on each line or as a JSON object.",
            show_default=False,
        ),
    ] = None,
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
        start = _read_base(base)
        _check_output(output, base)
        training, held_out = _read(data, validation or [], format, label_map)
        _run(training, held_out, start, output, allow_duplicates, seed, jobs, quiet)


def _read_base(base: str | None) -> Bundle | None:
    if base is None:
        return None
    from adsift.model.bundle import find_bundle, read_bundle

    try:
        return read_bundle(find_bundle(base))
    except BundleError as error:
        raise StartError(f"cannot load the base model: {error}") from None


def _check_output(output: Path, base: str | None) -> None:
    from adsift.model.bundle import CONFIG, find_bundle

    if output.exists() and not output.is_dir():
        raise UsageError(f"{output} is a file; a model is a folder")
    if output.is_dir() and any(output.iterdir()) and not (output / CONFIG).is_file():
        raise UsageError(f"{output} holds other things than a model; choose an empty folder")
    if base is not None and os.path.realpath(find_bundle(base)) == os.path.realpath(output):
        raise UsageError(f"{output} is the base itself; choose another -o")


def _read(
    paths: list[Path], validation: list[Path], format: DataFormat, label_map: str | None
) -> tuple[LabelledData, LabelledData | None]:
    from adsift.labelled import read_label_map, read_labelled

    try:
        names = read_label_map(label_map) if label_map else None
    except LabelledDataError as error:
        raise UsageError(f"--label-map: {error}") from None
    try:
        training = read_labelled(paths, format.value, names)
        held_out = read_labelled(validation, format.value, names) if validation else None
    except LabelledDataError as error:
        raise RunError(str(error)) from None
    return training, held_out


def _run(
    training: LabelledData,
    held_out: LabelledData | None,
    start: Bundle | None,
    output: Path,
    allow_duplicates: bool,
    seed: int,
    jobs: int,
    quiet: bool,
) -> None:
    from adsift.model.adapt import AdaptSettings
    from adsift.model.bundle import write_bundle
    from adsift.model.fit import Settings
    from adsift.train.run import check_split, remarks, train

    def note(text: str) -> None:
        if not quiet:
            say(text)

    try:
        if held_out is not None and not allow_duplicates:
            check_split(training, held_out)
        for text in remarks(training, from_scratch=start is None):
            note(text)
        counts = ", ".join(f"{count} {label}" for label, count in training.counts.items())
        note(f"{len(training.documents)} documents with {counts} paragraphs")
        settings = Settings(seed=seed) if start is None else AdaptSettings(seed=seed)
        with TimeLeft(quiet=quiet) as progress:
            trained = train(training, held_out, start, settings, jobs, progress)
    except (BundleError, LabelledDataError) as error:
        raise RunError(str(error)) from None
    try:
        write_bundle(output, trained.bundle)
    except OSError as error:
        raise OutputError(f"cannot write {output}: {reason(error)}") from None
    for line in _table(trained.scores):
        typer.echo(line)
    note(f"the model is in {output}")


def _table(scores: dict[str, dict[str, float]]) -> list[str]:
    from adsift.train.card import score_lines

    if not scores:
        return []
    return [
        f"{name:<16}" + "".join(f"{v:>8}" for v in values) for name, *values in score_lines(scores)
    ]
