"""White space as a reader sees it: runs of it are one space, and it is no part of a share."""

from __future__ import annotations


def collapse(text: str) -> str:
    """Make each run of white space one space, and take it off both ends."""
    return " ".join(text.split())


def count_visible(collapsed: str) -> int:
    """Characters of a collapsed text that are not white space."""
    return len(collapsed) - collapsed.count(" ")
