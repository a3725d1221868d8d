"""Documents whose paragraphs are spans of characters: plain text and Markdown."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Protocol

from adsift.compiled import compiled
from adsift.document import Paragraph

_objects = compiled("objects")

Span = tuple[int, int]


class Layout(Protocol):
    """Knows which characters have to go so that a paragraph is gone without a trace."""

    def cuts(self, drop: AbstractSet[int]) -> list[Span]:
        """Spans to take out, in order, not overlapping, none empty.

        A paragraph whose going would change what another one says stays: no span for it.
        """


@dataclass(frozen=True, slots=True)
class _Origin:
    """Tells where the characters of a cut source stood in the uncut one.

    The source is made of pieces: piece ``i`` starts at ``starts[i]`` here and at
    ``origins[i]`` there.
    """

    starts: Sequence[int] = (0,)
    origins: Sequence[int] = (0,)

    def of(self, spans: Iterable[Span]) -> list[Span]:
        """Where spans stood. They are in order, do not overlap, and none is empty."""
        starts, origins = self.starts, self.origins
        last = len(starts) - 1
        piece = 0
        found = []
        for start, end in spans:
            while piece < last and starts[piece + 1] <= start:
                piece += 1
            begin = origins[piece] + start - starts[piece]
            while piece < last and starts[piece + 1] < end:
                piece += 1
            found.append((begin, origins[piece] + end - starts[piece]))
        return found

    def after(self, kept: list[Span]) -> _Origin:
        """The same for the source that is left when only ``kept`` is."""
        starts: list[int] = []
        origins: list[int] = []
        length = 0
        for start, end in kept:
            piece = bisect_right(self.starts, start) - 1
            while start < end:
                last = piece + 1 == len(self.starts)
                stop = end if last else min(end, self.starts[piece + 1])
                starts.append(length)
                origins.append(self.origins[piece] + start - self.starts[piece])
                length += stop - start
                start = stop
                piece += 1
        return _Origin(starts, origins)


@dataclass(frozen=True, slots=True)
class SpanSegmentation:
    """A source and its paragraphs, each with ``start`` and ``end``, in order, not overlapping.

    The text between two paragraphs is a gap: white space in plain text; in Markdown also
    front matter, markers and whatever else a reader does not see. Paragraphs and gaps,
    joined, are the source.

    Attributes:
        source: the whole document.
        paragraphs: in the order of the source; none has an empty text.
        layout: tells how to cut paragraphs out.
        segmenter: the function that made this object of the source.
        origin: where the characters of ``source`` stood before any cut.
    """

    source: str
    paragraphs: list[Paragraph]
    layout: Layout
    segmenter: Callable[[str], SpanSegmentation]
    origin: _Origin = _Origin()

    def render(self) -> str:
        """The document as it is now."""
        return self.source

    @property
    def originals(self) -> list[Span]:
        """For each paragraph its span in the source before any cut.

        Where paragraphs have been cut out of the middle of such a span, it reaches over
        the place where they stood.
        """
        if _objects is not None:
            found: list[Span] = _objects.original_spans(
                self.paragraphs, self.origin.starts, self.origin.origins
            )
            return found
        spans = [
            (paragraph.start, paragraph.end)
            for paragraph in self.paragraphs
            if paragraph.start is not None and paragraph.end is not None
        ]
        return self.origin.of(spans)

    def without(self, drop: Collection[int]) -> SpanSegmentation:
        """The document without some paragraphs, segmented anew.

        Segmenting anew is what a later run on the result would do, so that a caller who
        repeats this until nothing is left to drop gets a document that stays as it is.

        Args:
            drop: indexes into ``paragraphs``.

        Returns:
            the shorter document, or this one when nothing could be removed.

        Raises:
            IndexError: an index is not one of a paragraph.
        """
        chosen = set(drop)
        if not all(0 <= index < len(self.paragraphs) for index in chosen):
            raise IndexError(f"the document has {len(self.paragraphs)} paragraphs, got {drop}")
        cuts = self.layout.cuts(chosen)
        if not cuts:
            return self
        kept = complement(cuts, len(self.source))
        shorter = self.segmenter("".join(self.source[start:end] for start, end in kept))
        return SpanSegmentation(
            shorter.source,
            shorter.paragraphs,
            shorter.layout,
            self.segmenter,
            self.origin.after(kept),
        )


def complement(cuts: list[Span], length: int) -> list[Span]:
    """What is left of ``length`` characters between the cuts."""
    edges = [0, *(edge for cut in cuts for edge in cut), length]
    pairs = zip(edges[::2], edges[1::2], strict=True)
    return [(start, end) for start, end in pairs if start < end]
