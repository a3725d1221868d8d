"""The work of ``adsift evaluate``: read labelled pages, measure, show. Imports what is heavy."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from adsift.cli.exits import StartError, UsageError, say
from adsift.cli.figures import figure_tables
from adsift.cli.inputs import STDIN, Input
from adsift.cli.label_map import named_labels
from adsift.cli.output import FileSink, StdoutSink, stdout_is_terminal
from adsift.cli.progress import Meter
from adsift.cli.run import load_model
from adsift.errors import AdsiftError
from adsift.evaluation import Evaluation, GoldPage, evaluate, read_gold
from adsift.evaluation.bootstrap import RESAMPLES
from adsift.evaluation.content import Run, as_json
from adsift.evaluation.gold import is_article_folder
from adsift.evaluation.measure import missing_views
from adsift.evaluation.report import render_report
from adsift.evaluation.views import VIEWS
from adsift.labelled.labels import LabelMap
from adsift.model.bundle import DEFAULT

_NO_INPUT = Input(None, jsonl=False)

SEEDS_NOTE = (
    "adsift's own seeds are part of the shipped model's training data: on them the figures show "
    "that everything runs, not how good the model is"
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the user asked for; the fields are the command's arguments."""

    data: str
    model: str | None
    compare: str | None
    views: str | None
    report: Path | None
    json: Path | None
    seed: int
    max_pages: int | None
    format: str
    label_map: str | None
    quiet: bool

    @property
    def path(self) -> str:
        """Where the data is."""
        return "/dev/stdin" if self.data == STDIN else self.data


def evaluate_command(wanted: Wanted) -> None:
    """Do what the command does.

    Raises:
        UsageError: the arguments contradict each other.
        StartError: the data or a model cannot be read, or a report cannot be written.
    """
    if not wanted.data:
        raise UsageError("DATA names no file or folder")
    views = _views(wanted.views)
    names = named_labels(wanted.label_map)
    _check_places(wanted)
    with ExitStack() as stack:
        # Opened first: an hour's work should not end at a folder that does not exist.
        report = _sink(wanted.report, stack)
        numbers = _sink(wanted.json, stack)
        pages = _read(wanted, names)
        notes = [SEEDS_NOTE] if is_article_folder(wanted.path) else []
        model = wanted.model or DEFAULT
        run = Run(wanted.data, model, wanted.compare, wanted.seed, RESAMPLES, notes)
        if not wanted.quiet:
            for note in run.notes:
                say(note)
        evaluation = _evaluate(wanted, pages, views)
        if report is not None:
            report.write(_NO_INPUT, render_report(run, evaluation).encode("utf-8", "replace"))
        if numbers is not None:
            numbers.write(_NO_INPUT, _json(run, evaluation))
    terminal = stdout_is_terminal()
    with StdoutSink() as out:
        out.write(_NO_INPUT, figure_tables(run, evaluation, terminal).encode("utf-8", "replace"))


def _views(named: str | None) -> tuple[str, ...]:
    if named is None:
        return VIEWS
    views = [name.strip() for name in named.split(",") if name.strip()]
    unknown = [name for name in views if name not in VIEWS]
    if unknown or not views:
        what = f"no such view: {', '.join(unknown)}" if unknown else "--views names no view"
        raise UsageError(f"{what}; the views are {', '.join(VIEWS)}")
    return tuple(dict.fromkeys(views))


def _check_places(wanted: Wanted) -> None:
    places = [path for path in (wanted.report, wanted.json) if path is not None]
    real = [os.path.realpath(path) for path in places]
    if len(set(real)) < len(real):
        raise UsageError(f"--report and --json are both {places[0]}: they need a file each")
    if os.path.realpath(wanted.path) in real:
        raise UsageError(f"{wanted.data} is the data: choose another file for the report")


def _sink(path: Path | None, stack: ExitStack) -> FileSink | None:
    return None if path is None else stack.enter_context(FileSink(path, even_empty=True))


def _read(wanted: Wanted, names: LabelMap | None) -> list[GoldPage]:
    try:
        return read_gold(wanted.path, wanted.max_pages, wanted.seed, wanted.format, names)
    except AdsiftError as error:
        raise StartError(str(error)) from None


def _evaluate(wanted: Wanted, pages: Sequence[GoldPage], views: Sequence[str]) -> Evaluation:
    for view, why in missing_views(pages, views).items():
        if not wanted.quiet:
            say(f"the view {view} is left out: {why}")
    ours = load_model(wanted.model)
    theirs = load_model(wanted.compare) if wanted.compare is not None else None
    with Meter(shown=not wanted.quiet) as meter:
        try:
            return evaluate(pages, ours, theirs, views, wanted.seed, progress=partial(_show, meter))
        except AdsiftError as error:
            raise StartError(str(error)) from None


def _json(run: Run, evaluation: Evaluation) -> bytes:
    # Escaped, for names may hold half a surrogate pair, which UTF-8 cannot.
    return json.dumps(as_json(run, evaluation), indent=1).encode() + b"\n"


def _show(meter: Meter, view: str, done: int, total: int) -> None:
    meter.update(done, total, f"{view} {done}/{total}", f"{view}: {done} of {total} pages", view)
