from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from calibration import COMMERCE, NEWS, Rows, bundle_of, synthetic_rows
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from adsift.model.bundle import read_bundle, write_bundle
from adsift.model.risk import (
    SETS,
    THRESHOLDS,
    calibrate,
    choose_threshold,
    page_losses,
    smallest_bound,
)

Pages = tuple[NDArray[np.float64], NDArray[np.float64]]

COARSE = np.array([0.9, 0.5, 0.1])
ROWS = st.lists(
    st.tuples(
        st.sampled_from([0.0, 0.05, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0]) | st.floats(0, 1),
        st.booleans(),
        st.integers(2, 61),
        st.integers(0, 3),
    ),
    max_size=20,
)


def losses(pages: int, seed: int) -> Pages:
    """Losses of a strip of commerce and boilerplate."""
    rows = synthetic_rows(pages, seed)
    return page_losses(
        rows.probabilities[:, 2:].sum(axis=1),
        rows.labels < 2,
        rows.weights,
        rows.document,
        THRESHOLDS,
    )


class TestPageLosses:
    def test_by_hand(self) -> None:
        lost, content = page_losses(
            np.array([0.95, 0.2, 0.6, 0.5]),
            np.array([True, True, False, True]),
            np.array([10.0, 30.0, 60.0, 7.0]),
            np.array([0, 0, 0, 5]),
            COARSE,
        )
        assert lost.tolist() == [[0.1, 0.1, 0.4], [0.0, 1.0, 1.0]]
        assert content.tolist() == [0.4, 1.0]

    @given(ROWS)
    def test_row_by_row(self, rows: list[tuple[float, bool, int, int]]) -> None:
        table = np.array(rows, float).reshape(-1, 4)
        probability, is_content, weights, document = table.T
        lost, content = page_losses(
            probability, is_content > 0, weights, document.astype(int), COARSE
        )
        for place, number in enumerate(sorted({row[3] for row in rows})):
            page = [row for row in rows if row[3] == number]
            total = sum(row[2] for row in page)
            assert content[place] == pytest.approx(sum(r[2] for r in page if r[1]) / total)
            for threshold, share in zip(COARSE, lost[place], strict=True):
                gone = sum(row[2] for row in page if row[1] and row[0] >= threshold)
                assert share == pytest.approx(gone / total)
        assert len(lost) == len(content) == len({row[3] for row in rows})


class TestChoice:
    def test_the_strictest_thresholds_are_tried_first(self) -> None:
        content = np.full(1000, 0.8)
        lost = np.array([[0.0, 0.5, 0.0]] * 1000)  # the last would do, but the test stops before
        assert choose_threshold(lost, content, 0.01, 0.95, COARSE) == 0.9

    def test_nothing_can_be_said_of_few_pages(self) -> None:
        assert choose_threshold(np.zeros((20, 3)), np.ones(20), 0.01, 0.95, COARSE) is None
        assert choose_threshold(np.zeros((0, 3)), np.ones(0), 0.5, 0.5, COARSE) is None

    def test_nothing_can_be_said_of_pages_without_content(self) -> None:
        nothing = np.zeros((1000, 3)), np.zeros(1000)
        assert choose_threshold(*nothing, 0.5, 0.5, COARSE) is None
        assert smallest_bound(*nothing, 0.5) is None

    def test_a_page_that_loses_all_is_survived(self) -> None:
        lost = np.zeros((2000, 1))
        lost[1500] = 1.0
        assert choose_threshold(lost, np.ones(2000), 0.02, 0.95, COARSE[:1]) == 0.9

    def test_more_may_go_where_more_may_be_lost(self) -> None:
        lost, content = losses(1000, seed=1)
        chosen = [choose_threshold(lost, content, bound, 0.95) for bound in (0.02, 0.05, 0.1, 0.2)]
        assert None not in chosen
        assert chosen == sorted(chosen, key=lambda threshold: -(threshold or 0))
        assert len({*chosen}) == 4

    def test_who_wants_to_be_surer_gets_less(self) -> None:
        lost, content = losses(1000, seed=1)
        chosen = [choose_threshold(lost, content, 0.05, sure) or 1 for sure in (0.5, 0.9, 0.999)]
        assert chosen == sorted(chosen)
        assert chosen[0] < chosen[-1]


class TestSmallestBound:
    def test_is_the_smallest(self) -> None:
        lost, content = losses(800, seed=2)
        for confidence in (0.8, 0.95, 0.99):
            least = smallest_bound(lost, content, confidence)
            assert least is not None
            assert choose_threshold(lost, content, least, confidence) is not None
            assert choose_threshold(lost, content, least - 1e-4, confidence) is None

    def test_without_loss_it_is_near_what_is_possible_at_all(self) -> None:
        content = np.random.default_rng(3).random(900)
        possible = math.log(1 / 0.05) / content.sum()
        least = smallest_bound(np.zeros((900, 1)), content, 0.95)
        assert least is not None
        assert possible < least < 1.1 * possible


class TestCoverage:
    """Draws from a population of which the true loss is known."""

    REPEATS = 400
    PAGES = 400
    CONFIDENCE = 0.9

    @pytest.mark.parametrize("bound", [0.02, 0.05, 0.1])
    def test_the_bound_is_broken_no_oftener_than_promised(self, bound: float) -> None:
        lost, content = losses(20_000, seed=4)
        truth = lost.sum(axis=0) / content.sum()
        rng = np.random.default_rng(5)
        kept, broken, naively_broken = [], 0, 0
        for _ in range(self.REPEATS):
            drawn = rng.integers(0, len(content), self.PAGES)
            threshold = choose_threshold(lost[drawn], content[drawn], bound, self.CONFIDENCE)
            true_loss = truth[threshold == THRESHOLDS].sum()  # nothing is lost without a threshold
            kept.append(true_loss)
            broken += true_loss > bound
            seen = lost[drawn].sum(axis=0) / content[drawn].sum()
            naively_broken += truth[seen <= bound].max(initial=0.0) > bound
        assert broken <= (1 - self.CONFIDENCE) * self.REPEATS
        # The promise is worth something: much of the bound is used, and not testing breaks it.
        assert np.mean(kept) > bound / 3
        assert naively_broken > 1.5 * (1 - self.CONFIDENCE) * self.REPEATS


class TestCalibrate:
    def test_rounding_errs_on_the_safe_side(self) -> None:
        rows = synthetic_rows(300, seed=6)
        arrays = calibrate(*rows, np.random.default_rng(7))
        order = np.random.default_rng(7).permutation(300)
        for name, drop in SETS.items():
            columns = [index for index, label in enumerate(("n", "a", "b", "c")) if index >= 2]
            columns = [c for c in columns if ("boilerplate", "commerce")[c - 2] in drop]
            exact, content = page_losses(
                rows.probabilities[:, columns].sum(axis=1).round(6),
                rows.labels < 2,
                rows.weights,
                rows.document,
                THRESHOLDS,
            )
            lost = arrays[f"risk.{name}"]
            assert (lost >= exact[order] - 1e-12).all()
            assert (lost <= exact[order] * 1.001 + 1e-6).all()
            assert (np.diff(lost, axis=1) >= 0).all()
            assert lost.max() <= 1
            assert (arrays["risk.content"] <= content[order]).all()
            assert (arrays["risk.content"] >= content[order] * 0.999).all()

    def test_a_bundle_stores_every_number_as_it_is(self, tmp_path: Path) -> None:
        arrays = calibrate(*synthetic_rows(200, seed=8), np.random.default_rng(9))
        bundle = bundle_of(arrays, arrays)
        write_bundle(tmp_path / "model", bundle)
        stored = read_bundle(tmp_path / "model")
        for name, array in bundle.arrays.items():
            assert (stored.arrays[name] == array).all()
        assert stored.config["risk"]["thresholds"] == THRESHOLDS.tolist()
        assert stored.config["risk"]["pages"] == {"markup": 200, "plain": 200}

    def test_what_leaks(self) -> None:
        # Two pages, each half news and half commerce; the model sees the commerce of one.
        probabilities = np.full((4, 4), 0.01)
        probabilities[[0, 1, 2], NEWS] = 0.97
        probabilities[3, COMMERCE] = 0.97
        labels = np.array([NEWS, COMMERCE, NEWS, COMMERCE])
        rows = Rows(probabilities, labels, np.ones(4), np.array([0, 0, 1, 1]))
        arrays = calibrate(*rows, np.random.default_rng(0))
        commerce, boilerplate = arrays["risk.commerce.leaked"]
        assert commerce[THRESHOLDS > 0.97].tolist() == [1.0] * (THRESHOLDS > 0.97).sum()
        assert commerce[THRESHOLDS < 0.97].tolist() == [0.5] * (THRESHOLDS < 0.97).sum()
        assert (boilerplate == 1).all()
        assert not arrays["risk.commerce"].any()

    def test_what_nobody_labelled_does_not_count(self) -> None:
        rows = synthetic_rows(50, seed=10)
        with_more = Rows(
            np.concatenate([rows.probabilities, np.full((7, 4), 0.25)]),
            np.concatenate([rows.labels, np.full(7, -1)]),
            np.concatenate([rows.weights, np.full(7, 61.0)]),
            np.concatenate([rows.document, np.array([3, 3, 3, 50, 50, 51, 52])]),
        )
        one = calibrate(*rows, np.random.default_rng(1))
        other = calibrate(*with_more, np.random.default_rng(1))
        assert one.keys() == other.keys()
        assert all((one[name] == other[name]).all() for name in one)

    def test_the_order_of_the_pages_depends_on_the_seed_alone(self) -> None:
        rows = synthetic_rows(100, seed=11)
        one, same, other = (
            calibrate(*rows, np.random.default_rng(seed))["risk.content"] for seed in (1, 1, 2)
        )
        assert (one == same).all()
        assert (one != other).any()
        assert sorted(one) == sorted(other)
