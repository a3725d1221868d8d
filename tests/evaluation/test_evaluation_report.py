from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from marked_model import marked, page

from adsift import CommerceKind, Document
from adsift.evaluation import Evaluation, GoldPage, evaluate
from adsift.evaluation.breakdown import by_site, worst_pages
from adsift.evaluation.content import Run, as_json
from adsift.evaluation.report import render_report

EVIL = "<script>alert(1)</script>&\ud800"
PAGES = [
    page("calm", ("N", "N90 N90 ferry"), ("B", "B80 B80 menu"), site="a.example"),
    page("lost", ("N", "C80 N80 ferry"), ("N", "N80 N80 quay"), site="a.example"),
    page(f"leak{EVIL}", ("C", f"N80 C80 boots {EVIL}"), ("A", "A70 A70 tide"), site=f"b{EVIL}"),
]
RUN = Run("data.jsonl", "default", "other", 1, 50, [f"note {EVIL}"])
VOID = {"meta", "br"}


class Checker(HTMLParser):
    """Fails on tags that are not closed, and collects what would load something."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.loads: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.loads += [a for a in attrs if a[0] in ("src", "href", "xlink:href", "onload")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def compared() -> Evaluation:
    return evaluate(PAGES, marked(0), marked(1), views=["text"], resamples=50)


@pytest.fixture(scope="module")
def alone() -> Evaluation:
    return evaluate(PAGES, marked(0), views=["text"], resamples=50)


def strict_json(run: Run, evaluation: Evaluation) -> Any:
    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is no JSON")

    return json.loads(json.dumps(as_json(run, evaluation)), parse_constant=refuse)


class TestHtml:
    @pytest.mark.parametrize("which", ["alone", "compared"])
    def test_it_is_whole_and_needs_nothing_else(
        self, which: str, request: pytest.FixtureRequest
    ) -> None:
        checker = Checker()
        html = render_report(RUN, request.getfixturevalue(which))
        checker.feed(html)
        assert checker.open == []
        assert checker.loads == []
        assert not {"script", "link", "img", "iframe"} & {*checker.tags}
        assert re.search(r"url\(|@import|https?:", html) is None
        assert "svg" in checker.tags

    def test_hostile_names_and_texts_are_only_text(self, compared: Evaluation) -> None:
        html = render_report(RUN, compared)
        assert "<script" not in html
        assert html.count("&lt;script&gt;alert(1)") >= 3
        html.encode("utf-8", "replace")

    def test_it_reads_in_light_and_dark(self, alone: Evaluation) -> None:
        html = render_report(RUN, alone)
        assert "prefers-color-scheme:dark" in html
        used = {*re.findall(r"var\((--\w+)\)", html)}
        light, dark = html.split("@media(prefers-color-scheme:dark)")
        for name in used:
            assert f"{name}:#" in light
            assert f"{name}:#" in dark

    def test_lines_are_told_apart_without_colours(self, compared: Evaluation) -> None:
        for figure in re.findall("<figure>.*?</figure>", render_report(RUN, compared), re.S):
            on_lines = re.findall(r'class="number"[^>]*>(\d+)<', figure)
            in_legend = re.findall(r'aria-hidden="true">[━┄] (\d+)</b>', figure)
            lines = figure.count("<polyline") - figure.count('style="stroke:var(--grid)"')
            assert len(on_lines) == len(set(on_lines))
            assert set(on_lines) <= set(in_legend)
            if "Precision and recall" in figure:
                assert sorted(on_lines) == in_legend
            assert len(in_legend) == (lines if lines > 1 else 0)

    def test_the_comparison_is_there_if_there_is_one(
        self, alone: Evaluation, compared: Evaluation
    ) -> None:
        assert "<h3>Comparison</h3>" in render_report(RUN, compared)
        assert "<h3>Comparison</h3>" not in render_report(RUN, alone)

    def test_a_single_page_of_one_label(self) -> None:
        pages = [page("1", ("N", "N80 ferry"))]
        html = render_report(RUN, evaluate(pages, marked(), views=["text"]))
        assert "nan" not in html
        assert "nothing to draw" in html


class TestJson:
    def test_it_says_what_the_figures_say(self, compared: Evaluation) -> None:
        out = strict_json(RUN, compared)
        view = out["views"]["text"]
        result = compared["text"]
        assert (out["data"], out["model"], out["compared with"]) == ("data.jsonl", *RUN_NAMES)
        assert view["counts"] == {"pages": 3, "blocks": 6, "sites": 2}
        assert [site["site"] for site in view["sites"]] == [PAGES[2].site, "a.example"]
        assert {*view["figures"]} == {*result.figures} == {*view["differences"]}
        f1 = view["figures"]["F1 news"]
        assert f1["value"] == pytest.approx(result.figures["F1 news"].value, abs=1e-6)
        assert f1["low"] <= f1["value"] <= f1["high"]
        weights = view["confusion"]["weights by true and predicted label"]
        assert sum(map(sum, weights)) == pytest.approx(3, abs=1e-4)
        assert view["figures"]["F1 sponsored"]["value"] is None

    def test_it_holds_ids_but_no_text(self, compared: Evaluation) -> None:
        dumped = json.dumps(as_json(RUN, compared), ensure_ascii=False)
        for one in PAGES:
            for block in one.blocks:
                assert block.text not in dumped
        worst = strict_json(RUN, compared)["views"]["text"]["worst pages"]
        assert [w["id"] for w in worst["strip commerce: content lost"]] == ["lost"]

    def test_two_runs_are_equal(self) -> None:
        first, second = (
            json.dumps(as_json(RUN, evaluate(PAGES, marked(), views=["text"], resamples=50)))
            for _ in range(2)
        )
        assert first == second


RUN_NAMES = ("default", "other")


class TestBreakdown:
    def test_the_worst_pages_come_first_with_their_heaviest_blocks(self) -> None:
        long = "C80 " + " ".join(f"ferry{i}" for i in range(30))
        pages = [
            page("some", ("N", "C80 x"), ("N", "N80 y"), ("N", "N80 z")),
            page("none", ("N", "N80 x"), ("C", "C80 y")),
            page("most", ("N", "C80 x"), ("N", long), ("N", "N80 w")),
        ]
        judged = evaluate(pages, marked(), views=["text"], resamples=2)["text"].ours.judged
        lists = worst_pages(judged)
        lost = lists["strip commerce: content lost"]
        assert [worst.page.id for worst in lost] == ["most", "some"]
        assert [int(judged.block[row]) for row in lost[0].rows] == [1, 0]
        assert lost[1].weight == pytest.approx(1 / 3)
        assert lists["strip commerce: commerce leaked"] == []
        assert len(worst_pages(judged, count=1)["strip commerce: content lost"]) == 1

    def test_sites_with_the_most_wrong_come_first(self, alone: Evaluation) -> None:
        measured = alone["text"].ours
        worst, other = by_site(measured.judged, measured.sums)
        assert (worst.site, worst.pages, worst.blocks) == (PAGES[2].site, 1, 2)
        assert worst.wrong == pytest.approx(measured.sums.confusion[2, 3, 0])
        assert (other.site, other.pages, other.blocks) == ("a.example", 2, 4)
        assert other.wrong == pytest.approx(0.5 / 2)
        assert other.figures["strip commerce: content lost"] == pytest.approx(1 / 3)

    def test_pages_of_no_known_site_are_in_no_table(self) -> None:
        pages = [page("1", ("N", "N80 ferry"))]
        measured = evaluate(pages, marked(), views=["text"], resamples=2)["text"].ours
        assert by_site(measured.judged, measured.sums) == []


def test_two_models_that_cut_alike_are_aligned_alike() -> None:
    pages = [
        GoldPage("1", "", Document("C80 N80 boots\n\nN80 C80 ferry", "text"), PAGES[2].blocks),
        *PAGES[:2],
    ]
    both = evaluate(pages, marked(0), marked(1, CommerceKind.SPONSORED), views=["text"])["text"]
    for separator, measured in ((marked(0), both.ours), (marked(1), both.theirs)):
        single = evaluate(pages, separator, views=["text"])["text"].ours
        assert measured is not None
        assert (single.sums.confusion == measured.sums.confusion).all()
