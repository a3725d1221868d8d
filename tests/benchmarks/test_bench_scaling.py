from __future__ import annotations

import pytest

from made_pages import MAKERS
from scaling import AXES, OPERATIONS, QUICK_AXES, fit_exponent, measure_curve


class TestExponent:
    @pytest.mark.parametrize("power", [0.5, 1.0, 2.0])
    def test_a_power_law_is_found(self, power: float) -> None:
        sizes = (100, 1000, 10_000, 100_000)
        points = [{"size": size, "seconds": 3e-6 * size**power} for size in sizes]
        assert fit_exponent(points) == pytest.approx(power)

    def test_what_a_call_costs_is_left_out(self) -> None:
        sizes = (1, 10, 100, 1000, 10_000, 100_000)
        points = [{"size": size, "seconds": 1e-3 + 1e-4 * size} for size in sizes]
        found = fit_exponent(points)
        assert found is not None
        assert found > 0.99

    def test_one_point_has_no_slope(self) -> None:
        assert fit_exponent([{"size": 10, "seconds": 1.0}]) is None


class TestCurves:
    def test_every_axis_can_be_made_and_measured(self) -> None:
        for axis in (*AXES, *QUICK_AXES):
            assert axis.name in MAKERS
            assert {*axis.operations} <= {*OPERATIONS}
            assert list(axis.sizes) == sorted(axis.sizes)

    def test_a_size_that_would_take_too_long_is_left_out(self) -> None:
        job = {
            "axis": "number of blocks",
            "sizes": [2, 5, 10],
            "operation": "html tag",
            "limit": 0.0,
        }
        assert [point["size"] for point in measure_curve(job)["points"]] == [2]

    def test_a_page_that_is_rejected_is_told(self) -> None:
        job = {
            "axis": "nesting depth",
            "sizes": [2, 50_000],
            "operation": "html tag",
            "limit": float("inf"),  # a slow machine would leave out what it expects to take long
        }
        assert [point["rejected"] for point in measure_curve(job)["points"]] == [False, True]
