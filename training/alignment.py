"""Which words of the labelled blocks stand in which of our paragraphs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher

_WORD = re.compile(r"\w+")


def numbered_words(texts: Iterable[str]) -> list[tuple[str, int]]:
    """All words in order, each with the index of its text."""
    return [(word, i) for i, text in enumerate(texts) for word in _WORD.findall(text.lower())]


def shared_words(blocks: Sequence[str], paragraphs: Sequence[str]) -> Counter[tuple[int, int]]:
    """How many words each pair of a block and a paragraph has in common, in reading order.

    Returns:
        Counts by (index of the block, index of the paragraph).
    """
    gold, ours = numbered_words(blocks), numbered_words(paragraphs)
    matcher = SequenceMatcher(
        None, [word for word, _ in gold], [word for word, _ in ours], autojunk=False
    )
    shared: Counter[tuple[int, int]] = Counter()
    for in_gold, in_ours, length in matcher.get_matching_blocks():
        for offset in range(length):
            shared[gold[in_gold + offset][1], ours[in_ours + offset][1]] += 1
    return shared
