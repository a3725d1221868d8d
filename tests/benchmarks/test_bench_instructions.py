from __future__ import annotations

import json
from pathlib import Path

import pytest

from instructions import RECORD, compare, main, make_cases, read_total


class TestComparing:
    def test_growth_beyond_the_limit_is_told(self) -> None:
        recorded = {"a": 1000, "b": 1000, "c": 1000}
        lines, grown = compare(recorded, {"a": 1031, "b": 1029, "c": 900})
        assert grown == ["a"]
        assert [line.split()[-1] for line in lines] == ["+3.1%", "+2.9%", "-10.0%"]

    def test_new_and_lost_cases_do_not_fail(self) -> None:
        lines, grown = compare({"old": 10}, {"new": 10})
        assert not grown
        assert "not on record" in lines[0]
        assert "no longer counted" in lines[1]


class TestCounting:
    def test_the_total_of_a_dump(self, tmp_path: Path) -> None:
        dump = tmp_path / "counts.2"
        dump.write_text("events: Ir\nfn=(1) f\n3 40\n\ntotals: 4711\n", encoding="utf-8")
        assert read_total(dump) == 4711
        dump.write_text("events: Ir\n", encoding="utf-8")
        with pytest.raises(ValueError, match="no total"):
            read_total(dump)

    def test_the_record_is_of_the_cases_that_there_are(self) -> None:
        assert [*json.loads(RECORD.read_text(encoding="utf-8"))["instructions"]] == [*make_cases()]

    def test_every_case_runs(self) -> None:
        for case in make_cases().values():
            case()

    def test_without_a_record_it_says_how_to_make_one(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("shutil.which", lambda _: "valgrind")
        with pytest.raises(SystemExit, match="--update"):
            main(["--record", str(tmp_path / "none.json")])
        monkeypatch.setattr("shutil.which", lambda _: None)
        with pytest.raises(SystemExit, match="valgrind is not installed"):
            main([])
