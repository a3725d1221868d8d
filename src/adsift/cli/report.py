"""What the user is told on stderr while a run is under way."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Self

from adsift.cli.exits import one_line
from adsift.cli.progress import Meter

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

FEW = 5
"""No progress is shown for so few files: they are done before one has read it."""


class Report:
    """Counts what is done and what failed, and says so.

    Attributes:
        documents, failed: how many were done, how many inputs and documents could not be.
        paragraphs, removed: how many the documents had and lost.
        textless: documents that had none.
        foreign: documents that seem to be in another language than English.
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
        self.textless = self.foreign = 0
        self._files = files
        self._files_done = 0
        self._quiet = quiet
        self._meter = Meter(shown=progress and not quiet, timed=False, clock=clock)

    def __enter__(self) -> Self:
        self._meter.__enter__()
        self._progress()
        return self

    def __exit__(self, *error: object) -> None:
        self._meter.__exit__(*error)

    @property
    def console(self) -> Console:
        """Stderr, for what is more than a line."""
        return self._meter.console

    def note(self, text: str) -> None:
        """Say something that is no error."""
        if not self._quiet:
            self._meter.say(text)

    def failure(self, where: str, reason: str) -> None:
        """Say, even if quiet, that something could not be done."""
        self.failed += 1
        self._meter.say(f"{where}: {reason}")

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
        self.textless += not paragraphs
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
        if self.textless:
            parts.append(f"{self.textless} without visible text")
        if self.foreign:
            parts.append(f"{self.foreign} seem not to be in English")
        if self.failed:
            parts.append(f"{self.failed} failed")
        self.note(", ".join(parts))

    def _progress(self) -> None:
        documents = _count(self.documents, "document")
        # The length of one JSONL file is not known before its end.
        total = self._files if self._files > 1 else None
        self._meter.update(
            self._files_done,
            total,
            f"{self._files_done}/{total or '?'} files, {self.documents} documents",
            f"{self._files_done} of {_count(self._files, 'file')}, {documents}",
        )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
