"""Step 1: each paragraph alone, by a linear model over its feature words.

The compiled core does here what :mod:`.features`, :mod:`.links` and the facts of :mod:`.context`
say, and gives the same numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from adsift.compiled import compiled
from adsift.document import Paragraph
from adsift.model.context import FACTS, facts
from adsift.model.features import hash_rows, paragraph_words, row_values
from adsift.model.links import own_host

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

    Floats = NDArray[np.float32]

_words = compiled("words")

Memory = dict[str, Any]
"""What the compiled core has said of paragraphs that are likely to be judged again, as they are in
the rounds of a strip: empty at first, and each call adds to it. Of one head of one model."""

Memories = dict[str, Memory]
"""Those of a model's heads, by name."""


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
        memory: Memory | None = None,
    ) -> tuple[Floats, Floats]:
        """What the model says of each paragraph, and the facts that step 2 wants beside it.

        Args:
            documents: each document's paragraphs in reading order.
            urls: each document's address, if known.
            memory: see :data:`Memory`.

        Returns:
            Scores of shape (paragraphs, outputs) and facts of shape (paragraphs, FACTS), both of
            all documents one after the other.
        """
        if self.scorer is not None:
            scores, known = self.scorer.score(documents, urls, memory)
            return scores, known
        words, known = hash_documents(documents, urls, len(self.weights))
        return np.asarray(words @ self.weights + self.bias, np.float32), known


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
    if _words is not None:
        from scipy.sparse import csr_matrix

        columns, ends, known = _words.hash_documents(documents, urls, width)
        values = row_values(np.diff(ends))
        return csr_matrix((values, columns, ends), shape=(len(ends) - 1, width)), known
    rows: list[list[str]] = []
    found = [np.zeros((0, len(FACTS)), np.float32)]
    for document, url in zip(documents, urls, strict=True):
        own = own_host(url, (link for paragraph in document for link in paragraph.links))
        rows += [paragraph_words(paragraph, own) for paragraph in document]
        found.append(facts(document, own))
    return hash_rows(rows, width), np.concatenate(found)
