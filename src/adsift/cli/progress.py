"""How far a job is, on stderr: a bar on a terminal, else a line now and then."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Self

from adsift.cli.exits import one_line, say

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID

SECONDS = 5.0
"""Time between two progress lines where there is no terminal for a bar."""


class Meter:
    """Shows progress, and lets other lines through while it does.

    Args:
        shown: whether to show any.
        timed: whether a bar says how long the rest will take.
        clock: seconds from any point in time.
    """

    def __init__(
        self,
        *,
        shown: bool = True,
        timed: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._shown = shown
        self._timed = timed
        self._clock = clock
        self._last = clock()
        self._console: Console | None = None
        self._bar: Progress | None = None
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._last = self._clock()
        if self._shown and self.console.is_terminal:
            self._start_bar()
        return self

    def __exit__(self, *error: object) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    @property
    def console(self) -> Console:
        """Stderr, for what is more than a line."""
        if self._console is None:
            from adsift.cli.console import StderrConsole

            self._console = StderrConsole()
        return self._console

    def update(
        self, done: float, total: float | None, text: str, line: str, name: str = ""
    ) -> None:
        """Take note of how far it is.

        Args:
            done: how much is done.
            total: of how much; ``None`` where that is not known.
            text: what stands behind the bar.
            line: what is said instead of a bar, if it is time for a line.
            name: whose bar it is; each has its own.
        """
        if self._bar is not None:
            if name not in self._tasks:
                self._tasks[name] = self._bar.add_task("", total=total, text="")
            self._bar.update(self._tasks[name], completed=done, total=total, text=one_line(text))
        elif self._shown and self._clock() - self._last >= SECONDS:
            self._last = self._clock()
            say(line)

    def say(self, text: str) -> None:
        """Say a line, above the bar if there is one."""
        if self._bar is None:
            say(text)
            return
        from rich.text import Text

        self.console.print(Text(f"adsift: {one_line(text)}"), soft_wrap=True)

    def _start_bar(self) -> None:
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        columns = [BarColumn(), *([TimeRemainingColumn()] if self._timed else [])]
        self._bar = Progress(
            *columns,
            TextColumn("{task.fields[text]}", markup=False),  # names of files may hold brackets
            console=self.console,
            transient=True,
            redirect_stdout=False,  # data goes to the real stdout, as bytes
            redirect_stderr=False,
        )
        self._bar.start()


class TimeLeft:
    """Progress of one long job that knows its share of the whole."""

    def __init__(self, *, quiet: bool = False, clock: Callable[[], float] = time.monotonic) -> None:
        self._meter = Meter(shown=not quiet, clock=clock)
        self._clock = clock
        self._started = clock()

    def __enter__(self) -> Self:
        self._started = self._clock()
        self._meter.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._meter.__exit__(*error)

    def __call__(self, done: float, what: str) -> None:
        """Take note that a share of the work, 0 to 1, is done."""
        left = time_left(self._clock() - self._started, done)
        self._meter.update(done, 1.0, what, f"{done:.0%} done, {what}{left}")


def time_left(seconds: float, share: float) -> str:
    """How long the rest takes, in words to put behind others; empty while nothing is known.

    Args:
        seconds: how long it has taken so far.
        share: how much of the work that was, 0 to 1.
    """
    return f", about {_duration(seconds / share * (1 - share))} left" if share > 0 else ""


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    if minutes < 2:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60:02} min"
