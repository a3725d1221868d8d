"""Pages in pieces: the same tree, and an end to what costs too much."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from selectolax.lexbor import LexborDocumentOptions, LexborHTMLParser

from adsift.errors import DocumentError
from adsift.segment import parsing
from adsift.segment.parsing import parse_html

TAGS = """
    p /p b /b a_href='x&amp;y' /a br/ /br pre !-- --!> !--> script /script style /style title
    /title textarea /textarea table tr td /td /table select option template /template svg /svg
    math mi noscript /noscript plaintext xmp iframe /iframe frameset x-y_z body_c
    html_d ?php !doctype_html
    p_a='_>_'
"""
TEXTS = """
    &amp; &lt &notit; &#x41; &#128; &nosuch; & &# ; < > " ' = / --> </style <![CDATA[ ]]> <a é漢😀
    word
"""
SPACES = ["\r\n", "\r", "\n", "\0", " ", "\ufeff"]
MARKUP = [f"<{tag.replace('_', ' ')}>" for tag in TAGS.split()] + TEXTS.split() + SPACES
PAGES = st.lists(st.sampled_from(MARKUP), max_size=40).map("".join)


def whole(page: str) -> str | None:
    tree = LexborHTMLParser(
        page.removeprefix("\ufeff").encode(),
        options=LexborDocumentOptions.WO_EVENTS,
        scripting=True,
    )
    return tree.html


class TestPieces:
    @given(PAGES, st.integers(1, 40))
    @example("<p>quirks<table>", 1)
    @example("<!doctype html><p>no quirks<table>", 1)
    @example("<p>never closed", 1)
    def test_pieces_make_the_same_tree(self, page: str, size: int) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(parsing, "PIECE", size)
            assert parse_html(page).html == whole(page)

    def test_a_page_of_many_pieces(self) -> None:
        page = "<!doctype html>" + "<div><p>é <i>one</i> &amp; <b>two</b></p></div>\r\n" * 5_000
        assert len(page) > 3 * parsing.PIECE
        assert parse_html(page).html == whole(page)
        assert parse_html(page.encode()).html == whole(page)


class TestCostlyPages:
    @pytest.mark.parametrize("tag", ["<div>", "<ul><li>", "<span>", "<b>", "<svg>", "<pre>\n"])
    def test_deep_nesting_is_given_up(self, tag: str) -> None:
        with pytest.raises(DocumentError, match=r"[\d,]+ elements are open, one inside the other"):
            parse_html(tag * 200_000)

    @pytest.mark.parametrize("tag", ["<div>", "<ul><li>", "<span>", "<b>", "<svg>", "<pre>\n"])
    def test_moderate_nesting_is_not(self, tag: str) -> None:
        page = tag * 3_000 + "x" * parsing.PIECE
        assert parse_html(page).html == whole(page)

    def test_elements_that_begin_anew_in_each_paragraph(self) -> None:
        page = "".join(f"<p><font id={number}>x</p>" for number in range(10_000))
        with pytest.raises(DocumentError, match="such as <b> and <font> have not been closed"):
            parse_html(page)

    def test_a_page_with_a_fault_or_two_is_read(self) -> None:
        cells = "".join(f"<td><font id={number}><p>x" for number in range(2_000))
        items = "".join(f"<li><div><b class=c{number % 5}>x</b>" for number in range(2_000))
        page = f"<table><tr>{cells}</table><ul>{items}</ul>" + "<p>text of the page</p>" * 2_000
        assert len(page) > 3 * parsing.PIECE
        assert parse_html(page).html == whole(page)


class TestWhereLexborCannotBeWatched:
    def test_pages_are_parsed_all_the_same(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(parsing, "_feeder", lambda: None)
        page = "<div>" * 10_000 + "x"
        assert parse_html(page).html == whole(page)
