"""The tagger's layers in whole numbers (Jacob et al. 2018, arXiv:1712.05877; here after training,
with a scale for each unit).

Inputs, units and weights are made whole numbers so small that the sums of their products are below
2**24, which float32 holds exactly. So the order of adding is of no account: every BLAS gives the
same bits on any number of threads and in any batch, and so does the compiled core, which multiplies
bytes, or pairs of 16 bits, where the processor can.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from adsift.errors import BundleError

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from adsift.model.tagger import Layers

    Floats = NDArray[np.float32]
    Doubles = NDArray[np.float64]

INPUT = 127
"""Bound of an input."""

WEIGHT = 127
"""Bound of a weight."""

UNIT = 255
"""Bound of a unit; what lies above it in training does not count."""

PAGE_WEIGHT = 2**15 - 1
"""Bound of a weight of the page's layer, whose sums are float64."""

PAGE_GRID = 64
"""The page's mean and maximum are rounded to such parts of a unit's whole number."""

EXACT = 2**24
"""Float32 holds whole numbers up to this."""

LEAST = 1e-6
"""No scale is smaller, so that what is always 0 has one too."""


class Dense(NamedTuple):
    """A layer of ``H`` units whose values, in the units' whole numbers, are
    ``whole inputs @ weights * scale + bias``.

    Attributes:
        weights: whole numbers, shape (inputs, H); of a convolution (width, H, H).
        scale, bias: shape (H,).
    """

    weights: NDArray[Any]
    scale: NDArray[Any]
    bias: NDArray[Any]


class Quantised(NamedTuple):
    """All layers.

    Attributes:
        mean, factor: of the inputs, whose whole numbers are ``(input - mean) * factor``, rounded.
        inner, near, far: float32.
        page: float64.
        step: what 1 of a unit stands for, shape (H,).
    """

    mean: Floats
    factor: Floats
    inner: Dense
    page: Dense
    near: Dense
    far: Dense
    step: Floats


def quantise(layers: Layers, clip: float) -> Quantised:
    """Make the layers whole numbers.

    Args:
        layers: as they were trained.
        clip: bound of the standardised inputs.

    Raises:
        BundleError: a layer has so many inputs that sums of products are not exact, or numbers so
            far from 1 that they are not finite as whole numbers.
    """
    step = np.maximum(layers.largest.astype(np.float64) / UNIT, LEAST)
    inner = _dense(layers.inner * (clip / INPUT), layers.inner_bias, step, WEIGHT)
    page_steps = np.tile(step / PAGE_GRID, 2)[:, None]
    page = _dense(layers.page * page_steps, layers.page_bias, step, PAGE_WEIGHT)
    near, far = (
        _dense(kernel * step[:, None], bias, step, WEIGHT)
        for kernel, bias in ((layers.near, layers.near_bias), (layers.far, layers.far_bias))
    )
    for name, dense, most in (
        ("first layer", inner, INPUT),
        ("first convolution", near, UNIT),
        ("second convolution", far, UNIT),
    ):
        every = np.abs(dense.weights).reshape(-1, len(step)).sum(axis=0)
        if every.max() * most >= EXACT:
            raise BundleError(f"the {name} of the bundle's tagger is too large to be exact")
    with np.errstate(over="ignore"):  # what becomes infinite is refused below
        quantised = Quantised(
            layers.mean,
            np.asarray(INPUT / clip / layers.scale.astype(np.float64), np.float32),
            _as_type(inner, np.float32),
            page,
            _as_type(near, np.float32),
            _as_type(far, np.float32),
            step.astype(np.float32),
        )
    made = (quantised.inner, page, quantised.near, quantised.far)
    arrays = [quantised.factor, quantised.step, *chain.from_iterable(made)]
    if not all(np.isfinite(array).all() for array in arrays):
        raise BundleError("the bundle's tagger has numbers that are not finite as whole numbers")
    return quantised


def _dense(weights: NDArray[np.floating], bias: Floats, step: Doubles, most: int) -> Dense:
    over_inputs = tuple(range(weights.ndim - 1))
    scale = np.maximum(np.abs(weights).max(axis=over_inputs) / most, LEAST * step)
    return Dense(np.rint(weights / scale), scale / step, bias / step)


def _as_type(dense: Dense, kind: type[np.floating]) -> Dense:
    return Dense(*(array.astype(kind) for array in dense))


def rounded(values: NDArray[Any]) -> NDArray[Any]:
    """Units as whole numbers: rectified, and bounded."""
    return np.asarray(np.rint(np.clip(values, 0, UNIT)))
