"""Both steps of the model: paragraphs in, labels and probabilities out.

Step 1 judges a paragraph alone: a linear model over hashed words (:mod:`.features`).
Step 2 judges it in its document, by the means of step 1's scores around the paragraph
(:mod:`.context`): either a few small networks with one hidden layer, whose probabilities are
averaged, or a tagger that knows what words mean and reads the neighbours too (:mod:`.tagger`).
Beside a tagger the networks judge documents of a few paragraphs, see ``SHORT``.
There is one head for documents with markup and one for plain text, see ``HEADS``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from adsift.compiled import compiled
from adsift.document import CommerceKind, Label, Paragraph, TaggedParagraph
from adsift.errors import BundleError
from adsift.model.alone import Alone
from adsift.model.blocks import ROWS, places
from adsift.model.bundle import Bundle
from adsift.model.context import CONTEXT_FEATURES, Layout, context_features, read_layout
from adsift.model.features import FEATURE_NAMES
from adsift.model.memory import Memory
from adsift.model.tagger import CLIP, SMALLEST, Tagger, reads

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Integers = NDArray[np.int64]

LABELS = tuple(Label)
KINDS = tuple(CommerceKind)

HEADS = ("markup", "plain")
"""Documents whose paragraphs have a tag (HTML, Markdown), and those without (text)."""

GRID = 2.0**16
"""Step 1's scores are rounded to this grid, so that sums of them are exact in float64 and a
document's result does not depend on what else is in its batch."""

BLOCKS = 16
"""The networks take so many blocks at a time (see :mod:`.blocks`): few enough that all of their
numbers stay in a core's cache."""

SHORT = 8
"""A document of fewer paragraphs is no page as the tagger was trained on: it takes a tenth of lone
sentences of news for something else. The networks, which see less, lose next to none of these."""

_compiled = compiled("context")


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


class InContext(Protocol):
    """Step 2 of a head: ``N`` networks with ``H`` units in the last layer but one."""

    @property
    def output(self) -> Floats:
        """The output layers, shape (N, H, labels)."""

    @property
    def output_bias(self) -> Floats:
        """Shape (N, labels)."""

    def meanings(
        self,
        documents: Sequence[Sequence[Paragraph]],
        features: Floats,
        layout: Layout,
        memories: Sequence[Memory] | None = None,
    ) -> Floats:
        """What it reads of each paragraph beside its context features, shape (rows, P)."""

    def last_hidden(self, meanings: Floats, features: Floats, layout: Layout) -> Floats:
        """What the output layers read, shape (rows, N * H)."""

    def opinions(self, meanings: Floats, features: Floats, layout: Layout) -> Floats:
        """Probabilities before calibration, shape (rows, labels); never 0."""


class Head:
    """The model for one kind of document."""

    def __init__(self, name: str, bundle: Bundle, tagger: Tagger | None) -> None:
        outputs = len(LABELS) + len(KINDS)
        alone = _array(bundle, f"{name}.alone", bundle.config.get("width"), outputs)
        alone_bias = _array(bundle, f"{name}.alone_bias", outputs)
        self.step2: InContext
        self.short: Networks | None = None
        if tagger is None:
            self.step2 = Networks.of(name, bundle)
        else:
            self.step2 = Tagging.of(name, tagger, bundle)
            self.short = Networks.of(f"{name}.short", bundle)
        self.alone = Alone(alone, alone_bias)
        temperatures = bundle.config.get("temperature")
        temperature = temperatures.get(name) if isinstance(temperatures, dict) else None
        if not isinstance(temperature, (int, float)) or not 0 < temperature < np.inf:
            raise BundleError(f"the bundle states no temperature above 0 for its {name} head")
        self.temperature = float(temperature)

    def calls_short(self, paragraphs: int) -> bool:
        """Whether a document of so many has a step 2 of its own."""
        return self.short is not None and paragraphs < SHORT

    def judge_of(self, short: bool) -> InContext:
        """Step 2 for short documents, or for the others."""
        return self.short if short and self.short is not None else self.step2

    def in_context(
        self,
        step2: InContext,
        documents: Sequence[Sequence[Paragraph]],
        features: Floats,
        layout: Layout,
        memories: Sequence[Memory] | None = None,
    ) -> Floats:
        """What one of them says: calibrated probabilities of shape (rows, labels)."""
        meanings = step2.meanings(documents, features, layout, memories)
        opinions = step2.opinions(meanings, features, layout)
        return softmax(np.log(opinions) / self.temperature)


def _array(bundle: Bundle, name: str, *shape: object) -> Floats:
    """An array of a bundle, which must have this shape."""
    try:
        array = bundle.arrays[name]
    except KeyError as error:
        raise BundleError(f"the bundle is incomplete: it has no array {error}") from error
    if array.shape != shape or 0 in array.shape:
        raise BundleError(
            f"the bundle's array {name} has shape {array.shape}, it should be {shape}"
        )
    if not np.isfinite(array).all():
        raise BundleError(f"the bundle's array {name} has numbers that are not finite")
    return array


class Tagging(NamedTuple):
    """Step 2 as a tagger with a head's output layer.

    Attributes:
        tagger: the same for every head.
        output, output_bias: as those of :class:`InContext`, ``N`` being 1.
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
            _array(bundle, f"{head}.output", 1, tagger.units, len(LABELS)),
            _array(bundle, f"{head}.output_bias", 1, len(LABELS)),
        )

    def meanings(
        self,
        documents: Sequence[Sequence[Paragraph]],
        features: Floats,
        layout: Layout,
        memories: Sequence[Memory] | None = None,
    ) -> Floats:
        """See :class:`InContext`."""
        read = reads(features, layout.document)
        return self.tagger.pieces.means(documents, read, memories)

    def last_hidden(self, meanings: Floats, features: Floats, layout: Layout) -> Floats:
        """See :class:`InContext`."""
        return self.tagger.hidden(meanings, features, layout)

    def opinions(self, meanings: Floats, features: Floats, layout: Layout) -> Floats:
        """See :class:`InContext`."""
        hidden = self.last_hidden(meanings, features, layout)
        scores = output_scores(hidden, self.output[0], self.output_bias[0])
        return np.maximum(softmax(scores), np.float32(SMALLEST))


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

    @classmethod
    def of(cls, head: str, bundle: Bundle) -> Networks:
        """Take a head's networks out of a bundle.

        Raises:
            BundleError: an array is not there, or they do not fit.
        """
        output = bundle.arrays.get(f"{head}.output")
        count, size = (*(() if output is None else output.shape), 0, 0)[:2]
        shapes = {
            "mean": (CONTEXT_FEATURES,),
            "scale": (CONTEXT_FEATURES,),
            "hidden": (CONTEXT_FEATURES, count * size),
            "hidden_bias": (count * size,),
            "output": (count, size, len(LABELS)),
            "output_bias": (count, len(LABELS)),
        }
        return cls(
            **{part: _array(bundle, f"{head}.{part}", *shape) for part, shape in shapes.items()}
        )

    def meanings(
        self,
        documents: Sequence[Sequence[Paragraph]],  # noqa: ARG002
        features: Floats,
        layout: Layout,  # noqa: ARG002
        memories: Sequence[Memory] | None = None,  # noqa: ARG002
    ) -> Floats:
        """See :class:`InContext`: the context features are all."""
        return np.empty((len(features), 0), np.float32)

    def last_hidden(self, meanings: Floats, features: Floats, layout: Layout) -> Floats:  # noqa: ARG002
        """See :class:`InContext`."""
        data = np.clip((features - self.mean) / self.scale, -CLIP, CLIP)
        return np.asarray(np.maximum(data @ self.hidden + self.hidden_bias, 0), np.float32)

    def opinions(self, meanings: Floats, features: Floats, layout: Layout) -> Floats:  # noqa: ARG002
        """See :class:`InContext`."""
        return self.probabilities(features, layout.document)

    def probabilities(self, features: Floats, document: Integers) -> Floats:
        """The networks' mean opinion, shape (rows, labels); never 0.

        Args:
            features: shape (rows, F).
            document: for each row the number of its document, whose rows stand together.
        """
        at = places(document)
        count = int(at[-1]) // ROWS + 1
        ends = np.searchsorted(at, np.arange(0, count + BLOCKS, BLOCKS) * ROWS).tolist()
        # What padding holds is of no account: no row of a product sees another.
        blocks = np.zeros((min(count, BLOCKS), ROWS, features.shape[1]), np.float32)
        hidden = np.empty((len(blocks), ROWS, len(self.hidden_bias)), np.float32)
        output, output_bias = self._output_side_by_side()
        opinions = np.empty((len(features), len(LABELS)), np.float32)
        for number, (start, end) in enumerate(pairwise(ends)):
            first = number * BLOCKS
            own, size = at[start:end] - first * ROWS, min(count - first, BLOCKS)
            self._standardise(features[start:end], own, blocks[:size])
            self._apply_hidden(blocks[:size], hidden[:size])
            scores = (hidden[:size] @ output).reshape(size * ROWS, -1)
            _mean_opinions(scores, output_bias, own, opinions[start:end])
        return opinions

    def _standardise(self, features: Floats, places: Integers, blocks: Floats) -> None:
        """Put the rows into their places in blocks, as standard deviations from the mean."""
        flat = blocks.reshape(-1, blocks.shape[-1])
        if _compiled is not None:
            features = np.ascontiguousarray(features)
            _compiled.fill_blocks(features, self.mean, self.scale, CLIP, places, flat)
        else:
            flat[places] = np.clip((features - self.mean) / self.scale, -CLIP, CLIP)

    def _apply_hidden(self, blocks: Floats, hidden: Floats) -> None:
        # NumPy multiplies such stacks of matrices one by one, all in one shape. One network at a
        # time is so little work that no BLAS shares it between threads, of whose number the last
        # bits would depend.
        count, size, _ = self.output.shape
        by_network = hidden.reshape(len(blocks), ROWS, count, size).swapaxes(1, 2)
        weights = self.hidden.reshape(-1, count, size).swapaxes(0, 1)
        np.matmul(blocks[:, None], weights, out=by_network)
        if _compiled is not None:
            _compiled.rectify(hidden.reshape(-1, count * size), self.hidden_bias)
        else:
            hidden += self.hidden_bias
            np.maximum(hidden, 0, out=hidden)

    def _output_side_by_side(self) -> tuple[Floats, Floats]:
        """The output layers as one, of shapes (N * H, N * labels) and (N * labels,)."""
        count, size, labels = self.output.shape
        whole = np.zeros((count, size, count, labels), np.float32)
        for number in range(count):
            whole[number, :, number] = self.output[number]
        return whole.reshape(count * size, -1), self.output_bias.reshape(-1)


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


def _mean_opinions(scores: Floats, bias: Floats, places: Integers, opinions: Floats) -> None:
    """The networks' mean opinion of the rows at these places.

    Args:
        scores: the output layers' without bias, shape (rows in blocks, N * labels); used up.
        bias: shape (N * labels,).
        places: shape (rows,).
        opinions: takes the result, shape (rows, labels).
    """
    if _compiled is not None:
        _compiled.mean_opinions(scores, bias, places, SMALLEST, opinions)
        return
    shares = softmax((scores[places] + bias).reshape(len(places), -1, len(LABELS)))
    np.maximum(_sum(shares, 1) / np.float32(shares.shape[1]), SMALLEST, out=opinions)


def head_of(document: Sequence[Paragraph]) -> str:
    """Which head judges a document."""
    return "markup" if any(paragraph.tag for paragraph in document) else "plain"


def make_signals(probabilities: Floats, known: Floats) -> Floats:
    """Step 1's probabilities and the facts, side by side, on the grid."""
    if _compiled is not None and probabilities.dtype == known.dtype == np.float32:
        on_grid: Floats = _compiled.make_signals(probabilities, known, GRID)
        return on_grid
    signals = np.concatenate([probabilities, known], axis=1)
    return (np.rint(signals * GRID) / GRID).astype(np.float32)


def softmax(scores: NDArray[np.floating]) -> Floats:
    """From scores to probabilities, along the last axis."""
    if _compiled is not None and scores.dtype == np.float32 and scores.shape[1:] == (len(LABELS),):
        shares: Floats = _compiled.softmax(scores)
        return shares
    raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(raised / _sum(raised, -1)[..., None], np.float32)


def _sum(numbers: NDArray[np.floating], axis: int) -> NDArray[np.floating]:
    # One after the other, as the compiled core adds: NumPy's own sum has an order of its own.
    return reduce(np.add, np.moveaxis(numbers, axis, 0))


def in_millionths(probabilities: Floats) -> NDArray[np.float64]:
    """Probabilities rounded so that each row sums to 1 in every sum."""
    # Six digits are more than the model knows; the largest takes up what rounding leaves over.
    if _compiled is not None and probabilities.dtype == np.float32:
        rounded: NDArray[np.float64] = _compiled.in_millionths(np.ascontiguousarray(probabilities))
        return rounded
    millionths = np.rint(probabilities.astype(np.float64) * 1e6)
    rows = np.arange(len(millionths))
    millionths[rows, millionths.argmax(axis=1)] += 1e6 - millionths.sum(axis=1)
    return millionths / 1e6


def read_costs(bundle: Bundle) -> dict[str, Floats]:
    """What it costs to miss a paragraph of each label, by head; 1 where the bundle is silent.

    Raises:
        BundleError: they are no numbers above 0, one for each label.
    """
    stated = bundle.config.get("costs", {})
    costs = {}
    for name in HEADS:
        try:
            costs[name] = np.array(stated.get(name, [1.0] * len(LABELS)), np.float32)
        except (AttributeError, TypeError, ValueError) as error:
            raise BundleError("the bundle's costs are no lists of numbers") from error
        if costs[name].shape != (len(LABELS),) or not (costs[name] > 0).all():
            raise BundleError("the bundle's costs are not one number above 0 for each label")
    return costs


def tag_paragraphs(
    document: Sequence[Paragraph],
    probabilities: NDArray[np.float64],
    kinds: NDArray[np.intp],
    costs: Mapping[str, Floats],
) -> list[TaggedParagraph]:
    """A document's paragraphs with their labels.

    Args:
        document: in reading order.
        probabilities, kinds: those of :class:`Judgement`.
        costs: by head, what it costs to miss a paragraph of each label. The label is the one
            with the least expected cost, so the most probable one where all cost the same.
    """
    cost = costs[head_of(document)]
    if _compiled is not None:
        tagged: list[TaggedParagraph] = _compiled.tag_paragraphs(
            document, probabilities, kinds, cost
        )
        return tagged
    labels = (probabilities * cost).argmax(axis=1).tolist()
    return [
        TaggedParagraph(
            paragraph,
            LABELS[label],
            KINDS[kind] if LABELS[label] is Label.COMMERCE else None,
            dict(zip(LABELS, numbers, strict=True)),
        )
        for paragraph, label, numbers, kind in zip(
            document, labels, probabilities.tolist(), kinds.tolist(), strict=True
        )
    ]
