"""Pages in pieces: the same tree, and an end to what costs too much."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from selectolax.lexbor import LexborDocumentOptions, LexborHTMLParser

from adsift.errors import DocumentError
from adsift.segment import lexbor_library, parsing
from adsift.segment.lexbor import LexborSegmentation
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
            patch.setattr(parsing, "LEAST_PIECE", 1)
            assert parse_html(page).html == whole(page)

    def test_a_page_of_many_pieces(self) -> None:
        page = "<!doctype html>" + "<div><p>é <i>one</i> &amp; <b>two</b></p></div>\r\n" * 5_000
        assert len(page) > 30 * parsing.PIECE
        assert parse_html(page).html == whole(page)
        assert parse_html(page.encode()).html == whole(page)


BLOCK_TAGS = ["<div>", "<ul><li>", "<pre>\n", "<blockquote><p>"]
INLINE_TAGS = ["<span>", "<b>", "<x-icon/>", "<svg><path/></svg><path/>"]
FONTS = [f"<font id={number}>" for number in range(10_000)]


class TestCostlyPages:
    @pytest.mark.parametrize("tag", [*BLOCK_TAGS, *INLINE_TAGS])
    def test_deep_nesting_is_given_up(self, tag: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(parsing, "TIME", parsing.TIME // 10)
        with pytest.raises(DocumentError, match=r"[\d,]+ elements are open, one inside the other"):
            parse_html(tag * 200_000)

    @pytest.mark.parametrize("tag", [*BLOCK_TAGS, *INLINE_TAGS])
    def test_what_a_template_never_closes_is_read(self, tag: str) -> None:
        page = "".join(f"{tag}some text of item {number}<br>" for number in range(10_000))
        assert parse_html(page).html == whole(page)

    @pytest.mark.parametrize(
        "page",
        [
            "".join(f"<p>{font}x</p>" for font in FONTS),
            "<p>" + "".join(FONTS[:1_000]) + "<p>x" * 7_000,
            ("<table><td><p>" + "".join(FONTS[:60]) + "<p>x" * 800 + "</table>") * 80,
            "<p><b " + " ".join(f"a{number}" for number in range(50)) + ">" + "<p>x" * 100_000,
            f"<p><b a='{'x' * 1_000_000}'>" + "<p>x" * 10_000,
        ],
        ids=[
            "one more each",
            "many in a small page",
            "in tables",
            "attributes",
            "a large attribute",
        ],
    )
    def test_elements_that_begin_anew_in_each_paragraph(self, page: str) -> None:
        with pytest.raises(DocumentError, match="such as <b> and <font> are not closed"):
            parse_html(page)

    @pytest.mark.parametrize(
        "page",
        [
            "".join(f"<li>{font}x</font>" for font in FONTS),
            ("<p>" + "".join(FONTS[:100]) + "x" + "</font>" * 100 + "</p>") * 300,
            "<table><tr><td>a post" + ("<table><tr><td>a post" + "<p>x" * 30) * 300,
            ("<object><p>x" * 100 + "</object>" * 99) * 50,
            "<table><tr><td>" * 200 + "<p>x <b>y</b></p><br>" * 50_000,
            "<p>" + "".join(FONTS[:10]) + "<p>some text" * 5_000,
            "<osm>" + "<node id=1 lat=1.0/>\n" * 40_000,
        ],
        ids=["closed", "nested well", "tables", "objects", "nested tables", "ten left open", "xml"],
    )
    def test_what_only_looks_so_is_read(self, page: str) -> None:
        assert parse_html(page).html == whole(page)

    def test_a_page_that_has_ended_is_not_given_up(self, monkeypatch: pytest.MonkeyPatch) -> None:
        page = "<div>" * 5_000
        monkeypatch.setattr(parsing, "TIME", 0)
        with pytest.raises(DocumentError):
            parse_html(page)
        monkeypatch.setattr(parsing, "PIECE", len(page) - 1)
        assert parse_html(page).html == whole(page)

    def test_a_stripped_page_can_be_stripped(self) -> None:
        # It is longer by all elements that were made anew, which now have ends.
        post = "<p>A report of the day.</p><p>Buy two lamps.</p>"
        page = "".join(f"<li>{font}user</li>{post * 3}" for font in FONTS[:150])
        segmentation = LexborSegmentation(page)
        rest = segmentation.without(range(1, len(segmentation.paragraphs), 2))
        assert len(rest.source) > 5 * len(page)
        again = LexborSegmentation(rest.source)
        assert again.paragraphs == rest.paragraphs


class TestWhereLexborCannotBeWatched:
    def test_pages_are_parsed_all_the_same(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(parsing, "_library", lambda: None)
        page = "<div>" * 10_000 + "x"
        assert parse_html(page).html == whole(page)

    def test_another_page_tries_again(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def no_pipe() -> tuple[int, int]:
            raise OSError(24, "Too many open files")

        page = "<p>" + "".join(FONTS[:100]) + "<p>x" * 10_000
        parsing._library.cache_clear()
        with monkeypatch.context() as patch:
            patch.setattr("os.pipe", no_pipe)
            parse_html(page)
        with pytest.raises(DocumentError):
            parse_html(page)

    def test_it_is_found_in_a_process_that_has_used_lexbor(self) -> None:
        kept = [LexborHTMLParser(f"<p>{'x' * number}" * number) for number in range(1, 300, 7)]
        found = set()
        for number in range(50):
            kept[number % len(kept)] = LexborHTMLParser("<i>x</i>" * 10_000 + "<p>" * number)
            found.add(lexbor_library.Library().places)
        assert len(found) == 1

    def test_of_another_library_nothing_is_believed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        page = "<p>" + "".join(FONTS[:100]) + "<p>x" * 10_000
        for name, value in (("_DOCUMENT_WORDS", 8), ("_OPEN", 3)):
            parsing._library.cache_clear()
            with monkeypatch.context() as patch:
                patch.setattr(lexbor_library, name, value)
                parse_html(page)
        parsing._library.cache_clear()
