"""XHTML's empty elements are empty, where HTML would let them hold all that follows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adsift.document import Document
from adsift.segment import segment
from adsift.segment.xhtml import with_end_tags

XML = "<?xml version='1.0'?>\n"
PAGE = f"{XML}<html xmlns='http://www.w3.org/1999/xhtml'><head>%s</head><body>%s</body></html>"


def texts(page: str) -> list[str]:
    return [p.text for p in segment(Document(page, format="html")).paragraphs]


class TestReading:
    @pytest.mark.parametrize(
        "empty",
        [
            "<script src='a'/>",
            '<SCRIPT src="a"\n/>',
            "<title/>",
            "<iframe src='a' />",
            "<textarea/>",
            "<noscript/>",
            "<select/>",
            "<canvas id='a/b' title = 'c > d'/>",
            "<template/>",
        ],
    )
    def test_what_follows_an_empty_element_is_read(self, empty: str) -> None:
        assert texts(PAGE % ("", f"<p>Rain fell.</p>{empty}<p>Sun came.</p>")) == [
            "Rain fell.",
            "Sun came.",
        ]
        assert texts(PAGE % (empty, "<p>Rain fell.</p>")) == ["Rain fell."]

    def test_it_goes_alone_with_what_is_dropped(self) -> None:
        body = "<div><p>Buy it.</p><script src='a'/></div><p>Rain fell.</p>"
        left = segment(Document(PAGE % ("", body), format="html")).without({0})
        assert [p.text for p in left.paragraphs] == ["Rain fell."]
        assert left.render().count("Rain fell.") == 1

    def test_pages_without_a_declaration_are_html(self) -> None:
        # As browsers have it.
        assert texts("<p>Rain fell.</p><script src='a'/><p>Sun came.</p>") == ["Rain fell."]

    @pytest.mark.parametrize("part", ["<br/>", "<img src='a'/>", "<a id='b'>c</a>"])
    def test_void_and_full_elements_stay(self, part: str) -> None:
        page = (PAGE % ("", part)).encode()
        assert with_end_tags(page) == page

    @pytest.mark.parametrize(
        "part",
        [
            "<script>write('<iframe src=a/>' + '<p/>')</script>",
            "<style>/* <b/> */</style>",
            "<!-- <script/> -->",
            "<!-- <script/>",
            "<![CDATA[ <script/> ]]>",
            "a < b and c /> d",
            # Tag soup, which XML does not know.
            "<a href=http://a.example/>b</a>",
            "<li><a href=/a/>b</a></li>",
            "<div hidden/>",
        ],
    )
    def test_what_is_no_element_stays(self, part: str) -> None:
        page = (XML + part).encode()
        assert with_end_tags(page) == page

    @pytest.mark.parametrize(
        "part",
        [
            "<a b='c' ",
            "<a ",
            "<a b='",
            "<!--",
            "<![CDATA[",
            "<script>",
            "<a/",
            "<a/>",
            "</",
            "<x<y/>",
        ],
    )
    def test_hostile_repetition(self, part: str) -> None:
        page = XML.encode() + part.encode() * 200_000
        assert len(with_end_tags(page)) >= len(page)

    @given(st.lists(st.sampled_from(["<a", "<p/>", "b='c'", "/>", ">", "<!--", "-->", "x"])))
    def test_it_does_so_once(self, parts: list[str]) -> None:
        page = (XML + "".join(parts)).encode()
        once = with_end_tags(page)
        assert with_end_tags(once) == once
