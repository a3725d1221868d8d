"""Step 2 as a tagger (:mod:`.tagger`) with a head's own output layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from adsift.compiled import compiled
from adsift.model.probabilities import LABELS, softmax
from adsift.model.tagger import SMALLEST, Tagger, reads

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from adsift.document import Paragraph
    from adsift.model.bundle import Bundle
    from adsift.model.context import Layout
    from adsift.model.memory import Memory

    Floats = NDArray[np.float32]

_compiled = compiled("context")


class Tagging(NamedTuple):
    """Step 2 as a tagger with a head's output layer.

    Attributes:
        tagger: the same for every head.
        output, output_bias: as those of :class:`.in_context.InContext`, ``N`` being 1.
    """

    tagger: Tagger
    output: Floats
    output_bias: Floats

    @classmethod
    def of(cls, head: str, tagger: Tagger, bundle: Bundle) -> Tagging:
        """Take a head's output layer out of a bundle.

        Raises:
            BundleError: it is not there, or does not fit.
        """
        return cls(
            tagger,
            bundle.array(f"{head}.output", 1, tagger.units, len(LABELS)),
            bundle.array(f"{head}.output_bias", 1, len(LABELS)),
        )

    def meanings(
        self,
        documents: Sequence[Sequence[Paragraph]],
        features: Floats,
        layout: Layout,
        memories: Sequence[Memory] | None = None,
    ) -> Floats:
        """See :class:`.in_context.InContext`."""
        read = reads(features, layout.document)
        return self.tagger.pieces.means(documents, read, memories)

    def last_hidden(self, meanings: Floats, features: Floats, layout: Layout) -> Floats:
        """See :class:`.in_context.InContext`."""
        return self.tagger.hidden(meanings, features, layout)

    def opinions(self, meanings: Floats, features: Floats, layout: Layout) -> Floats:
        """See :class:`.in_context.InContext`."""
        hidden = self.last_hidden(meanings, features, layout)
        scores = output_scores(hidden, self.output[0], self.output_bias[0])
        return np.maximum(softmax(scores), np.float32(SMALLEST))


def output_scores(hidden: Floats, output: Floats, bias: Floats) -> Floats:
    """``hidden @ output + bias``, added up from the first unit on: a row has the same bits in
    every document.

    Args:
        hidden: shape (rows, units).
        output, bias: shapes (units, labels) and (labels,).
    """
    if _compiled is not None:
        scores: Floats = _compiled.output_scores(hidden, np.ascontiguousarray(output), bias)
        return scores
    sums = np.zeros((len(hidden), len(bias)), np.float32)
    for unit, weights in zip(hidden.T, output, strict=True):
        sums += unit[:, None] * weights
    return sums + bias
