"""The temperature that makes probabilities mean what they say."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from adsift.model.probabilities import softmax

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.floating]
    Integers = NDArray[np.int64]


def fit_temperature(
    scores: Floats,
    truth: Integers,
    weights: Floats,
    start: float = 1.0,
    reach: float = 2.0,
    pull: float = 0.0,
) -> float:
    """The temperature by which the labels of unseen paragraphs are most probable (Guo et al. 2017,
    arXiv:1706.04599).

    Args:
        scores: logarithms of the probabilities, shape (rows, labels).
        truth: index of the true label, shape (rows,).
        weights: of the rows' log losses, shape (rows,).
        start: the temperature around which it is looked for.
        reach: how far from there it may lie, in logarithms.
        pull: weight of the squared distance from there, in logarithms, beside the losses.

    Returns:
        The temperature, above 0, to four digits.
    """
    from scipy.optimize import minimize_scalar

    rows, middle = np.arange(len(truth)), math.log(start)

    def loss(log_temperature: float) -> float:
        calibrated = softmax(scores / math.exp(log_temperature))
        losses = -np.log(calibrated[rows, truth] + 1e-9)
        return float((weights * losses).sum()) + pull * (log_temperature - middle) ** 2

    found = minimize_scalar(loss, bounds=(middle - reach, middle + reach), method="bounded")
    return round(math.exp(float(found.x)), 4)
