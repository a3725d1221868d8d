from __future__ import annotations

import numpy as np
import pytest

from adsift.model.calibration import fit_temperature
from adsift.model.probabilities import softmax


@pytest.mark.parametrize("true", [0.5, 1.0, 2.5])
def test_it_finds_the_temperature_that_labels_were_drawn_at(true: float) -> None:
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(20_000, 4)) * 2
    chances = softmax(scores / true).cumsum(axis=1)
    truth = (rng.random((len(scores), 1)) > chances[:, :-1]).sum(axis=1)
    assert fit_temperature(scores, truth, np.ones(len(truth))) == pytest.approx(true, rel=0.05)


def test_a_pull_keeps_it_near_the_start() -> None:
    scores = np.log(np.array([[0.9, 0.1]] * 10))
    truth, weights = np.array([0] * 5 + [1] * 5), np.ones(10)
    free = fit_temperature(scores, truth, weights)
    held = fit_temperature(scores, truth, weights, pull=1e6)
    assert free > 2
    assert held == pytest.approx(1, abs=0.01)


def test_weights_count() -> None:
    scores = np.log(np.array([[0.9, 0.1], [0.9, 0.1]]))
    truth = np.array([0, 1])
    believed = fit_temperature(scores, truth, np.array([50.0, 1.0]))
    doubted = fit_temperature(scores, truth, np.array([1.0, 1.0]))
    assert believed < doubted
