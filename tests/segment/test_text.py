"""Plain text: where paragraphs begin and end, and what is left when some are cut out."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from adsift.segment.text import segment_text
from adsift.segment.whitespace import BLANK_LINE
from adsift.segment.wrapped import go_on

# Short lines of words, markers, links and every kind of white space and line break.
PIECES = st.sampled_from(
    [
        *("rain", "fell", "e\u0301te", "a", "https://a.example/x"),
        *("- ", "* ", "1. ", "(a) ", "• "),
        *(" ", "\t", "\xa0", "\n", "\n", "\n\n", "\r\n", "\r"),
        *("\x0b", "\x0c", "\x85", "\u2028", "\u2029"),
    ]
)
SOURCES = st.one_of(st.text(), st.lists(PIECES, max_size=40).map("".join))
PARAGRAPHS = st.lists(
    st.lists(
        st.sampled_from(["rain fell", "on the quay", "- on", "Sun", "a " * 30]),
        min_size=1,
        max_size=4,
    ).map("\n".join),
    max_size=5,
).map("\n\n".join)
ROUNDS = st.lists(st.sets(st.integers(0, 9)), max_size=4)


def texts(source: str) -> list[str]:
    return [paragraph.text for paragraph in segment_text(source).paragraphs]


def is_subsequence(part: str, whole: str) -> bool:
    rest = iter(whole)
    return all(character in rest for character in part)


class TestParagraphs:
    def test_blank_lines_part_paragraphs(self) -> None:
        assert texts("Rain fell.\nIt was cold.\n\nThe sun came.\n") == [
            "Rain fell. It was cold.",
            "The sun came.",
        ]

    def test_a_line_of_white_space_is_blank(self) -> None:
        assert texts("Rain fell.\n \t\nThe sun\ncame.") == ["Rain fell.", "The sun came."]

    def test_each_line_is_a_paragraph_where_no_blank_line_is(self) -> None:
        assert texts("\nRain fell.\nThe sun came.\n") == ["Rain fell.", "The sun came."]

    @pytest.mark.parametrize("source", ["a\nb\n\n", "\n\na\nb", "\r\n \r\na\nb\n", "a\nb\n\t\n"])
    def test_a_blank_line_at_an_edge_tells_that_blank_lines_part(self, source: str) -> None:
        assert texts(source) == ["a b"]

    def test_but_not_where_a_line_is_longer_than_lines_are_wrapped(self) -> None:
        assert texts(f"{'r' * 120}\nfell\n\n") == [f"{'r' * 120} fell"]
        assert texts(f"{'r' * 121}\nfell\n\n") == ["r" * 121, "fell"]

    def test_each_line_is_a_paragraph_where_one_is_too_long_to_be_wrapped(self) -> None:
        long = "rain " * 41 + "fell"
        assert texts(f"Weather\nToday\n\n{long}\nEnd") == ["Weather", "Today", long, "End"]

    def test_two_hundred_characters_may_be_wrapped(self) -> None:
        line = "r" * 200
        assert texts(f"{line}\nfell\n\nEnd") == [f"{line} fell", "End"]

    @pytest.mark.parametrize("marker", [*"•‣·▪◦*-–—+", "1.", "12)", "(a)", "b)", "(iv)"])
    def test_a_list_marker_starts_a_paragraph(self, marker: str) -> None:
        source = f"The list:\n{marker} bread\nand butter\n  {marker}\tmilk\n\nEnd"
        assert texts(source) == [
            "The list:",
            f"{marker} bread and butter",
            f"{marker} milk",
            "End",
        ]

    @pytest.mark.parametrize("line", ["-5 degrees", "*rain*", "1.5 inches", "2024. A year", "a.m."])
    def test_what_only_looks_like_a_marker_does_not(self, line: str) -> None:
        assert texts(f"It had\n{line}\n\nEnd") == [f"It had {line}", "End"]

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\v", "\f", "\x85", "\u2028", "\u2029"])
    def test_every_line_break_counts(self, end: str) -> None:
        assert texts(f"one{end}two") == ["one", "two"]
        assert texts(f"one{end}two{end}{end}three") == ["one two", "three"]

    def test_carriage_return_and_line_feed_are_one_break(self) -> None:
        assert texts("one\r\ntwo\r\n\r\nthree") == ["one two", "three"]

    @pytest.mark.parametrize("source", ["", " ", "\n\n", "\t\r\n\u2028"])
    def test_nothing_but_white_space_has_no_paragraphs(self, source: str) -> None:
        assert texts(source) == []

    def test_a_byte_order_mark_is_no_text_and_stays(self) -> None:
        found = segment_text("\ufeffRain fell.\n\nThe sun came.")
        assert [(p.start, p.end, p.text) for p in found.paragraphs] == [
            (1, 11, "Rain fell."),
            (13, 26, "The sun came."),
        ]
        assert found.without({0}).render() == "\ufeffThe sun came."
        assert found.without({0, 1}).render() == "\ufeff"
        assert segment_text("\ufeff").paragraphs == []

    def test_combining_characters_stay_with_their_letters(self) -> None:
        assert texts("e\u0301te\u0301\n\u0301 alone") == ["e\u0301te\u0301", "\u0301 alone"]

    def test_the_span_leaves_out_white_space_at_both_ends(self) -> None:
        (paragraph,) = segment_text(" \n\t rain \t fell  \n").paragraphs
        assert (paragraph.start, paragraph.end, paragraph.text) == (4, 15, "rain fell")
        assert (paragraph.tag, paragraph.ancestors, paragraph.rels) == ("", (), ())


class TestLinks:
    def test_bare_addresses_are_links(self) -> None:
        source = "See https://a.example/b?c=1, www.b.example/ (or HTTP://c.example)."
        (paragraph,) = segment_text(source).paragraphs
        assert paragraph.links == (
            "https://a.example/b?c=1",
            "www.b.example/",
            "HTTP://c.example",
        )
        assert paragraph.link_share == sum(map(len, paragraph.links)) / len("".join(source.split()))

    def test_a_bracket_that_the_address_opened_belongs_to_it(self) -> None:
        (paragraph,) = segment_text("https://a.example/rain_(wet)").paragraphs
        assert paragraph.links == ("https://a.example/rain_(wet)",)
        assert paragraph.link_share == 1.0

    @pytest.mark.parametrize("text", ["http://", "www.", "https://...", "awww.cute", "http://[::1"])
    def test_what_only_begins_like_an_address_is_none(self, text: str) -> None:
        (paragraph,) = segment_text(text).paragraphs
        assert (paragraph.links, paragraph.link_share) == ((), 0.0)


class TestWithout:
    @pytest.mark.parametrize(
        ("source", "drop", "left"),
        [
            ("a\n\nb\n\nc\n", {0}, "b\n\nc\n"),
            ("a\n\nb\n\nc\n", {1}, "a\n\nc\n"),
            ("a\n\nb\n\nc\n", {2}, "a\n\nb\n"),
            ("a\n\nb\n\nc", {2}, "a\n\nb"),
            ("a\n\nb\n\nc\n", {0, 1, 2}, ""),
            ("a\r\n\r\nb\r\n\r\nc\r\n", {1}, "a\r\n\r\nc\r\n"),
            ("a\nb\nc", {1}, "a\nc"),
            ("a\n- b\n\nc", {1}, "a\n\nc"),
            ("a\n\n- b\n- c", {1}, "a\n\n- c"),
            ("a\n\n\n\nb\n\nc", {1}, "a\n\n\n\nc"),
            ("a\n\n    b\n\n  c", {1}, "a\n\n  c"),
            ("a\n\nb\n\nc\n\nd", {1, 2}, "a\n\nd"),
            # A paragraph of several lines would be cut up if no blank line were left.
            ("a\nb\n\nc\n", {1}, "a\nb\n\n"),
            ("a\nb\n\nc", {1}, "a\nb\n\n"),
            ("a\nb\r\n\r\n  c\r\n", {1}, "a\nb\r\n\r\n"),
            ("a\n\nb\nc\n", {0}, "\n\nb\nc\n"),
            ("a\n\n  b\nc\n", {0}, "\n\n  b\nc\n"),
            ("a\n\nb\nc\n\nd\n", {0, 2}, "b\nc\n\n"),
            ("a\n- b\n\nc\nd\n- e", {0, 1, 3}, "\n\nc\nd"),
            ("a\nb\n- c\n\nd", {1, 2}, "a\nb\n\n"),
            ("a\n\nb\nc\n\nd\n\ne", {0, 3}, "b\nc\n\nd"),
            ("a\nb\n\nc\n\n", {1}, "a\nb\n\n"),
        ],
    )
    def test_one_gap_goes_with_a_paragraph(self, source: str, drop: set[int], left: str) -> None:
        assert segment_text(source).without(drop).render() == left

    def test_the_rest_is_segmented_anew(self) -> None:
        rest = segment_text(f"one\ntwo\n\n{'three ' * 50}\n\nfour").without({2})
        assert [paragraph.text for paragraph in rest.paragraphs] == ["one two", "four"]

    def test_originals_name_the_place_before_any_cut(self) -> None:
        rest = segment_text("a\n\nb\n\nc\n\nd").without({0}).without({1})
        assert rest.render() == "b\n\nd"
        assert rest.originals == [(3, 4), (9, 10)]

    def test_dropping_nothing_gives_the_same_object(self) -> None:
        segmentation = segment_text("a\n\nb")
        assert segmentation.without([]) is segmentation

    @pytest.mark.parametrize("index", [-1, 2])
    def test_an_index_of_no_paragraph_is_an_error(self, index: int) -> None:
        with pytest.raises(IndexError, match="2 paragraphs"):
            segment_text("a\n\nb").without({index})


class TestLaws:
    @given(SOURCES)
    def test_between_paragraphs_is_only_white_space(self, source: str) -> None:
        segmentation = segment_text(source)
        assert segmentation.render() == source
        position = 0
        for paragraph in segmentation.paragraphs:
            assert paragraph.start is not None
            assert paragraph.end is not None
            assert not source[position : paragraph.start].strip()
            words = source[paragraph.start : paragraph.end]
            assert words == words.strip()
            assert paragraph.text == " ".join(words.split())
            assert paragraph.text
            assert 0 <= paragraph.link_share <= 1
            position = paragraph.end
        assert not source[position:].strip()

    @given(SOURCES, ROUNDS)
    def test_cutting_leaves_exactly_the_other_words(
        self, source: str, rounds: list[set[int]]
    ) -> None:
        segmentation = segment_text(source)
        for numbers in rounds:
            before = segmentation.paragraphs
            drop = {number for number in numbers if number < len(before)}
            kept = [p.text for i, p in enumerate(before) if i not in drop]
            shorter = segmentation.without(drop)
            assert (shorter is segmentation) == (not drop)
            assert " ".join(p.text for p in shorter.paragraphs) == " ".join(kept)
            assert is_subsequence(shorter.source, segmentation.source)
            segmentation = shorter
        for paragraph, (start, end) in zip(
            segmentation.paragraphs, segmentation.originals, strict=True
        ):
            assert paragraph.text == " ".join(source[start:end].split())

    @given(SOURCES | PARAGRAPHS, ROUNDS)
    def test_what_is_left_is_not_cut_up(self, source: str, rounds: list[set[int]]) -> None:
        assume(max(map(len, source.splitlines()), default=0) <= 120)
        segmentation = segment_text(source)
        starts = {paragraph.start for paragraph in segmentation.paragraphs}
        for numbers in rounds:
            if not BLANK_LINE.search(segmentation.source.strip()):
                return  # a cut has none to leave
            segmentation = segmentation.without(
                {number for number in numbers if number < len(segmentation.paragraphs)}
            )
            lines = [line for line in map(str.strip, segmentation.source.splitlines()) if line]
            if not go_on(lines):
                return  # a blank line at the edge of such lines tells nothing
            assert {start for start, _ in segmentation.originals} <= starts

    @given(SOURCES)
    def test_dropping_everything_leaves_nothing(self, source: str) -> None:
        segmentation = segment_text(source)
        everything = range(len(segmentation.paragraphs))
        if everything:
            assert segmentation.without(everything).source == ""
