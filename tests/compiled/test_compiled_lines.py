"""The compiled reader of plain text finds the paragraphs that the pure one finds."""

from __future__ import annotations

import gzip
import os
import random
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from adsift.compiled import compiled
from adsift.segment.text import read_paragraphs

REPOSITORY = Path(__file__).resolve().parents[2]
PAGES = Path(os.environ.get("ADSIFT_SHARED", REPOSITORY.parent / "shared")) / "data" / "pages"
PAGES_READ = None if os.environ.get("ADSIFT_ALL_PAGES") else 100

pytestmark = pytest.mark.skipif(
    compiled("lines") is None, reason="adsift.compiled.lines was not built, or is turned off"
)

BREAKS = ["\n", "\r\n", "\r", "\v", "\f", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"]
PIECES = st.one_of(
    st.sampled_from(BREAKS),
    st.sampled_from(["\n\n", "\n", " ", "  ", "\t", "\x1f", "\xa0", "\u2003", "\u3000", "\r\r\n"]),
    st.sampled_from(
        [
            *("- ", "* ", "• ", "–\t", "1. ", "12) ", "(a) ", "(iv) ", "ivxiv) ", "ivxivx) ", "("),
            *("(1.", "1234. ", "٣. ", "a)", "(٣٤) ", "x) ", "xi) ", "1)", "-", "•", "²) ", "é) "),
        ]
    ),
    st.sampled_from(
        [
            *("http://rain.example/a", "WWW.rain.example", "www", ".", "://", "ſww.", "wWw."),
            *("www.a.example)", "(https://b.example/x),", "//", ":", "ＷＷＷ．"),
        ]
    ),
    st.sampled_from(["rain", "é", "漢", "\U0001f600", "\ud800", "\udc00", "\0", "\u200b"]),
    st.sampled_from(["a" * 201, "b" * 200, "c " * 99, "d " * 101, "e" * 197, " f f f"]),
    st.text(max_size=6),
)
HOSTILE = st.lists(PIECES, max_size=40).map("".join)


def check(source: str) -> None:
    found = compiled("lines").read_paragraphs(source)
    expected = read_paragraphs(source)
    assert found == expected
    assert [p.link_share.hex() for p in found] == [p.link_share.hex() for p in expected]
    # Texts of the same kind inside, so that they have one hash and one width.
    assert [hash(p) for p in found] == [hash(p) for p in expected]
    assert [p.text.__sizeof__() for p in found] == [p.text.__sizeof__() for p in expected]


class TestReadParagraphs:
    @given(HOSTILE)
    @settings(max_examples=600)
    @example("")
    @example("\n \n")
    @example("a\r\nb\r\n\r\nc\n1. d\n(iv) e\nf")
    @example("a\n\n(")
    @example("a\n\n1")
    @example("a\n\nb\n12\n-")
    def test_hostile_text(self, source: str) -> None:
        check(source)

    @pytest.mark.parametrize("first", [*BREAKS, " ", "\x1f"])
    @pytest.mark.parametrize("second", [*BREAKS, " ", ""])
    def test_each_pair_of_line_breaks(self, first: str, second: str) -> None:
        check(f"a{first}{second}b\nc\n\nd")
        check(f"a{first} {second}b{first}c{second}{first}d")

    @pytest.mark.parametrize("length", [199, 200, 201])
    @pytest.mark.parametrize("spaces", [2, 3, 4])
    def test_the_longest_wrapped_line(self, length: int, spaces: int) -> None:
        line = "a " * spaces + "b" * (length - 2 * spaces)
        check(f"{line}\nc\n\nd\ne   \n")
        check(f"{line}    \nc\n\nd\ne   \n")

    @pytest.mark.parametrize("length", [39, 40, 41, 99, 100, 101, 119, 120, 121])
    @pytest.mark.parametrize("edges", [("", ""), ("\n\n", ""), ("", "\r\n \n"), (" \n", "\n")])
    def test_lines_without_blank_lines(self, length: int, edges: tuple[str, str]) -> None:
        line = "rain fell on " * 10
        for second in ("the hills", "The hills", "- the hills", line[: length - 9].strip()):
            lines = "\n".join([line[:length].strip(), second, "and the sea", line[:length].strip()])
            check(edges[0] + lines + edges[1])

    def test_any_character_between_two_others(self) -> None:
        for code in range(0x3100):
            check(f"a{chr(code)}b\n\nc\n{chr(code)} d\n{chr(code)}) e\nwww{chr(code)}f")

    def test_takes_strings_alone(self) -> None:
        for source in (None, b"rain", 1):
            with pytest.raises(TypeError):
                compiled("lines").read_paragraphs(source)

    @pytest.mark.skipif(not PAGES.is_dir(), reason="the labelled pages (shared/) are not here")
    def test_labelled_pages_as_text(self) -> None:
        files = sorted(PAGES.glob("*.gz"))
        for file in random.Random(7).sample(files, min(PAGES_READ or len(files), len(files))):
            check(gzip.decompress(file.read_bytes()).decode("utf-8", "surrogateescape"))
