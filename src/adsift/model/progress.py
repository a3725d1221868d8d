"""How far a training is whose heads learn from more or fewer paragraphs."""

from __future__ import annotations

from collections.abc import Callable, Mapping

Progress = Callable[[float, str], None]
"""Told what is done: a share from 0 to 1, and in words what that was."""


def tellers(progress: Progress | None, paragraphs: Mapping[str, int]) -> dict[str, Progress]:
    """For each head something to be told how far it is, which tells how far they all are.

    Args:
        progress: told that.
        paragraphs: how many each head learns from, in their order; its time goes with them.
    """
    total = max(sum(paragraphs.values()), 1)
    found: dict[str, Progress] = {}
    before = 0
    for name, count in paragraphs.items():

        def tell(
            done: float, what: str, name: str = name, before: int = before, count: int = count
        ) -> None:
            if progress is not None:
                progress((before + done * count) / total, f"{name} head: {what}")

        found[name] = tell
        before += count
    return found
