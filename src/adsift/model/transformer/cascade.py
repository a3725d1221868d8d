"""The accurate tier: the fast model first, then the transformer where that is not sure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from adsift.document import Paragraph, TaggedParagraph
from adsift.model.classifier import Classifier, in_millionths, read_costs, tag_paragraphs

if TYPE_CHECKING:
    from adsift.model.bundle import Bundle
    from adsift.model.transformer.network import Transformer


class Cascade:
    """Two models behind one interface, that of :class:`adsift.model.classifier.Classifier`.

    The commerce kinds are the fast model's: its words tell them better than the transformer does.

    Attributes:
        bundle: the transformer's; it has a calibration of its own.
        fast, transformer: the two models.
        judged, rejudged: paragraphs so far, and how many of them the transformer has read.
    """

    def __init__(self, bundle: Bundle, fast: Classifier, transformer: Transformer) -> None:
        self.bundle = bundle
        self.fast = fast
        self.transformer = transformer
        self.costs = read_costs(bundle)
        self.judged = self.rejudged = 0

    def classify(
        self, documents: Sequence[Sequence[Paragraph]], urls: Sequence[str | None]
    ) -> list[list[TaggedParagraph]]:
        """Label the paragraphs of many documents.

        Args:
            documents: each document's paragraphs in reading order.
            urls: each document's address, if known.
        """
        out: list[list[TaggedParagraph]] = []
        judged = self.fast.judge(documents, urls)
        for document, judgement, url in zip(documents, judged, urls, strict=True):
            if judgement is None:
                out.append([])
                continue
            opinion = self.transformer.judge(document, judgement, url)
            probabilities = judgement.probabilities.copy()
            if opinion is not None:
                probabilities[opinion.rows] = in_millionths(opinion.probabilities)
                self.rejudged += len(opinion.rows)
            self.judged += len(document)
            out.append(tag_paragraphs(document, probabilities, judgement.kinds, self.costs))
        return out
