"""Step 2 as a convolutional tagger: every paragraph of a document with those around it.

A paragraph comes in as the means of its word pieces (:mod:`.pieces`) beside its context features
(:mod:`.context`). A first layer reads these, the page's mean and maximum of what that found are
added to all paragraphs, and two convolutions look at the neighbours. The parts are rectified and
added up, so that each can be traced back to the inputs (:mod:`.tracing`). All of it is done in
whole numbers (:mod:`.quantised`).

Half of a page's paragraphs are menus and the like, of which step 1 is sure, amid their like. Those
are not read: the others are the tagger's document, and step 1's opinion of these stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from adsift.compiled import compiled
from adsift.errors import BundleError
from adsift.model.blocks import product
from adsift.model.context import CONTEXT_FEATURES
from adsift.model.pieces import Pieces
from adsift.model.quantised import INPUT, PAGE_GRID, UNIT, Dense, quantise, rounded

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from adsift.model.context import Layout

    Floats = NDArray[np.float32]
    Integers = NDArray[np.int64]

CLIP = 5.0
"""Inputs lie within so many standard deviations of their mean in training."""

SURE = 0.98
"""Step 1's probability of boilerplate from which on a paragraph is sure furniture."""

BOILERPLATE = 2
"""Column of boilerplate in the context features."""

LABELS = 4
"""Step 1's probabilities are the first so many context features."""

UNREAD = LABELS + 1
"""Units of the last layer for paragraphs that are not read: the logarithms of step 1's
probabilities, and 1."""

SMALLEST = 1e-7
"""No step gives a label a smaller probability, before it is calibrated."""

TOGETHER = 1024
"""Paragraphs that are worked on at a time, which bounds the memory."""

LETTERS, MORE = 360, 6
"""A paragraph weighs as many letters as it has, up to the first, plus the second, in its page's
mean: as much as the words that the score counts."""

_compiled = compiled("tagger")


class Layers(NamedTuple):
    """The tagger's arrays: ``I`` inputs and ``H`` units.

    Attributes:
        mean, scale: of the inputs in training, shape (I,).
        inner, inner_bias: shapes (I, H) and (H,).
        page, page_bias: of the page's mean and maximum, shapes (2 * H, H) and (H,).
        near, near_bias, far, far_bias: the convolutions, shapes (width, H, H) and (H,).
        largest: what each unit reaches in training before the second convolution, shape (H,).
    """

    mean: Floats
    scale: Floats
    inner: Floats
    inner_bias: Floats
    page: Floats
    page_bias: Floats
    near: Floats
    near_bias: Floats
    far: Floats
    far_bias: Floats
    largest: Floats

    def check(self, inputs: int) -> None:
        """See that the arrays fit together.

        Raises:
            BundleError: they do not.
        """
        units = self.inner_bias.size
        width = len(self.near) if self.near.ndim else 0
        expected = [
            *[(inputs,)] * 2,
            *[(inputs, units), (units,)],
            *[(2 * units, units), (units,)],
            *[(width, units, units), (units,)] * 2,
            (units,),
        ]
        shapes = [array.shape for array in self]
        if shapes != expected or width % 2 == 0 or not units:
            raise BundleError(f"the bundle's tagger has arrays of the shapes {shapes}")
        if not all(np.isfinite(array).all() for array in self) or not (self.scale > 0).all():
            raise BundleError("the bundle's tagger has numbers that are not finite, or no scale")


class Tagger:
    """The pieces and the layers, without the output layer, which every head has its own of.

    Attributes:
        pieces, layers: see above.
    """

    def __init__(self, pieces: Pieces, layers: Layers) -> None:
        """Put them together.

        Raises:
            BundleError: they do not fit.
        """
        layers.check(pieces.width + CONTEXT_FEATURES)
        self.pieces, self.layers = pieces, layers
        self.quantised = quantise(layers, CLIP)
        self._fast = (
            _compiled.Kernel(self.quantised, INPUT, UNIT, PAGE_GRID, _compiled.KERNELS[0])
            if _compiled is not None and _compiled.KERNELS
            else None
        )

    def __reduce__(self) -> tuple[type[Tagger], tuple[Pieces, Layers]]:
        return Tagger, (self.pieces, self.layers)

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[Any]]) -> Tagger:
        """Take the tagger's arrays out of a bundle's.

        Raises:
            BundleError: one is missing, or they do not fit.
        """
        try:
            pieces = [arrays[f"pieces.{name}"] for name in ("hashes", "vectors", "weights")]
            layers = Layers(*(arrays[f"tagger.{name}"] for name in Layers._fields))
        except KeyError as error:
            raise BundleError(f"the bundle is incomplete: it has no array {error}") from error
        return cls(Pieces(*pieces), layers)

    @property
    def units(self) -> int:
        """How many the last layer has, :data:`UNREAD` among them."""
        return len(self.layers.inner_bias) + UNREAD

    def hidden(self, meanings: Floats, features: Floats, layout: Layout) -> Floats:
        """What the last layer holds, shape (paragraphs, units).

        Args:
            meanings: means of the pieces, shape (paragraphs, P); of no account for paragraphs
                that are not read.
            features: of the context, shape (paragraphs, F).
            layout: of the same paragraphs.
        """
        if self._fast is not None:
            meanings, features = np.ascontiguousarray(meanings), np.ascontiguousarray(features)
            found: Floats = self._fast.hidden(meanings, features, layout.document, layout.lengths)
            return found
        read = reads(features, layout.document)
        out = np.zeros((len(features), self.units), np.float32)
        unread = np.log(np.maximum(features[~read, :LABELS], np.float32(SMALLEST)))
        out[~read, -UNREAD:-1] = unread
        out[~read, -1] = 1
        rows = np.flatnonzero(read)
        document, weights = layout.document[rows], page_weights(layout)[rows]
        if len(rows):
            units = self._first_layer(meanings, features, rows)
            units = self._with_page(units, weights, document)
            near, far, step = self.quantised.near, self.quantised.far, self.quantised.step
            units = np.minimum(units + rounded(_convolved(units, near, document)), UNIT)
            units += np.maximum(_convolved(units, far, document), 0)
            out[rows, :-UNREAD] = units * step
        return out

    def _first_layer(self, meanings: Floats, features: Floats, rows: Integers) -> Floats:
        mean, factor, dense = self.quantised[:3]
        units = np.empty((len(rows), len(dense.bias)), np.float32)
        for some in _slices(len(rows)):
            z = np.concatenate([meanings[rows[some]], features[rows[some]]], axis=1)
            whole = np.rint(np.fmax(np.fmin((z - mean) * factor, INPUT), -INPUT))
            units[some] = rounded(_applied(whole, dense))
        return units

    def _with_page(self, units: Floats, weights: Integers, document: Integers) -> Floats:
        starts = np.flatnonzero(np.diff(document, prepend=-1))
        sums = np.add.reduceat(units * weights[:, None], starts, dtype=np.float64)
        means = sums / np.add.reduceat(weights, starts)[:, None]
        whole = np.concatenate([means, np.maximum.reduceat(units, starts)], axis=1)
        kernel, scale, bias = self.quantised.page
        page = rounded(np.rint(whole * PAGE_GRID) @ kernel * scale + bias).astype(np.float32)
        sizes = np.diff(starts, append=len(document))
        return np.minimum(units + np.repeat(page, sizes, axis=0), UNIT)


def reads(features: Floats, document: Integers) -> NDArray[np.bool_]:
    """Which paragraphs are read: all but sure furniture amid sure furniture.

    Args:
        features: of the context, shape (paragraphs, F).
        document: for each paragraph the number of its document.
    """
    if _compiled is not None and features.dtype == np.float32:
        document = np.ascontiguousarray(document, np.int64)
        read: NDArray[np.bool_] = _compiled.reads(np.ascontiguousarray(features), document)
        return read
    unsure = features[:, BOILERPLATE] < SURE
    beside = unsure.copy()
    same = document[1:] == document[:-1]
    beside[1:] |= unsure[:-1] & same
    beside[:-1] |= unsure[1:] & same
    return beside


def page_weights(layout: Layout) -> Integers:
    """The paragraphs' weights in their page's mean, shape (paragraphs,)."""
    return np.minimum(layout.lengths, LETTERS) + MORE


def _convolved(units: Floats, kernel: Dense, document: Integers) -> Floats:
    """A convolution over the rows of each document; nothing lies beyond its ends."""
    width, size, _ = kernel.weights.shape
    dense = kernel._replace(weights=kernel.weights.reshape(width * size, -1))
    # Around each document lie rows of nothing; a row sees those from its own place on.
    place = np.arange(len(units)) + (width - 1) * np.cumsum(np.diff(document, prepend=0) != 0)
    padded = np.zeros((place[-1] + width, size), np.float32)
    padded[place + width // 2] = units
    found = np.empty_like(units)
    for some in _slices(len(units)):
        seen = padded[place[some, None] + np.arange(width)]
        found[some] = _applied(seen.reshape(len(seen), -1), dense)
    return found


def _applied(whole: Floats, dense: Dense) -> Floats:
    # Block by block, so that no BLAS takes more threads than it was meant to have.
    sums = product(whole, dense.weights, np.arange(len(whole)))
    return np.asarray(sums * dense.scale + dense.bias, np.float32)


def _slices(rows: int) -> Iterator[slice]:
    for start in range(0, rows, TOGETHER):
        yield slice(start, min(start + TOGETHER, rows))
