"""Which paragraph holds the words of a labelled block: three-word sequences vote.

The labelled blocks were cut by other means than adsift's paragraphs. Each sequence of three words
of a block votes for the paragraph in which it stands; where it stands in several, for the one
that is nearest to where the block before ended, with a preference for what comes after. A block
of which half the sequences stand nowhere is held by no paragraph.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence

_WORD = re.compile(r"\w+")
_BACK = 50
"""Words that a hit may lie before the end of the block before without a handicap."""

_HANDICAP = 1000

Words = tuple[str, ...]


def words(text: str) -> list[str]:
    """The words of a text, in lower case."""
    return _WORD.findall(text.lower())


def votes(blocks: Sequence[str], paragraphs: Sequence[str]) -> list[Counter[int]]:
    """For each block, how many of its sequences voted for which paragraph.

    Args:
        blocks: texts of the labelled blocks, in reading order.
        paragraphs: texts of the paragraphs, in reading order.

    Returns:
        For each block the votes by the paragraph's index, in the order in which they were cast;
        empty if no paragraph holds the block.
    """
    places: dict[Words, list[int]] = {}
    owner: list[int] = []
    for index, text in enumerate(paragraphs):
        found = words(text)
        for offset, key in enumerate(_sequences(found)):
            places.setdefault(key, []).append(len(owner) + offset)
        owner += [index] * len(found)
    here = 0
    out = []
    for text in blocks:
        keys = _sequences(words(text))
        hits = [_nearest(places[key], here) for key in keys if key in places]
        if keys and 2 * len(hits) >= len(keys):
            here = max(here, *hits)
            out.append(Counter(owner[hit] for hit in hits))
        else:
            out.append(Counter())
    return out


def _sequences(found: list[str]) -> list[Words]:
    if not found:
        return []
    return [tuple(found[start : start + 3]) for start in range(max(1, len(found) - 2))]


def _nearest(places: list[int], here: int) -> int:
    """Of some places in ascending order the one at the least distance."""
    # Only three can be: the last before the limit, the last up to here, the first after it.
    limit = bisect_left(places, here - _BACK)
    after = bisect_right(places, here)
    candidates = {*places[max(limit - 1, 0) : limit], *places[max(after - 1, 0) : after + 1]}
    return min(sorted(candidates), key=lambda at: abs(at - here) + _HANDICAP * (at < here - _BACK))
