"""Both steps of the model: paragraphs in, labels and probabilities out.

Step 1 judges a paragraph alone: a linear model over hashed words (:mod:`.alone`, :mod:`.features`).
Step 2 judges it in its document (:mod:`.in_context`), by the means of step 1's scores around the
paragraph (:mod:`.context`). Each head (:mod:`.heads`) has both. What it costs to miss a label moves
the decision (:mod:`.decisions`).
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from adsift.errors import BundleError
from adsift.model.context import context_features, read_layout
from adsift.model.decisions import read_costs, tag_paragraphs
from adsift.model.features import FEATURE_NAMES
from adsift.model.heads import HEADS, Head, head_of
from adsift.model.probabilities import KINDS, LABELS, in_millionths, make_signals, softmax
from adsift.model.tagger import Tagger

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from adsift.document import Paragraph, TaggedParagraph
    from adsift.model.bundle import Bundle
    from adsift.model.in_context import InContext
    from adsift.model.memory import Memory

    Floats = NDArray[np.float32]


class Classifier:
    """A model in memory."""

    def __init__(self, bundle: Bundle) -> None:
        """Take the arrays out of a bundle.

        Raises:
            BundleError: the bundle was made for other labels or features.
        """
        made_for = {"labels": LABELS, "kinds": KINDS, "features": FEATURE_NAMES}
        for what, ours in made_for.items():
            if bundle.config.get(what) != list(ours):
                raise BundleError(
                    f"the bundle was made for other {what} than this adsift has: "
                    "take the bundle of this version, or train it anew"
                )
        self.bundle = bundle
        tagger = Tagger.of(bundle.arrays) if has_tagger(bundle) else None
        self.heads = {name: Head(name, bundle, tagger) for name in HEADS}
        self.width: int = bundle.config["width"]
        if type(self.width) is not int:  # 4096.0 and 4096 are the same to a shape
            raise BundleError(f"the bundle's width {self.width!r} is no whole number")
        self.costs = read_costs(bundle)

    @property
    def fast(self) -> Classifier:
        """This one; the accurate tier has another behind it."""
        return self

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
            memories: one for each document; left out where paragraphs are not judged again.
        """
        judged = self.judge(documents, urls, memories)
        return [
            tag_paragraphs(document, judgement.probabilities, judgement.kinds, self.costs)
            if judgement
            else []
            for document, judgement in zip(documents, judged, strict=True)
        ]

    def judge(
        self,
        documents: Sequence[Sequence[Paragraph]],
        urls: Sequence[str | None],
        memories: Sequence[Memory] | None = None,
    ) -> list[Judgement | None]:
        """What both steps think of the paragraphs of many documents; ``None`` where there are none.

        Args:
            documents, urls, memories: as for :meth:`classify`.
        """
        out: list[Judgement | None] = [None] * len(documents)
        alike: dict[tuple[str, bool], list[int]] = {}
        for index, document in enumerate(documents):
            if document:
                name = head_of(document)
                short = self.heads[name].calls_short(len(document))
                alike.setdefault((name, short), []).append(index)
        for (name, short), chosen in alike.items():
            head = self.heads[name]
            judged = self._judge(
                head,
                head.judge_of(short),
                [documents[index] for index in chosen],
                [urls[index] for index in chosen],
                None if memories is None else [memories[index] for index in chosen],
            )
            for index, judgement in zip(chosen, judged, strict=True):
                out[index] = judgement
        return out

    def _judge(
        self,
        head: Head,
        step2: InContext,
        documents: list[Sequence[Paragraph]],
        urls: list[str | None],
        memories: list[Memory] | None,
    ) -> Iterator[Judgement]:
        if memories is not None:
            for memory, document in zip(memories, documents, strict=True):
                memory.look(head, document)
        scores, known = head.alone.score(documents, urls, memories)
        signals = make_signals(softmax(scores[:, : len(LABELS)]), known)
        layout = read_layout(documents)
        features = context_features(signals, layout)
        probabilities = in_millionths(head.in_context(step2, documents, features, layout, memories))
        kinds = scores[:, len(LABELS) :].argmax(1)
        for start, end in pairwise(layout.offsets.tolist()):
            own = slice(start, end)
            yield Judgement(signals[own], features[own], probabilities[own], kinds[own])


class Judgement(NamedTuple):
    """What the model thinks of a document of ``n`` paragraphs.

    Attributes:
        signals: step 1's probabilities and the facts, shape (n, SIGNALS).
        features: what step 2 saw, shape (n, CONTEXT_FEATURES).
        probabilities: calibrated, in whole millionths, shape (n, labels).
        kinds: index of the most probable commerce kind, shape (n,).
    """

    signals: Floats
    features: Floats
    probabilities: NDArray[np.float64]
    kinds: NDArray[np.intp]


def has_tagger(bundle: Bundle) -> bool:
    """Whether its step 2 is a tagger."""
    return any(name.startswith("tagger.") for name in bundle.arrays)
