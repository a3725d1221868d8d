"""How much of one long job is done, and how long the rest will take, on stderr."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Self

from adsift.cli.exits import say
from adsift.cli.report import SECONDS

if TYPE_CHECKING:
    from rich.progress import Progress


class TimeLeft:
    """A bar on a terminal, else a line now and then."""

    def __init__(self, *, quiet: bool = False, clock: Callable[[], float] = time.monotonic) -> None:
        self._quiet = quiet
        self._clock = clock
        self._started = self._last = clock()
        self._bar: Progress | None = None

    def __enter__(self) -> Self:
        self._started = self._last = self._clock()
        if not self._quiet:
            from rich.console import Console

            console = Console(stderr=True, highlight=False)
            if console.is_terminal:
                self._start_bar(console)
        return self

    def __exit__(self, *error: object) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def __call__(self, done: float, what: str) -> None:
        """Take note that a share of the work, 0 to 1, is done."""
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], completed=done, description=what)
        elif not self._quiet and self._clock() - self._last >= SECONDS:
            self._last = self._clock()
            say(f"{done:.0%} done, {what}{self._left(done)}")

    def _left(self, done: float) -> str:
        if done <= 0:
            return ""
        seconds = (self._clock() - self._started) / done * (1 - done)
        return f", about {seconds:.0f} s left"

    def _start_bar(self, console: object) -> None:
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self._bar = Progress(
            BarColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.description}"),
            console=console,  # type: ignore[arg-type]
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._bar.add_task("", total=1.0)
        self._bar.start()
