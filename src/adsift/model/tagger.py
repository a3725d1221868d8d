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

from adsift.errors import BundleError
from adsift.model.blocks import ROWS, places, product
from adsift.model.context import CONTEXT_FEATURES
from adsift.model.pieces import Pieces

if TYPE_CHECKING:
    from collections.abc import Mapping

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

TOGETHER = 256
"""Paragraphs of short documents that are worked on at a time, few enough for a core's cache."""

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
        if shapes != expected or width % 2 == 0 or not units or not (self.scale > 0).all():
            raise BundleError(f"the bundle's tagger has arrays of the shapes {shapes}")


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

    def hidden(self, inputs: Floats, layout: Layout) -> Floats:
        """What the last layer holds, shape (paragraphs, units).

        Args:
            inputs: means of the pieces beside context features, shape (paragraphs, I). The means
                of paragraphs that are not read are of no account.
            layout: of the same paragraphs.
        """
        features = inputs[:, self.pieces.width :]
        read = reads(features, layout.document)
        out = np.zeros((len(inputs), self.units), np.float32)
        unread = np.log(np.maximum(features[~read, :LABELS], np.float32(SMALLEST)))
        out[~read, -UNREAD:-1] = unread
        out[~read, -1] = 1
        weights, document = page_weights(layout)[read], layout.document[read]
        inputs = inputs[read]
        found = np.empty((len(inputs), self.units - UNREAD), np.float32)
        for start, end in pairwise(_cuts(document)):
            rows = slice(start, end)
            found[rows] = self._hidden(inputs[rows], weights[rows], document[rows])
        out[read, :-UNREAD] = found
        return out

    def _hidden(self, inputs: Floats, weights: Floats, document: Integers) -> Floats:
        layers, at = self.layers, places(document)
        starts = np.flatnonzero(np.diff(document, prepend=-1))
        ends = np.append(starts[1:], len(document)) - 1
        x = np.clip((inputs - layers.mean) / layers.scale, -CLIP, CLIP)
        x = _rectified(product(x, layers.inner, at), layers.inner_bias)
        sums = np.add.reduceat(x * weights[:, None], starts, dtype=np.float64)
        mean = (sums / np.add.reduceat(weights, starts, dtype=np.float64)[:, None]).astype("f4")
        whole = np.concatenate([mean, np.maximum.reduceat(x, starts)], axis=1)
        page = product(whole, layers.page, np.arange(len(starts)) * ROWS)
        x += np.repeat(_rectified(page, layers.page_bias), ends - starts + 1, axis=0)
        for kernel, bias in ((layers.near, layers.near_bias), (layers.far, layers.far_bias)):
            x += _rectified(_convolved(x, kernel, at, starts, ends), bias)
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
        kernel: shape (width, H, H), the width odd.
        at: the rows' places in blocks.
        starts, ends: first and last row of each document.
    """
    width, units, _ = kernel.shape
    middle = width // 2
    # What each row adds to the rows around it.
    added = product(x, kernel.swapaxes(0, 1).reshape(units, -1), at).reshape(-1, width, units)
    found = added[:, middle].copy()
    for step in range(1, middle + 1):
        # Rows at the end of a document add nothing to those that follow, and the reverse.
        for back in range(step):
            added[np.maximum(ends - back, starts), middle - step] = 0
            added[np.minimum(starts + back, ends), middle + step] = 0
        found[step:] += added[:-step, middle - step]
        found[:-step] += added[step:, middle + step]
    return found


def _rectified(x: Floats, bias: Floats) -> Floats:
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
