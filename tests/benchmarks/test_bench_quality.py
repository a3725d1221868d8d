from __future__ import annotations

import json

import pytest

from adsift.document import Document, Label
from adsift.evaluation.gold import GoldBlock, GoldPage
from pages import ROOT
from quality import cross_validated, measure_extractor

BLOCKS = [
    ("The lock keeper counted forty barges before noon on Friday.", Label.NEWS),
    ("Brass lanterns from nine crowns, order before midnight and save.", Label.COMMERCE),
    ("Home Harbor Weather Archive Imprint", Label.BOILERPLATE),
]


@pytest.fixture
def pages() -> list[GoldPage]:
    html = "".join(f"<p>{text}</p>" for text, _ in BLOCKS)
    blocks = [GoldBlock(text, label) for text, label in BLOCKS]
    return [
        GoldPage(str(number), "", Document(html.encode(), format="html"), blocks)
        for number in range(3)
    ]


def _lines(*which: int) -> str:
    return "\n".join(BLOCKS[index][0] for index in which)


class TestExtractors:
    @pytest.mark.parametrize(
        ("extract", "lost", "commerce", "boilerplate"),
        [
            (_lines(0, 1, 2), 0.0, 1.0, 1.0),
            (_lines(0), 0.0, 0.0, 0.0),
            (_lines(1), 1.0, 1.0, 0.0),
            ("", 1.0, 0.0, 0.0),
        ],
    )
    def test_what_is_emitted_is_kept(
        self,
        pages: list[GoldPage],
        extract: str,
        lost: float,
        commerce: float,
        boilerplate: float,
    ) -> None:
        found = measure_extractor(pages, lambda _: extract, gives_html=False, resamples=5)
        assert found["errors"] == 0
        assert found["content lost"][0] == lost
        assert found["commerce leaked"][0] == commerce
        assert found["boilerplate leaked"][0] == boilerplate

    def test_of_html_the_paragraphs_count(self, pages: list[GoldPage]) -> None:
        html = f"<div><p>{BLOCKS[0][0]}</p><p>{BLOCKS[2][0]}</p></div>"
        found = measure_extractor(pages, lambda _: html, gives_html=True, resamples=5)
        assert found["content lost"][0] == 0.0
        assert found["commerce leaked"][0] == 0.0
        assert found["boilerplate leaked"][0] == 1.0

    def test_an_exception_costs_the_page(self, pages: list[GoldPage]) -> None:
        def extract(page: bytes) -> str:
            raise ValueError(page[:3])

        found = measure_extractor(pages, extract, gives_html=False, resamples=5)
        assert found["errors"] == 3
        assert found["content lost"][0] == 1.0


def test_our_own_figures_are_those_of_the_model_card() -> None:
    card = (ROOT / "models" / "default" / "README.md").read_text(encoding="utf-8")
    for policy, figures in cross_validated().items():
        for figure, (mean, deviation) in figures.items():
            assert f"| {policy}: {figure} | {mean:.3f} ± {deviation:.3f} |" in card
    assert json.dumps(cross_validated())
