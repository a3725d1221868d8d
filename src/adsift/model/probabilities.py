"""From scores to probabilities, in the order of the labels, rounded so that sums are exact."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np

from adsift.compiled import compiled
from adsift.document import CommerceKind, Label

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

LABELS = tuple(Label)
KINDS = tuple(CommerceKind)

UNKNOWN = -1
"""The index of a label or kind that nobody told."""

GRID = 2.0**16
"""Step 1's scores are rounded to this grid, so that sums of them are exact in float64 and a
document's result does not depend on what else is in its batch."""

_compiled = compiled("context")


def columns(labels: Iterable[Label]) -> list[int]:
    """Where labels are in an array that has a column for each."""
    return [LABELS.index(label) for label in labels]


def indices(values: Iterable[str | None], names: Sequence[str]) -> list[int]:
    """Where labels are in :data:`LABELS`, or kinds in :data:`KINDS`; :data:`UNKNOWN` for none."""
    return [names.index(value) if value else UNKNOWN for value in values]


def softmax(scores: NDArray[np.floating]) -> Floats:
    """From scores to probabilities, along the last axis."""
    if _compiled is not None and scores.dtype == np.float32 and scores.shape[1:] == (len(LABELS),):
        shares: Floats = _compiled.softmax(scores)
        return shares
    raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(raised / sum_in_order(raised, -1)[..., None], np.float32)


def sum_in_order(numbers: NDArray[np.floating], axis: int) -> NDArray[np.floating]:
    """A sum along an axis, one number after the other, as the compiled core adds: NumPy's own sum
    has an order of its own."""
    return reduce(np.add, np.moveaxis(numbers, axis, 0))


def make_signals(probabilities: Floats, known: Floats) -> Floats:
    """Step 1's probabilities and the facts, side by side, on the grid."""
    if _compiled is not None and probabilities.dtype == known.dtype == np.float32:
        on_grid: Floats = _compiled.make_signals(probabilities, known, GRID)
        return on_grid
    signals = np.concatenate([probabilities, known], axis=1)
    return (np.rint(signals * GRID) / GRID).astype(np.float32)


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
