"""The accurate tier's step 2: every paragraph, as the encoder has read it, with those around it.

A reader is a tagger (:mod:`adsift.model.tagger`) that sees the encoder's states where that one sees
word pieces: a first layer makes some units of them, beside the context features these make the
paragraph's units, the page's mean and maximum are added to all, and two convolutions look at the
neighbours. There are several readers, which differ in their seeds and in the documents that they
learned from; the opinions of those of the document's head are averaged.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from adsift.errors import BundleError
from adsift.model.blocks import product
from adsift.model.context import CONTEXT_FEATURES
from adsift.model.tagger import CLIP, LABELS, TOGETHER

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Integers = NDArray[np.int64]


class Reader(NamedTuple):
    """One reader's arrays: ``S`` numbers of the encoder, ``E`` units of these, ``F`` context
    features and ``H`` units of all.

    Attributes:
        states_mean, states_scale: of the encoder's numbers in training, shape (S,).
        states, states_bias: shapes (S, E) and (E,).
        mean, scale: of the context features in training, shape (F,).
        inner, inner_bias: shapes (E + F, H) and (H,).
        page, page_bias: of the page's mean and maximum, shapes (2 * H, H) and (H,).
        near, near_bias, far, far_bias: the convolutions, shapes (width, H, H) and (H,).
        output, output_bias: shapes (H, labels) and (labels,).
    """

    states_mean: Floats
    states_scale: Floats
    states: Floats
    states_bias: Floats
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
    output: Floats
    output_bias: Floats

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[Any]], number: int, size: int) -> Reader:
        """Take a reader's arrays out of a bundle's.

        Args:
            arrays: the bundle's.
            number: of the reader, from 0.
            size: numbers that the encoder makes of a paragraph.

        Raises:
            BundleError: one is missing, or they do not fit.
        """
        try:
            found = cls(*(arrays[f"reader.{number}.{name}"] for name in cls._fields))
        except KeyError as error:
            raise BundleError(f"the accurate bundle has no array {error}") from error
        units, own = found.inner_bias.size, found.states_bias.size
        width = len(found.near) if found.near.ndim else 0
        expected = [
            *[(size,)] * 2,
            *[(size, own), (own,)],
            *[(CONTEXT_FEATURES,)] * 2,
            *[(own + CONTEXT_FEATURES, units), (units,)],
            *[(2 * units, units), (units,)],
            *[(width, units, units), (units,)] * 2,
            *[(units, LABELS), (LABELS,)],
        ]
        shapes = [array.shape for array in found]
        if shapes != expected or width % 2 == 0 or not units or not own:
            raise BundleError(f"reader {number} of the bundle has arrays of the shapes {shapes}")
        if not all(np.isfinite(array).all() for array in found):
            raise BundleError(f"reader {number} of the bundle has numbers that are not finite")
        if min(found.states_scale.min(), found.scale.min()) <= 0:
            raise BundleError(f"reader {number} of the bundle has no scale above 0")
        return found

    def read(self, states: Floats) -> Floats:
        """What it makes of the encoder's states, shape (n, E).

        Args:
            states: shape (n, S).
        """
        standard = np.clip((states - self.states_mean) / self.states_scale, -CLIP, CLIP)
        return _linear(standard, self.states, self.states_bias)

    def scores(self, read: Floats, features: Floats, weights: Integers) -> Floats:
        """Scores of the labels of a document's paragraphs, shape (n, labels).

        Args:
            read: what :meth:`read` gave, shape (n, E).
            features: of the context, shape (n, F).
            weights: of the paragraphs in the page's mean, shape (n,).
        """
        context = np.clip((features - self.mean) / self.scale, -CLIP, CLIP)
        units = _linear(np.concatenate([read, context], axis=1), self.inner, self.inner_bias)
        mean = (units * weights[:, None]).sum(axis=0) / weights.sum()
        page = np.concatenate([mean, units.max(axis=0)])[None]
        units = units + _linear(page, self.page, self.page_bias)
        units = units + _convolved(units, self.near, self.near_bias)
        units = units + _convolved(units, self.far, self.far_bias)
        return _product(units, self.output) + self.output_bias


def _linear(x: Floats, weights: Floats, bias: Floats) -> Floats:
    return np.asarray(np.maximum(_product(x, weights) + bias, 0), np.float32)


def _product(x: Floats, weights: Floats) -> Floats:
    # Block by block, so that no BLAS takes more threads than it was meant to have.
    return product(np.ascontiguousarray(x, np.float32), weights, np.arange(len(x)))


def _convolved(units: Floats, kernel: Floats, bias: Floats) -> Floats:
    """A convolution over the rows, rectified; nothing lies beyond the document's ends."""
    width, size, _ = kernel.shape
    padded = np.zeros((len(units) + width - 1, size), np.float32)
    padded[width // 2 : width // 2 + len(units)] = units
    weights = kernel.reshape(width * size, size)
    out = np.empty_like(units)
    for start in range(0, len(units), TOGETHER):
        stop = min(start + TOGETHER, len(units))
        seen = [padded[start + at : stop + at] for at in range(width)]
        out[start:stop] = _linear(np.concatenate(seen, axis=1), weights, bias)
    return out
