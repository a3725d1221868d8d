"""The accurate tier: the fast model first, then the transformer where that is not sure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from adsift.document import Paragraph, TaggedParagraph
from adsift.errors import BundleError
from adsift.model.classifier import (
    HEADS,
    LABELS,
    SMALLEST,
    Classifier,
    head_of,
    in_millionths,
    read_costs,
    softmax,
    tag_paragraphs,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from adsift.model.bundle import Bundle
    from adsift.model.transformer.network import Transformer

    Floats = NDArray[np.float32]


class Cascade:
    """Two models behind one interface, that of :class:`adsift.model.classifier.Classifier`.

    The commerce kinds are the fast model's: its words tell them better than the transformer does.

    Attributes:
        bundle: the transformer's; it has a calibration of its own.
        fast, transformer: the two models.
        shares: by head, the transformer's share in their pool, 0 to 1.
        judged, rejudged: paragraphs so far, and how many of them the transformer has read.
    """

    def __init__(self, bundle: Bundle, fast: Classifier, transformer: Transformer) -> None:
        self.bundle = bundle
        self.fast = fast
        self.transformer = transformer
        self.costs = read_costs(bundle)
        try:
            self.shares = {head: float(bundle.config["shares"][head]) for head in HEADS}
            self.temperature = {head: float(bundle.config["temperature"][head]) for head in HEADS}
        except (KeyError, TypeError, ValueError) as error:
            raise BundleError(f"the accurate bundle is incomplete: {error!r}") from error
        if bundle.config.get("labels") != list(LABELS) or min(self.temperature.values()) <= 0:
            raise BundleError("the accurate bundle was made for other labels, or is damaged")
        self.judged = self.rejudged = 0

    def classify(
        self,
        documents: Sequence[Sequence[Paragraph]],
        urls: Sequence[str | None],
        keep: bool = False,
    ) -> list[list[TaggedParagraph]]:
        """Label the paragraphs of many documents.

        Args:
            documents: each document's paragraphs in reading order.
            urls: each document's address, if known.
            keep: as for :meth:`adsift.model.classifier.Classifier.classify`.
        """
        out: list[list[TaggedParagraph]] = []
        judged = self.fast.judge(documents, urls, keep)
        for document, judgement, url in zip(documents, judged, urls, strict=True):
            if judgement is None:
                out.append([])
                continue
            head = head_of(document)
            opinion = self.transformer.judge(document, judgement, url)
            scores = np.log(np.maximum(judgement.probabilities, SMALLEST))
            if opinion is not None:
                scores[opinion.rows] = self._pool(head, opinion.scores, scores[opinion.rows])
                self.rejudged += len(opinion.rows)
            # Calibrated as one model: the temperature is that of all paragraphs together.
            probabilities = in_millionths(softmax(scores / self.temperature[head]))
            self.judged += len(document)
            out.append(tag_paragraphs(document, probabilities, judgement.kinds, self.costs))
        return out

    def _pool(self, head: str, scores: Floats, fast: NDArray[np.float64]) -> NDArray[np.float64]:
        """Both models' opinions as one: a logarithmic opinion pool (Genest and Zidek 1986,
        doi:10.1214/ss/1177013825)."""
        share = self.shares[head]
        return share * scores.astype(np.float64) + (1 - share) * fast
