"""Step 2 as a convolutional tagger: every paragraph of a document with those around it.

A paragraph comes in as the means of its word pieces (:mod:`.pieces`) beside its context features
(:mod:`.context`). A first layer reads these, the page's mean and maximum of what that found are
added to all paragraphs, and two convolutions look at the neighbours. The parts are rectified and
added up, so that each can be traced back to the inputs (:mod:`.tracing`).

Half of a page's paragraphs are menus and the like, of which step 1 is sure, amid their like. Those
are not read: the others are the tagger's document, and step 1's opinion of these stands.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from adsift.compiled import compiled
from adsift.errors import BundleError
from adsift.model.blocks import ROWS, places, product, product_of
from adsift.model.context import CONTEXT_FEATURES
from adsift.model.pieces import Pieces

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from adsift.model.context import Layout

    Floats = NDArray[np.float32]
    Integers = NDArray[np.int64]

_compiled = compiled("context")

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

TOGETHER = 256
"""Paragraphs of short documents that are worked on at a time, few enough for a core's cache."""

MOST = 64 * ROWS
"""Paragraphs of a long document that are worked on at a time, which bounds the memory."""

LETTERS, MORE = 360, 6
"""A paragraph weighs as many letters as it has, up to the first, plus the second, in its page's
mean: as much as the words that the score counts."""


class Layers(NamedTuple):
    """The tagger's arrays: ``I`` inputs and ``H`` units.

    Attributes:
        mean, scale: of the inputs in training, shape (I,).
        inner, inner_bias: shapes (I, H) and (H,).
        page, page_bias: of the page's mean and maximum, shapes (2 * H, H) and (H,).
        near, near_bias, far, far_bias: the convolutions, shapes (width, H, H) and (H,).
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
        # What a row adds to each of the rows around it, side by side.
        self._kernels = [
            np.ascontiguousarray(kernel.swapaxes(0, 1)) for kernel in (layers.near, layers.far)
        ]

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
        meanings, features = np.ascontiguousarray(meanings), np.ascontiguousarray(features)
        read = reads(features, layout.document)
        out = np.zeros((len(features), self.units), np.float32)
        unread = np.log(np.maximum(features[~read, :LABELS], np.float32(SMALLEST)))
        out[~read, -UNREAD:-1] = unread
        out[~read, -1] = 1
        weights, numbers = page_weights(layout), np.flatnonzero(read)
        document = layout.document[numbers]
        for start, end in pairwise(_cuts(document)):
            rows = numbers[start:end]
            own = document[start:end]
            at = places(own)
            x = self._first_layer(meanings, features, rows, at)
            out[rows, :-UNREAD] = self._upper_layers(x, weights[rows], own, at)
        return out

    def _first_layer(
        self, meanings: Floats, features: Floats, rows: Integers, at: Integers
    ) -> Floats:
        layers = self.layers

        def fill(start: int, end: int, own: Integers, blocks: Floats) -> None:
            chosen = rows[start:end]
            if _compiled is not None:
                first = 0
                for data in (meanings, features):
                    _compiled.fill_blocks(
                        data, chosen, layers.mean, layers.scale, CLIP, own, blocks, first
                    )
                    first += data.shape[1]
                return
            z = np.concatenate([meanings[chosen], features[chosen]], axis=1)
            blocks[own] = np.clip((z - layers.mean) / layers.scale, -CLIP, CLIP)

        return _rectified(product_of(fill, layers.inner, at), layers.inner_bias)

    def _upper_layers(self, x: Floats, weights: Floats, document: Integers, at: Integers) -> Floats:
        layers = self.layers
        starts = np.flatnonzero(np.diff(document, prepend=-1))
        sizes = np.diff(starts, append=len(document))
        sums = np.add.reduceat(x * weights[:, None], starts, dtype=np.float64)
        mean = (sums / np.add.reduceat(weights, starts, dtype=np.float64)[:, None]).astype("f4")
        whole = np.concatenate([mean, np.maximum.reduceat(x, starts)], axis=1)
        page = product(whole, layers.page, np.arange(len(starts)) * ROWS)
        x += np.repeat(_rectified(page, layers.page_bias), sizes, axis=0)
        for kernel, bias in zip(self._kernels, (layers.near_bias, layers.far_bias), strict=True):
            x += _rectified(_convolved(x, kernel, at, starts, starts + sizes - 1), bias)
        return x


def reads(features: Floats, document: Integers) -> NDArray[np.bool_]:
    """Which paragraphs are read: all but sure furniture amid sure furniture.

    Args:
        features: of the context, shape (paragraphs, F).
        document: for each paragraph the number of its document.
    """
    unsure = features[:, BOILERPLATE] < SURE
    beside = unsure.copy()
    same = document[1:] == document[:-1]
    beside[1:] |= unsure[:-1] & same
    beside[:-1] |= unsure[1:] & same
    return beside


def page_weights(layout: Layout) -> Floats:
    """The paragraphs' weights in their page's mean, shape (paragraphs,)."""
    return (np.minimum(layout.lengths, LETTERS) + MORE).astype(np.float32)


def _convolved(x: Floats, kernel: Floats, at: Integers, starts: Integers, ends: Integers) -> Floats:
    """A convolution over the rows of each document; nothing lies beyond its ends.

    Args:
        x: shape (rows, H).
        kernel: shape (H, width, H), the width odd.
        at: the rows' places in blocks.
        starts, ends: first and last row of each document.
    """
    units, width, _ = kernel.shape
    found = np.zeros_like(x)
    for some in _slices(len(x)):
        added = product(x[some], kernel.reshape(units, -1), at[some] - at[some.start])
        added = added.reshape(-1, width, units)
        for place in range(width):
            step = width // 2 - place
            if len(starts) > 1:  # rows at the end of a document add nothing to the next
                for back in range(abs(step)):
                    edge = ends - back if step > 0 else starts + back
                    added[np.clip(edge, starts, ends), place] = 0
            first, last = max(some.start + step, 0), min(some.stop + step, len(x))
            if first < last:
                source = slice(first - step - some.start, last - step - some.start)
                found[first:last] += added[source, place]
    return found


def _slices(rows: int) -> Iterator[slice]:
    """Rows that are worked on at a time: all of them but for a document of many."""
    for start in range(0, rows, MOST):
        yield slice(start, min(start + MOST, rows))


def _rectified(x: Floats, bias: Floats) -> Floats:
    if _compiled is not None:
        _compiled.rectify(x, bias)
        return x
    x += bias
    return np.maximum(x, 0, out=x)


def _cuts(document: Integers) -> list[int]:
    """Rows where one lot of whole documents ends and the next begins."""
    cuts = [0]
    starts = np.flatnonzero(np.diff(document, prepend=-1)).tolist()
    for start, end in pairwise([*starts, len(document)]):
        if end - cuts[-1] > TOGETHER and start > cuts[-1]:
            cuts.append(start)
    return [*cuts, len(document)] if len(document) else []
