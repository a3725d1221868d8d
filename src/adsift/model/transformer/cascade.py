"""The accurate tier: step 1 of the fast model first, then an encoder reads what step 1 is not sure
of, and readers judge it in its document. The label comes from the pool of both opinions."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from adsift.document import Paragraph, TaggedParagraph
from adsift.errors import BundleError
from adsift.model.classifier import Classifier
from adsift.model.context import read_layout
from adsift.model.decisions import read_costs, tag_paragraphs
from adsift.model.heads import HEADS, SHORT, head_of, is_temperature
from adsift.model.probabilities import LABELS, in_millionths, softmax
from adsift.model.tagger import SMALLEST, TOGETHER, page_weights, reads
from adsift.model.transformer.reader import Reader

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from adsift.model.bundle import Bundle
    from adsift.model.classifier import Judgement
    from adsift.model.memory import Memory
    from adsift.model.transformer.encoder import Encoder

    Scores = NDArray[np.float64]


class Shares(NamedTuple):
    """What each model's opinion weighs in their pool; together 1."""

    fast: float
    readers: float


class Cascade:
    """Both behind one interface, that of :class:`adsift.model.classifier.Classifier`.

    The commerce kinds are the fast model's: its words tell them better than the encoder does. So
    are documents of a few paragraphs, which are no pages as the readers were trained on.

    Attributes:
        bundle: the encoder's and the readers'; it has a calibration of its own.
        fast, encoder: the models.
        readers: by head, those that judge its documents.
        shares: by head, what the fast model and the readers weigh in their pool.
        judged, rejudged: paragraphs so far, and how many of them the encoder has read.
    """

    def __init__(self, bundle: Bundle, fast: Classifier, encoder: Encoder) -> None:
        """Put them together.

        Raises:
            BundleError: the bundle is incomplete or damaged.
        """
        self.bundle = bundle
        self.fast = fast
        self.encoder = encoder
        self.costs = read_costs(bundle)
        if bundle.config.get("labels") != list(LABELS):
            raise BundleError("the accurate bundle was made for other labels")
        try:
            readers_of: dict[str, list[int]] = {h: bundle.config["readers"][h] for h in HEADS}
            self.shares = {head: Shares(**bundle.config["shares"][head]) for head in HEADS}
            self.temperature = {head: float(bundle.config["temperature"][head]) for head in HEADS}
            numbers = [*chain.from_iterable(self.shares.values()), *self.temperature.values()]
            sound = all(0 < number < np.inf for number in numbers)
            sound &= all(map(is_temperature, self.temperature.values()))
        except (KeyError, OverflowError, TypeError, ValueError) as error:
            raise BundleError(f"the accurate bundle is incomplete: {error!r}") from error
        if not sound or not all(map(_name_readers, readers_of.values())):
            raise BundleError(
                f"the accurate bundle states the readers {readers_of}, and {numbers} as shares and "
                "temperatures"
            )
        readers = {
            number: Reader.of(bundle.arrays, number, encoder.size)
            for number in chain.from_iterable(readers_of.values())
        }
        self.readers = {head: [readers[n] for n in own] for head, own in readers_of.items()}
        self.judged = self.rejudged = 0

    def classify(
        self,
        documents: Sequence[Sequence[Paragraph]],
        urls: Sequence[str | None],
        memories: Sequence[Memory] | None = None,
    ) -> list[list[TaggedParagraph]]:
        """Label the paragraphs of many documents.

        Args:
            documents: each document's paragraphs in reading order.
            urls: each document's address, if known.
            memories: as for :meth:`adsift.model.classifier.Classifier.classify`.
        """
        out: list[list[TaggedParagraph]] = []
        judged = self.fast.judge(documents, urls, memories)
        for document, judgement in zip(documents, judged, strict=True):
            if judgement is None:
                out.append([])
                continue
            self.judged += len(document)
            probabilities, costs = judgement.probabilities, self.fast.costs
            if len(document) >= SHORT:
                head = head_of(document)
                read = self._read(document, judgement, self.readers[head])
                scores = self._pool(head, probabilities, read)
                # Calibrated as one model: the temperature is that of all paragraphs together.
                probabilities = in_millionths(softmax(scores / self.temperature[head]))
                costs = self.costs
            out.append(tag_paragraphs(document, probabilities, judgement.kinds, costs))
        return out

    def _pool(self, head: str, fast: Scores, read: Scores) -> Scores:
        """The models' opinions as one: a logarithmic opinion pool (Genest and Zidek 1986,
        doi:10.1214/ss/1177013825)."""
        shares = self.shares[head]
        return shares.fast * np.log(np.maximum(fast, SMALLEST)) + shares.readers * np.log(read)

    def _read(
        self, document: Sequence[Paragraph], judgement: Judgement, readers: Sequence[Reader]
    ) -> Scores:
        """The readers' mean opinion, shape (paragraphs, labels), and step 1's of what is not
        read; never 0."""
        layout = read_layout([document])
        opinions = judgement.features[:, : len(LABELS)].astype(np.float64)
        rows = np.flatnonzero(reads(judgement.features, layout.document))
        if len(rows):
            features, weights = judgement.features[rows], page_weights(layout)[rows]
            alone = self._read_alone(document, rows, readers)
            found = [
                softmax(reader.scores(read, features, weights).astype(np.float64))
                for reader, read in zip(readers, alone, strict=True)
            ]
            opinions[rows] = sum(found) / len(found)
            self.rejudged += len(rows)
        return np.maximum(opinions, SMALLEST)

    def _read_alone(
        self, document: Sequence[Paragraph], rows: NDArray[np.intp], readers: Sequence[Reader]
    ) -> list[NDArray[np.float32]]:
        """What each reader makes of what the encoder reads, shape (rows, E). The encoder's own
        numbers are many times as many, so they are held of some paragraphs at a time."""
        read: list[list[NDArray[np.float32]]] = [[] for _ in readers]
        for start in range(0, len(rows), TOGETHER):
            some = rows[start : start + TOGETHER].tolist()
            states = self.encoder.states([document[row].text for row in some])
            for reader, parts in zip(readers, read, strict=True):
                parts.append(reader.read(states))
        return [np.concatenate(parts) for parts in read]


def _name_readers(found: object) -> bool:
    """Whether these are the numbers of some readers, each once."""
    if not isinstance(found, list) or not all(type(number) is int for number in found):
        return False
    return 0 < len(found) == len(set(found))
