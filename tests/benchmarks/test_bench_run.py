"""The whole command, in its quick mode: on made-up pages, with the peers that are installed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from contenders import CONTENDERS, one_by_one
from made_pages import page_of_size
from processes import peak_memory, run_apart, usable_cores
from run import PARTS, main
from text_contenders import TEXT_CONTENDERS

STATUS = Path("/proc/self/status")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pages = tmp_path_factory.mktemp("bench") / "pages"
    pages.mkdir()
    for number in range(4):
        page = page_of_size(8000, number)
        (pages / f"page{number}.html").write_text(page, encoding="utf-8")
    return pages


@pytest.fixture(scope="module")
def output(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("results")
    readme = output / "README.md"
    readme.write_text("Before\n<!-- bench --><!-- /bench -->\nAfter\n", encoding="utf-8")
    main(["--quick", "--pages", str(folder), "--output", str(output)])
    return output


@pytest.fixture(scope="module")
def results(output: Path) -> dict[str, Any]:
    text = (output / "benchmarks" / "results.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


class TestQuickRun:
    def test_all_parts_are_there(self, results: dict[str, Any]) -> None:
        assert {*results} == {"machine", *PARTS}

    def test_contenders_are_measured_or_not_installed(self, results: dict[str, Any]) -> None:
        found = results["speed"]["contenders"]
        assert [*found] == [contender.name for contender in CONTENDERS]
        for contender in CONTENDERS:
            values = found[contender.name]
            if contender.installed:
                assert "failed" not in values
                assert values["errors"] == 0
                assert values["pages_per_second"] > 0
            else:
                assert values["failed"] == "not installed"

    def test_so_is_plain_text(self, results: dict[str, Any]) -> None:
        text = results["text"]
        for contender in TEXT_CONTENDERS:
            values = text["contenders"][contender.name]
            if contender.installed:
                assert values["paragraphs_read"] > 0
            else:
                assert values["failed"] == "not installed"

    def test_growth_and_workers(self, results: dict[str, Any]) -> None:
        assert all("failed" not in curve for curve in results["scaling"])
        workers = results["workers"]
        if len(usable_cores()) < 2:
            assert workers == {"failed": "this machine lends fewer than two cores"}
        else:
            assert "failed" not in workers
            assert workers["documents_per_second"].keys() == {"1", "2", "apart"}
            assert min(workers["documents_per_second"].values()) > 0

    def test_our_quality_is_the_cross_validated_one(self, results: dict[str, Any]) -> None:
        assert "strip commerce" in results["quality"]["cross-validated"]
        assert not any("adsift" in name for name in results["quality"]["extractors"])

    def test_the_report_and_the_table_are_written(self, output: Path) -> None:
        report = (output / "benchmarks" / "README.md").read_text(encoding="utf-8")
        assert "| adsift tag |" in report
        readme = (output / "README.md").read_text(encoding="utf-8")
        assert readme.startswith("Before\n<!-- bench -->\n|")
        assert readme.endswith(".\n<!-- /bench -->\nAfter\n")


def test_without_pages_it_says_how_to_get_them(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"fetch_pages\.py"):
        main(["--quick", "--pages", str(tmp_path), "--output", str(tmp_path)])


class TestProcesses:
    def test_a_task_that_raises_says_why(self) -> None:
        found = run_apart("speed:read_pages", {"contender": "nobody", "pages": ""}, core=None)
        assert "ValueError" in found["failed"]

    @pytest.mark.skipif(not STATUS.exists(), reason=f"there is no {STATUS}")
    def test_memory_is_known(self) -> None:
        held = b"x" * 50_000_000
        assert peak_memory() > len(held)

    def test_memory_that_is_not_known_is_0(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def missing(path: Path, **_: object) -> str:
            raise FileNotFoundError(path)

        monkeypatch.setattr(Path, "read_text", missing)
        assert peak_memory() == 0

    def test_an_exception_costs_a_page_and_not_the_run(self) -> None:
        def read(page: bytes) -> None:
            if page == b"bad":
                raise KeyError(page)

        assert one_by_one(read)([b"good", b"bad", b"good"]) == 1
