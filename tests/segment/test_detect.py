"""``format="auto"``: text, Markdown or HTML."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adsift.segment import detect
from adsift.segment.detect import detect_format

SEEDS = Path(__file__).resolve().parents[2] / "seeds"
LONG = "The rain fell on the hills, and it went on to fall until the rivers rose. " * 3
FORMATS = {".txt": "text", ".md": "markdown", ".html": "html"}


class TestNames:
    @pytest.mark.parametrize(
        ("name", "form"),
        [
            ("a.html", "html"),
            ("A.HTM", "html"),
            ("dir.md/a.xhtml", "html"),
            ("a.md", "markdown"),
            ("README.Markdown", "markdown"),
            ("a.txt", "text"),
            ("a.html.txt", "text"),
            ("a.md.gz", "markdown"),
            ("a.html.2024.bak", "html"),
        ],
    )
    def test_a_known_ending_decides(self, name: str, form: str) -> None:
        for source in ("", "Rain fell.", "# A\n\n**b** [c](/d)", "<!doctype html><p>a"):
            assert detect_format(source, name) == form

    @pytest.mark.parametrize("name", ["a", "a.php", "html", ".md", "", "a.html?page=2", "-"])
    def test_otherwise_the_content_does(self, name: str) -> None:
        assert detect_format("Rain fell.", name) == "text"
        assert detect_format("<!doctype html><p>a", name) == "html"


class TestContent:
    @pytest.mark.parametrize(
        "source",
        [
            "<!DOCTYPE html><html>",
            "\ufeff \n<html lang=en>",
            "<?xml version='1.0'?>\n<!DOCTYPE html PUBLIC 'x' 'y'>",
            "<!-- a -->\n<!-- # b\n\n**c** **d** --><html>",
            "<head><title>a",
            "<body class=a>",
            "<p>Rain <b>fell</b>.</p>",
            "<div>\n# not a heading\n</div>\n<div>a</div>",
            "Rain <a href='x'>fell</a>.<br>Sun.",
            # What only looks like Markdown between the tags.
            "<p>Rain</p>\n<pre>\n\n## fell\n\non it\n</pre>\n<p>Sun</p>",
            "<p>Rain</p>\n<script>\n\n```\nfell\n```\n</script>\n<p>Sun</p>",
            "<p>Rain</p>\n<!--\n\n## fell\n\non it\n--><p>Sun</p>",
            "<ul>\n\n## 1 in the charts\n<li>Rain</li>\n</ul>",
            "<p>Rain:</p>\n<code>let it\n\n# let it\n\nfall</code>\n<p>Sun</p>",
            "<p>Rain</p><div>let it\n\n# let it\nfall\n</div><p>Sun</p>",
            "# rain fell on <a href=/x>the hills</a><br>and on <a href=/y>the sea</a>.",
        ],
    )
    def test_html(self, source: str) -> None:
        assert detect_format(source) == "html"

    @pytest.mark.parametrize(
        "source",
        [
            "# Rain\n\nIt **fell**.",
            "\ufeff# Rain\n\n## Fell",
            "---\ntitle: Rain\n---\nIt fell.",
            "+++\r\ntitle = 'Rain'\r\n+++\r\n\r\nIt fell.",
            "---\n" + "".join(f"key{i}: x\n" for i in range(200)) + "---\n",
            "See [this](https://a.example) and ![that](b.png).",
            "|a|b|\n|-|-|\n|c|d|",
            "> Rain\n\n```\nfell\n```",
            "# A\n\n<div>b</div>\n\n[c](/d) **e** **f**",
            "<p align=center><img src=a></p>\n\n# A\n\n**b**\n\n[c](/d)",
            # A logo and badges in tags, and then Markdown.
            "<p><img src=a></p>\n<p><a href=b>c</a><a href=d>e</a></p>\n\n## A\n\nRain.",
            "<div>\n<h1>A</h1>\n<a href=b>c</a>\n</div>\r\n\r\n```sh\r\nrain < sun\r\n```\r\n",
            "<a name=a></a>\n## A\n\nRain.\n\n<a name=b></a>\n## B\n\nSun.",
            "# A\n\n<details><summary>B</summary>\n<p>\n\nRain.\n\n</p>\n</details>",
            "|a|b|\r\n|:-|-:|\r\n|c|d|\r\n",
            "**Note:** it rained.\n\nIt is (**very**) cold.",
            "Rain:\n\n~~~\nfell\n~~~\n\nSun:\n\n~~~ sh\ncame\n~~~\n",
            "# 1. Rain\n\nIt fell.\n\n## 2 days\n\nof it.",
            # Long paragraphs, as Markdown parts them, and two that an editor has joined.
            f"# Rain\n\n{LONG}\n\n{LONG}\n{LONG}\n\n{LONG}\n\nIt **fell**.",
        ],
    )
    def test_markdown(self, source: str) -> None:
        assert detect_format(source) == "markdown"

    @pytest.mark.parametrize(
        "source",
        [
            "",
            " \n",
            "Rain fell.\n\n- one\n- two\n\n1. three",
            "#hashtag and #another, 5 * 4 ** 2, a_b_c",
            "---\n\nRain fell.\n\n---\n",
            "---\nRain fell\n---\n",
            "1 < 2 and 3 > 2. Use <Enter> or <Esc>. Mail <a@b.example>.",
            "A page starts with <html> and one tag such as <p> makes no page.",
            "[1] A note. (See 2.)",
            "What the f*****g rain did.\n\nWhat the f*****g sun did.",
            "The film\nRated *****\nThe play\nRated ****",
            "The film\n***** Rated\nThe play\n**** Rated",
            "Compute 2**3 and 4**5, then f(**a) and g(**b).",
            "# 1 in the charts\n# 1 in the north\n",
            "> The rain has come.\n> The sun has gone.\n\nYou wrote that.",
            "| Rain | 3 |\n| Sun | 1 |\n| Hail | 0 |",
            "Rain fell.\n\n~~~\n\nSun came.\n\n~~~\n\nHail fell.",
            "Rain\n~~~~\n\nIt fell.\n\nSun\n~~~\n\nIt came.",
            # Each long line a paragraph, as extractors write it.
            f"It **fell**.\n{LONG}\n{LONG}\nSee [this](/a).",
            f"{LONG}\n**Rain**\n{LONG}\n{LONG}\n{LONG}\n**Sun**\n{LONG}",
        ],
    )
    def test_text(self, source: str) -> None:
        assert detect_format(source) == "text"

    def test_a_feed_with_markdown_in_it_is_no_markdown(self) -> None:
        item = "<![CDATA[<p>Rain.</p><p>Sun.</p>\n\n## Hail\n\nIt fell.]]>"
        assert detect_format(f"<?xml version='1.0'?><rss><item>{item}</item></rss>") == "html"

    def test_only_the_start_is_read(self) -> None:
        assert detect_format("Rain fell. " * 10_000 + "<p>a</p>" * 10_000) == "text"

    @pytest.mark.parametrize(
        "source",
        [
            "<!-- a -->" * 2000,
            "<!--" * 5000,
            "[" * 20_000,
            "**a" * 7000,
            "<a " * 7000,
            "<p></p><pre " * 2000,
            "<p></p><!--" * 2000,
            "<p>\n" + "\n" * 20_000,
            "<p></p>\n\n# a\n" + " " * 20_000 + "<",
            "|" * 20_000,
            "|a|\n|" + "-" * 20_000,
            "|a|\n|-" * 4000,
            "\n\n~~~" * 4000,
            ("a" * 250 + "\n") * 80 + "**b** **c**",
        ],
    )
    def test_hostile_repetition(self, source: str) -> None:
        assert detect_format(source) in FORMATS.values()

    @given(st.text())
    def test_any_text(self, source: str) -> None:
        assert detect_format(source) in FORMATS.values()

    @pytest.mark.parametrize(
        "path",
        [path for path in sorted(SEEDS.glob("*")) if path.suffix in FORMATS],
        ids=lambda path: path.name,
    )
    def test_seeds(self, path: Path) -> None:
        assert detect_format(path.read_text(encoding="utf-8")) == FORMATS[path.suffix]


class TestShortcuts:
    """What cannot be found is not searched for; that must not change what is found."""

    @given(
        st.lists(
            st.sampled_from(
                [
                    *(
                        "# a",
                        "## b",
                        "####### c",
                        "```",
                        "~~~",
                        "~~~\na",
                        "|i|\n|-|",
                        "> d",
                        ">e",
                        "[f](g)",
                        "![](h)",
                    ),
                    *("| i |", "|j", "**k**", "** l **", "<p>", "</p>", "<br", "<", ">", "[", "]"),
                    *(
                        "(m)",
                        "*",
                        "#",
                        "|",
                        "`",
                        "~",
                        "\n",
                        "\n",
                        "\n",
                        "\r",
                        " ",
                        "rain",
                        "\ufeff",
                    ),
                    *("<html>", "<!-- n -->", "---\n", "o: p\n"),
                ]
            ),
            max_size=12,
        ).map("".join)
    )
    def test_they_change_nothing(self, source: str) -> None:
        marks = len(detect._MARKDOWN.findall(source))
        tags = len(detect._HTML_BLOCK.findall(source))
        assert detect._may_have_marks(source) or not marks
        assert "<" in source or not (tags or detect._HTML_START.match(source))
