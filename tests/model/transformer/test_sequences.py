from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from adsift.document import Paragraph
from adsift.model.context import SIGNALS
from adsift.model.transformer.sequences import (
    BOILERPLATE,
    CLS,
    SEP,
    SURE,
    WINDOW,
    make_windows,
    read_rows,
)


def encode(texts: list[str]) -> list[list[int]]:
    """A token for each word, never a special one."""
    return [[1000 + len(word) for word in text.split()] for text in texts]


def signals(furniture: list[float]) -> np.ndarray:
    rows = np.zeros((len(furniture), SIGNALS), np.float32)
    rows[:, BOILERPLATE] = furniture
    return rows


PAGES = st.lists(
    st.tuples(
        st.integers(1, 200), st.floats(0, 1, width=32), st.sampled_from(["", "p", "h1", "h2", "li"])
    ),
    max_size=60,
)


class TestWindows:
    @given(PAGES, st.sampled_from([None, "", "https://a.example/deals/tents", "http://[ccpa]"]))
    def test_hold_every_paragraph_that_is_read_once_and_in_order(
        self, page: list[tuple[int, float, str]], url: str | None
    ) -> None:
        paragraphs = [Paragraph("word " * size, tag=tag) for size, _, tag in page]
        known = signals([furniture for _, furniture, _ in page])
        windows = make_windows(paragraphs, known, url, encode)
        rows = [row for window in windows for row in window.rows.tolist()]
        assert rows == np.flatnonzero(read_rows(known)).tolist()

    @given(PAGES)
    def test_are_short_enough_and_part_paragraphs_by_separators(
        self, page: list[tuple[int, float, str]]
    ) -> None:
        paragraphs = [Paragraph("word " * size, tag=tag) for size, _, tag in page]
        known = signals([furniture for _, furniture, _ in page])
        for window in make_windows(paragraphs, known, None, encode):
            assert len(window.tokens) <= WINDOW
            assert window.tokens[0] == CLS
            assert (window.tokens[window.places] == SEP).all()
            assert len(window.places) == len(window.rows) == len({*window.places.tolist()})

    def test_name_the_address_the_title_and_the_heading_above(self) -> None:
        texts = ["Tents for rain", "Why we like them", *["Some words on tents " * 10] * 40]
        tags = ["h1", "h2", *["p"] * 40]
        paragraphs = [Paragraph(text, tag=tag) for text, tag in zip(texts, tags, strict=True)]
        seen: list[str] = []

        def record(given: list[str]) -> list[list[int]]:
            seen.extend(given)
            numbers = {text: 2000 + index for index, text in enumerate(dict.fromkeys(given))}
            return [[numbers[text]] * min(len(text.split()), 50) for text in given]

        first, *others = make_windows(
            paragraphs, signals([0.1] * 42), "https://shop.example/rain/tents?x=1", record
        )
        assert any("shop.example" in text and "tents" in text for text in seen)
        title = int(first.tokens[first.places[0] + 1])
        heading = int(first.tokens[first.places[1] + 1])
        assert others
        for window in others:
            before = window.tokens[: window.places[0]]
            assert title in before
            assert heading in before


class TestRowsThatAreRead:
    def test_are_all_but_sure_furniture_amid_sure_furniture(self) -> None:
        sure, unsure = SURE + 0.01, SURE - 0.01
        known = signals([sure, sure, unsure, sure, sure, sure])
        assert read_rows(known).tolist() == [False, True, True, True, False, False]

    def test_of_an_empty_document_are_none(self) -> None:
        assert make_windows([], signals([]), None, encode) == []
