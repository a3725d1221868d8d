"""Both event sources: they agree on every page, and on what is left when paragraphs go."""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st

from adsift.decode import decode
from adsift.document import Paragraph
from adsift.segment.lexbor import LexborSegmentation
from adsift.segment.soup import SoupSegmentation

REPOSITORY = Path(__file__).resolve().parents[2]
PAGES = Path(os.environ.get("ADSIFT_SHARED", REPOSITORY.parent / "shared")) / "data" / "pages"
# html5lib takes its time, so that only some pages are read unless all are asked for.
STEP = 1 if os.environ.get("ADSIFT_ALL_PAGES") else 8
NO_PAGES = "no pages: set ADSIFT_SHARED to the folder that holds data/pages"

# Where html5lib 1.1 is not a browser of today.
DISAGREEING_PAGES = {
    "m124": "html5lib lets a block inside <template> close the paragraph around it",
    "n073": "html5lib shows the text of <noscript> in the head",
    "p148": "html5lib shows the text of <noscript> in the head",
    "q044": "html5lib does not open a misnested link again before white space",
}

# ------------------------------------------------------------------------------ random pages

# "§" becomes a word of its own.
WORDS = st.sampled_from(["§", " § ", "§ §", "§&amp;§", "é§\n", " ", "&nbsp;", "&#8203;"])
NOT_TEXT = st.sampled_from(
    [
        *("<br>", "<br><br>", "<br> <br>", "<img src=i>", "<wbr>", "<input value=x>"),
        *("<!-- x -->", "<?php x ?>", "<script>x</script>", "<style>x</style>"),
        *("<span hidden>x</span>", "<i style='display:none'>x</i>", "<svg><text>x</text></svg>"),
    ]
)
LEAVES = st.one_of(WORDS, WORDS, NOT_TEXT)
ONE_TO_THREE = st.integers(1, 3)


INLINE = ["b", "i", "span class=c", "a href=/x", "a rel=nofollow href=''"]
OF_INLINE = ["p", "p class=c", "h2", "button"]
OF_BLOCKS = ["div class='c d'", "section", "article", "blockquote", "a href=/y", "b", "div hidden"]
# What must stand in what.
CHILD = {"ul": "li", "ol": "li class=c", "table": "tbody", "tbody": "tr", "tr": "td id=n"}
WITH_CHILDREN = ["ul", "ol", "table"]


@st.composite
def pages(draw: st.DrawFn) -> str:
    def content(depth: int, inline: bool) -> str:
        return "".join(node(depth, inline) for _ in range(draw(ONE_TO_THREE)))

    def node(depth: int, inline: bool) -> str:
        if depth == 0 or draw(ONE_TO_THREE) == 1:
            return draw(LEAVES)
        kinds = INLINE if inline else INLINE + OF_INLINE + OF_BLOCKS + WITH_CHILDREN + ["hr"]
        return element(draw(st.sampled_from(kinds)), depth - 1, inline)

    def element(start: str, depth: int, inline: bool) -> str:
        name = start.split()[0]
        if name == "hr":
            return "<hr>"
        if name in CHILD:
            inner = "".join(element(CHILD[name], depth, inline) for _ in range(draw(ONE_TO_THREE)))
        else:
            inner = content(depth, inline or start in INLINE + OF_INLINE)
        return f"<{start}>{inner}</{name}>"

    nodes = [node(3, inline=False) for _ in range(draw(st.integers(0, 6)))]
    pieces = "".join(nodes).split("§")
    numbered = "".join(f"{piece}w{i}" for i, piece in enumerate(pieces[:-1])) + pieces[-1]
    return draw(st.sampled_from(["", "<!doctype html>"])) + numbered


# What html5lib 1.1 reads by older rules than the standard's of today is left out: elements
# younger than it, noscript, template, MathML, NUL, and what a table cannot hold in a table.
ANYWHERE = (
    "p div section article ul ol h1 h2 a b i em span font nobr code label pre blockquote center "
    "figure address header details ruby rt rp big small u s strong fieldset legend script style "
    "object applet marquee br hr img input wbr"
).split()
IN_TABLES = "table caption thead tbody tr td th".split()
NOT_IN_TABLES = "li dl dt dd button form iframe textarea title html head body".split()
ATTRIBUTES = st.sampled_from(
    ["", "", " class=c", " id=n", " hidden", " href=/x", " rel='b a'", "/"]
)
OTHERS = st.sampled_from(
    [
        *("rain", "sun ", "&amp;", "&eacutex", "&#xfeff;", "\xa0y", "<3", "</>", "<!>", "'", '"'),
        *("<!-- c -->", "<!--", "-->", "<?php x ?>", "<![CDATA[q]]>", "<!doctype html>"),
    ]
)


def _tag_soup(names: list[str]) -> st.SearchStrategy[str]:
    name = st.sampled_from(names)
    start = st.tuples(name, ATTRIBUTES).map(lambda drawn: f"<{drawn[0]}{drawn[1]}>")
    end = name.map(lambda drawn: f"</{drawn}>")
    return st.lists(st.one_of(start, end, OTHERS), max_size=20).map("".join)


TAG_SOUP = st.one_of(_tag_soup(ANYWHERE + IN_TABLES), _tag_soup(ANYWHERE + NOT_IN_TABLES))
ROUNDS = st.lists(st.sets(st.integers(0, 9)), min_size=1, max_size=3)


def read_with_lexbor(html: str) -> LexborSegmentation:
    return LexborSegmentation(html)


def read_with_soup(html: str) -> SoupSegmentation:
    return SoupSegmentation(BeautifulSoup(html, "html5lib"))


SOURCES = pytest.mark.parametrize(
    "read", [read_with_lexbor, read_with_soup], ids=["lexbor", "soup"]
)
Segmentation = LexborSegmentation | SoupSegmentation
Read = Callable[[str], Segmentation]


def texts(paragraphs: list[Paragraph]) -> list[str]:
    return [paragraph.text for paragraph in paragraphs]


# ------------------------------------------------------------------------------ agreement


class TestAgreement:
    @settings(max_examples=200)
    @given(pages())
    def test_on_well_formed_pages(self, html: str) -> None:
        assert read_with_soup(html).paragraphs == read_with_lexbor(html).paragraphs

    @settings(max_examples=300)
    @given(TAG_SOUP)
    def test_on_tag_soup(self, html: str) -> None:
        assert read_with_soup(html).paragraphs == read_with_lexbor(html).paragraphs

    @pytest.mark.filterwarnings("ignore::bs4.MarkupResemblesLocatorWarning")
    @given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
    def test_on_any_text(self, html: str) -> None:
        assert read_with_soup(html).paragraphs == read_with_lexbor(html).paragraphs


def _page_paths() -> list[Path]:
    return sorted(PAGES.glob("*.html.gz"))[::STEP]


def _page_parameters() -> list[pytest.ParameterSet]:
    if not _page_paths():
        return [pytest.param(None, marks=pytest.mark.skip(reason=NO_PAGES), id="none")]
    parameters = []
    for path in _page_paths():
        name = path.name.removesuffix(".html.gz")
        reason = DISAGREEING_PAGES.get(name)
        marks = [pytest.mark.xfail(reason=reason)] if reason else []
        parameters.append(pytest.param(path, marks=marks, id=name))
    return parameters


def _read_page(path: Path) -> str:
    return decode(gzip.decompress(path.read_bytes()))


@pytest.mark.filterwarnings("ignore::bs4.XMLParsedAsHTMLWarning")
class TestAgreementOnRealPages:
    @pytest.mark.parametrize("path", _page_parameters())
    def test_with_html5lib(self, path: Path) -> None:
        html = _read_page(path)
        # No comparison inside the assertion, so that a failure quotes nobody's page.
        agree = read_with_soup(html).paragraphs == read_with_lexbor(html).paragraphs
        assert agree, path.name

    @pytest.mark.skipif(not _page_paths(), reason=NO_PAGES)
    def test_texts_with_lxml(self) -> None:
        disagreeing = []
        for path in _page_paths():
            html = _read_page(path)
            soup = SoupSegmentation(BeautifulSoup(html, "lxml"))
            if texts(soup.paragraphs) != texts(read_with_lexbor(html).paragraphs):
                disagreeing.append(path.name)
        assert len(disagreeing) <= 0.01 * len(_page_paths()), disagreeing


# ------------------------------------------------------------------------------ removal


def body(segmentation: Segmentation) -> str:
    """What stands in the body, written as lexbor writes it."""
    html = segmentation.render().replace("<br/>", "<br>").replace("/>", ">")
    return html.partition("<body>")[2].partition("</body>")[0]


@SOURCES
class TestWithout:
    @pytest.mark.parametrize(
        ("html", "drop", "left"),
        [
            ("<p>a</p><p>b</p><p>c</p>", {1}, "<p>a</p><p>c</p>"),
            ("<p>a <b>b</b></p><p>c</p>", {0}, "<p>c</p>"),
            ("a<br><br>b", {1}, "a<br><br>"),
            ("<p>a<br><br><i>b</i></p>", {0}, "<p><br><br><i>b</i></p>"),
            # empty wrappers go, with what else is in them
            ("<div><section><p>a</p></section></div><p>b</p>", {0}, "<p>b</p>"),
            ("<ul><li>a</li><li>b</li></ul><p>c</p>", {0, 1}, "<p>c</p>"),
            ("<ul><li>a</li><li>b</li></ul>", {0}, "<ul><li>b</li></ul>"),
            ("<div><img src=i><p>a</p></div><p>b</p>", {0}, "<p>b</p>"),
            ("<div><script>x</script><p>a</p><style>y</style></div>b", {0}, "b"),
            ("<a href=x><h3>a</h3><p>b</p></a><p>c</p>", {0, 1}, "<p>c</p>"),
            ("<div>a<!-- x --></div><!-- y --><p>b</p>", {0}, "<!-- y --><p>b</p>"),
            ("<div><figure><img src=i><figcaption>a</figcaption></figure></div>b", {0}, "b"),
            # wrappers that hold anything to read, or a figure of its own, stay
            (
                "<div><p>a</p><figure><img></figure></div>b",
                {0},
                "<div><figure><img></figure></div>b",
            ),
            ("<div><p>a</p><p>b</p></div>", {0}, "<div><p>b</p></div>"),
            ("<div><p>a</p></div><div><p hidden>x</p></div>", {0}, '<div><p hidden="">x</p></div>'),
            ("<p>a</p><div></div><p>b</p>", {0}, "<div></div><p>b</p>"),
            # the page's skeleton and cells stay
            ("<p>a</p>", {0}, ""),
            ("<main><article><p>a</p></article></main>", {0}, "<main><article></article></main>"),
            (
                "<table><tbody><tr><td>a</td><td>b</td></tr></tbody></table>",
                {0},
                "<table><tbody><tr><td></td><td>b</td></tr></tbody></table>",
            ),
            (
                "<table><tbody><tr><th>a</th></tr><tr><td>b</td></tr></tbody></table>",
                {0},
                "<table><tbody><tr><td>b</td></tr></tbody></table>",
            ),
            ("<table><caption>a</caption><tbody><tr><td>b</td></tr></tbody></table>c", {0, 1}, "c"),
            # paragraphs that only a dropped one parted remain apart
            ("a<p>b</p>c", {1}, "a<br><br>c"),
            ("a<p>b</p> <div><p>c</p></div>d<p>e</p>", {1, 2}, "a<br><br> d<p>e</p>"),
            ("a<span><br><br>b<br><br></span>c", {1}, "a<br><br>c"),
            ("a<br><p>b</p>c", {1}, "a<br><br><br>c"),
            ("a<hr><p>b</p>c", {1}, "a<hr>c"),
            ("<i>a</i><p>b</p><p>c</p>", {1}, "<i>a</i><p>c</p>"),
            ("<p>a</p><p>b</p>c", {1}, "<p>a</p>c"),
        ],
    )
    def test_leaves(self, read: Read, html: str, drop: set[int], left: str) -> None:
        before = texts(read(html).paragraphs)
        rest = read(html).without(drop)
        assert body(rest) == left
        assert texts(rest.paragraphs) == [t for i, t in enumerate(before) if i not in drop]

    def test_keeps_doctype_and_head(self, read: Read) -> None:
        html = "<!DOCTYPE html><html><head><title>t</title></head><body><p>a</p></body></html>"
        rest = read(html).without({0}).render()
        assert rest.replace("\n", "") == html.replace("<p>a</p>", "")

    def test_dropping_nothing_gives_the_same_object(self, read: Read) -> None:
        segmentation = read("<p>a")
        assert segmentation.without(()) is segmentation

    @pytest.mark.parametrize("index", [-1, 2, 2**70, -(2**70)])
    def test_an_index_of_no_paragraph_is_an_error(self, read: Read, index: int) -> None:
        segmentation = read("<p>a<p>b")
        with pytest.raises(IndexError, match="2 paragraphs"):
            segmentation.without({index})
        assert texts(segmentation.without({0}).paragraphs) == ["b"]

    def test_paragraphs_have_no_spans(self, read: Read) -> None:
        segmentation = read("<p>a<p>b")
        assert segmentation.originals == [None, None]
        assert {(p.start, p.end) for p in segmentation.paragraphs} == {(None, None)}


class TestSourcesWithout:
    def test_lexbor_can_be_asked_twice(self) -> None:
        segmentation = LexborSegmentation("<p>a<p>b<p>c")
        assert texts(segmentation.without({0}).paragraphs) == ["b", "c"]
        assert texts(segmentation.without({1}).paragraphs) == ["a", "c"]
        assert segmentation.render() == "<p>a<p>b<p>c"

    def test_soup_is_cleaned_in_place(self) -> None:
        soup = BeautifulSoup("<div><p>a</p><p>b</p></div>", "html.parser")
        rest = SoupSegmentation(soup).without({0})
        assert rest.source is soup
        assert str(soup) == rest.render() == "<div><p>b</p></div>"

    def test_what_lxml_puts_into_void_elements_goes_alone(self) -> None:
        soup = BeautifulSoup("<p>a<wbr>b</p><p>c<embed>d</p>", "lxml")
        assert texts(SoupSegmentation(soup).without({0}).paragraphs) == ["cd"]

    @settings(max_examples=300)
    @given(st.one_of(pages(), TAG_SOUP), ROUNDS)
    def test_every_other_paragraph_survives(self, html: str, rounds: list[set[int]]) -> None:
        lexbor, soup = read_with_lexbor(html), read_with_soup(html)
        kept = texts(lexbor.paragraphs)
        for numbers in rounds:
            drop = {number for number in numbers if number < len(kept)}
            kept = [text for i, text in enumerate(kept) if i not in drop]
            lexbor, soup = lexbor.without(drop), soup.without(drop)
            assert texts(lexbor.paragraphs) == kept
            assert texts(soup.paragraphs) == kept
            # What is written out reads as the tree does.
            assert texts(read_with_lexbor(lexbor.render()).paragraphs) == kept
            assert texts(read_with_lexbor(soup.render()).paragraphs) == kept
