from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from adsift.model.attribution import Attribution, attribute
from adsift.model.networks import Networks
from adsift.model.probabilities import LABELS, softmax

FEATURES = 5


def random_networks(seed: int, size: float = 1.0, count: int = 2, hidden: int = 6) -> Networks:
    """Networks for features that are standardised already."""
    rng = np.random.default_rng(seed)
    shapes = {
        "hidden": (FEATURES, count * hidden),
        "hidden_bias": (count * hidden,),
        "output": (count, hidden, len(LABELS)),
        "output_bias": (count, len(LABELS)),
    }
    arrays = {
        part: (size * rng.normal(size=shape)).astype(np.float32) for part, shape in shapes.items()
    }
    zero, one = np.zeros(FEATURES, np.float32), np.ones(FEATURES, np.float32)
    return Networks(mean=zero, scale=one, **arrays)


def log_odds(
    networks: Networks, temperature: float, label: int, inputs: NDArray[np.floating]
) -> float:
    """The score as the classifier has it, but for float32's rounding."""
    opinions = networks.probabilities(inputs[None].astype(np.float32), np.array([0]))
    (probabilities,) = softmax(np.log(opinions.astype(np.float64)) / temperature).astype(float)
    return float(np.log(probabilities[label]) - np.log(np.delete(probabilities, label).sum()))


def adds_up(found: Attribution) -> None:
    assert found.baseline + found.contributions.sum() == pytest.approx(found.score, abs=1e-6)


seeds = st.integers(0, 2**32)
labels = st.integers(0, len(LABELS) - 1)
inputs = st.lists(st.floats(-5, 5), min_size=FEATURES, max_size=FEATURES).map(np.array)


class TestLaws:
    @given(seeds, labels, inputs, st.floats(0.2, 4), st.floats(0.1, 8))
    def test_contributions_add_up(
        self, seed: int, label: int, z: NDArray[np.float64], temperature: float, size: float
    ) -> None:
        # Large weights make opinions that the floor holds, and scores with corners.
        adds_up(attribute(random_networks(seed, size), temperature, label, z))

    @given(seeds, labels, inputs, st.floats(0.2, 4))
    def test_the_score_is_the_classifiers(
        self, seed: int, label: int, z: NDArray[np.float64], temperature: float
    ) -> None:
        networks = random_networks(seed, 0.3)
        found = attribute(networks, temperature, label, z)
        expected = log_odds(networks, temperature, label, z)
        assert found.score == pytest.approx(expected, rel=1e-4, abs=1e-4)
        average = log_odds(networks, temperature, label, 0 * z)
        assert found.baseline == pytest.approx(average, rel=1e-4, abs=1e-4)

    @given(seeds, labels)
    def test_the_average_paragraph_has_no_contributions(self, seed: int, label: int) -> None:
        found = attribute(random_networks(seed), 1.0, label, np.zeros(FEATURES))
        assert found.score == found.baseline
        assert not found.contributions.any()

    @given(seeds, labels, inputs)
    def test_a_feature_that_no_unit_reads_has_no_part(
        self, seed: int, label: int, z: NDArray[np.float64]
    ) -> None:
        networks = random_networks(seed)
        networks.hidden[2] = 0.0
        assert attribute(networks, 1.0, label, z).contributions[2] == 0.0

    @given(seeds, labels, inputs)
    def test_features_that_count_the_same_have_the_same_part(
        self, seed: int, label: int, z: NDArray[np.float64]
    ) -> None:
        networks = random_networks(seed)
        networks.hidden[3] = networks.hidden[1]
        z[3] = z[1]
        found = attribute(networks, 1.0, label, z).contributions
        assert found[3] == pytest.approx(found[1], abs=1e-9)


@settings(max_examples=10)
@given(seeds, labels, inputs)
def test_each_part_is_the_integral(seed: int, label: int, z: NDArray[np.float64]) -> None:
    networks = random_networks(seed, 0.5)
    points = (np.arange(400) + 0.5) / 400
    step = 1e-5
    expected = np.zeros(FEATURES)
    for feature in range(FEATURES):
        nudge = step * np.eye(FEATURES)[feature]
        for point in points:
            above = exact_log_odds(networks, label, point * z + nudge)
            below = exact_log_odds(networks, label, point * z - nudge)
            expected[feature] += (above - below) / (2 * step) / len(points)
    found = attribute(networks, 1.0, label, z)
    assert found.contributions == pytest.approx(expected * z, abs=0.02)


def exact_log_odds(networks: Networks, label: int, z: NDArray[np.float64]) -> float:
    """In double precision: the difference of two near scores is lost in float32's rounding."""
    count, size, _ = networks.output.shape
    hidden = np.maximum(z @ networks.hidden.astype(float) + networks.hidden_bias, 0)
    scores = np.einsum("nh,nhl->nl", hidden.reshape(count, size), networks.output.astype(float))
    scores += networks.output_bias
    raised = np.exp(scores)
    opinions = (raised / raised.sum(axis=1, keepdims=True)).mean(axis=0)
    return float(np.log(opinions[label]) - np.log(1 - opinions[label]))


@pytest.mark.parametrize("temperature", [1e-4, 1e-2])
def test_a_temperature_near_0(temperature: float) -> None:
    # Scores of many thousands, with the rounding of such.
    found = attribute(random_networks(1), temperature, 1, np.ones(FEATURES))
    total = found.baseline + found.contributions.sum()
    assert total == pytest.approx(found.score, rel=1e-6)
    assert abs(found.score) > 10
