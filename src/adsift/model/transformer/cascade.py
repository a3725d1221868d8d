"""The accurate tier: the fast model first, and the transformer where step 1 is not sure. The label
comes from the pool of their opinions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from adsift.document import Paragraph, TaggedParagraph
from adsift.errors import BundleError
from adsift.model.classifier import (
    HEADS,
    LABELS,
    Classifier,
    head_of,
    in_millionths,
    read_costs,
    softmax,
    tag_paragraphs,
)
from adsift.model.tagger import SMALLEST

if TYPE_CHECKING:
    from adsift.model.bundle import Bundle
    from adsift.model.transformer.network import Transformer


class Shares(NamedTuple):
    """What each model's opinion weighs in their pool; together 1."""

    fast: float
    transformer: float


class Cascade:
    """Two models behind one interface, that of :class:`adsift.model.classifier.Classifier`.

    The commerce kinds are the fast model's: its words tell them better than the transformer does.

    Attributes:
        bundle: the transformer's; it has a calibration of its own.
        fast, transformer: the models.
        shares: by head, the models' shares in their pool.
        judged, rejudged: paragraphs so far, and how many of them the transformer has read.
    """

    def __init__(self, bundle: Bundle, fast: Classifier, transformer: Transformer) -> None:
        self.bundle = bundle
        self.fast = fast
        self.transformer = transformer
        self.costs = read_costs(bundle)
        try:
            self.shares = {head: Shares(**bundle.config["shares"][head]) for head in HEADS}
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
            # A logarithmic opinion pool (Genest and Zidek 1986, doi:10.1214/ss/1177013825). Of
            # what the transformer has not read, the fast model's opinion is its too.
            scores = np.log(np.maximum(judgement.probabilities, SMALLEST))
            opinion = self.transformer.judge(document, judgement, url)
            if opinion is not None:
                rows, shares = opinion.rows, self.shares[head]
                scores[rows] = shares.fast * scores[rows] + shares.transformer * opinion.scores
                self.rejudged += len(rows)
            # Calibrated as one model: the temperature is that of all paragraphs together.
            probabilities = in_millionths(softmax(scores / self.temperature[head]))
            self.judged += len(document)
            out.append(tag_paragraphs(document, probabilities, judgement.kinds, self.costs))
        return out
