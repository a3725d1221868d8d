"""The blank line that a cut leaves at the edge of a text, so that its paragraphs stay whole.

Where the last blank line of a text goes with a paragraph, what is left of it looks like a text
whose every line is a paragraph: its next reader would cut a paragraph into lines, and judge and
drop them one by one. A blank line at the end, or at the start, tells the reader better.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import accumulate

from adsift.document import Paragraph
from adsift.segment.spans import Layout, Span, complement
from adsift.segment.whitespace import BLANK_LINE, BREAKS

Reader = Callable[[str], list[Paragraph]]


def keep_whole(source: str, kept: Sequence[Span], cuts: list[Span], read: Reader) -> list[Span]:
    """Cuts that leave paragraphs whole, if a blank line at an edge can do that.

    Args:
        source: the text before the cut.
        kept: the spans of the paragraphs that stay.
        cuts: what is to go, in order.
        read: finds the paragraphs of plain text.

    Returns:
        ``cuts``, or cuts that leave a blank line more.
    """
    if not cuts or not _is_torn(source, kept, cuts, read):
        return cuts
    other = _with_blank_line(source, cuts)
    return cuts if other is None or _is_torn(source, kept, other, read) else other


def _is_torn(source: str, kept: Sequence[Span], cuts: list[Span], read: Reader) -> bool:
    """Whether a reader of what is left begins a paragraph inside one that stays."""
    pieces = complement(cuts, len(source))
    rest = "".join(source[start:end] for start, end in pieces)
    words = rest.strip()
    # Most texts are done here.
    if "\n\n" in words or not any(len(source[start:end].splitlines()) > 1 for start, end in kept):
        return False
    if BLANK_LINE.search(words):
        return False
    begins = [paragraph.start for paragraph in read(rest) if paragraph.start is not None]
    lengths = [0, *accumulate(end - start for start, end in pieces)]
    for start, end in kept:
        piece = bisect_right(pieces, (start, len(source))) - 1
        if piece < 0 or pieces[piece][1] <= start:
            continue  # it did not stay where it was
        begin = lengths[piece] + start - pieces[piece][0]
        after = bisect_right(begins, begin)
        if after < len(begins) and begins[after] < begin + end - start:
            return True
    return False


def _with_blank_line(source: str, cuts: list[Span]) -> list[Span] | None:
    """The same cuts, but for the first blank line after what is left, or the last before it."""
    seen = [
        (start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip()))
        for start, end in complement(cuts, len(source))
        if (piece := source[start:end]).strip()
    ]
    if not seen:
        return None
    first, last = seen[0][0], seen[-1][1]
    inside = [(start, end) for start, end in cuts if first < start < last]
    if blank := BLANK_LINE.search(source, last):
        head = [(start, end) for start, end in cuts if end <= first]
        tail = [(last, blank.start()), (blank.end(), len(source))]
    elif blanks := [*BLANK_LINE.finditer(source, 0, first)]:
        line = first
        while source[line - 1] not in BREAKS:
            line -= 1
        blank = blanks[-1]
        head = [(0, blank.start()), (blank.end(), line)]
        tail = [(start, end) for start, end in cuts if start >= last]
    else:
        return None
    return [(start, end) for start, end in (*head, *inside, *tail) if start < end]


@dataclass(frozen=True, slots=True)
class WholeLayout:
    """A layout whose cuts leave paragraphs whole for a reader of another format.

    Attributes:
        layout: cuts the source.
        source: the document.
        paragraphs: those of its own format.
        read: finds the paragraphs of what a cut has left; none if it is of the same format.
    """

    layout: Layout
    source: str
    paragraphs: list[Paragraph]
    read: Reader

    def cuts(self, drop: AbstractSet[int]) -> list[Span]:
        """Spans to take out, see :meth:`adsift.segment.spans.Layout.cuts`."""
        kept = [
            (paragraph.start, paragraph.end)
            for index, paragraph in enumerate(self.paragraphs)
            if index not in drop and paragraph.start is not None and paragraph.end is not None
        ]
        return keep_whole(self.source, kept, self.layout.cuts(drop), self.read)
