"""Markdown: what a reader sees of it, and what is left when some of it is cut out."""

from __future__ import annotations

import random

import pyromark
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adsift.document import Paragraph
from adsift.errors import DocumentError
from adsift.segment.markdown import segment_markdown
from adsift.segment.spans import SpanSegmentation

# Anything that means something to the parser, joined without sense.
FRAGMENTS = st.sampled_from(
    [
        *("rain", " fell", "key: x", "&amp;", "\\", "\0", "\ufeff", "\u2028", "\xa0"),
        *("# ", "===", "---", "***", "+++", "- ", "* ", "-", "1. ", "10) ", "> ", ">"),
        *("```", "~~~", "`", "*", "_", "[", "](", ")", "![", "]: /x", "|", "|-|-|", "a|b"),
        *("<div>", "</div>", "<!--", "-->", "<script>", "<br>", "<a href=x>"),
        *("  ", "    ", "\t", "\n", "\n", "\n\n", "\n\n", "\r\n", "\r"),
    ]
)
WILD = st.one_of(st.text(), st.lists(FRAGMENTS, max_size=30).map("".join))

# Blocks as people write them, each with words of its own.
BLOCKS = st.sampled_from(
    [
        "# Head {}",
        "Head {}\n---",
        "plain {}",
        "plain {}\nand *more*",
        "> quoted {}",
        "> quoted {}\n>\n> again {}",
        "- item {}\n- item {}\n- item {}",
        "- item {}\n  - nested {}\n  - nested {}\n- item {}",
        "1. item {}\n\n   further {}\n2. item {}",
        "- > quoted {}\n  >\n  > again {}",
        "```\nfenced {}\n\n# {}\n```",
        "| a {} | b |\n|---|---|\n| c {} | d |\n| e {} | f |",
        "<div>marked {}</div>",
        "![image](i.png)",
        "***",
        "[label{}]: /target",
        "Not a heading\n***\nplain {}",
        "near {}\n# Head {}\nnear {}",
        "near {}\n- item {}\n  - nested {}",
    ]
)


@st.composite
def articles(draw: st.DrawFn) -> str:
    blocks = draw(st.lists(BLOCKS, max_size=7))
    source = "\n\n".join(blocks) + draw(st.sampled_from(["", "\n", "\n\n"]))
    pieces = source.split("{}")
    numbered = "".join(f"{piece}w{i}" for i, piece in enumerate(pieces[:-1])) + pieces[-1]
    return numbered.replace("\n", draw(st.sampled_from(["\n", "\n", "\r\n", "\r"])))


def only(source: str) -> Paragraph:
    (paragraph,) = segment_markdown(source).paragraphs
    return paragraph


def texts(segmentation: SpanSegmentation) -> list[str]:
    return [paragraph.text for paragraph in segmentation.paragraphs]


def tagged(source: str) -> list[tuple[str, str]]:
    return [(p.tag, p.text) for p in segment_markdown(source).paragraphs]


def spanned(source: str) -> list[str]:
    return [source[p.start : p.end] for p in segment_markdown(source).paragraphs]


def is_subsequence(part: list[str] | str, whole: list[str] | str) -> bool:
    rest = iter(whole)
    return all(element in rest for element in part)


class TestBlocks:
    @pytest.mark.parametrize(
        ("source", "paragraphs"),
        [
            ("# One\n\n### Three ###", [("h1", "One"), ("h3", "Three")]),
            ("One\n===\n\nTwo\nlines\n---", [("h1", "One"), ("h2", "Two lines")]),
            ("rain\nfell\n\nsun", [("p", "rain fell"), ("p", "sun")]),
            ("> rain\nfell\n>\n> sun", [("p", "rain fell"), ("p", "sun")]),
            ("- a\n- b\n\n1) c", [("li", "a"), ("li", "b"), ("li", "c")]),
            ("- a\n\n  more\n\n- b", [("li", "a"), ("p", "more"), ("li", "b")]),
            ("- a\n  - b\n    - c\n- d", [("li", "a"), ("li", "b"), ("li", "c"), ("li", "d")]),
            ("- # Head\n- > quote", [("h1", "Head"), ("p", "quote")]),
            ("| a | *b* |\n|---|---|\n| c | d |", [("tr", "a b"), ("tr", "c d")]),
            ("|a|b|\n|-|-|\n|<i hidden>c|<b>d</b>|", [("tr", "a b"), ("tr", "d")]),
            ("```python\nx = 1\n```\n\n    y = 2", [("pre", "x = 1"), ("pre", "y = 2")]),
            ("~~~\nnever closed\n\n# too", [("pre", "never closed # too")]),
            ("<DIV>rain <b>f</b>ell</DIV>", [("div", "rain fell")]),
            ("<!-- note --><p>rain", [("p", "rain")]),
            ("</div>rain", [("div", "rain")]),
            ("<table><tr><td>a<td>b</table>", [("table", "a b")]),
            ("</td><td>a</td><td>b</td>", [("td", "a b")]),
            ("<div hidden>a</div><div>b</div>", [("div", "b")]),
            ("<p>a<p>b<script>c</script>", [("p", "a b")]),
            ("{% include x.html %}", [("p", "{% include x.html %}")]),
            ("[^1]: /a\n[^2]: /b 'c'\n[d]: /e", [("p", "[^1]: /a"), ("p", "[^2]: /b 'c'")]),
            ("[^1]: /a\n[^1]: /b", [("p", "[^1]: /a"), ("p", "[^1]: /b")]),
            ("- [^1]: /a\n  'b'\n- c", [("li", "[^1]: /a 'b'"), ("li", "c")]),
            ("> [^1]:\n> /a\n> b", [("p", "[^1]: > /a"), ("p", "b")]),
            ("[a]: /b\n\n|c|\n|-|\n|d|", [("tr", "c"), ("tr", "d")]),
        ],
    )
    def test_kinds(self, source: str, paragraphs: list[tuple[str, str]]) -> None:
        assert tagged(source) == paragraphs

    @pytest.mark.parametrize(
        "source",
        [
            "---\ntitle: rain\ntags: [a]\n---\n",
            "+++\ntitle = 'rain'\n+++",
            "---\n# comment\n\n'key': x\n---",
            '{\n "title": "Rain",\n "tags": ["wet"]\n}\n',
            "***\n\n- - -",
            "[label]: /target 'title'\n",
            "![alt](a.png) ![more](b.png)",
            "<!-- hidden\n\nnote -->",
            "<script>\nx\n</script>",
            "<img alt='rain' src=x>",
            "<iframe src=x>no frames</iframe>",
            "#\n\n-\n\n>\n\n```\n```",
            "\ufeff",
            " \n\t\n",
            "",
        ],
    )
    def test_what_a_reader_does_not_see_is_a_gap(self, source: str) -> None:
        assert segment_markdown(source).paragraphs == []

    @pytest.mark.parametrize(
        "matter",
        [
            "---\ntitle: Rain\n...",
            "---\ndate published: 2024-01-01\ntitle: Rain\ntags:\n  - wet\n- cold\n---",
        ],
    )
    def test_other_yaml(self, matter: str) -> None:
        assert tagged(f"{matter}\n\nIt fell.\n") == [("p", "It fell.")]

    @pytest.mark.parametrize(
        "words", ["Late last night: rain fell.", "Late last night: rain fell.\nIt was cold."]
    )
    def test_a_sentence_with_a_colon_between_rules_is_not_front_matter(self, words: str) -> None:
        assert tagged(f"---\n\n{words}\n\n---\n\nSun.\n") == [
            ("p", " ".join(words.split())),
            ("p", "Sun."),
        ]

    @pytest.mark.parametrize(
        "words", ["{Late} last night, rain fell.", '{"a": 1} is an object.', "{}", '{"a": {' * 9000]
    )
    def test_braces_are_not_front_matter(self, words: str) -> None:
        assert [text for _, text in tagged(f"{words}\n\nSun.\n")] == [words, "Sun."]

    def test_text_between_rules_is_not_front_matter(self) -> None:
        assert tagged("---\n\nRain fell.\n\n---\n") == [("p", "Rain fell.")]

    def test_front_matter_stands_only_at_the_top(self) -> None:
        assert tagged("\n---\nkey: x\n---\n") == [("h2", "key: x")]

    def test_a_byte_order_mark_hides_nothing(self) -> None:
        assert tagged("\ufeff# Rain") == [("h1", "Rain")]

    def test_spans(self) -> None:
        source = (
            "  # Head #\n\nSetext\n---\n> quote\n> more\n>\n> again\n\n"
            "* a\n  * b\n    lazy\n\n      more\n1.\n   late\n\n"
            "|a|b|\n|-|-|\n|c|d|\n\n```\nx\n```\n\n    code  \n"
        )
        assert spanned(source) == [
            "# Head #",
            "Setext\n---",
            "quote\n> more",
            "again",
            "* a",
            "* b\n    lazy",
            "more",
            "1.\n   late",
            "|a|b|",
            "|c|d|",
            "```\nx\n```",
            "code",
        ]

    @pytest.mark.parametrize(
        ("source", "spans"),
        [
            ("- a\n\t- b\n\t- c\n- d", ["- a", "- b", "- c", "- d"]),
            (">\t- a\n> \t- b", ["- a", "- b"]),
            ("-\ta\n\n\tb\n\n\t12)\tc", ["-\ta", "b", "12)\tc"]),
            ("- \\*a\n  - `b`\n  \\*c", ["- \\*a", "- `b`\n  \\*c"]),
            ("- a\n\n  ***\n  \\*b", ["- a", "\\*b"]),
            ("é\n\n- *é* é\n  - é\n\n> é", ["é", "- *é* é", "- é", "é"]),
        ],
    )
    def test_spans_after_tabs_escapes_and_wide_characters(
        self, source: str, spans: list[str]
    ) -> None:
        assert spanned(source) == spans

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    def test_spans_count_characters_of_the_raw_file(self, end: str) -> None:
        source = end.join(["# Rain", "", "", "", "", "fell", "hard", "", "- a", "- b", ""])
        assert spanned(source) == ["# Rain", f"fell{end}hard", "- a", "- b"]

    def test_only_line_ends_of_commonmark_end_lines(self) -> None:
        assert spanned("# a\u2028b\x85c\x0cd") == ["# a\u2028b\x85c\x0cd"]


class TestText:
    @pytest.mark.parametrize(
        ("source", "text"),
        [
            ("*rain* **fell** ~~hard~~ `x  = 1`", "rain fell hard x = 1"),
            ("[rain](/a 'title') fell", "rain fell"),
            ("[rain][r] fell\n\n[r]: /a", "rain fell"),
            ("rain ![alt](a.png) fell", "rain fell"),
            ("a &amp; b &#169; \\* c", "a & b © * c"),
            ("a  \nb\\\nc\nd<br>e", "a b c d e"),
            ("a <span class='x'>b</span><!-- c -->", "a b"),
            ("a <script>b</script><style>c</style> d", "a d"),
            ("a <img alt=b> c", "a c"),
            ("a <span hidden>b <b>c</b></span><i style='display: none'>d</i> e", "a e"),
            ("a <object>b<object>c</object>d</object> e", "a e"),
            ("a</td><td>b</div>c<title>d</title>", "a b c"),
            ("e\u0301te\u0301\xa0\tnoir", "e\u0301te\u0301 noir"),
            ("a\0b", "a\ufffdb"),
            ("[not a link]", "[not a link]"),
            ("a [*b*][^1] [^1] [^1][] c\n\n[^1]: /d\n", "a [b][^1] [^1] [^1][] c"),
            ("a ![b [c](/d) *e*](/f) g", "a g"),
            ("`[a]({% b %})` <b>c</b>", "[a]({% b %}) c"),
            ("a < b & c <i>d</i> > e", "a < b & c d > e"),
        ],
    )
    def test_is_what_a_reader_sees(self, source: str, text: str) -> None:
        assert segment_markdown(source).paragraphs[0].text == text

    def test_links(self) -> None:
        paragraph = only("[ab](/x?a=ü&amp;b) <https://c.example> [![i](i.png)](/y) cd")
        assert paragraph.links == ("/x?a=ü&b", "https://c.example", "/y")
        assert paragraph.text == "ab https://c.example cd"
        assert paragraph.link_share == (2 + 17) / 21

    def test_links_in_html(self) -> None:
        inline = "<a rel='Sponsored nofollow' href=/x>ab</a> cd <a name=y>e</a>"
        for source in (inline, f"<div>\n{inline}\n</div>"):
            paragraph = only(source)
            assert paragraph.links == ("/x",)
            assert paragraph.rels == ("nofollow", "sponsored")
            assert paragraph.link_share == 2 / 5

    @pytest.mark.parametrize(
        "target",
        [
            *("{% post_url 2024-01-02-rain %}", '{{< ref "rain.md" >}}', "{{ site.url }}/rain?a=b"),
            "{{ site.url }}{% link rain (1).md %}#top",
        ],
    )
    def test_a_target_may_be_a_template(self, target: str) -> None:
        paragraph = only(f"See [rain]({target}) and [sun]({target} 'title').")
        assert paragraph.text == "See rain and sun."
        assert paragraph.links == (target, target)

    def test_a_target_of_any_scheme_is_a_link(self) -> None:
        assert only("[a](javascript:x)").links == ("javascript:x",)

    def test_targets_are_as_written(self) -> None:
        paragraph = only("<a@b.example> <https://c.example/%20> [d](</e f>) [g][h]\n\n[h]: </i j>")
        assert paragraph.text == "a@b.example https://c.example/%20 d g"
        assert paragraph.links == ("mailto:a@b.example", "https://c.example/%20", "/e f", "/i j")

    def test_what_is_not_seen_has_no_links(self) -> None:
        assert only("a <script><a href=/x>b</a></script> c").links == ()

    def test_links_in_cells_are_counted(self) -> None:
        header, row = segment_markdown("|a|b|\n|-|-|\n|[cd](/x)|e|").paragraphs
        assert (header.links, row.links, row.link_share) == ((), ("/x",), 2 / 3)


class TestWithout:
    @pytest.mark.parametrize(
        ("source", "drop", "left"),
        [
            ("a\n\nb\n\nc\n", {0}, "b\n\nc\n"),
            ("a\n\nb\n\nc\n", {1}, "a\n\nc\n"),
            ("a\n\nb\n\nc\n", {2}, "a\n\nb\n"),
            ("a\n\nb", {1}, "a"),
            ("a\n\nb\n", {0, 1}, ""),
            ("a\r\n\r\nb\r\n\r\nc", {1}, "a\r\n\r\nc"),
            # a heading, a fence, HTML
            ("A\n===\n\nb", {0}, "b"),
            ("a\n\n```\nb\n\nc\n```\n\nd", {1}, "a\n\nd"),
            ("a\n\n<div>\nb\n</div>\n\nc", {1}, "a\n\nc"),
            # neighbours without a blank line do not merge, nor become a heading
            ("a\n# B\nc", {1}, "a\n\nc"),
            ("a\n# B\n---", {1}, "a\n\n---"),
            ("> a\n> # B\n> c", {1}, "> a\n> \n> c"),
            ("a\n1. b\n2. c", {1}, "a\n\n2. c"),
            # block quotes
            ("> a\n>\n> b\n\nc", {0}, "> b\n\nc"),
            ("> a\n>\n> b\n\nc", {1}, "> a\n\nc"),
            ("a\n\n> b\n> b\n>\n\nc", {1}, "a\n\nc"),
            ("a\n\n> b\n>\n", {1}, "a\n"),
            # list items
            ("- a\n- b\n- c", {1}, "- a\n- c"),
            ("- a\n- b\n- c", {0}, "- b\n- c"),
            ("- a\n\n- b\n\nc", {1}, "- a\n\nc"),
            ("1.\n   a\n2. b", {0}, "2. b"),
            # what else is in the item takes its marker
            ("- a\n\n  b\n- c", {0}, "- b\n- c"),
            ("- a\n  - b\n  - c", {0}, "- - b\n  - c"),
            ("10. a\n    - b\n    - c", {0}, "10. - b\n    - c"),
            ("- a\n  - b\n\n    c", {0, 1}, "- - c"),
            ("- > a\n  >\n  > b", {0}, "- > b"),
            ("-\n  a\n\n  b", {0}, "-\n  b"),
            ("a\n- b\n  - c", {1}, "a\n- - c"),
            # and it keeps its column, by which the further blocks and lines belong to it
            ("* a\n    * b\n        * c\n    * d", {0}, "*   * b\n        * c\n    * d"),
            ("* a\n\n    * b\n\n      c", {0}, "*   * b\n\n      c"),
            ("1. a\n\n    ```\n    b\n    ```", {0}, "1.  ```\n    b\n    ```"),
            (
                "* a\n    * b\n\n        ```\n        c\n        ```",
                {1},
                "* a\n    *   ```\n        c\n        ```",
            ),
            ("- a\n\n\t- b\n\n\t\tc\n\t- d", {0}, "- \t- b\n\n\t\tc\n\t- d"),
            ("> * a\n>     * b\n>     * c", {0}, "> *   * b\n>     * c"),
            # or the marker stays alone on its line
            ("- a\n\n  - -\n    b", {0}, "-\n  - -\n    b"),
            ("- a\n\n  ---", {0}, "-\n  ---"),
            ("- a\n  - b\n\n    ---\n- c", {0, 1}, "-\n  -\n    ---\n- c"),
            # lists may become one if that is not seen
            ("1. a\n2. b\n\nc\n\n3. d", {2}, "1. a\n2. b\n\n3. d"),
            ("- a\n\nb\n\n- c", {1}, "- a\n\n- c"),
            # tables
            ("|a|b|\n|-|-|\n|c|d|\n|e|f|", {1}, "|a|b|\n|-|-|\n|e|f|"),
            ("|a|b|\n|-|-|\n|c|d|\n|e|f|", {0, 1}, "|a|b|\n|-|-|\n|e|f|"),
            ("x\n\n|a|b|\n|-|-|\n|c|d|\n| | |\n\ny", {1, 2}, "x\n\ny"),
            # of elements that reach further, the tags stay
            (
                "<details><summary>a</summary>\n\nb\n\n<p>c</p></details>\n\nd",
                {2},
                "<details><summary>a</summary>\n\nb\n\n</details>\n\nd",
            ),
            (
                "<table><tr><td>\n\na\n\n</td><td>b</td></tr></table>\n\nc",
                {1},
                "<table><tr><td>\n\na\n\n</td></tr></table>\n\nc",
            ),
            ('<div class="x>">a\nb\n\nc\n\n</div>', {0}, '<div class="x>">\n\nc\n\n</div>'),
            ("<Tabs>a\n\nb\n\n</Tabs>", {0}, "<Tabs>\n\nb\n\n</Tabs>"),
            ("- <Tab>a\n\n  b\n\n  </Tab>", {0}, "- <Tab>\n\n  b\n\n  </Tab>"),
            ("a <b>b\n\nc</b>\n\nd", {1}, "a <b>b\n\n</b>\n\nd"),
            ("> <div>a\n> b\n>\n> c\n>\n> d</div>", {0, 2}, "> <div>\n>\n> c\n>\n> </div>"),
            # if they do not reach into what is left, they go
            ("a\n\n<div>b\n\nc</div>\n\nd", {1, 2}, "a\n\nd"),
            ("a\n\nb `<div>` <!-- <p> --> c<br>\n\nd", {1}, "a\n\nd"),
            ("a\n\n<Badge text='b'/> c <img src='<p>'>\n\nd", {1}, "a\n\nd"),
            ("<p>a<script>'<p>'</script></p>\n\nb", {0}, "b"),
            ('a\n\nb <script async src="c.js"></script>\n\nd', {1}, "a\n\nd"),
            ("- a\n- b <style>c</style>\n- d", {1}, "- a\n- d"),
            ('a\n\nb <script src="c>d"></script>\n\ne', {1}, "a\n\ne"),
            ("## a <script>b</script>\n\nc", {0}, "c"),
            # what is not a paragraph stays
            ("---\nkey: x\n---\n\na\n\nb", {0}, "---\nkey: x\n---\n\nb"),
            ("a\n\n[b]: /x\n\nc [b]", {0}, "[b]: /x\n\nc [b]"),
            ("a\n\n![i](i.png)\n\nb", {0, 1}, "![i](i.png)"),
            ("a[^1]\n\n[^1]: /x\n[^2]: /y\n[b]: /z\n", {1}, "a[^1]\n\n[^2]: /y\n[b]: /z\n"),
            ('{"title": "Rain"}\n\na\n\nb', {0}, '{"title": "Rain"}\n\nb'),
            ('a\n\n{"title": "Rain"}\n\nb', {0}, '\n{"title": "Rain"}\n\nb'),
            # nor does a rule become front matter
            ("a\n\n---\nkey: x\n---", {0}, "\n---\nkey: x\n---"),
        ],
    )
    def test_leaves_valid_markdown(self, source: str, drop: set[int], left: str) -> None:
        before = texts(segment_markdown(source))
        rest = segment_markdown(source).without(drop)
        assert rest.render() == left
        assert is_subsequence([t for i, t in enumerate(before) if i not in drop], texts(rest))

    @pytest.mark.parametrize(
        ("source", "drop"),
        [
            ("|a|b|\n|-|-|\n|c|d|", {0}),
            ("    a\n\nb\n\n    c", {1}),
            ("- a\n\nb\n\n    c", {1}),
            ("- ```\n  a\n\nb\n\n  c", {1}),
            ("---\n\na\n\nkey: b\n\n---", {0}),
            # it parts a list from what would become part of it, or be counted on
            ("- a\n\nb\n\n  c", {1}),
            ("- a\n\nb\n\n  c\n\n    <b>d</b>", {1}),
            ("- a\n\nb\n\n  - c", {1}),
            ("- a\n\nb\n\n  > c", {1}),
            ("1. a\n2. b\n\nc\n\n1. d\n2. e", {2}),
            # it holds a part of an element, and more than can be left of it
            ("# <b>a\n\nb</b>", {0}),
            ("a", set()),
        ],
    )
    def test_a_paragraph_stays_where_another_would_change_without_it(
        self, source: str, drop: set[int]
    ) -> None:
        segmentation = segment_markdown(source)
        assert segmentation.without(drop) is segmentation

    def test_originals_name_the_place_before_any_cut(self) -> None:
        rest = segment_markdown("# A\n\nb\n\n- c\n- d\n").without({1}).without({1})
        assert rest.render() == "# A\n\n- d\n"
        assert rest.originals == [(0, 3), (12, 15)]


class TestHostileInput:
    @pytest.mark.parametrize(
        "marker", [">", "> ", "- ", "* ", "+ ", "1. ", "> - ", "[", "![", "<b>"]
    )
    def test_deep_nesting_hides_nothing(self, marker: str) -> None:
        segmentation = segment_markdown(marker * 10_000 + "rain\n\n# Sun\n")
        assert segmentation.paragraphs[0].text.endswith("rain")
        assert segmentation.paragraphs[-1].text == "Sun"

    def test_a_staircase_of_lists(self) -> None:
        source = "".join("  " * depth + f"- w{depth}\n" for depth in range(200))
        words = " ".join(texts(segment_markdown(source))).split()
        assert [word for word in words if word != "-"] == [f"w{depth}" for depth in range(200)]

    def test_long_inline_text_is_read_in_pieces(self) -> None:
        assert only("*rain* " * 20_000).text == " ".join(["rain"] * 20_000)

    def test_html_of_many_tags_is_read_in_pieces(self) -> None:
        assert only("<div>" * 20_000 + "rain").text == "rain"

    def test_what_is_opened_often_and_never_closed(self) -> None:
        for opening in ("<!--", "<div><!--", "<?"):
            assert segment_markdown(opening * 20_000).paragraphs == []
        for tags in ("<div>", "</div>", "<a '", "<a <", '<a "{'):
            assert segment_markdown("<p>a" + tags * 20_000 + "\n\nb").without({0}).render()
        for opening in ("a <!--", "[a]({% ", "[a]({{ ", "a <b "):
            assert only(opening * 20_000).text.startswith("a" if opening[0] == "a" else "[a]")

    def test_what_is_nested_too_deep_is_one_paragraph(self) -> None:
        source = "> - " * 40 + "rain\n\n" + "> " * 60 + "fell *hard* [a](/b)\n\n# Sun"
        assert tagged(source)[1:] == [("p", "fell hard a"), ("h1", "Sun")]
        assert segment_markdown(source).paragraphs[1].links == ("/b",)
        assert segment_markdown(source).without({0, 1}).render() == "# Sun"

    def test_a_panic_of_the_parser_is_an_error_of_the_document(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class PanicException(BaseException):  # its name in every extension
            pass

        def panic(*_: object, **__: object) -> None:
            raise PanicException("index out of bounds")

        monkeypatch.setattr(pyromark, "events_with_range", panic)
        with pytest.raises(DocumentError, match="index out of bounds"):
            segment_markdown("rain")

    def test_lone_surrogates(self) -> None:
        assert only("\ud800").text == "\ud800"
        assert only("[\udfffé](/\udc80)").links == ("/\udc80",)
        assert only("<p>a\ud800</p>").text == "a?"


class TestLaws:
    @given(WILD)
    def test_spans_are_in_order(self, source: str) -> None:
        segmentation = segment_markdown(source)
        assert segmentation.render() == source
        position = 0
        for paragraph in segmentation.paragraphs:
            assert paragraph.start is not None
            assert paragraph.end is not None
            assert position <= paragraph.start < paragraph.end <= len(source)
            assert paragraph.text == " ".join(paragraph.text.split()) != ""
            assert 0 <= paragraph.link_share <= 1
            assert paragraph.ancestors == ()
            position = paragraph.end

    @given(WILD, st.randoms(use_true_random=False))
    def test_cutting_comes_to_an_end(self, source: str, chance: random.Random) -> None:
        segmentation = segment_markdown(source)
        while segmentation.paragraphs:
            count = len(segmentation.paragraphs)
            drop = {i for i in range(count) if chance.random() < 0.5} or {0}
            shorter = segmentation.without(drop)
            if shorter is segmentation:
                break
            assert len(shorter.source) < len(segmentation.source)
            assert is_subsequence(shorter.source, segmentation.source)
            segmentation = shorter
        assert all(0 <= start < end <= len(source) for start, end in segmentation.originals)

    @settings(max_examples=200)
    @given(articles(), st.randoms(use_true_random=False))
    def test_every_other_paragraph_survives(self, source: str, chance: random.Random) -> None:
        segmentation = segment_markdown(source)
        for _ in range(3):
            before = texts(segmentation)
            drop = {i for i in range(len(before)) if chance.random() < 0.4}
            kept = [text for i, text in enumerate(before) if i not in drop]
            segmentation = segmentation.without(drop)
            left = texts(segmentation)
            assert is_subsequence(kept, left)
            assert is_subsequence(left, before)
            # A table's header may have to stay, and what parts two numbered lists.
            if source.count("1. item") < 2:
                extra = [text for text in left if text not in kept]
                assert all(text.startswith("a w") for text in extra)
