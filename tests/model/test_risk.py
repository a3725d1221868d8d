from __future__ import annotations

import math
from itertools import takewhile
from pathlib import Path

import numpy as np
import pytest
from calibration import COMMERCE, NEWS, Rows, bundle_of, synthetic_rows
from hypothesis import assume, example, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from adsift.model.bundle import read_bundle, write_bundle
from adsift.model.risk import (
    SETS,
    THRESHOLDS,
    calibrate,
    certified,
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
TEN_PAGES = [
    (1.0, shares)
    for shares in (
        [1.0, 1.0, 1.0],
        [0.0, 0.25, 1.0],
        *([0.0, 0.0, 1.0] for _ in "12"),
        [0.0, 0.25, 0.5],
        [0.0, 0.5, 0.5],
        *([0.0, 0.0, 1.0] for _ in "12"),
        [0.0, 0.0, 0.0],
        [0.0, 0.0, 0.5],
    )
]
"""Of each page its content and the share of that which three thresholds lose."""


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


def greatest_capital(
    lost: NDArray[np.float64], content: NDArray[np.float64], bound: float, confidence: float
) -> float:
    """What a gambler ever had who stakes on one page after the other."""
    gains: list[float] = []
    squares = 0.0  # of each gain's distance from the mean up to it
    capital = greatest = 1.0
    for page, gain in enumerate((bound * content - lost).tolist(), start=1):
        variance = (0.25 + squares) / page
        stake = min(1.0, math.sqrt(2 * math.log(1 / (1 - confidence)) / (len(lost) * variance)))
        capital *= 1 + stake * gain
        greatest = max(greatest, capital)
        gains.append(gain)
        squares += (gain - sum(gains) / page) ** 2
    return greatest


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
        assert certified(lost, content, 0.01, 0.95) == 1

    def test_nothing_can_be_said_of_few_pages(self) -> None:
        assert certified(np.zeros((20, 3)), np.ones(20), 0.01, 0.95) == 0
        assert certified(np.zeros((0, 3)), np.ones(0), 0.5, 0.5) == 0

    def test_nothing_can_be_said_of_pages_without_content(self) -> None:
        nothing = np.zeros((1000, 3)), np.zeros(1000)
        assert certified(*nothing, 0.5, 0.5) == 0
        assert smallest_bound(*nothing, 0.5) is None

    def test_a_page_that_loses_all_is_survived(self) -> None:
        lost = np.zeros((2000, 1))
        lost[1500] = 1.0
        assert certified(lost, np.ones(2000), 0.02, 0.95) == 1

    def test_more_may_go_where_more_may_be_lost(self) -> None:
        lost, content = losses(1000, seed=1)
        counts = [certified(lost, content, bound, 0.95) for bound in (0.02, 0.05, 0.1, 0.2)]
        assert 0 not in counts
        assert counts == sorted({*counts})

    def test_who_wants_to_be_surer_gets_less(self) -> None:
        lost, content = losses(1000, seed=1)
        counts = [certified(lost, content, 0.05, sure) for sure in (0.999, 0.9, 0.5)]
        assert counts == sorted(counts)
        assert counts[0] < counts[-1]

    @given(
        st.lists(
            st.tuples(st.floats(0, 1), st.lists(st.floats(0, 1), min_size=3, max_size=3)),
            min_size=1,
            max_size=40,
        ),
        st.floats(0.01, 0.9),
        st.floats(0.05, 0.9),
    )
    @example(TEN_PAGES, 0.3, 0.5)
    def test_a_gambler_who_goes_from_page_to_page(
        self, pages: list[tuple[float, list[float]]], bound: float, confidence: float
    ) -> None:
        content = np.array([share for share, _ in pages])
        lost = content[:, None] * np.sort([shares for _, shares in pages], axis=1)
        needed = 1 / (1 - confidence)
        capitals = [greatest_capital(column, content, bound, confidence) for column in lost.T]
        assume(all(abs(capital - needed) > 1e-9 for capital in capitals))
        passed = [*takewhile(lambda capital: capital > needed, capitals)]
        assert certified(lost, content, bound, confidence) == len(passed)

    def test_by_hand(self) -> None:
        # The capital grows to 4.92 at the first threshold, to 2.03 at the second, never at the
        # last; 2 is enough. With stakes of another size it is one threshold fewer or none.
        lost = np.array([shares for _, shares in TEN_PAGES])
        assert certified(lost, np.ones(10), 0.3, 0.5) == 2


class TestSmallestBound:
    def test_is_the_smallest(self) -> None:
        lost, content = losses(800, seed=2)
        for confidence in (0.8, 0.95, 0.99):
            least = smallest_bound(lost, content, confidence)
            assert least is not None
            assert certified(lost, content, least, confidence) > 0
            assert certified(lost, content, least - 1e-4, confidence) == 0

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
            count = certified(lost[drawn], content[drawn], bound, self.CONFIDENCE)
            true_loss = truth[count - 1] if count else 0.0
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

    def test_what_leaks_is_a_share_of_all_that_is_there_rounded_up(self) -> None:
        # Three pages, each half news and half commerce; the model sees the commerce of one.
        probabilities = np.full((6, 4), 0.01)
        probabilities[[0, 1, 2, 3, 4], NEWS] = 0.97
        probabilities[5, COMMERCE] = 0.97
        rows = Rows(
            probabilities, np.array([NEWS, COMMERCE] * 3), np.ones(6), np.array([0, 0, 1, 1, 2, 2])
        )
        arrays = calibrate(*rows, np.random.default_rng(0))
        commerce, _ = arrays["risk.commerce.leaked"]
        # Of the float16's around 2/3, 1365/2048 and 1366/2048, the greater.
        assert {*commerce[THRESHOLDS < 0.97].tolist()} == {1366 / 2048}

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
