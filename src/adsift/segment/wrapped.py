"""Plain text whose lines were wrapped by hand or by an editor, with no blank line to show it."""

from __future__ import annotations

import re
from itertools import pairwise

# Terminals, mail and style guides have 60 to 80, some 100. Shorter lines are lists and verse.
NARROWEST, WIDEST = 40, 100

_ENOUGH = 4
"""So many lines that go on, all of them full, are no chance."""

_END = re.compile(r"[.!?…:;][\"'”’»)\]]*\Z")


def wrapped_starts(lines: list[str]) -> list[bool] | None:
    """Whether each line but the first begins a paragraph, if the lines were wrapped.

    A line that was wrapped has no room for the first word of the next one, which mostly goes on
    in lower case. A line that has room, before another that does not go on with its sentence, is
    the last of its paragraph. Editors that balance their lines leave a little more room than the
    word takes; at the end of a sentence that is taken for the end of a paragraph.

    Args:
        lines: without white space around them, none empty.

    Returns:
        ``None`` if the lines do not show that they were wrapped.
    """
    width = max(map(len, lines), default=0)
    if len(lines) < 2 or not NARROWEST <= width <= WIDEST:
        return None
    full = both = 0
    starts, going = [], []
    for line, following in pairwise(lines):
        ends = _END.search(line) is not None
        goes_on = _goes_on(line, following)
        taken = len(line) + 1 + len(following.split(None, 1)[0])
        no_room = taken > (width if ends else width - width // 10)
        full += no_room
        going.append(goes_on)
        both += no_room and goes_on
        starts.append(not (no_room or goes_on))
    # Lines of their own are full by chance only, and few go on in lower case.
    they_go_on = both * 2 >= full and both > 0
    mostly_full = full * 3 >= len(starts) * 2
    # Short paragraphs end in many lines with room; but of those that go on none has any, and a
    # paragraph has three lines or more, where a list may have two an item.
    full_within = both == sum(going) and both * 3 >= len(starts)
    full_within = full_within and both >= _ENOUGH and (True, True) in pairwise(going)
    return starts if they_go_on and (mostly_full or full_within) else None


def go_on(lines: list[str]) -> bool:
    """Whether at least a third of all lines but the first go on, in lower case, with the sentence
    of the line before: some of these are lines of one paragraph.

    Args:
        lines: as for :func:`wrapped_starts`.
    """
    going_on = sum(_goes_on(line, following) for line, following in pairwise(lines))
    return going_on > 0 and going_on * 3 >= len(lines) - 1


def _goes_on(line: str, following: str) -> bool:
    return following[0].islower() and _END.search(line) is None
