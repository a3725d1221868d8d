from __future__ import annotations

import numpy as np
import pytest
from tagging import small_tagger, tagger_arrays

from adsift.document import Paragraph
from adsift.model.context import CONTEXT_FEATURES, Layout, read_layout
from adsift.model.tagger import SMALLEST, UNREAD, page_weights
from adsift.model.tagging import Tagging
from adsift.model.tracing import TOLERANCE, Trace, trace

MEANINGS = 15
OWN = slice(MEANINGS, MEANINGS + 4)
"""Columns of step 1's probabilities."""

RNG = np.random.default_rng(0)


def tagging(seed: int, width: int = 3) -> Tagging:
    arrays = tagger_arrays(seed, width=width)
    return Tagging(
        small_tagger(seed, width=width), arrays["plain.output"], arrays["plain.output_bias"]
    )


def setting(rows: int) -> tuple[np.ndarray, Layout]:
    inputs = np.random.default_rng(rows).normal(0, 1, (rows, MEANINGS + CONTEXT_FEATURES))
    inputs[:, OWN] = np.random.default_rng(rows).dirichlet([0.5] * 4, rows)
    document = [Paragraph("word " * (1 + 7 * row % 90)) for row in range(rows)]
    return inputs.astype(np.float32), read_layout([document])


def traced(
    step2: Tagging, temperature: float, label: int, inputs: np.ndarray, layout: Layout, index: int
) -> Trace:
    parts = inputs[:, :MEANINGS], inputs[:, MEANINGS:]
    return trace(step2, temperature, label, *parts, layout, index)


def log_odds(step2: Tagging, temperature: float, label: int, rows: int, index: int) -> float:
    inputs, layout = setting(rows)
    logs = (
        np.log(
            step2.opinions(inputs[:, :MEANINGS], inputs[:, MEANINGS:], layout)[index].astype(float)
        )
        / temperature
    )
    return float(logs[label] - np.logaddexp.reduce(np.delete(logs, label)))


def adds_up(found: Trace) -> None:
    allowed = 2 * TOLERANCE * (1 + abs(found.score) + abs(found.baseline))
    made = found.baseline + found.contributions.sum() + found.rounding
    assert abs(made - found.score) < allowed


@pytest.mark.parametrize("width", [1, 3, 5])
@pytest.mark.parametrize(("rows", "index"), [(1, 0), (2, 1), (7, 0), (7, 3), (40, 39)])
def test_the_contributions_add_up_to_the_classifiers_score(
    rows: int, index: int, width: int
) -> None:
    for label in range(4):
        step2 = tagging(label, width)
        found = traced(step2, 1.3, label, *setting(rows), index)
        adds_up(found)
        assert found.score == pytest.approx(log_odds(step2, 1.3, label, rows, index), abs=1e-3)


def test_average_paragraphs_have_the_baseline() -> None:
    step2 = tagging(5)
    _, layout = setting(6)
    step2.tagger.layers.mean[OWN] = 0.25
    mean = np.tile(step2.tagger.layers.mean, (6, 1))
    found = traced(step2, 1.0, 2, mean, layout, 4)
    assert found.score == pytest.approx(found.baseline + found.rounding)
    assert abs(found.rounding) < 0.3
    assert not found.contributions.any()


def test_paragraphs_out_of_reach_count_through_the_page_alone() -> None:
    step2 = tagging(6)
    layers = step2.tagger.layers
    step2.tagger.layers = layers._replace(page=np.zeros_like(layers.page))
    found = traced(step2, 1.0, 1, *setting(12), 3)
    touched = np.flatnonzero(found.contributions.any(axis=1))
    assert touched.min() >= 1
    assert touched.max() <= 5
    assert traced(tagging(6), 1.0, 1, *setting(12), 3).contributions[11].any()


def plain_log_odds(step2: Tagging, label: int, z: np.ndarray, share: np.ndarray) -> float:
    """The layers as they were trained, written down once more."""
    layers = step2.tagger.layers
    count = len(z)
    inner = np.maximum(z @ layers.inner + layers.inner_bias, 0)
    page = np.concatenate([share @ inner, inner.max(axis=0)]) @ layers.page + layers.page_bias
    rows = inner + np.maximum(page, 0)
    for kernel, bias in ((layers.near, layers.near_bias), (layers.far, layers.far_bias)):
        wide = np.pad(rows, ((1, 1), (0, 0)))
        seen = sum(wide[place : place + count] @ kernel[place] for place in range(3))
        rows = rows + np.maximum(seen + bias, 0)
    scores = rows[5] @ step2.output[0, :-UNREAD] + step2.output_bias[0]
    logs = np.maximum(scores - np.logaddexp.reduce(scores), np.log(SMALLEST))
    return float(logs[label] - np.logaddexp.reduce(np.delete(logs, label)))


@pytest.mark.parametrize("row", [0, 5, 6, 11])
def test_slopes_are_the_mean_gradients_on_the_way(row: int) -> None:
    inputs, layout = setting(12)
    inputs[:, OWN] = 0.25
    step2, label, column = tagging(10), 1, 7
    layers = step2.tagger.layers
    z = np.clip((inputs - layers.mean) / layers.scale, -5, 5).astype(float)
    weights = page_weights(layout).astype(float)
    nudge = np.zeros_like(z)
    nudge[row, column] = 1e-6
    steps = (np.arange(2000) + 0.5) / 2000
    gradients = [
        plain_log_odds(step2, label, at * z + nudge, weights / weights.sum())
        - plain_log_odds(step2, label, at * z - nudge, weights / weights.sum())
        for at in steps
    ]
    found = traced(step2, 1.0, label, inputs, layout, 5)
    assert found.slopes[row, column] == pytest.approx(np.mean(gradients) / 2e-6, abs=2e-3)
    assert found.slopes[row, column]


def test_an_input_without_weight_has_no_part() -> None:
    step2 = tagging(7)
    step2.tagger.layers.inner[20] = 0
    assert not traced(step2, 1.0, 0, *setting(5), 2).contributions[:, 20].any()


def test_the_slopes_are_gradients_where_the_line_is_short() -> None:
    # Of a lone paragraph: with others, the least step makes another one the page's highest.
    step2, label = tagging(8), 3
    step2.tagger.layers.mean[OWN] = 0.25
    _, layout = setting(1)
    mean, scale = step2.tagger.layers.mean, step2.tagger.layers.scale
    near = (mean + scale * RNG.normal(0, 1e-3, len(mean)).astype(np.float32))[None]
    found = traced(step2, 1.0, label, near, layout, 0)
    for column in (0, 14, 30, 100):
        moved = near.copy()
        moved[0, column] += scale[column] * 1e-3
        further = traced(step2, 1.0, label, moved, layout, 0)
        change = (further.score - further.rounding) - (found.score - found.rounding)
        assert change / 1e-3 == pytest.approx(found.slopes[0, column], abs=1e-2)


def test_sure_furniture_comes_of_its_own_probability() -> None:
    inputs, layout = setting(6)
    inputs[:3, OWN] = [0.003, 0.002, 0.99, 0.005]
    step2 = tagging(9)
    inputs[3, OWN] = inputs[4, OWN] = 0.25
    arrays = tagger_arrays(9)
    bias = arrays["plain.output_bias"]
    unread = np.concatenate([np.eye(4), -bias]).astype(np.float32)
    step2.output[0, -len(unread) :] = unread
    found = traced(step2, 1.0, 2, inputs, layout, 1)
    assert found.score == pytest.approx(np.log(0.99 / 0.01), abs=1e-3)
    assert found.baseline + found.contributions.sum() == pytest.approx(found.score)
    assert np.argwhere(found.contributions).tolist() == [[1, OWN.start + 2]]
    adds_up(traced(step2, 1.0, 2, inputs, layout, 4))
    assert not traced(step2, 1.0, 2, inputs, layout, 4).contributions[:2].any()
