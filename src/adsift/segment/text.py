"""Paragraphs of plain text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

from adsift.compiled import compiled
from adsift.document import Paragraph
from adsift.segment.edges import keep_whole
from adsift.segment.spans import Span, SpanSegmentation
from adsift.segment.whitespace import BLANK_LINE, BREAKS, collapse, count_visible
from adsift.segment.wrapped import go_on, wrapped_starts

# A line longer than this was not wrapped by hand or by an editor.
LONGEST_WRAPPED_LINE = 200
# And hardly one longer than this.
LONGEST_USUAL_LINE = 120

_BOM = "\ufeff"
_LINE = re.compile(rf"\S[^{BREAKS}]*")

BULLETS = "•‣·▪◦*+–—-"
_LIST_MARKER = re.compile(
    rf"""(?: [{BULLETS}]                            # bullets and dashes
          | \(?(?:\d{{1,3}}|[A-Za-z]|[ivx]{{2,5}})\)  # 1)  a)  iv)  (1)  (a)  (iv)
          | \d{{1,3}}\.                           # 1.
        )[ \t]""",
    re.VERBOSE,
)

_URL = re.compile(r"\b(?:https?://|www\.)[^\W_][^\s<>\"“”]*", re.IGNORECASE)
_AFTER_URL = ".,;:!?'’…*_]}"


def segment_text(source: str) -> SpanSegmentation:
    """Cut plain text into paragraphs.

    Blank lines part paragraphs, and so does a list marker at the start of a line. Where a line
    is too long to have been wrapped, each line is a paragraph of its own, and so it is where no
    blank line parts anything, with two exceptions. Lines that show that they were wrapped
    (:mod:`adsift.segment.wrapped`) are joined. And a blank line at the start or the end tells
    that blank lines part this text's paragraphs, if no line is longer than 120 characters and a
    third of them go on with the sentence of the line before: a cut leaves one where it would
    leave none (:mod:`adsift.segment.edges`).

    Args:
        source: any string.

    Returns:
        the paragraphs; each spans from its first to its last character that is not white
        space, and between them is only white space.
    """
    paragraphs = text_paragraphs(source)
    return SpanSegmentation(source, paragraphs, _TextLayout(source, paragraphs), segment_text)


def text_paragraphs(source: str) -> list[Paragraph]:
    """The paragraphs of :func:`segment_text`."""
    if source.startswith(_BOM):  # who reads a file as UTF-8 gets it as a character
        source = " " + source[1:]
    core = _core()
    # A subclass may have a slice of its own.
    if core is not None and type(source) is str:
        paragraphs: list[Paragraph] = core.read_paragraphs(source)
        return paragraphs
    return read_paragraphs(source)


@cache
def _core() -> Any:
    return compiled("lines")


def read_paragraphs(source: str) -> list[Paragraph]:
    """The paragraphs of :func:`segment_text`, in pure Python."""
    return [make_paragraph(source, *span) for span in _paragraphs(source, _lines(source))]


def _lines(source: str) -> list[Span]:
    """The lines that are not blank, without the white space around them."""
    lines = []
    for match in _LINE.finditer(source):
        start = match.start()
        lines.append((start, start + len(match.group().rstrip())))
    return lines


def _paragraphs(source: str, lines: list[Span]) -> list[Span]:
    if any(_is_unwrapped(source, start, end) for start, end in lines):
        return lines
    parted = [_has_blank_line(source[before[1] : after[0]]) for before, after in pairwise(lines)]
    if not any(parted) and not _is_parted_at_edge(source, lines):
        starts = wrapped_starts([source[start:end] for start, end in lines])
        if starts is None:
            return lines
        parted = starts
    spans = [lines[0]]
    for (start, end), new in zip(lines[1:], parted, strict=True):
        if new or _LIST_MARKER.match(source, start):
            spans.append((start, end))
        else:
            spans[-1] = (spans[-1][0], end)
    return spans


def _is_parted_at_edge(source: str, lines: list[Span]) -> bool:
    return (
        len(lines) > 1
        and max(end - start for start, end in lines) <= LONGEST_USUAL_LINE
        and (_has_blank_line(source[: lines[0][0]]) or _has_blank_line(source[lines[-1][1] :]))
        # Many a text of single lines ends in a blank line too.
        and go_on([source[start:end] for start, end in lines])
    )


def _is_unwrapped(source: str, start: int, end: int) -> bool:
    # A long address stands on a line of its own in wrapped text too.
    return end - start > LONGEST_WRAPPED_LINE and source.count(" ", start, end) > 2


def _has_blank_line(gap: str) -> bool:
    return gap != "\n" and BLANK_LINE.search(gap) is not None


def make_paragraph(source: str, start: int, end: int) -> Paragraph:
    """The paragraph of a span, with the addresses in its text as its links."""
    text = collapse(source[start:end])
    # Two quick looks spare nearly every paragraph the slow search.
    if "://" not in text and "www." not in text.lower():
        return Paragraph(text, start, end)
    links = tuple(_urls(text))
    return Paragraph(text, start, end, "", sum(map(len, links)) / count_visible(text), links)


def _urls(text: str) -> Iterator[str]:
    for match in _URL.finditer(text):
        url = match.group().rstrip(_AFTER_URL)
        if url.endswith(")") and "(" not in url:
            url = url.rstrip(")" + _AFTER_URL)
        yield url


@dataclass(frozen=True, slots=True)
class _TextLayout:
    """Cuts lines of plain text so that the better of the gaps around them stays."""

    source: str
    paragraphs: list[Paragraph]

    def cuts(self, drop: AbstractSet[int]) -> list[Span]:
        if not drop:
            return []
        spans = [
            (paragraph.start, paragraph.end)
            for paragraph in self.paragraphs
            if paragraph.start is not None and paragraph.end is not None
        ]
        kept = [span for index, span in enumerate(spans) if index not in drop]
        return keep_whole(self.source, kept, self._cuts(spans, drop), text_paragraphs)

    def _cuts(self, spans: list[Span], drop: AbstractSet[int]) -> list[Span]:
        cuts: list[Span] = []
        last = len(spans) - 1
        index = 0
        while index <= last:
            if index not in drop:
                index += 1
                continue
            first = index
            while index in drop:
                index += 1
            if first == 0 and index > last:
                cuts.append((int(self.source.startswith(_BOM)), len(self.source)))
            elif first == 0:
                cuts.append((spans[0][0], spans[index][0]))
            elif index > last:
                cuts.append((spans[first - 1][1], spans[last][1]))
            else:
                cuts.extend(self._between(spans[first - 1 : index + 1]))
        return cuts

    def _between(self, spans: list[Span]) -> list[Span]:
        """Take out what stands between the first and the last of these, but for one gap."""
        gaps = [(before[1], after[0]) for before, after in pairwise(spans)]
        kept = next((gap for gap in gaps if _has_blank_line(self.source[slice(*gap)])), gaps[0])
        # The indentation belongs to the paragraph after it, not to the gap.
        cuts = [
            (gaps[0][0], kept[0]),
            (self._line_start(kept), self._line_start(gaps[-1])),
        ]
        return [(start, end) for start, end in cuts if start < end]

    def _line_start(self, gap: Span) -> int:
        start, end = gap
        while end > start and self.source[end - 1] not in BREAKS:
            end -= 1
        return end
