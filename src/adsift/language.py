"""Whether a text is English, the only language that the models which come with adsift have learned.

No identification of languages, for which there are libraries: only enough to warn whoever gives
adsift a corpus of another one.
"""

from __future__ import annotations

from collections.abc import Iterable

# Frequent, and rare in the languages beside it: "in", "was" and "is" are German or Dutch too.
_ENGLISH = frozenset(
    """
    the and that with from this they which would their have been were not you are what when who
    will has had his her she about there could into your it its after said be by our than them
    to of or until then up out how why can each use using only one two more also new first over
    like just some other any most he we
    """.split()
)
_LONGEST, _CHARACTERS = 6, 300
"""So many of the longest texts are looked at, and so many characters of each."""

_LEAST = 0.03
"""Share of those words in an English text; most have 0.2, those in other languages 0.01."""

_ENOUGH = 300
"""With fewer bytes nothing is said: a heading or a price is of no language."""


def is_foreign(texts: Iterable[str]) -> bool:
    """Whether most of a document seems to be in another language than English; it says no of one
    that is too short to tell."""
    english = other = 0
    for text in sorted(texts, key=len, reverse=True)[:_LONGEST]:
        start = text[:_CHARACTERS]
        words = start.lower().split()
        # Bytes, since a character of Chinese says as much as several letters.
        size = len(start.encode("utf-8", "surrogatepass"))
        if sum(map(_ENGLISH.__contains__, words)) > _LEAST * len(words):
            english += size
        else:
            other += size
    # English pages may have lists of names, and others a notice in English.
    return other > 2 * english and english + other >= _ENOUGH
