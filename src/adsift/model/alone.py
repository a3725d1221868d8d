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

_words = compiled("words")


class Alone:
    """The linear model.

    Args:
        weights: shape (width, outputs); the width is a power of 2.
        bias: shape (outputs,).
    """

    def __init__(self, weights: Floats, bias: Floats) -> None:
        self.weights, self.bias = weights, bias
        self.scorer = None if _words is None else _words.Scorer(weights, bias)

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
            memories: of each document, in this judgement; what they hold is not scored again.

        Returns:
            Scores of shape (paragraphs, outputs) and facts of shape (paragraphs, FACTS), both of
            all documents one after the other.
        """
        owns = own_hosts(documents, urls)
        rows = sum(map(len, documents))
        scores = np.empty((rows, len(self.bias)), np.float32)
        known = np.empty((rows, len(FACTS)), np.float32)
        wanted = np.ones(rows, np.bool_)
        remembered = [*zip(memories or (), slices(documents), documents, owns, strict=False)]
        for memory, part, document, own in remembered:
            before, places = memory.before.scored, memory.places
            if before is None:
                continue
            if own != before.own:
                places = np.where([bool(p.links) for p in document], -1, places)
            same = places >= 0
            scores[part][same] = before.scores[places[same]]
            known[part][same] = before.facts[places[same]]
            wanted[part] = ~same
        self._score(documents, owns, wanted, scores, known)
        for memory, part, _, own in remembered:
            memory.now.scored = Scored(own, scores[part], known[part])
        return scores, known

    def _score(
        self,
        documents: Sequence[Sequence[Paragraph]],
        owns: Sequence[str],
        wanted: NDArray[np.bool_],
        scores: Floats,
        known: Floats,
    ) -> None:
        """Write the rows that are wanted."""
        if self.scorer is not None:
            self.scorer.score(documents, owns, wanted.view(np.uint8), scores, known)
            return
        words = hash_rows(_feature_words(documents, owns, wanted), len(self.weights))
        scores[wanted] = words @ self.weights + self.bias
        known[wanted] = _facts(documents, owns)[wanted]


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
    if _words is not None:
        from scipy.sparse import csr_matrix

        columns, ends, known = _words.hash_documents(documents, owns, width)
        values = row_values(np.diff(ends))
        return csr_matrix((values, columns, ends), shape=(len(ends) - 1, width)), known
    return hash_rows(_feature_words(documents, owns), width), _facts(documents, owns)


def own_hosts(documents: Sequence[Sequence[Paragraph]], urls: Sequence[str | None]) -> list[str]:
    """Each page's own host, see :func:`adsift.model.links.own_host`."""
    if _words is not None:
        return [_words.own_host(url, page) for page, url in zip(documents, urls, strict=True)]
    return [
        own_host(url, (link for paragraph in page for link in paragraph.links))
        for page, url in zip(documents, urls, strict=True)
    ]


def _feature_words(
    documents: Sequence[Sequence[Paragraph]],
    owns: Sequence[str],
    wanted: NDArray[np.bool_] | None = None,
) -> list[list[str]]:
    pairs = [(p, own) for page, own in zip(documents, owns, strict=True) for p in page]
    return [
        paragraph_words(*pair) for pair in (pairs if wanted is None else compress(pairs, wanted))
    ]


def _facts(documents: Sequence[Sequence[Paragraph]], owns: Sequence[str]) -> Floats:
    none = np.zeros((0, len(FACTS)), np.float32)
    return np.concatenate([none, *map(facts, documents, owns)])
