"""HTML: what goes from a tree along with the paragraphs that are dropped."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Generic, NamedTuple

from adsift.segment.elements import BLOCKS, UNREMOVABLE, VOID
from adsift.segment.html import OPEN, TEXT, Event, Node, is_blank


class Removal(NamedTuple, Generic[Node]):
    """One node to take out of a tree.

    Attributes:
        node: the text or element.
        parts: whether a gap has to take its place (``<br><br>``), because what stands before
            and after it would become one paragraph.
    """

    node: Node
    parts: bool


def check_indexes(drop: Collection[int], count: int) -> None:
    """Whether all indexes are those of paragraphs, of which there are ``count``.

    Raises:
        IndexError: an index is not one of a paragraph.
    """
    if drop and not 0 <= min(drop) <= max(drop) < count:
        raise no_paragraph(drop, count)


def no_paragraph(drop: Collection[int], count: int) -> IndexError:
    """An index of those to drop is not one of a paragraph, of which there are ``count``."""
    return IndexError(f"the document has {count} paragraphs, got {drop}")


def find_removals(
    events: Iterable[Event[Node]], texts: Sequence[range], drop: Collection[int]
) -> list[Removal[Node]]:
    """What to take out, so that the dropped text is gone and no wrapper is left empty by it.

    An element goes whole when it held dropped text and no other text that a reader sees; its
    pictures and scripts go with it, but not a figure whose caption, if it has one, stays. The
    page's skeleton and table cells stay.

    Args:
        events: the walk that made the paragraphs, again.
        texts: for each paragraph the TEXT events that hold it.
        drop: indexes of the paragraphs to drop.

    Returns:
        Nodes none of which holds another, in document order.

    Raises:
        IndexError: an index is not one of a paragraph.
    """
    check_indexes(drop, len(texts))
    finder = _Finder[Node](texts, set(drop))
    for kind, value, _, node in events:
        if kind == TEXT:
            finder.text(value, node)
        elif kind == OPEN:
            finder.open(value)
        else:
            finder.close(value, node)
    return finder.removals


class _Element:
    """An open element, and how things stood when it opened."""

    __slots__ = ("before", "breaks", "keeps", "loses", "removals")

    def __init__(self, removals: int, before: int | None, breaks: int) -> None:
        self.keeps = self.loses = False
        self.removals = removals
        self.before = before
        self.breaks = breaks


class _Finder(Generic[Node]):
    """Finds what goes, and watches whether the paragraphs that stay remain apart.

    Attributes:
        removals: found so far.
    """

    def __init__(self, texts: Sequence[range], drop: set[int]) -> None:
        self.removals: list[Removal[Node]] = []
        self._paragraphs = {position: i for i, span in enumerate(texts) for position in span}
        self._drop = drop
        self._position = 0
        self._open = [_Element(0, None, 0)]
        # Of what stays: the paragraph that a text here would be part of, the line breaks since
        # its last text, and the number of removals before that.
        self._before: int | None = None
        self._breaks = 0
        self._removals_before = 0

    def open(self, tag: str) -> None:
        if tag in VOID:
            self._breaks += tag == "br"
            if tag == "hr" or self._breaks == 2:
                self._end_paragraph()
            return
        self._open.append(_Element(len(self.removals), self._before, self._breaks))
        if tag in BLOCKS:
            self._end_paragraph()

    def close(self, tag: str, node: Node) -> None:
        element = self._open.pop()
        if tag in BLOCKS:
            self._end_paragraph()
        if element.loses and not element.keeps and tag not in UNREMOVABLE:
            del self.removals[element.removals :]
            self.removals.append(Removal(node, parts=False))
            self._before, self._breaks = element.before, element.breaks
        elif tag == "figure":
            element.keeps = True
        outer = self._open[-1]
        outer.loses |= element.loses
        outer.keeps |= element.keeps

    def text(self, data: str, node: Node) -> None:
        paragraph = self._paragraphs.get(self._position)
        self._position += 1
        if paragraph in self._drop:
            self._open[-1].loses = True
            self.removals.append(Removal(node, parts=False))
        elif not is_blank(data):
            self._open[-1].keeps = True
            if self._before not in (None, paragraph):
                first = self.removals[self._removals_before]
                self.removals[self._removals_before] = first._replace(parts=True)
            self._before = paragraph
            self._breaks = 0
            self._removals_before = len(self.removals)

    def _end_paragraph(self) -> None:
        self._before = None
        self._breaks = 0
