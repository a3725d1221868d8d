"""White space as a reader sees it: runs of it are one space, and it is no part of a share."""

from __future__ import annotations

import re

# The line breaks that str.splitlines knows.
BREAKS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
_ONE_BREAK = rf"(?>\r\n|[{BREAKS}])"
BLANK_LINE = re.compile(rf"{_ONE_BREAK}[^\S{BREAKS}]*{_ONE_BREAK}")
"""What parts two lines that have a blank one between them."""


def collapse(text: str) -> str:
    """Make each run of white space one space, and take it off both ends."""
    return " ".join(text.split())


def count_visible(collapsed: str) -> int:
    """Characters of a collapsed text that are not white space."""
    return len(collapsed) - collapsed.count(" ")
