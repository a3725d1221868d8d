"""Stderr for what is more than a line. Imports Rich, which takes time."""

from __future__ import annotations

from rich.console import Console


class StderrConsole(Console):
    """Rich's console, but what a reader that goes away means is left to the caller."""

    def __init__(self) -> None:
        super().__init__(stderr=True, highlight=False)

    def on_broken_pipe(self) -> None:
        """Let the error through: Rich would end the run, with the code of inputs that failed."""
        raise
