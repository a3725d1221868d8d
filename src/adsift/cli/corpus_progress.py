"""Progress of a run over a corpus: documents, speed, rejects, time left."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Self

from adsift.cli.progress import Meter, time_left

if TYPE_CHECKING:
    from adsift.corpus.options import Status

_COUNTING = "first pass, for --site-memory"


class CorpusProgress:
    """Shows each status that a run reports.

    Args:
        shown: whether to show anything.
        clock: seconds from any point in time.

    Attributes:
        started: whether the run has done anything yet.
    """

    def __init__(self, *, shown: bool = True, clock: Callable[[], float] = time.monotonic) -> None:
        self._meter = Meter(shown=shown, clock=clock)
        self._clock = clock
        self._first: tuple[float, Status] | None = None

    def __enter__(self) -> Self:
        self._meter.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._meter.__exit__(*error)

    @property
    def started(self) -> bool:
        """Whether anything was done."""
        return self._first is not None

    def __call__(self, status: Status) -> None:
        """Take note of how far the run is."""
        now = self._clock()
        # A run that goes on, and the second pass, start in the middle: what was done before has
        # taken none of this time.
        if self._first is None or status.phase != self._first[1].phase:
            self._first = (now, status)
        since, first = self._first
        text = _text(status, _speed(status.bytes - first.bytes, now - since))
        self._meter.update(
            status.share or 0.0,
            None if status.share is None else 1.0,
            text,
            f"{_percent(status)}{text}{_left(status, first, now - since)}",
        )


def _text(status: Status, speed: str) -> str:
    parts = []
    if status.phase == "counting":
        parts.append(_COUNTING)
    if status.inputs > 1 or status.phase == "restoring":
        parts.append(f"{status.inputs_done:,} of {status.inputs:,} inputs")
    if status.phase != "restoring":
        documents = f"{status.documents:,} document{'s' * (status.documents != 1)}"
        parts += [documents, speed, f"{status.rejected:,} rejected"]
    return ", ".join(part for part in parts if part)


def _speed(size: int, seconds: float) -> str:
    return f"{size / seconds / 1e6:.1f} MB/s" if size > 0 and seconds > 0 else ""


def _percent(status: Status) -> str:
    return "" if status.share is None else f"{status.share:.0%} done, "


def _left(status: Status, first: Status, seconds: float) -> str:
    if status.share is None or first.share is None or first.share >= 1:
        return ""
    return time_left(seconds, (status.share - first.share) / (1 - first.share))
