from __future__ import annotations

import math

import pytest
from marked_model import marked, page

from adsift.evaluation import bootstrap, evaluate
from adsift.evaluation.bootstrap import differences, estimates
from adsift.evaluation.measure import ViewResult

# The first mark of each block is one model's opinion, the second another's.
BETTER = [
    page(str(i), ("C", f"C80 N80 boots {i}"), ("N", f"N90 N90 ferry {i}"), ("N", "N70 C60 quay"))
    for i in range(20)
]
MIXED = [
    page(str(i), ("C", "C80 N80 boots" if i % 2 else "N80 C80 boots"), ("N", "N90 N90 ferry"))
    for i in range(20)
]
F1 = "F1 commerce"


def compare(pages: list, seed: int = 0) -> ViewResult:  # type: ignore[type-arg]
    return evaluate(pages, marked(0), marked(1), views=["text"], seed=seed, resamples=500)["text"]


def test_a_model_is_no_better_than_itself() -> None:
    sums = compare(BETTER).ours.sums
    for difference in differences(sums, sums).values():
        assert difference == (0, 0, 0, 1) or all(map(math.isnan, difference))


def test_a_real_difference_is_found() -> None:
    result = compare(BETTER)
    assert result.differences is not None
    difference = result.differences[F1]
    assert difference.value == 1 - result.theirs.figures[F1].value  # type: ignore[union-attr]
    assert difference.low > 0
    assert 0 < difference.p < 0.01


def test_luck_is_no_difference() -> None:
    result = compare(MIXED)
    assert result.differences is not None
    low, high, p = result.differences[F1][1:]
    assert low < 0 < high
    assert p > 0.3


def test_the_other_way_round_the_sign_changes() -> None:
    result = compare(BETTER)
    assert result.theirs is not None
    there = differences(result.ours.sums, result.theirs.sums, resamples=500)
    back = differences(result.theirs.sums, result.ours.sums, resamples=500)
    for name, (value, low, high, p) in there.items():
        expected = (-value, -high, -low, p)
        assert tuple(back[name]) == pytest.approx(expected, abs=1e-9, nan_ok=True)


def test_a_seed_gives_the_same_draws() -> None:
    first, second = compare(MIXED, seed=3), compare(MIXED, seed=3)
    assert repr(first.differences) == repr(second.differences)
    assert repr(first.figures) == repr(second.figures)
    assert repr(first.figures) != repr(compare(MIXED, seed=4).figures)


def test_draws_in_small_steps_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    sums = compare(MIXED).ours.sums
    at_once = estimates(sums, resamples=50)
    monkeypatch.setattr(bootstrap, "CELLS", 3 * len(MIXED))
    for name, estimate in estimates(sums, resamples=50).items():
        assert tuple(estimate) == pytest.approx(tuple(at_once[name]), nan_ok=True)


def test_the_interval_holds_the_value_and_is_wider_for_fewer_pages() -> None:
    few, many = (compare(pages).figures["recall commerce"] for pages in (MIXED[:6], MIXED))
    assert few.low <= few.value <= few.high
    assert many.low <= many.value <= many.high
    assert many.high - many.low < few.high - few.low


def test_one_page_says_nothing_of_others() -> None:
    figures = compare(BETTER[:1]).figures
    assert figures[F1].value == 1
    assert math.isnan(figures[F1].low)
    assert math.isnan(figures[F1].high)


def test_pages_of_which_nothing_counts_are_not_drawn() -> None:
    without = [page(f"bare {i}", ("-", f"N90 N90 gull {i}")) for i in range(5)]
    for pages in (MIXED[:1], MIXED):
        alone, among = compare(pages), compare([*without, *pages])
        assert repr(among.figures) == repr(alone.figures)
        assert repr(among.differences) == repr(alone.differences)
