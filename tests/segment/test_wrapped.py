"""Plain text without blank lines whose lines were wrapped."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adsift.segment.text import segment_text

COUNCIL = (
    "The harbour council voted on Tuesday to close the old fish market at the end of the month, "
    "after engineers found that the roof had become unsafe in the storms of last winter and that "
    "a repair would cost more than the whole of the building is worth."
)
MAYOR = (
    "Mayor Ellen Varga said that the decision had been difficult but that nobody could be asked "
    "to work under beams which a strong wind may bring down; the traders will be offered places "
    "in the hall of the ferry pier until a new market is built."
)
SHORT = ["It rained.", "Then it snowed.", "The ferry did not sail.", "Nobody minded much."]
HEADLINES = [
    "Council votes for a new budget after a long debate",
    "Storm leaves thousands of homes without any power",
    "Football club sells its stadium to investors abroad",
    "Museum returns eleven bronzes after long disputes",
    "Farmers block a motorway with tractors for hours",
]
WIDTHS = (60, 66, 72, 80, 100)


def texts(source: str) -> list[str]:
    return [paragraph.text for paragraph in segment_text(source).paragraphs]


class TestWrapped:
    @pytest.mark.parametrize("width", WIDTHS)
    def test_lines_of_a_paragraph_are_joined(self, width: int) -> None:
        assert texts(textwrap.fill(COUNCIL, width)) == [COUNCIL]

    @pytest.mark.parametrize("width", WIDTHS)
    def test_a_line_with_room_ends_a_paragraph(self, width: int) -> None:
        source = f"{textwrap.fill(COUNCIL, width)}\n{textwrap.fill(MAYOR, width)}\n"
        assert texts(source) == [COUNCIL, MAYOR]

    @pytest.mark.parametrize("width", WIDTHS[:4])
    def test_so_it_does_where_paragraphs_are_short(self, width: int) -> None:
        paragraphs = [COUNCIL, *SHORT, MAYOR, *SHORT]
        source = "\n".join(textwrap.fill(text, width) for text in paragraphs)
        assert texts(source) == paragraphs

    def test_so_does_a_list_marker(self) -> None:
        source = f"{textwrap.fill(COUNCIL, 72)}\n- The pier opens in June.\n"
        assert texts(source) == [COUNCIL, "- The pier opens in June."]

    def test_headlines_behind_a_paragraph_stay_apart(self) -> None:
        lines = textwrap.wrap(COUNCIL, 54)[-3:]
        assert texts("\n".join([*lines, *HEADLINES]))[-len(HEADLINES) :] == HEADLINES

    def test_a_heading_has_room(self) -> None:
        assert texts(f"Market to close\n{textwrap.fill(COUNCIL, 72)}") == [
            "Market to close",
            COUNCIL,
        ]

    @pytest.mark.parametrize("width", WIDTHS)
    def test_a_pitch_in_a_sentence_is_no_paragraph(self, width: int) -> None:
        source = textwrap.fill(f"{COUNCIL} I would pay $25 for a crate of herring. {MAYOR}", width)
        assert len(texts(source)) == 1


class TestNotWrapped:
    @pytest.mark.parametrize(
        "lines",
        [
            # Sentences, titles, an address, verse, a shopping list, lines too long or too short.
            ["The rain fell on the hills all night long.", "The rivers rose.", "The sun came out."],
            ["Market to Close at the End of the Month", "Mayor Varga Defends a Hard Decision Now"],
            ["Ellen Varga, Harbour Council of the Old Town", "12 Pier Road", "Mossgate"],
            # Verse, of which each line goes on, but not for want of room.
            [
                *["The rain that fell upon the quiet hills of home", "and then on the sea and me"]
                * 4
            ],
            # Items of two lines, and headlines that happen to be of one length.
            [*["Council votes for a new budget after a long debate", "by the harbour desk"] * 5],
            ["the council spoke of rain until late on Tuesday night", *HEADLINES],
            ["rain on the hills,", "rain on the sea,", "rain on the roof", "and the rain on me"],
            ["bread from the bakery at the corner of the pier", "milk", "two pounds of herring"],
            ["the rain fell on the hills", "and it went on to fall", "until the rivers rose"],
            [COUNCIL[:110], COUNCIL[111:220]],
            ["市議会は火曜日、老朽化した魚市場を月末に閉鎖することを決めた。" * 2] * 3,
        ],
    )
    def test_each_line_stays_a_paragraph(self, lines: list[str]) -> None:
        assert texts("\n".join(lines)) == lines

    @given(st.lists(st.text("aB .\u00e9", min_size=1, max_size=90), max_size=6))
    def test_nothing_is_lost(self, lines: list[str]) -> None:
        source = "\n".join(lines)
        assert " ".join(texts(source)).split() == source.split()
