"""The work of ``adsift train``: read labelled data, train, write the bundle."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from adsift.cli.exits import OutputError, StartError, UsageError, say
from adsift.cli.inputs import STDIN
from adsift.cli.label_map import named_labels
from adsift.cli.progress import TimeLeft
from adsift.errors import BundleError, LabelledDataError, reason

if TYPE_CHECKING:
    from adsift.labelled import LabelledData
    from adsift.model.bundle import Bundle


def read_base(base: str | None) -> Bundle | None:
    """The model to adapt, if one is named.

    Raises:
        StartError: it cannot be loaded.
    """
    if base is None:
        return None
    from adsift.model.bundle import find_bundle, read_bundle

    try:
        return read_bundle(find_bundle(base))
    except BundleError as error:
        raise StartError(f"cannot load the base model: {error}") from None


def check_output(output: Path, base: str | None) -> None:
    """See that the output may become a bundle.

    Raises:
        UsageError: something else is there.
        StartError: it cannot be written, as is best known before minutes of training.
    """
    from adsift.model.bundle import find_bundle, may_become_bundle

    try:
        if output.exists() and not output.is_dir():
            raise UsageError(f"{output} is a file; a model is a folder")
        if output.is_dir() and not may_become_bundle(output):
            raise UsageError(f"{output} holds other things than a model; choose an empty folder")
        # A link that leads nowhere is there, too.
        there = next(path for path in (output, *output.absolute().parents) if os.path.lexists(path))
    except OSError as error:
        raise StartError(f"cannot write {output}: {reason(error)}") from None
    if not there.is_dir():
        raise StartError(f"cannot write {output}: {there} is no folder")
    if not os.access(there, os.W_OK | os.X_OK):
        raise StartError(f"cannot write {output}: {there} may not be written to")
    if base is not None and os.path.realpath(find_bundle(base)) == os.path.realpath(output):
        raise UsageError(f"{output} is the base itself; choose another -o")


def read_data(
    paths: list[Path], validation: list[Path], format: str, label_map: str | None
) -> tuple[LabelledData, LabelledData | None]:
    """Read what is trained on and what is measured on.

    Args:
        paths, validation: the files of both; ``-`` is standard input.
        format: what they are, ``auto`` to tell by content.
        label_map: other names for labels.

    Raises:
        UsageError: the map is wrong.
        StartError: the data are.
    """
    from adsift.labelled import read_labelled

    names = named_labels(label_map)

    def read(files: list[Path]) -> LabelledData:
        found = [Path("/dev/stdin") if str(file) == STDIN else file for file in files]
        return read_labelled(found, format, names)

    try:
        training = read(paths)
        held_out = read(validation) if validation else None
    except LabelledDataError as error:
        raise StartError(str(error)) from None
    return training, held_out


def train_model(
    training: LabelledData,
    held_out: LabelledData | None,
    start: Bundle | None,
    output: Path,
    allow_duplicates: bool,
    seed: int,
    jobs: int,
    quiet: bool,
) -> None:
    """Train, write the bundle, and print its figures if there is data to measure on.

    Args:
        training, held_out: what is trained on, and what is measured on.
        start: the model to adapt; ``None`` trains from scratch.
        output: folder of the bundle.
        allow_duplicates: go on if texts are in both.
        seed: of everything random.
        jobs: processes.
        quiet: no progress, no notes.

    Raises:
        StartError: the data does not do for this.
        OutputError: the bundle cannot be written, or its figures.
    """
    from adsift.model.adaptation.settings import AdaptSettings
    from adsift.model.bundle import write_bundle
    from adsift.model.fit_settings import Settings
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
        raise StartError(str(error)) from None
    try:
        write_bundle(output, trained.bundle)
    except OSError as error:
        raise OutputError(f"cannot write {output}: {reason(error)}") from None
    if held_out is not None:
        try:
            typer.echo("\n".join(_table(trained.scores)))
        except BrokenPipeError:
            raise
        except OSError as error:
            raise OutputError(
                f"cannot write the figures: {reason(error)}; the model is in {output}"
            ) from None
    note(f"the model is in {output}")


def _table(scores: dict[str, dict[str, float]]) -> list[str]:
    from adsift.train.card import NOTHING_LEFT, score_lines

    if not scores:
        return [NOTHING_LEFT]
    return [
        f"{name:<16}" + "".join(f"{v:>8}" for v in values) for name, *values in score_lines(scores)
    ]
