"""Whether a text is English, the only language that the models which come with adsift have learned.

No identification of languages, for which there are libraries: only enough to warn whoever gives
adsift a corpus of another one.
"""

from __future__ import annotations

from collections.abc import Iterable

# Frequent, and no words of the languages beside it: "in", "was" and "is" are German or Dutch too.
_ENGLISH = frozenset(
    """
    the and that with from this they which would their have been were not you are what when who
    will has had his her she about there could into your it its after said be by our than them
    """.split()
)
_LONGEST, _CHARACTERS = 8, 300
"""So many of the longest texts are looked at, and so many characters of each."""

_ENOUGH = 150
"""With fewer characters nothing is said: a heading or a price is of no language."""

_LEAST = 0.03
"""Share of those words. English pages have 0.06 and more, most of them 0.2; what is in other
languages on ours 0.01."""


def is_foreign(texts: Iterable[str]) -> bool:
    """Whether texts of one document, long enough to tell, have hardly a word of English."""
    known = words = characters = 0
    for text in sorted(texts, key=len, reverse=True)[:_LONGEST]:
        found = text[:_CHARACTERS].lower().split()
        known += sum(map(_ENGLISH.__contains__, found))
        words += len(found)
        characters += sum(map(len, found))
        if known > _LEAST * words:  # of nearly all documents the longest text tells
            return False
    return characters >= _ENOUGH
