"""The compiled reader of pages does what the events and selectolax's nodes do."""

from __future__ import annotations

import gzip
import os
import random
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from adsift.compiled import compiled
from adsift.decode import decode, not_text
from adsift.document import Document, Paragraph
from adsift.segment import elements, lexbor, segment
from adsift.segment.detect import SAMPLE, detect_format
from adsift.segment.html import read_paragraphs
from adsift.segment.lexbor import LexborSegmentation, lexbor_events
from adsift.segment.parsing import parse_html
from adsift.segment.xml import is_xml

REPOSITORY = Path(__file__).resolve().parents[2]
PAGES = Path(os.environ.get("ADSIFT_SHARED", REPOSITORY.parent / "shared")) / "data" / "pages"
PAGES_READ = None if os.environ.get("ADSIFT_ALL_PAGES") else 60

pytestmark = pytest.mark.skipif(
    compiled("page") is None, reason="adsift.compiled.page was not built, or is turned off"
)

# ------------------------------------------------------------------------------ hostile pages

KNOWN = sorted(elements.BLOCKS | elements.UNSEEN | elements.VOID | elements.UNREMOVABLE)
TAGS = st.one_of(
    st.sampled_from("p div br br a a b i span li td table ul hr img figure".split()),
    st.sampled_from(KNOWN),
    st.sampled_from("svg math mi mtext annotation-xml foreignObject linearGradient path".split()),
    st.sampled_from(["x-y", "abcdefghijklmno-p", "abcdefghijklmnop-q", "é", "a:b", "font", "nobr"]),
)
TEXTS = st.one_of(
    st.sampled_from(
        [
            *("rain", " ", "\n\t", "\xa0", "&nbsp;", "&#8203;", "\u200b", "\xad x", "\ufeff", "\0"),
            *("&#0;", "&#xd800;", "\ud800", "é漢\U0001f600", "\x85", "\u2028", "\x1c", "&lt;&amp;"),
            *('"', "'", "<", ">", "\u200bx\u200b", " \u2060 ", "İſK", "&#x10ffff;", "\ufffd"),
            *("<!-- c -->", "<!--", "-->", "<?php x ?>", "<?y", "<![CDATA[q]]>", "</>", "<!x>"),
            *("<!doctype html>", "<!doctype x-y>", "<!doctype>", "<!DOCTYPE abcdefghijklmnop-q>"),
        ]
    ),
    st.text(max_size=8),
)
VALUES = st.one_of(
    st.sampled_from(
        [
            *("", "c", " c  d\n", "é", "\xa0c\xa0d", "x" * 350, "c " * 200, "C\0d", "&quot;&nbsp;"),
            *("nofollow", "NoFollow sponsored", "noopener  nofollow", "İ K", "\ud800"),
            *("display:none", "DISPLAY : None", "displaydisplay:none", "dis\xa0play:none", "\xa0"),
            *("color:red;display:\nnone", "ddisplay:none", "https://x.example/ ?a&b", "\u2003/y\n"),
        ]
    ),
    st.text(max_size=6),
)
ATTRIBUTES = st.sampled_from(
    "class class id href href rel style hidden open HREF Class xlink:href xml:lang xmlns is "
    "xmlns:xlink definitionurl viewbox title x-y abcdefghijklmno-p abcdefghijklmnop-q é é".split()
)


@st.composite
def _start_tags(draw: st.DrawFn) -> str:
    written = draw(TAGS)
    for name in draw(st.lists(ATTRIBUTES, max_size=4)):
        quote = draw(st.sampled_from(["'", '"', "", None]))
        value = "" if quote is None else f"={quote}{draw(VALUES)}{quote}"
        written += f" {name}{value}"
    return f"<{written}{draw(st.sampled_from(['', '', '/']))}>"


END_TAGS = TAGS.map(lambda tag: f"</{tag}>")
HOSTILE = st.lists(st.one_of(_start_tags(), END_TAGS, TEXTS, TEXTS), max_size=30).map("".join)
DROPS = st.sets(st.integers(0, 12))

TEMPLATES = (
    "<p>a</p><template><p>b<template>c</template></p><i>d</i></template><p>e</p>"
    "<template></template><template>f</template>"
)
MIXED = (
    "<table><tr><td>a<p>b<table>c<td>d</table></table><a href=1>e<a href=2>f<p>g</a>h"
    "<noscript><p>i</p></noscript><xmp>&amp;<b></xmp><textarea>\n\nj</textarea><pre>\nk</pre>"
    "<math><source>l<p>m</p></math><svg><style>&amp;n</style><title>o</title></svg>"
    "<select><option>p</select><plaintext>q</p>"
)


def in_python(html: str, drops: list[set[int]]) -> tuple[LexborSegmentation, list[str]]:
    """The page, and what is left of it after each drop, by the pure modules alone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lexbor, "_page_reader", lambda: None)
        page = LexborSegmentation(html)
        everything = set(range(len(page.paragraphs)))
        left = [page.without(drop & everything) for drop in drops]
        return page, [
            rest.render() if drop & everything else parse_html(html).html or ""
            for rest, drop in zip(left, drops, strict=True)
        ]


def same(one: list[Paragraph], other: list[Paragraph]) -> bool:
    """Equal, and the numbers to the last bit."""
    return one == other and [p.link_share.hex() for p in one] == [p.link_share.hex() for p in other]


def check(html: str, *drops: set[int]) -> None:
    chosen = [set(), *drops]
    page, left = in_python(html, chosen)
    tree = parse_html(html)
    reader = lexbor._page_reader()
    paragraphs, texts = reader.read(tree)
    # Comparisons outside the assertions, so that a failure quotes nobody's page.
    agree = same(page.paragraphs, paragraphs)
    assert agree
    assert [*page._read.blocks.texts] == [*texts]
    everything = set(range(len(paragraphs)))
    for drop, wanted in zip(chosen, left, strict=True):
        written, removed, blocks = reader.write_without(tree, paragraphs, texts, drop & everything)
        agree = written.decode("utf-8", "replace") == wanted
        assert agree
        if blocks is not None:
            check_cut(wanted, tree, removed, blocks, chosen)


def check_cut(
    html: str,
    tree: Any,
    removed: Any,
    blocks: tuple[list[Paragraph], Any],
    drops: list[set[int]],
    more: int = 1,
) -> None:
    """That what is known of a page without parsing it is so, and can be cut some times more."""
    page, left = in_python(html, drops)
    paragraphs, texts = blocks
    agree = parse_html(html).html == html
    assert agree
    agree = same(page.paragraphs, paragraphs)
    assert agree
    everything = set(range(len(paragraphs)))
    for drop, wanted in zip(drops, left, strict=True):
        written, gone, rest = lexbor._page_reader().write_without(
            tree, paragraphs, texts, drop & everything, removed
        )
        agree = written.decode("utf-8", "replace") == wanted
        assert agree
        if rest is not None and more:
            check_cut(wanted, tree, gone, rest, drops, more - 1)


class TestReader:
    def test_its_layout_is_proven(self) -> None:
        assert lexbor._page_reader() is not None

    def test_another_layout_is_refused(self) -> None:
        class Node:
            """A node whose relatives are others than those that lie in memory."""

            def __init__(self, node: Any) -> None:
                self._node = node

            def __getattr__(self, name: str) -> Any:
                found = getattr(self._node, name)
                if name in ("next", "last_child", "parent", "first_child") and found is not None:
                    return Node(found if name != "last_child" else found.first_child or found)
                return found

        class Tree:
            def __init__(self, html: str) -> None:
                self._tree = parse_html(html)

            def __getattr__(self, name: str) -> Any:
                found = getattr(self._tree, name)
                return Node(found) if name == "root" else found

        assert compiled("page").make_reader(Tree, lambda _: None) is None

    @pytest.mark.parametrize("address", [0, 8, 4096, 2**47, 2**64 - 4096])
    def test_a_wrong_address_is_no_crash(self, address: int) -> None:
        class Tree:
            def __init__(self, html: str) -> None:
                self._tree = parse_html(html)

            @property
            def root(self) -> Any:
                return self

            parent = property(lambda tree: tree)
            first_child = property(lambda _: None)
            mem_id = property(lambda _: address)
            tag = "-document"

            def create_node(self, tag: str) -> Any:
                return self._tree.create_node(tag)

        assert compiled("page").make_reader(Tree, lambda _: None) is None

    def test_another_reading_is_refused(self) -> None:
        assert compiled("page").make_reader(parse_html, lambda _: ([], [])) is None


class TestAgreement:
    @settings(max_examples=2000, deadline=None)
    @given(HOSTILE, DROPS)
    @example(TEMPLATES, {0})
    @example(TEMPLATES, {1})
    @example(MIXED, {0, 2, 4})
    @example("", set())
    def test_on_hostile_pages(self, html: str, drop: set[int]) -> None:
        check(html, drop, set(range(99)) - drop)

    @settings(max_examples=2000, deadline=None)
    @given(
        st.lists(
            st.one_of(
                st.sampled_from(
                    "<p> </p> <div> </div> <div> </div> <br> <br> <hr> <b> </b> <a href=x> <a> "
                    "</a> <figure> </figure> <img> <td> <table> <section hidden> </section> <ul> "
                    "<li> </ul> <marquee> </marquee>".split()
                ),
                st.sampled_from(["w", "x y", "\u200b", " "]),
            ),
            max_size=40,
        ).map("".join),
        DROPS,
    )
    @example("<div><p>a</p><figure><img></figure></div>b", {0})
    @example("a<span><br><br>b<br><br></span>c", {1})
    @example("a<i><p>b</p></i>c", {1})
    def test_on_what_parts_paragraphs(self, html: str, drop: set[int]) -> None:
        check(html, drop, *({index} for index in range(4)), set(range(99)) - drop)

    @pytest.mark.parametrize(
        "html",
        [
            "<a href=1>x<marquee>y<a href=2>z</a>w</marquee>v",
            "<math><a href=1>x<a href=2>y</a>z</a>w<a href=1>v</a></math>",
            "<a href=1><a href=2>x<a>y<a href>z",
            "<a href=' \u2003 x \n'>y</a><a href='é '>y</a><a href='\xa0'>y</a><a href='  '>y</a>",
            "<a href rel='b A'>x<a href rel='b A'>y<a href rel='c\xa0a'>z<a href rel=İ>w",
            "<a href rel='b A'>x<a href rel>y<a href>z<p><a href=1 rel='b A'>x",
            "<p>x<br>\u200b<br>y<br><b>z</b><br>w<wbr><hr>v",
            "<p>\u200b \u2060x \u200b y\u200b \xad<p>\u200b \xad<p>\x85x\u2028y\x1cz",
            "<dialog>x</dialog><dialog open>y</dialog><p hidden>z</p>",
            "<math><source>x<p>y</math>z<math><br>x",
        ],
    )
    def test_on_what_matters_together(self, html: str) -> None:
        check(html, *({index} for index in range(5)))

    @pytest.mark.parametrize("name", ["style", "class", "id"])
    @pytest.mark.parametrize(
        "value",
        [
            *(
                "display:none",
                "ddisplay:none",
                "DIS play\n: None;",
                "displaydisplay:none",
                "display:",
            ),
            *("dis\xa0play:none", "display:nonE", "dİsplay:none", "displ\u017fay:none", "none"),
            *(
                "",
                " ",
                " a  b\nc ",
                "a " * 11 + "b",
                "a " * 12 + "b",
                "a " * 13,
                "é f",
                "\xa0",
                "é",
            ),
            *("x" * n for n in (79, 80, 81, 299, 300, 301, 600)),
            *("y" * n + " zz z" for n in (76, 78, 79, 80, 296, 297, 298, 299, 300)),
            *("y" * n + "  é z" for n in (78, 79, 80, 296, 297, 298, 299, 300)),
            "\0a\x1fb\x0bc",
        ],
    )
    def test_on_values(self, name: str, value: str) -> None:
        check(f"<p {name}='{value}'>x</p><{'t' * 90} {name}='{value}'>y")

    @pytest.mark.parametrize(
        "html",
        [
            "<span>" * 40_000 + "x" + "</span>y" * 40_000,
            "<div>" * 5_000 + "x" + "</div>y" * 5_000,
            "<b>" * 20_000 + "<p>x",
            "<a href=x>y" * 3_000,
            "<template>" * 500 + "x",
            "<math>" + "<source>" * 20_000 + "x",
            "<p>x<br>" * 20_000,
            "<p>" + "é \u200b" * 50_000,
            "<p " + " ".join(f"a{i}=b" for i in range(5_000)) + ">x",
            f"<p class='{'c ' * 50_000}' id='{'i ' * 50_000}'>x",
            f"<{'x' * 100_000} {'y' * 100_000}>z",
        ],
        ids=range(11),
    )
    def test_on_large_pages(self, html: str) -> None:
        check(html, {0, 1, 5})

    @pytest.mark.parametrize(
        "text", ["a\xff b", "\xed\xa0\x80x", "\xe9", "a\xf0\x9f", "\xc0\x80\xa0"]
    )
    def test_on_what_is_no_utf8(self, text: str) -> None:
        html = f"<p class='{text}' id={text}><a href='{text}' rel='{text}'>{text}</a></p>{text}"
        tree = parse_html(html.encode("latin-1"))
        wanted = read_paragraphs(lexbor_events(tree))
        paragraphs, texts = lexbor._page_reader().read(tree)
        assert same(paragraphs, wanted.paragraphs)
        assert [*texts] == wanted.texts
        written, _, _ = lexbor._page_reader().write_without(tree, paragraphs, texts, ())
        assert written.decode(errors="replace") == tree.html

    def test_a_tree_can_be_written_twice(self) -> None:
        page = LexborSegmentation("<p>a<p>b<p>c")
        assert page.without({0}).without({1}).render() == page.without({0, 2}).render()
        assert (
            page.without({1}).render() == "<html><head></head><body><p>a</p><p>c</p></body></html>"
        )

    def test_paragraphs_are_ordinary_ones(self) -> None:
        (paragraph,) = LexborSegmentation("<p class=c><a href=x rel='b a'>y</a> z").paragraphs
        wanted = Paragraph("y z", None, None, "p", 0.5, ("x",), ("a", "b"), ("html", "body", "p.c"))
        wanted = Paragraph(
            *(getattr(wanted, name) for name in wanted.__match_args__[:-1]), paragraph.ancestors
        )
        assert paragraph == wanted
        assert hash(paragraph) == hash(wanted)
        assert type(paragraph) is Paragraph


ARTICLE = """<!doctype html><html><head><title>t</title><script>if (a < b) c = "<!--"</script>
<style>p > a {}</style><link rel=x href=y></head> <!-- [if] --> <body class=c><nav><ul><li>
<a href=1><svg><title>s</title><path d=m /></svg>one</a><li>two</ul></nav><h1>three</h1><p>four
<a href=2>five</a><b><i>six</i></b><br>seven<p>eight<button>nine<p>ten</button>
<table><caption>c</caption><tr><th>a<td><p>b<table><tr><td>c</table></table><form><select><option>d<optgroup><option>e</select>
<input><textarea>f</textarea></form><dl><dt>g<dd>h<ul><li>i</ul></dl><pre>j</pre>
<noscript><p>k</noscript><template>o<li>p<a href=3>q</a></template>
<x-y><div>l</div></x-y><iframe>m</iframe><!--n--></body></html>"""


class TestStability:
    """Whether a page that lost something is parsed anew."""

    def test_rules_that_do_not_hold_are_not_believed(self) -> None:
        def read(tree: Any) -> Any:
            blocks = read_paragraphs(lexbor_events(tree))
            return blocks._replace(paragraphs=[]) if tree.css("legend") else blocks

        module = compiled("page")
        assert module.make_reader(parse_html, lambda tree: read_paragraphs(lexbor_events(tree)))
        assert module.make_reader(parse_html, read) is None

    def parses(self, html: str, drop: set[int]) -> int:
        page = LexborSegmentation(html)
        with pytest.MonkeyPatch.context() as patch:
            parsed: list[str | bytes] = []
            patch.setattr(
                lexbor, "parse_html", lambda page: parsed.append(page) or parse_html(page)
            )
            rest = page.without(drop)
            count = len(parsed)
        assert rest.paragraphs == LexborSegmentation(rest.render()).paragraphs
        return count

    @pytest.mark.parametrize("drop", [{0}, {3, 4}, {1, 2, 5, 8, 9, 10, 11, 12, 13}])
    def test_an_ordinary_page_is_not(self, drop: set[int]) -> None:
        assert self.parses(ARTICLE, drop) == 0

    @pytest.mark.parametrize(
        "html",
        [
            "<form><div></form><form>a</form></div>",  # a form in a form
            "<a href=1><table><a href=2>a</a></table></a>",
            "<p><table><tr><td>a</table>",  # a table in a paragraph, as before 1999
            "<table><form><tr><td>a</table>",
            "<p>a&#13;",
            "<p title='&#13;'>a",
            "<pre>\n\na</pre>",
            "<textarea>\n\nb</textarea>a",
            "<script><!--<script>b</script>--></script>a",
            "<svg><style>&lt;b></style></svg>a",
            "<svg><foreignObject><p>b</p></foreignObject></svg>a",
            "<math><mi>b</math>a",
            "<template><template>b</template></template>a",
            "<template><tr><td>b</template>a",
            "<svg><desc><template>b</template></desc></svg><template><svg></p>b</svg></template>a",
            "<ruby>a<rt>b</ruby>",
            "<nobr>a</nobr>",
            "<object>a</object>",
            "<?php b ?><p>a",
            "<plaintext>a",
        ],
    )
    def test_one_that_may_come_back_otherwise_is(self, html: str) -> None:
        assert self.parses(f"<p>gone</p>{html}<p>stays", {0}) == 1

    def test_one_where_what_is_not_seen_comes_to_count_is(self) -> None:
        # The texts beside the list item become one, whose zero-width character is part of a link.
        assert self.parses("<a href=x>\u200b<li>gone</li>b</a>c", {0}) == 1

    def test_one_whose_paragraphs_are_parted_is_not(self) -> None:
        assert self.parses("a<div>b</div>c", {1}) == 0


class TestBytes:
    @settings(max_examples=300, deadline=None)
    @given(
        st.sampled_from(
            ["", "<!doctype html>", "<html>", "\ufeff", "\ufeff\ufeff<body>", "<p>é<p>"]
        ),
        HOSTILE.map(lambda html: html.encode("utf-8", "replace").decode()),
        st.sampled_from(["auto", "html"]),
        DROPS,
    )
    def test_they_are_cut_as_their_text_is(
        self, start: str, html: str, form: Literal["auto", "html"], drop: set[int]
    ) -> None:
        data = (start + html).encode()
        assume(form == "html" or not is_xml(decode(data)))
        assume(not_text(data) is None)
        one = segment(Document(data, form))
        other = segment(Document(decode(data), form))
        assert type(one) is type(other)
        assert one.paragraphs == other.paragraphs
        assert one.render() == other.render()
        drop = {index for index in drop if index < len(one.paragraphs)}
        assert one.without(drop).render() == other.without(drop).render()

    @pytest.mark.parametrize("fill", ["a", "é", "\U0001f600"])
    def test_the_format_is_told_by_as_many_characters(self, fill: str) -> None:
        for count in range(SAMPLE - 30, SAMPLE + 1):
            data = f"<!--{fill * (count - 7)}--><html><p>x".encode()
            is_page = isinstance(segment(Document(data)), LexborSegmentation)
            assert is_page == (detect_format(data.decode()) == "html")


def _page_parameters() -> list[Any]:
    paths = sorted(PAGES.glob("*.html.gz"))
    if not paths:
        reason = "no pages: set ADSIFT_SHARED to the folder that holds data/pages"
        return [pytest.param(None, marks=pytest.mark.skip(reason=reason), id="none")]
    chosen = (
        paths if PAGES_READ is None else random.Random(0).sample(paths, min(PAGES_READ, len(paths)))
    )
    return [pytest.param(path, id=path.name.removesuffix(".html.gz")) for path in chosen]


class TestAgreementOnRealPages:
    @pytest.mark.parametrize("path", _page_parameters())
    def test_on_paragraphs_and_html(self, path: Path) -> None:
        html = decode(gzip.decompress(path.read_bytes()))
        chance = random.Random(path.name)
        for share in (0.1, 0.5):
            check(html, {index for index in range(2_000) if chance.random() < share})
