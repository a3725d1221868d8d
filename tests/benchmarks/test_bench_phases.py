from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

import phases
from flame import draw_flame_graph, read_stacks
from made_pages import page_of_size
from phases import PHASES, REST, Clock, Place, make_acts, measure_phases, phase_table, timed

NAMES = [*(name for name, _ in PHASES), REST]


class TestPlaces:
    @pytest.mark.parametrize("path", [path for _, paths in PHASES for path in paths])
    def test_the_functions_that_are_timed_exist(self, path: str) -> None:
        place = Place.of(path)
        assert callable(getattr(place.owner, place.name))

    def test_they_are_put_back(self) -> None:
        places = [Place.of(path) for _, paths in PHASES for path in paths]
        before = [getattr(place.owner, place.name) for place in places]
        with timed(Clock()):
            assert [getattr(place.owner, place.name) for place in places] != before
        assert [getattr(place.owner, place.name) for place in places] == before


def test_the_clock_leaves_out_what_is_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([0.0, 1.0, 3.0, 3.5, 7.5, 8.0])
    monkeypatch.setattr(phases.time, "process_time", lambda: next(times))
    clock = Clock()
    with clock.phase("outer"):
        with clock.phase("inner"):
            pass
        with clock.phase("inner"):
            pass
    assert clock.seconds == {"outer": 1.0 + 0.5 + 0.5, "inner": 2.0 + 4.0}


class TestMeasuring:
    def test_pages_go_through_the_phases(self) -> None:
        pages = [page_of_size(20_000, seed).encode() for seed in range(2)]
        acts = make_acts(
            pages, [b"# Rain\n\nIt *fell*.\n\n- Buy a [coat](https://shop.example).\n"]
        )
        kinds = ("html", "text", "markdown")
        assert [*acts] == [f"{kind} {what}" for kind in kinds for what in ("tag", "strip")]
        assert [count for _, count in acts.values()] == [2, 2, 2, 2, 1, 1]
        assert [*make_acts(pages, [])] == [*acts][:4]
        found = {name: measure_phases(act, rounds=1) for name, (act, _) in acts.items()}
        for seconds in found.values():
            assert [*seconds] == NAMES
            assert seconds["step 1"] > 0
        assert found["html tag"]["parse"] > 0 == found["text tag"]["parse"]
        assert found["markdown tag"]["paragraphs"] > 0
        assert found["html tag"]["removal"] == 0 < found["html strip"]["removal"]

    def test_the_table(self) -> None:
        found = {"html tag": {"parse": 0.5, "policy": 0.0}, "text tag": {"parse": 0, "policy": 2}}
        table = phase_table(found, {"html tag": 100, "text tag": 1000})
        assert table.splitlines()[2:] == [
            "| parse | 5.000 |  |",
            "| policy |  | 2.000 |",
            "| **together** | **5.000** | **2.000** |",
        ]


class TestFlameGraph:
    def test_stacks_are_read_without_folders_lines_and_headers(self) -> None:
        text = (
            "<module> (run.py:9);loop (run.py:5);tag (/somewhere/adsift/separator.py:80) 3\n"
            "<module> (run.py:9);loop (run.py:5);tag (C:\\any\\adsift\\separator.py:81);"
            "decref (object.h:3);score (words.c:7);score (words.c:9);0x7f03 (libm.so.6) 2\n"
            "<module> (run.py:9);load (run.py:2) 50\n"
            "no stack\n"
        )
        assert read_stacks(text, "loop") == {
            ("tag (separator.py)",): 3,
            ("tag (separator.py)", "score (words.c)", "? (libm.so.6)"): 2,
        }
        assert sum(read_stacks(text).values()) == 55

    def test_boxes_are_as_wide_as_their_share(self, tmp_path: Path) -> None:
        stacks = {("a<b>",): 1, ("a<b>", "c & d"): 2, ("e",): 1, ("rare",): 0}
        path = tmp_path / "flame.svg"
        path.write_text(draw_flame_graph(stacks, "t"), encoding="utf-8")
        space = "{http://www.w3.org/2000/svg}"
        titles = [title.text for title in ET.parse(path).iter(f"{space}title")]
        assert titles == ["a<b>: 75.0%", "e: 25.0%", "c & d: 50.0%"]
