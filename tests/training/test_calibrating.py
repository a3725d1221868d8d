from __future__ import annotations

import numpy as np
import pytest

from adsift.document import Label, Paragraph
from adsift.model.probabilities import softmax
from adsift.model.risk import SETS
from calibrating import Opinion, calibrate_on

LABELS = [*Label]


def opinions(count: int, temperature: float, tag: str = "") -> list[Opinion]:
    """Labels drawn from the probabilities at that temperature."""
    rng = np.random.default_rng(count)
    made = []
    for _ in range(count):
        scores = rng.normal(0, 2, (30, 4))
        chances = softmax(scores / temperature).astype(float)
        labels = [LABELS[rng.choice(4, p=row / row.sum())] for row in chances]
        paragraphs = [Paragraph("Some words.", tag=tag)] * 30
        made.append(Opinion(paragraphs, [None, *labels[1:]], softmax(scores)))
    return made


def test_every_head_has_its_own_temperature_and_bound() -> None:
    found = calibrate_on([*opinions(60, 1.6), *opinions(50, 0.8, "p")], seed=1)
    assert found.config["temperature"]["plain"] == pytest.approx(1.6, rel=0.1)
    assert found.config["temperature"]["markup"] == pytest.approx(0.8, rel=0.1)
    assert found.config["risk"]["pages"] == {"markup": 50, "plain": 60}
    assert {f"plain.risk.{name}" for name in SETS} < found.arrays.keys()


def test_documents_without_paragraphs_do_not_count() -> None:
    both = [*opinions(20, 1.0), *opinions(21, 1.0, "p")]
    nothing = Opinion([], [], np.zeros((0, 4)))
    assert calibrate_on([*both, nothing], 1).config == calibrate_on(both, 1).config


def test_final_opinions_are_bounded_as_they_are() -> None:
    both = [*opinions(60, 1.6), *opinions(50, 1.0, "p")]
    sharp = [opinion._replace(final=True) for opinion in opinions(40, 0.3)]
    found, without = calibrate_on([*both, *sharp], 1), calibrate_on(both, 1)
    assert found.config["temperature"] == without.config["temperature"]
    assert found.config["risk"]["pages"]["plain"] == 100
    temperature = found.config["temperature"]
    assert sharp[0].calibrated(temperature) is sharp[0].probabilities
    scores = np.log(both[0].probabilities) / temperature["plain"]
    np.testing.assert_allclose(both[0].calibrated(temperature), softmax(scores), atol=1e-6)
