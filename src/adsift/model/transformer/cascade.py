"""The accurate tier: the fast model first, then a larger tagger of the same kind, and a transformer
where step 1 is not sure. The label comes from the pool of their opinions."""

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
    Tagging,
    head_of,
    in_millionths,
    read_costs,
    softmax,
    tag_paragraphs,
)
from adsift.model.context import read_layout
from adsift.model.tagger import SMALLEST, Tagger

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from adsift.model.alone import Memories
    from adsift.model.bundle import Bundle
    from adsift.model.classifier import Judgement
    from adsift.model.transformer.network import Transformer

    Scores = NDArray[np.float64]


class Shares(NamedTuple):
    """What each model's opinion weighs in their pool; together 1."""

    fast: float
    tagger: float
    transformer: float


class Cascade:
    """Three models behind one interface, that of :class:`adsift.model.classifier.Classifier`.

    The commerce kinds are the fast model's: its words tell them better than the others do.

    Attributes:
        bundle: the tagger's and the transformer's; it has a calibration of its own.
        fast, taggings, transformer: the models; the tagger with each head's output layer.
        shares: by head, the models' shares in their pool.
        judged, rejudged: paragraphs so far, and how many of them the transformer has read.
    """

    def __init__(self, bundle: Bundle, fast: Classifier, transformer: Transformer) -> None:
        """Put them together.

        Raises:
            BundleError: the bundle is incomplete or damaged.
        """
        self.bundle = bundle
        self.fast = fast
        self.transformer = transformer
        self.costs = read_costs(bundle)
        tagger = Tagger.of(bundle.arrays)
        self.taggings = {head: Tagging.of(head, tagger, bundle) for head in HEADS}
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
        memories: Memories | None = None,
    ) -> list[list[TaggedParagraph]]:
        """Label the paragraphs of many documents.

        Args:
            documents: each document's paragraphs in reading order.
            urls: each document's address, if known.
            memories: as for :meth:`adsift.model.classifier.Classifier.classify`.
        """
        out: list[list[TaggedParagraph]] = []
        judged = self.fast.judge(documents, urls, memories)
        for document, judgement, url in zip(documents, judged, urls, strict=True):
            if judgement is None:
                out.append([])
                continue
            head = head_of(document)
            tagged = self._tag(head, document, judgement)
            opinion = self.transformer.judge(document, judgement, url)
            read = tagged.copy()  # where the transformer has none, the tagger's opinion is its too
            if opinion is not None:
                read[opinion.rows] = opinion.scores
                self.rejudged += len(opinion.rows)
            scores = self._pool(head, judgement.probabilities, tagged, read)
            # Calibrated as one model: the temperature is that of all paragraphs together.
            probabilities = in_millionths(softmax(scores / self.temperature[head]))
            self.judged += len(document)
            out.append(tag_paragraphs(document, probabilities, judgement.kinds, self.costs))
        return out

    def _tag(self, head: str, document: Sequence[Paragraph], judgement: Judgement) -> Scores:
        """The tagger's scores, shape (paragraphs, labels)."""
        tagging, layout = self.taggings[head], read_layout([document])
        meanings = tagging.meanings([document], judgement.features, layout)
        opinions = tagging.opinions(meanings, judgement.features, layout)
        return np.log(opinions.astype(np.float64))

    def _pool(self, head: str, fast: Scores, tagger: Scores, transformer: Scores) -> Scores:
        """The models' opinions as one: a logarithmic opinion pool (Genest and Zidek 1986,
        doi:10.1214/ss/1177013825)."""
        shares = self.shares[head]
        known = np.log(np.maximum(fast, SMALLEST))
        return shares.fast * known + shares.tagger * tagger + shares.transformer * transformer
