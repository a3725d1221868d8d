from __future__ import annotations

import pytest

from adsift.model.progress import tellers


def test_a_head_counts_by_its_paragraphs() -> None:
    told: list[tuple[float, str]] = []
    by_head = tellers(lambda done, what: told.append((done, what)), {"markup": 90, "plain": 10})
    by_head["markup"](0.5, "step 1")
    by_head["markup"](1.0, "step 2")
    by_head["plain"](0.5, "step 1")
    by_head["plain"](1.0, "step 2")
    assert told == [
        (pytest.approx(0.45), "markup head: step 1"),
        (pytest.approx(0.9), "markup head: step 2"),
        (pytest.approx(0.95), "plain head: step 1"),
        (1.0, "plain head: step 2"),
    ]


def test_nobody_need_be_told_and_a_head_may_have_nothing() -> None:
    tellers(None, {"plain": 3})["plain"](0.5, "step 1")
    told: list[float] = []
    tellers(lambda done, _: told.append(done), {"plain": 0})["plain"](1.0, "step 1")
    assert told == [0.0]
