from __future__ import annotations

import json
from typing import Any

import pytest

from contenders import STRIP, TAG
from costs import cost_table
from pages import ROOT
from report import short_table


@pytest.fixture
def results() -> dict[str, Any]:
    return {
        "speed": {
            "pages": 10,
            "bytes": 2_000_000,
            "contenders": {
                TAG: {"cpu_seconds_per_1000_pages": 3.6},
                STRIP: {"cpu_seconds_per_1000_pages": 7.2},
            },
        },
        "workers": {"documents_per_second": {"1": 100.0, "2": 150.0}, "gain": 1.5},
        "text": {
            "paragraphs": 100,
            "characters": 5000,
            "contenders": {TAG: {"cpu_seconds_per_million_paragraphs": 5.0}},
        },
    }


def test_hours_of_a_million_pages(results: dict[str, Any]) -> None:
    rows = [line.split(" | ") for line in cost_table(results).splitlines()[2:7]]
    assert [row[2].split()[0] for row in rows] == ["1.00", "2.00", "2.8", "3.7", "28"]
    assert "150 pages/s, 1.50 times one" in rows[3][1]
    assert "10 million characters/s" in rows[4][1]


def test_a_dump_of_the_web(results: dict[str, Any]) -> None:
    text = cost_table(results)
    assert "2.5 billion pages of 200 kB" in text
    assert "2,500 core-hours of tagging or 5,000 of stripping" in text
    assert "6,944 through `adsift clean`" in text
    assert "500 TB of HTML" in text


def test_nothing_is_said_of_what_was_not_measured(results: dict[str, Any]) -> None:
    assert "plain text" not in cost_table({**results, "text": {}})
    assert cost_table({**results, "workers": {"failed": "one core"}}) == ""
    assert cost_table({**results, "speed": {"contenders": {TAG: {"failed": "x"}}}}) == ""


def test_the_docs_have_what_was_measured_last() -> None:
    results = json.loads((ROOT / "benchmarks" / "results.json").read_text("utf-8"))
    for name, table in (("docs/scale.md", cost_table), ("README.md", short_table)):
        assert f"-->\n{table(results)}\n<!--" in (ROOT / name).read_text("utf-8"), name
