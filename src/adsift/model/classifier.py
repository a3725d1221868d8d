"""Both steps of the model: paragraphs in, labels and probabilities out.

Step 1 judges a paragraph alone: a linear model over hashed words (:mod:`.features`).
Step 2 judges it in its document: a few small networks with one hidden layer over the means of
step 1's scores around the paragraph (:mod:`.context`); their probabilities are averaged.
There is one head for documents with markup and one for plain text, see ``HEADS``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from adsift.document import CommerceKind, Label, Paragraph, TaggedParagraph
from adsift.errors import BundleError
from adsift.model.bundle import Bundle
from adsift.model.context import context_features, facts, read_layout
from adsift.model.features import hash_rows, paragraph_words
from adsift.model.links import own_host

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

LABELS = tuple(Label)
KINDS = tuple(CommerceKind)

HEADS = ("markup", "plain")
"""Documents whose paragraphs have a tag (HTML, Markdown), and those without (text)."""

GRID = 2.0**16
"""Step 1's scores are rounded to this grid, so that sums of them are exact in float64 and a
document's result does not depend on what else is in its batch."""

ROWS = 256
"""Step 2 is evaluated in blocks of this many rows, for the same reason: a matrix product of one
shape gives one result."""

CLIP = 5.0
"""Step 2's inputs lie within so many standard deviations of their mean in training."""


class Classifier:
    """A model in memory."""

    def __init__(self, bundle: Bundle) -> None:
        """Take the arrays out of a bundle.

        Raises:
            BundleError: the bundle was made for other labels or features.
        """
        config = bundle.config
        if tuple(config.get("labels", ())) != LABELS or tuple(config.get("kinds", ())) != KINDS:
            raise BundleError("the bundle was made for other labels than this adsift has")
        self.bundle = bundle
        self.width = int(config.get("width", 0))
        try:
            self.heads = {name: _Head(name, bundle) for name in HEADS}
        except KeyError as error:
            raise BundleError(f"the bundle is incomplete: it has no array {error}") from error
        for head in self.heads.values():
            head.check(self.width)

    def classify(
        self, documents: Sequence[Sequence[Paragraph]], urls: Sequence[str | None]
    ) -> list[list[TaggedParagraph]]:
        """Label the paragraphs of many documents.

        Args:
            documents: each document's paragraphs in reading order.
            urls: each document's address, if known.
        """
        out: list[list[TaggedParagraph]] = [[] for _ in documents]
        for name, head in self.heads.items():
            chosen = [
                index
                for index, document in enumerate(documents)
                if document and head_of(document) == name
            ]
            if chosen:
                tagged = self._classify(
                    head, [documents[index] for index in chosen], [urls[index] for index in chosen]
                )
                for index, paragraphs in zip(chosen, tagged, strict=True):
                    out[index] = paragraphs
        return out

    def _classify(
        self,
        head: _Head,
        documents: list[Sequence[Paragraph]],
        urls: list[str | None],
    ) -> list[list[TaggedParagraph]]:
        rows, known = read_inputs(documents, urls)
        scores = hash_rows(rows, self.width) @ head.alone + head.alone_bias
        signals = make_signals(softmax(scores[:, : len(LABELS)]), known)
        features = context_features(signals, read_layout(documents))
        probabilities = _in_millionths(head.in_context(features))
        kinds = scores[:, len(LABELS) :].argmax(1)
        return _tagged(documents, probabilities, kinds)


class _Head:
    """The model for one kind of document."""

    def __init__(self, name: str, bundle: Bundle) -> None:
        def array(part: str) -> Floats:
            return bundle.arrays[f"{name}.{part}"]

        self.alone = array("alone")
        self.alone_bias = array("alone_bias")
        self.networks = Networks(**{part: array(part) for part in Networks._fields})
        self.temperature = float(bundle.config["temperature"][name])

    def check(self, width: int) -> None:
        if self.alone.shape != (width, len(LABELS) + len(KINDS)):
            raise BundleError(f"the bundle's arrays do not fit its width of {width}")

    def in_context(self, features: Floats) -> Floats:
        """Step 2: calibrated probabilities of shape (rows, labels)."""
        return softmax(np.log(self.networks.probabilities(features)) / self.temperature)


class Networks(NamedTuple):
    """Step 2's networks: ``N`` of them, ``H`` hidden units each, on ``F`` context features.

    Attributes:
        mean, scale: of the features in training, shape (F,).
        hidden, hidden_bias: all hidden layers side by side, shapes (F, N * H) and (N * H,).
        output, output_bias: the output layers, shapes (N, H, labels) and (N, labels).
    """

    mean: Floats
    scale: Floats
    hidden: Floats
    hidden_bias: Floats
    output: Floats
    output_bias: Floats

    def probabilities(self, features: Floats) -> Floats:
        """The networks' mean opinion, shape (rows, labels); never 0."""
        out = np.empty((len(features), len(LABELS)), np.float32)
        block = np.zeros((ROWS, features.shape[1]), np.float32)
        for start in range(0, len(features), ROWS):
            rows = features[start : start + ROWS]
            block[: len(rows)] = np.clip((rows - self.mean) / self.scale, -CLIP, CLIP)
            out[start : start + ROWS] = self._opinion(block)[: len(rows)]
        return out

    def _opinion(self, block: Floats) -> Floats:
        hidden = np.maximum(block @ self.hidden + self.hidden_bias, 0)
        size = self.output.shape[1]
        total = np.zeros((len(block), len(LABELS)), np.float32)
        for number, (weights, bias) in enumerate(zip(self.output, self.output_bias, strict=True)):
            total += softmax(hidden[:, number * size : (number + 1) * size] @ weights + bias)
        return np.maximum(total / len(self.output), 1e-7)


def head_of(document: Sequence[Paragraph]) -> str:
    """Which head judges a document."""
    return "markup" if any(paragraph.tag for paragraph in document) else "plain"


def read_inputs(
    documents: Sequence[Sequence[Paragraph]], urls: Sequence[str | None]
) -> tuple[list[list[str]], Floats]:
    """What both steps read of the paragraphs themselves, document after document.

    Returns:
        The feature words of each paragraph, and the facts of each, of shape (rows, facts).
    """
    rows: list[list[str]] = []
    known = []
    for document, url in zip(documents, urls, strict=True):
        own = own_host(url, (link for paragraph in document for link in paragraph.links))
        rows += [paragraph_words(paragraph, own) for paragraph in document]
        known.append(facts(document, own))
    return rows, np.concatenate(known)


def make_signals(probabilities: Floats, known: Floats) -> Floats:
    """Step 1's probabilities and the facts, side by side, on the grid."""
    signals = np.concatenate([probabilities, known], axis=1)
    return (np.rint(signals * GRID) / GRID).astype(np.float32)


def softmax(scores: NDArray[np.floating]) -> Floats:
    """Row by row: from scores to probabilities."""
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), np.float32)


def _in_millionths(probabilities: Floats) -> NDArray[np.float64]:
    # Six digits are more than the model knows; the largest takes up what rounding leaves over.
    millionths = np.rint(probabilities.astype(np.float64) * 1e6)
    rows = np.arange(len(millionths))
    millionths[rows, millionths.argmax(axis=1)] += 1e6 - millionths.sum(axis=1)
    return millionths / 1e6


def _tagged(
    documents: Sequence[Sequence[Paragraph]],
    probabilities: NDArray[np.float64],
    kinds: NDArray[np.intp],
) -> list[list[TaggedParagraph]]:
    labels = probabilities.argmax(axis=1).tolist()
    numbers = probabilities.tolist()
    out = []
    row = 0
    for document in documents:
        tagged = []
        for paragraph in document:
            label = LABELS[labels[row]]
            kind = KINDS[kinds[row]] if label is Label.COMMERCE else None
            tagged.append(
                TaggedParagraph(
                    paragraph, label, kind, dict(zip(LABELS, numbers[row], strict=True))
                )
            )
            row += 1
        out.append(tagged)
    return out
