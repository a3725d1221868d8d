"""Changing a linear model so that it knows some rows better.

The weights that make the new labels most probable are sought near the model's own, by the weighted
log loss plus ``penalty / 2`` times the squared distance from them. That is the maximum a posteriori
estimate with a Gaussian prior whose mean is the model (Chelba and Acero, "Adaptation of Maximum
Entropy Capitalizer: Little Data Can Help a Lot", EMNLP 2004).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from adsift.model.fit_settings import ABSENT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Doubles = NDArray[np.float64]
    Integers = NDArray[np.int64]

ITERATIONS = 100
"""Of L-BFGS, for each fit."""

NEVER = -1e9
"""Score of a label of which nothing is learned."""


class LinearChange(NamedTuple):
    """What is added to a linear model: ``weights`` of shape (columns, classes), and ``bias``."""

    weights: Doubles
    bias: Doubles


def fit_change(
    data: Any,
    start: Doubles,
    classes: Integers,
    weights: Floats,
    penalty: float,
) -> LinearChange:
    """What to add to a linear model so that it knows the classes of some rows better.

    Args:
        data: shape (rows, columns), sparse or not.
        start: the scores that the model gives, shape (rows, classes).
        classes: the right one of each row.
        weights: of the rows.
        penalty: of the squared length of what is added.
    """
    from scipy.optimize import minimize

    count = start.shape[1]
    shape = (data.shape[1] + 1, count)
    importance = weights.astype(np.float64)
    truth = np.eye(count)[classes]

    def loss(flat: Doubles) -> tuple[float, Doubles]:
        change = flat.reshape(shape)
        scores = start + data @ change[:-1] + change[-1]
        scores -= scores.max(axis=1, keepdims=True)
        total = np.log(np.exp(scores).sum(axis=1, keepdims=True))
        error = importance[:, None] * (np.exp(scores - total) - truth)
        gradient = np.concatenate([data.T @ error, error.sum(axis=0)[None]]) + penalty * change
        value = importance @ (truth * (total - scores)).sum(axis=1) + penalty / 2 * (flat @ flat)
        return float(value), gradient.ravel()

    found = minimize(
        loss,
        np.zeros(shape[0] * count),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": ITERATIONS},
    )
    change = np.asarray(found.x, np.float64).reshape(shape)
    return LinearChange(change[:-1], change[-1])


def wake(bias: Doubles, classes: Integers) -> Doubles:
    """What to add to the bias of classes that the bundle knew no example of and that now have
    some: they start with the chance of the least likely of the others."""
    known = bias > ABSENT / 2
    asleep = ~known & np.isin(np.arange(len(bias)), classes)
    lowest = bias[known].min() if known.any() else 0.0
    return np.asarray(np.where(asleep, lowest - bias, 0.0), np.float64)
