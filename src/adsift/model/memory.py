"""What a model has found out about a document, for when what is left of it is judged again.

Each round of a strip judges anew, but most paragraphs are as they were, and what step 1 and the
word pieces make of one depends on nothing around it but, if it has links, its page's host.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from adsift.compiled import compiled
from adsift.document import Paragraph

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Integers = NDArray[np.int64]
    Flags = NDArray[np.bool_]

_compiled = compiled("context")


class Scored(NamedTuple):
    """What step 1 said of ``n`` paragraphs.

    Attributes:
        own: host of their page, which matters to those with links.
        scores, facts: shapes (n, outputs) and (n, FACTS).
    """

    own: str
    scores: Floats
    facts: Floats


class Meant(NamedTuple):
    """What word pieces made of ``n`` paragraphs.

    Attributes:
        means: shape (n, width).
        read: which of them were read, shape (n,).
    """

    means: Floats
    read: Flags


@dataclass(slots=True)
class Findings:
    """What one judgement has found: nothing yet, at first."""

    scored: Scored | None = None
    meant: Meant | None = None


class Memory:
    """Of one document, judged again and again.

    Attributes:
        before: what the judgement before this one has found.
        now: where this one puts what it finds.
        places: for each paragraph its place among those of the judgement before, -1 for one that
            was not there or was another; shape (paragraphs,).
    """

    def __init__(self) -> None:
        self.before, self.now = Findings(), Findings()
        self.places: Integers = np.zeros(0, np.int64)
        self._head: object = None
        self._paragraphs: Sequence[Paragraph] = ()
        self._left: Sequence[int | None] = ()

    def cut(self, left: Sequence[int | None]) -> None:
        """Say what has become of the document.

        Args:
            left: for each paragraph that will be judged next, which of those judged last it seems
                to be, if it is one.
        """
        self._left = left

    def look(self, head: object, paragraphs: Sequence[Paragraph]) -> None:
        """Begin a judgement: see which paragraphs are as they were.

        Args:
            head: the part of a model that will judge them; another one knows nothing.
            paragraphs: in reading order; if they are not as many as a cut has left, none counts as
                known.

        Raises:
            IndexError: the cut has left a paragraph that there was not.
        """
        self.before, self.now = self.now, Findings()
        if head is self._head and len(paragraphs) == len(self._left):
            self.places = same_places(self._paragraphs, paragraphs, self._left)
        else:
            self.places = np.empty(len(paragraphs), np.int64)
            self.places.fill(-1)
        self._head, self._paragraphs, self._left = head, paragraphs, ()


def slices(documents: Sequence[Sequence[Paragraph]]) -> list[slice]:
    """Where each document's paragraphs are among those of all, one document after the other."""
    ends = accumulate(map(len, documents), initial=0)
    return [slice(*pair) for pair in pairwise(ends)]


def same_places(
    before: Sequence[Paragraph], after: Sequence[Paragraph], left: Sequence[int | None]
) -> Integers:
    """Places among those before of paragraphs that a model cannot tell from them.

    Args:
        before, after: paragraphs.
        left: for each one after, the place of the one before to compare it with, if any.

    Returns:
        Shape (after,); -1 for what has become another.

    Raises:
        ValueError: ``left`` is not as long as ``after``.
        IndexError: a place is not one of a paragraph before.
    """
    if _compiled is not None:
        found: Integers = _compiled.same_places(before, after, left)
        return found
    places = [
        place if place is not None and _read(before[place]) == _read(paragraph) else -1
        for paragraph, place in zip(after, left, strict=True)
    ]
    return np.array(places, np.int64)


def _read(paragraph: Paragraph) -> tuple[object, ...]:
    """All of it that a model reads: where it stands, it does not."""
    p = paragraph
    return p.text, p.tag, p.link_share, p.links, p.rels, p.ancestors
