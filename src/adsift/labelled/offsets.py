"""Where the spans of a tool stand: each tool counts the characters of a text in its own way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from adsift.errors import LabelledDataError
from adsift.labelled.labels import Mark
from adsift.labelled.text import Span

SHOWN = 60
"""So many characters of a text are shown in a message."""


class WrittenSpan(NamedTuple):
    """A labelled span as a tool wrote it, and the text that it says stands there, if it does."""

    start: int
    end: int
    mark: Mark
    quoted: str = ""


def find_spans(place: str, text: str, written: Sequence[WrittenSpan]) -> list[Span]:
    """The spans in characters, where a tool that runs in a browser may have counted UTF-16 units,
    or the two characters CRLF as one. What it quotes tells; a span without is taken as it is.

    Raises:
        LabelledDataError: what a span quotes does not stand there, however one counts.
    """
    ways: list[Sequence[int]] = [range(len(text) + 1)]
    if not all(_fits(text, ways[0], span) for span in written):
        # A text that repeats itself has the quote of a span in wrong places too, so that the way
        # that most of the spans agree on goes first.
        ways = sorted(
            _ways(text),
            key=lambda way: sum(_fits(text, way, span) for span in written),
            reverse=True,
        )
    return [Span(*_find(place, text, ways, span), span.mark) for span in written]


def _find(
    place: str, text: str, ways: Sequence[Sequence[int]], span: WrittenSpan
) -> tuple[int, int]:
    if not _visible(span.quoted):
        return span.start, span.end
    for stands_there in _fits, _covers:
        for way in ways:
            if stands_there(text, way, span):
                return way[span.start], way[span.end]
    raise LabelledDataError(
        f"{place}: the span {span.start} to {span.end} should be {_shown(span.quoted)}, but "
        f"{_shown(text[max(span.start, 0) : max(span.end, 0)])} stands there; export the text as "
        "it was when it was labelled, or leave the quoted texts out if the offsets are right"
    )


def _ways(text: str) -> list[list[int]]:
    """The ways to count that differ in this text: for each offset its character."""
    units = [False] if text.isascii() else [False, True]
    line_ends = [False, True] if "\r\n" in text else [False]
    return [_characters(text, unit, one) for one in line_ends for unit in units]


def _characters(text: str, utf_16: bool, one_line_end: bool) -> list[int]:
    found = []
    for index, character in enumerate(text):
        if one_line_end and character == "\n" and text[index - 1 : index] == "\r":
            continue
        found.append(index)
        if utf_16 and character > "\uffff":
            found.append(index)
    return [*found, len(text)]


def _fits(text: str, way: Sequence[int], span: WrittenSpan) -> bool:
    quoted = _visible(span.quoted)
    return not quoted or _visible(_part(text, way, span)) == quoted


def _covers(text: str, way: Sequence[int], span: WrittenSpan) -> bool:
    """Whether the quote is a part of the span: Label Studio widens spans to whole words, and has
    quoted what the mouse went over."""
    return _visible(span.quoted) in _visible(_part(text, way, span))


def _part(text: str, way: Sequence[int], span: WrittenSpan) -> str:
    within = 0 <= span.start <= span.end < len(way)
    return text[way[span.start] : way[span.end]] if within else ""


def _visible(text: str) -> str:
    """What must be the same. Browsers trim and replace white space, and Label Studio writes a
    backslash and an n for each line end that it quotes."""
    return "".join(text.replace("\\n", " ").split())


def _shown(text: str) -> str:
    return repr(text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…")
