from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from marked_model import marked, page

from adsift import Label
from adsift.evaluation import GoldPage, evaluate
from adsift.evaluation.curves import (
    POINTS,
    loss_and_leak,
    precision_recall,
    reliability,
    risk_coverage,
)
from adsift.evaluation.measure import Measured
from adsift.evaluation.metrics import POLICIES, figures

PAGES = st.lists(
    st.lists(
        st.tuples(
            st.sampled_from("NABC"),
            st.builds("{}{} harbour".format, st.sampled_from("NABC"), st.integers(40, 99)),
        ),
        min_size=1,
        max_size=8,
    ),
    min_size=1,
    max_size=5,
)


def measured(pages: Sequence[GoldPage]) -> Measured:
    return evaluate(pages, marked(), views=["text"], resamples=2)["text"].ours


def of(blocks: Sequence[Sequence[tuple[str, str]]]) -> Measured:
    return measured([page(str(i), *entry) for i, entry in enumerate(blocks)])


@given(PAGES)
def test_a_lower_threshold_loses_more_and_leaks_less(blocks: list[list[tuple[str, str]]]) -> None:
    model = of(blocks)
    for dropped in POLICIES.values():
        curve = loss_and_leak(model.judged, dropped)
        assert (np.diff(curve.x) >= 0).all()
        assert (np.diff(curve.y) <= 0).all()
        assert (np.diff(curve.threshold) < 0).all()
        if len(curve.x):
            assert (curve.x[0], curve.y[0]) == (0, 1)
            assert (curve.x[-1], curve.y[-1]) == (1, 0)


def test_without_commerce_there_is_no_such_curve() -> None:
    curve = loss_and_leak(of([[("N", "N90 ferry")]]).judged, [Label.COMMERCE])
    assert len(curve.x) == len(curve.y) == 0


@given(PAGES)
def test_full_coverage_has_the_share_of_all_wrong_labels(
    blocks: list[list[tuple[str, str]]],
) -> None:
    model = of(blocks)
    curve = risk_coverage(model.judged)
    confusion = model.sums.total().confusion
    assert curve.x[-1] == 1
    assert curve.y[-1] == pytest.approx(1 - np.trace(confusion) / confusion.sum())
    assert 0 <= curve.area <= 1


def test_risk_grows_when_the_model_knows_what_it_does_not_know() -> None:
    curve = risk_coverage(of([[("N", "N95 ferry"), ("N", "N90 quay"), ("A", "N60 tide")]]).judged)
    assert curve.y.tolist() == pytest.approx([0, 0, 1 / 3])
    assert curve.threshold.tolist() == pytest.approx([0.95, 0.9, 0.6])


def test_precision_and_recall_by_hand() -> None:
    model = of([[("C", "C95 boots"), ("N", "C90 ferry"), ("C", "C80 lamps"), ("N", "N97 quay")]])
    curve = precision_recall(model.judged, Label.COMMERCE)
    assert curve.x.tolist() == pytest.approx([0.5, 0.5, 1, 1])
    assert curve.y.tolist() == pytest.approx([1, 1 / 2, 2 / 3, 1 / 2])
    assert curve.area == pytest.approx(0.5 * 1 + 0.5 * 2 / 3)


def test_the_order_of_equal_scores_does_not_count() -> None:
    good = of([[("C", "C80 boots"), ("N", "C80 ferry")]])
    bad = of([[("N", "C80 ferry"), ("C", "C80 boots")]])
    for label in Label:
        first, second = (precision_recall(m.judged, label) for m in (good, bad))
        assert first.x.tolist() == pytest.approx(second.x.tolist())
        assert first.y.tolist() == pytest.approx(second.y.tolist())


@given(PAGES)
def test_the_distance_from_the_diagonal_is_the_calibration_error(
    blocks: list[list[tuple[str, str]]],
) -> None:
    total = of(blocks).sums.total()
    found = figures(total)
    for label, points in reliability(total).items():
        error = (points.weight * np.abs(points.said - points.true)).sum()
        assert error == pytest.approx(float(found[f"expected calibration error {label}"]))


def test_a_long_curve_is_thinned_and_keeps_its_ends() -> None:
    generator = np.random.default_rng(5)
    blocks = [
        [("CN"[int(generator.random() < 0.5)], f"C{percent} item{n}") for percent in range(40, 99)]
        for n in range(2)
    ]
    model = of(blocks)
    spread = model.judged.probabilities + generator.random(len(model.judged.page))[:, None] / 1e3
    many = type(model.judged)(
        model.judged.pages,
        *(
            np.tile(part, 20)
            for part in (
                model.judged.page,
                model.judged.block,
                model.judged.weight,
                model.judged.gold,
                model.judged.gold_kind,
                model.judged.predicted,
                model.judged.kind,
            )
        ),
        np.concatenate([spread * (1 + shift / 1e4) for shift in range(20)]),
    )
    curve = loss_and_leak(many, [Label.COMMERCE])
    assert 50 < len(curve.x) <= POINTS + 2
    assert (curve.x[0], curve.y[0], curve.x[-1], curve.y[-1]) == (0, 1, 1, 0)
