"""Step 1: each paragraph alone, by a linear model over its feature words.

The compiled core does here what :mod:`.features`, :mod:`.links` and the facts of :mod:`.context`
say, and gives the same numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress
from typing import TYPE_CHECKING

import numpy as np

from adsift.compiled import compiled
from adsift.document import Paragraph
from adsift.model.context import FACTS, facts
from adsift.model.features import hash_rows, paragraph_words, row_values
from adsift.model.links import own_host
from adsift.model.memory import Memory, Scored, slices

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

    Floats = NDArray[np.float32]
    Integers = NDArray[np.int64]

_compiled = compiled("alone")


class Alone:
    """The linear model.

    Args:
        weights: shape (width, outputs); the width is a power of 2.
        bias: shape (outputs,).
    """

    def __init__(self, weights: Floats, bias: Floats) -> None:
        self.weights, self.bias = weights, bias
        self.scorer = None if _compiled is None else _compiled.Scorer(weights, bias)

    def __reduce__(self) -> tuple[type[Alone], tuple[Floats, Floats]]:
        return Alone, (self.weights, self.bias)

    def score(
        self,
        documents: Sequence[Sequence[Paragraph]],
        urls: Sequence[str | None],
        memories: Sequence[Memory] | None = None,
    ) -> tuple[Floats, Floats]:
        """What the model says of each paragraph, and the facts that step 2 wants beside it.

        Args:
            documents: each document's paragraphs in reading order.
            urls: each document's address, if known.
            memories: of each document, which have looked at these paragraphs; what they hold is
                not scored again.

        Returns:
            Scores of shape (paragraphs, outputs) and facts of shape (paragraphs, FACTS), both of
            all documents one after the other.
        """
        owns = own_hosts(documents, urls)
        if self.scorer is not None:
            remembered = None if memories is None else [*map(_remembered, memories, owns)]
            scores, known = self.scorer.score(documents, owns, remembered)
        elif memories is None:
            scores, known = self._score(documents, owns)
        else:
            scores, known = self._score_new(documents, owns, memories)
        if memories is not None:
            for memory, own, part in zip(memories, owns, slices(documents), strict=True):
                memory.now.scored = Scored(own, scores[part], known[part])
        return scores, known

    def _score_new(
        self,
        documents: Sequence[Sequence[Paragraph]],
        owns: Sequence[str],
        memories: Sequence[Memory],
    ) -> tuple[Floats, Floats]:
        """Scores and facts as of :meth:`score`; what memories hold comes from there."""
        if all(memory.before.scored is None for memory in memories):
            return self._score(documents, owns)
        places = [*map(_known_places, memories, documents, owns)]
        unknown = [
            [*compress(document, (found < 0).tolist())]
            for document, found in zip(documents, places, strict=True)
        ]
        new = np.concatenate(places) < 0
        scores = np.empty((len(new), len(self.bias)), np.float32)
        known = np.empty((len(new), len(FACTS)), np.float32)
        scores[new], known[new] = self._score(unknown, owns)
        for memory, part, found in zip(memories, slices(documents), places, strict=True):
            before, same = memory.before.scored, found >= 0
            if before is not None:
                scores[part][same] = before.scores[found[same]]
                known[part][same] = before.facts[found[same]]
        return scores, known

    def _score(
        self, documents: Sequence[Sequence[Paragraph]], owns: Sequence[str]
    ) -> tuple[Floats, Floats]:
        words, known = _hash(documents, owns, len(self.weights))
        return np.asarray(words @ self.weights + self.bias, np.float32), known


def _remembered(memory: Memory, own: str) -> tuple[Integers, Floats, Floats, bool] | None:
    """What the compiled core wants to know of a document that was judged before."""
    before = memory.before.scored
    if before is None:
        return None
    return memory.places, before.scores, before.facts, own == before.own


def _known_places(memory: Memory, document: Sequence[Paragraph], own: str) -> Integers:
    """For each paragraph the place of the one whose scores it has, -1 if they are not known."""
    before = memory.before.scored
    if before is None:
        return np.full(len(document), -1, np.int64)
    if own != before.own:
        return np.where([bool(paragraph.links) for paragraph in document], -1, memory.places)
    return memory.places


def hash_documents(
    documents: Sequence[Sequence[Paragraph]], urls: Sequence[str | None], width: int
) -> tuple[csr_matrix, Floats]:
    """The hashed feature words of each paragraph, as :func:`adsift.model.features.hash_rows` makes
    them, and the facts.

    Args:
        documents, urls: as for :meth:`Alone.score`.
        width: number of columns, a power of 2.

    Returns:
        A matrix of shape (paragraphs, width) and the facts of shape (paragraphs, FACTS).
    """
    owns = own_hosts(documents, urls)
    if _compiled is not None:
        from scipy.sparse import csr_matrix

        columns, ends, known = _compiled.hash_documents(documents, owns, width)
        values = row_values(np.diff(ends))
        return csr_matrix((values, columns, ends), shape=(len(ends) - 1, width)), known
    return _hash(documents, owns, width)


def _hash(
    documents: Sequence[Sequence[Paragraph]], owns: Sequence[str], width: int
) -> tuple[csr_matrix, Floats]:
    rows: list[list[str]] = []
    found = [np.zeros((0, len(FACTS)), np.float32)]
    for document, own in zip(documents, owns, strict=True):
        rows += [paragraph_words(paragraph, own) for paragraph in document]
        found.append(facts(document, own))
    return hash_rows(rows, width), np.concatenate(found)


def own_hosts(documents: Sequence[Sequence[Paragraph]], urls: Sequence[str | None]) -> list[str]:
    """Each page's own host, see :func:`adsift.model.links.own_host`."""
    if _compiled is not None:
        owns: list[str] = _compiled.own_hosts(documents, urls)
        return owns
    return [
        own_host(url, (link for paragraph in page for link in paragraph.links))
        for page, url in zip(documents, urls, strict=True)
    ]
