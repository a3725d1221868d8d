"""What the user is told on stderr while a run is under way."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Self

from adsift.cli.exits import one_line, say

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.progress import Progress

FEW = 5
"""No progress is shown for so few files: they are done before one has read it."""

SECONDS = 5.0
"""Time between two progress lines where there is no terminal for a bar."""


class Report:
    """Counts what is done and what failed, and says so.

    Attributes:
        documents, failed: how many were done, how many inputs and documents could not be.
        paragraphs, removed: how many the documents had and lost.
    """

    def __init__(
        self,
        files: int = 0,
        *,
        quiet: bool = False,
        progress: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.documents = self.failed = self.paragraphs = self.removed = 0
        self._files = files
        self._files_done = 0
        self._quiet = quiet
        self._shows_progress = progress and not quiet
        self._clock = clock
        self._last = clock()
        self._console: Console | None = None
        self._bar: Progress | None = None

    def __enter__(self) -> Self:
        if self._shows_progress and self.console.is_terminal:
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
            from rich.console import Console

            self._console = Console(stderr=True, highlight=False)
        return self._console

    def note(self, text: str) -> None:
        """Say something that is no error."""
        if not self._quiet:
            self._line(text)

    def failure(self, where: str, reason: str) -> None:
        """Say, even if quiet, that something could not be done."""
        self.failed += 1
        self._line(f"{where}: {reason}")

    def show(self, title: str, content: RenderableType | None) -> None:
        """Show what the user asked to see."""
        from rich.text import Text

        self.console.print(Text(one_line(title), "bold"), soft_wrap=True)
        if content is not None:
            self.console.print(content)

    def document_done(self, paragraphs: int, removed: int = 0) -> None:
        """Count a document."""
        self.documents += 1
        self.paragraphs += paragraphs
        self.removed += removed
        self._progress()

    def file_done(self) -> None:
        """Count a file."""
        self._files_done += 1
        self._progress()

    def summary(self) -> None:
        """Say what was done altogether."""
        parts = [_count(self.documents, "document")]
        if self.removed:
            parts.append(f"removed {self.removed} of {_count(self.paragraphs, 'paragraph')}")
        if self.failed:
            parts.append(f"{self.failed} failed")
        self.note(", ".join(parts))

    def _line(self, text: str) -> None:
        if self._bar is None:
            say(text)
            return
        from rich.text import Text

        self.console.print(Text(f"adsift: {one_line(text)}"), soft_wrap=True)

    def _progress(self) -> None:
        if not self._shows_progress:
            return
        if self._bar is not None:
            task = self._bar.task_ids[0]
            self._bar.update(task, completed=self._files_done, documents=self.documents)
        elif self._clock() - self._last >= SECONDS:
            self._last = self._clock()
            self._line(
                f"{self._files_done} of {_count(self._files, 'file')}, "
                f"{_count(self.documents, 'document')}"
            )

    def _start_bar(self) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        self._bar = Progress(
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("files, {task.fields[documents]} documents"),
            console=self.console,
            transient=True,
            redirect_stdout=False,  # data goes to the real stdout, as bytes
            redirect_stderr=False,
        )
        # The length of one JSONL file is not known before its end.
        total = self._files if self._files > 1 else None
        self._bar.add_task("", total=total, documents=0)
        self._bar.start()


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
