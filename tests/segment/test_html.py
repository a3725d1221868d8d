"""HTML: what of a page is a paragraph, what is known of it, whichever source reads the page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup

from adsift.document import Paragraph
from adsift.segment.lexbor import LexborSegmentation
from adsift.segment.soup import SoupSegmentation

Read = Callable[[str], list[Paragraph]]


def read_with_lexbor(html: str) -> list[Paragraph]:
    return LexborSegmentation(html).paragraphs


def read_with_soup(html: str) -> list[Paragraph]:
    return SoupSegmentation(BeautifulSoup(html, "html5lib")).paragraphs


@pytest.fixture(params=[read_with_lexbor, read_with_soup], ids=["lexbor", "soup"])
def read(request: pytest.FixtureRequest) -> Read:
    return request.param  # type: ignore[no-any-return]


def tagged(paragraphs: list[Paragraph]) -> list[tuple[str, str]]:
    return [(paragraph.tag, paragraph.text) for paragraph in paragraphs]


def texts(paragraphs: list[Paragraph]) -> list[str]:
    return [paragraph.text for paragraph in paragraphs]


class TestBlocks:
    @pytest.mark.parametrize(
        ("html", "paragraphs"),
        [
            ("<h1>A</h1><p>b<p>c", [("h1", "A"), ("p", "b"), ("p", "c")]),
            ("<div>a<div>b</div>c</div>", [("div", "a"), ("div", "b"), ("div", "c")]),
            ("a<p>b</p>c", [("body", "a"), ("p", "b"), ("body", "c")]),
            ("<section>a</section><aside>b</aside>", [("section", "a"), ("aside", "b")]),
            ("<ul><li>a<li>b<ul><li>c</ul>d</ul>", [("li", t) for t in "abcd"]),
            ("<ol>a<li><p>b</p></ol>", [("ol", "a"), ("p", "b")]),
            ("<dl><dt>a<dd>b</dl>", [("dt", "a"), ("dd", "b")]),
            (
                "<table><caption>a</caption><tr><th>b<td>c<tr><td><p>d</table>",
                [("caption", "a"), ("th", "b"), ("td", "c"), ("p", "d")],
            ),
            (
                "<figure><img src=i>a<figcaption>b</figcaption></figure>",
                [("figure", "a"), ("figcaption", "b")],
            ),
            ("<p>a<button>b</button>c", [("p", "a"), ("button", "b"), ("p", "c")]),
            ("<form>a<label>b</label><input value=x></form>", [("form", "a"), ("label", "b")]),
            ("<details><summary>a</summary>b</details>", [("summary", "a"), ("details", "b")]),
            ("<blockquote>a</blockquote><pre>b\n\nc</pre>", [("blockquote", "a"), ("pre", "b c")]),
            ("<p>a<hr>b", [("p", "a"), ("body", "b")]),
            ("<video>a</video>", [("video", "a")]),
        ],
    )
    def test_kinds(self, read: Read, html: str, paragraphs: list[tuple[str, str]]) -> None:
        assert tagged(read(html)) == paragraphs

    @pytest.mark.parametrize(
        "html",
        [
            "a<br><br>b",
            "a<br>\n <br/>b",
            "a<br>&nbsp;<br>b",
            "<b>a<br></b><br>b",
            "a<br><img src=i><br>b",
            "<br><br>a<br><br><br><br>b<br><br>",
        ],
    )
    def test_two_line_breaks_end_a_paragraph(self, read: Read, html: str) -> None:
        assert texts(read(html)) == ["a", "b"]

    @pytest.mark.parametrize("html", ["a<br>b", "<br>a<br>b<br>", "a<wbr> b", "a<img> b", "a\n\nb"])
    def test_one_line_break_or_void_element_does_not(self, read: Read, html: str) -> None:
        assert texts(read(html)) == ["a b"]


class TestText:
    @pytest.mark.parametrize(
        ("html", "text"),
        [
            (" \n a\t\r\n b&nbsp;&nbsp;c ", "a b c"),
            ("a<b>b</b><i>c</i><span>d</span>", "abcd"),
            ("<b>a<i>b<u>c</b>d</i>e</u>", "abcde"),
            ("un<wbr>seen<!-- not this -->", "unseen"),
            ("a &amp; b &eacute &#xe9; &lt;p&gt; &nosuch;", "a & b é é <p> &nosuch;"),
            ("<p>&#8203;a<b>&shy;</b> b &zwnj;</p>&#xfeff;", "a\xad b"),
            ("漢<ruby>字<rp>(</rp><rt>kan</rt><rp>)</rp></ruby>", "漢字(kan)"),
            ("e\u0301te\u0301 \U0001f600 \u202erain", "e\u0301te\u0301 \U0001f600 \u202erain"),
            ("a<custom-tag>b</custom-tag>", "ab"),
        ],
    )
    def test_is_what_a_reader_sees(self, read: Read, html: str, text: str) -> None:
        assert texts(read(html)) == [text]

    @pytest.mark.parametrize(
        "html",
        [
            "",
            " \n",
            "<p></p><p> </p><p>&nbsp;<br>&#8203;&zwnj;&#xfeff;&shy;</p>",
            "<img alt=a><input value=b placeholder=c>",
            "<!doctype html><!-- a --><title>b</title>",
        ],
    )
    def test_what_has_no_visible_character_is_no_paragraph(self, read: Read, html: str) -> None:
        assert read(html) == []

    @pytest.mark.parametrize(
        "hidden",
        [
            "<script>x</script>",
            "<script type=application/json>{}</script>",
            "<style>x</style>",
            "<template>x<p>y</template>",
            "<noscript>x<img src=i></noscript>",
            "<iframe>x</iframe>",
            "<object>x</object>",
            "<svg><text>x</text><style>y</style></svg>",
            "<select><option>x</select>",
            "<textarea>x</textarea>",
            "<canvas>x</canvas>",
            "<datalist><option>x</datalist>",
            "<dialog>x</dialog>",
            "<p hidden>x<b>y</b></p>",
            "<div hidden=''><p>x</div>",
            "<div hidden=until-found>x</div>",
            "<span style='display:none'>x</span>",
            "<div style='color:red; DISPLAY : NONE !important'><p>x</div>",
            "<!-- x --><?php x ?><![CDATA[x]]><!x>",
        ],
    )
    def test_what_a_browser_does_not_show_is_no_text(self, read: Read, hidden: str) -> None:
        assert texts(read(f"<div>a{hidden}</div><div>b</div>")) == ["a", "b"]

    @pytest.mark.parametrize(
        "shown",
        [
            "<p style='display:block'>x</p>",
            "<p style='border:none'>x</p>",
            "<p style>x</p>",
            "<p class=hidden>x</p>",
            "<dialog open>x</dialog>",
        ],
    )
    def test_what_only_looks_hidden_is_text(self, read: Read, shown: str) -> None:
        assert texts(read(shown)) == ["x"]

    def test_a_hint_for_readers_without_scripts_is_no_text(self) -> None:
        html = "<head><noscript>Please turn on scripts.</noscript><title>t</title></head><p>a"
        assert texts(read_with_lexbor(html)) == ["a"]

    def test_a_byte_order_mark_does_not_hide_the_doctype(self) -> None:
        # Without one the table would stand inside the paragraph.
        paragraphs = read_with_lexbor("\ufeff<!doctype html><p>a<table><tr><td>b</table>")
        assert paragraphs[1].ancestors == ("html", "body", "table", "tbody", "tr", "td")


class TestLinks:
    def test_targets_stand_as_written_and_in_order(self, read: Read) -> None:
        html = "<p>a <a href='/x?a=1&amp;b=ü'>b</a> <a href=' //y '>c</a> <a href=/x>d</a> <a>e</a>"
        (paragraph,) = read(html)
        assert paragraph.links == ("/x?a=1&b=ü", "//y", "/x")

    def test_an_address_may_be_malformed(self, read: Read) -> None:
        (paragraph,) = read("<a href='http://[ccpa-preferences]'>a</a><a href='http://%zz:x'>b</a>")
        assert paragraph.links == ("http://[ccpa-preferences]", "http://%zz:x")

    @pytest.mark.parametrize("attribute", ["href", "href=''", "href='  '"])
    def test_an_address_may_be_empty(self, read: Read, attribute: str) -> None:
        (paragraph,) = read(f"<a {attribute}>a</a>")
        assert (paragraph.links, paragraph.link_share) == (("",), 1.0)

    def test_share_is_counted_without_white_space(self, read: Read) -> None:
        (paragraph,) = read("<p>ab  <a href=/x> c\n<b>d</b> </a>&nbsp; efgh")
        assert paragraph.text == "ab c d efgh"
        assert paragraph.link_share == 2 / 8

    def test_a_link_across_blocks_belongs_to_each(self, read: Read) -> None:
        head, body, rest = read("<a href=/x><h3>a</h3><p>b</p></a><p>c")
        assert head.links == body.links == ("/x",)
        assert head.link_share == body.link_share == 1.0
        assert (rest.links, rest.link_share) == ((), 0.0)

    def test_a_link_around_a_picture_counts(self, read: Read) -> None:
        (paragraph,) = read("<p><a href=/x><img src=i></a> a")
        assert (paragraph.links, paragraph.link_share) == (("/x",), 0.0)

    def test_rels_are_lower_case_distinct_and_sorted(self, read: Read) -> None:
        html = (
            "<a rel='Sponsored  nofollow' href=/x>a</a><a rel=nofollow href=/y>b</a><a rel=x>c</a>"
        )
        (paragraph,) = read(html)
        assert paragraph.rels == ("nofollow", "sponsored")


class TestAncestors:
    def test_go_from_the_outside_in(self, read: Read) -> None:
        html = "<div class='a  b' id=n><ul><li class=c>x <b>y</b></ul></div>"
        (paragraph,) = read(html)
        assert paragraph.ancestors == ("html", "body", "div.a.b#n", "ul", "li.c")

    def test_inline_elements_around_the_first_word_count(self, read: Read) -> None:
        (paragraph,) = read("<p><span class=ad><em>x</em></span> y")
        assert paragraph.ancestors == ("html", "body", "p", "span.ad", "em")

    def test_only_the_innermost_are_kept(self, read: Read) -> None:
        (paragraph,) = read("<div>" * 100 + "<p id=n>x")
        assert len(paragraph.ancestors) == 24
        assert paragraph.ancestors[-1] == "p#n"

    def test_long_names_are_cut_off(self, read: Read) -> None:
        words = "  ".join(f"word{i}" for i in range(100_000))
        (paragraph,) = read(f"<p class='{words}' id='{'n' * 100_000}'>x")
        selector = paragraph.ancestors[-1]
        assert selector.startswith("p.word0.word1.word2")
        assert len(selector) < 500


class TestMalformedPages:
    @pytest.mark.parametrize("attributes", ["", " class=c", " id=é"])
    def test_overlong_names_of_elements_are_cut_off(self, read: Read, attributes: str) -> None:
        # Else all paragraphs in one of a megabyte would cost as much as that to read.
        name = "x-" + "a" * 500
        (paragraph,) = read(f"<{name}{attributes}><p>text</p></{name}>")
        ends = {"": "", " class=c": ".c", " id=é": "#é"}
        assert paragraph.ancestors[2:] == (name[:80] + ends[attributes], "p")

    def test_nesting_is_mended_as_browsers_do(self, read: Read) -> None:
        html = "<p>a<div>b</p>c</div></section><td>d</td><li>e<table>f<tr>g<td>h</table>"
        assert texts(read(html)) == ["a", "b", "c", "d", "efg", "h"]

    def test_what_is_never_closed_ends_with_the_page(self, read: Read) -> None:
        assert texts(read("<div><p>a<b>b<a href=/x>c")) == ["abc"]
        assert texts(read("<p>a<script>b</p><p>c")) == ["a"]
        assert texts(read("<p>a<!-- b</p><p>c")) == ["a"]

    def test_void_elements_may_have_content(self, read: Read) -> None:
        # Inside MathML, br's cousins are elements like any other.
        html = "<p>a<math><wbr>b</wbr><col>c</math>d<p>e"
        assert texts(read(html)) == ["abcd", "e"]

    def test_nul_and_control_characters(self, read: Read) -> None:
        assert texts(read("<p>a\0b\x01c\x0cd\x7f<b\0>e")) == ["ab\x01c d\x7fe"]

    def test_a_huge_attribute(self, read: Read) -> None:
        html = f"<p data-x='{'x' * 1_000_000}' style='{'y' * 1_000_000}'>a"
        assert texts(read(html)) == ["a"]

    def test_lone_surrogates(self) -> None:
        segmentation = LexborSegmentation("<p>a\ud800<p>b")
        assert texts(segmentation.paragraphs) == ["a?", "b"]
        assert texts(segmentation.without({0}).paragraphs) == ["b"]

    def test_deep_nesting_of_lexbor(self) -> None:
        # What is left is read again in pure Python, and its closing tags count as well.
        segmentation = LexborSegmentation("<span>" * 40_000 + "a<p>b")
        assert texts(segmentation.paragraphs) == ["a", "b"]
        assert texts(segmentation.without({1}).paragraphs) == ["a"]
        assert segmentation.without({0, 1}).paragraphs == []

    def test_deep_nesting_of_soup(self) -> None:
        segmentation = SoupSegmentation(BeautifulSoup("<span>" * 10_000 + "a<p>b", "html.parser"))
        assert texts(segmentation.paragraphs) == ["a", "b"]
        assert texts(segmentation.without({1}).paragraphs) == ["a"]

    def test_many_levels_that_each_lose_text(self) -> None:
        segmentation = LexborSegmentation("<span>a<br><br>" * 20_000 + "b")
        rest = segmentation.without(range(20_000))
        assert texts(rest.paragraphs) == ["b"]


class TestSoup:
    def test_lxml_puts_text_into_void_elements(self) -> None:
        html = "<p>a<wbr>b<embed>c<source>d<keygen>e</p><p>f</p>"
        soup = BeautifulSoup(html, "lxml")
        assert soup.wbr is not None
        assert soup.wbr.get_text()
        assert texts(SoupSegmentation(soup).paragraphs) == ["abcde", "f"]

    @pytest.mark.parametrize("parser", ["html.parser", "lxml", "html5lib"])
    def test_strings_that_are_no_text(self, parser: str) -> None:
        html = (
            "<!doctype html><p>a<!-- x --><?php x ?><script>x</script><style>x</style>"
            "<template>x</template><ruby>b<rp>(</rp><rt>c</rt></ruby>"
        )
        assert texts(SoupSegmentation(BeautifulSoup(html, parser)).paragraphs) == ["ab(c"]

    def test_cdata_is_no_text(self) -> None:
        soup = BeautifulSoup("<p>a<![CDATA[x]]>b", "html.parser")
        assert texts(SoupSegmentation(soup).paragraphs) == ["ab"]

    def test_what_callers_put_in(self) -> None:
        soup = BeautifulSoup("<p>a</p>", "html.parser")
        assert soup.p is not None
        soup.p.append("")
        soup.p.append(soup.new_string("b"))
        soup.p["class"] = "one  two"
        soup.p["id"] = 5  # type: ignore[assignment]
        (paragraph,) = SoupSegmentation(soup).paragraphs
        assert paragraph.text == "ab"
        assert paragraph.ancestors == ("p.one.two#5",)
