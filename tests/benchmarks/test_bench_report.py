from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from plots import can_plot, write_plots
from quality import cross_validated
from report import full_report, paste, short_table, write_report


def _rate(pages: float, group: str) -> dict[str, Any]:
    return {
        "group": group,
        "package": "some-package",
        "version": "1.2",
        "pages_per_second": pages,
        "slowest": pages - 1,
        "fastest": pages + 1,
        "megabytes_per_second": 2.0,
        "cpu_seconds_per_1000_pages": 1000 / pages,
        "peak_memory_bytes": 50_000_000,
        "errors": 0,
        "times_trafilatura": pages / 20,
        "times_resiliparse": None,
    }


@pytest.fixture
def results() -> dict[str, Any]:
    figures = {
        "content lost": [0.25, 0.2, 0.3],
        "commerce leaked": [0.5, 0.4, 0.6],
        "boilerplate leaked": [None, None, None],
    }
    points = [
        {"size": size, "bytes": size, "seconds": size / 1e6} for size in (1000, 10_000, 100_000)
    ]
    return {
        "speed": {
            "pages": 3,
            "bytes": 3000,
            "rounds": 2,
            "contenders": {
                "adsift tag": _rate(400, "adsift"),
                "adsift tag, a page a call": _rate(300, "adsift"),
                "trafilatura": _rate(20, "peer"),
                "goose3": {"group": "peer", "package": "g", "version": "", "failed": "a | b\nc"},
            },
        },
        "quality": {
            "pages": 3,
            "cross-validated": cross_validated(),
            "extractors": {
                "trafilatura": {"errors": 0, **figures},
                "goose3": {"failed": "not installed"},
            },
        },
        "scaling": [
            {
                "axis": "page size",
                "operation": "html tag",
                "points": points,
                "exponent": 1.0,
                "note": "",
                "peak_memory_bytes": 10**8,
            },
            {"axis": "page size", "operation": "html strip", "failed": "out of memory"},
        ],
    }


class TestReport:
    def test_every_table_is_whole(self, results: dict[str, Any]) -> None:
        tables = _tables(full_report(results))
        assert len(tables) == 3
        for table in tables:
            assert len({line.count("|") for line in table}) == 1

    def test_goals_are_judged(self, results: dict[str, Any]) -> None:
        report = full_report(results)
        assert "adsift tag at 10 times trafilatura or more: reached (20.0)" in report

    @pytest.mark.parametrize(
        ("rounds", "said"),
        [
            ([15.0, 20.0, 24.0], "reached (20.0; 15.0 to 24.0)"),
            ([9, 20, 24], "reached by the median, missed in 1 of 3 rounds (20.0; 9.00 to 24.0)"),
        ],
    )
    def test_rounds_that_say_something_else_are_told(
        self, results: dict[str, Any], rounds: list[float], said: str
    ) -> None:
        results["speed"]["contenders"]["adsift tag"]["times_trafilatura_by_round"] = rounds
        assert f"adsift tag at 10 times trafilatura or more: {said}" in full_report(results)

    def test_what_failed_is_said(self, results: dict[str, Any]) -> None:
        assert "not measured: a / b c" in full_report(results)
        assert "not measured: out of memory" in full_report(results)

    def test_the_short_table_has_the_main_contenders_with_quality(
        self, results: dict[str, Any]
    ) -> None:
        table, _, goals = short_table(results).partition("\n\n")
        lines = table.splitlines()[2:]
        assert [line.split(" | ")[0] for line in lines] == ["| adsift tag", "| trafilatura"]
        assert lines[1] == "| trafilatura | 20 | 1.00 | 0.250 | 0.500 |"
        assert goals == "Goals: adsift tag at 10 times trafilatura or more: reached (20.0)."


class TestWriting:
    def test_what_was_written_by_hand_stays(self, results: dict[str, Any], tmp_path: Path) -> None:
        own = tmp_path / "README.md"
        own.write_text("By hand.\n<!-- results -->gone<!-- /results -->\nThe end.\n", "utf-8")
        write_report(results, tmp_path)
        text = own.read_text(encoding="utf-8")
        assert text.startswith("By hand.\n<!-- results -->\n## HTML\n")
        assert text.endswith("\n<!-- /results -->\nThe end.\n")
        assert "gone<" not in text

    def test_a_missing_readme_is_made(self, results: dict[str, Any], tmp_path: Path) -> None:
        write_report(results, tmp_path)
        assert "| adsift tag |" in (tmp_path / "README.md").read_text(encoding="utf-8")


class TestPasting:
    def test_between_the_markers(self) -> None:
        before = "a\n<!-- bench -->\nold \\1\n<!-- /bench -->\nb"
        once = paste(before, "new \\1")
        assert once == "a\n<!-- bench -->\nnew \\1\n<!-- /bench -->\nb"
        assert paste(once, "new \\1") == once

    def test_without_markers_nothing_changes(self) -> None:
        assert paste("no markers", "table") == "no markers"


@pytest.mark.skipif(not can_plot(), reason="matplotlib is not installed: make bench installs it")
def test_plots(results: dict[str, Any], tmp_path: Path) -> None:
    written = write_plots(results, tmp_path)
    assert [path.name for path in written] == ["speed.svg", "quality.svg", "scaling.svg"]
    for path in written:
        assert ET.parse(path).getroot().tag.endswith("svg")


def _tables(text: str) -> list[list[str]]:
    tables: list[list[str]] = [[]]
    for line in text.splitlines():
        if line.startswith("|"):
            tables[-1].append(line)
        elif tables[-1]:
            tables.append([])
    return [table for table in tables if table]
