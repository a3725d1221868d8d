"""HTML: one state machine turns a stream of events into paragraphs.

Two sources make the events, :mod:`adsift.segment.lexbor` and :mod:`adsift.segment.soup`;
nothing here knows which. A source walks its tree in document order, leaves out what
:func:`adsift.segment.elements.unseen` tells it to, and yields

======== ================= ==================== ===========
kind     value             attributes           node
======== ================= ==================== ===========
OPEN     tag               name to value        the element
CLOSE    tag               empty                the element
TEXT     characters        empty                the text
======== ================= ==================== ===========

Void elements such as ``br`` open and never close; where a parser has put something inside
one, it follows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, TypeVar

from adsift.document import Paragraph
from adsift.segment.elements import BLOCKS, VOID, selector
from adsift.segment.whitespace import collapse, count_visible

Node = TypeVar("Node")
Attributes = Mapping[str, str | None]
Event = tuple[int, str, Attributes, Node]
OPEN, CLOSE, TEXT = 0, 1, 2

MAX_ANCESTORS = 24
"""A paragraph keeps its innermost ancestors, so that hostile nesting costs linear memory."""

_ZERO_WIDTH = "\xad\u200b\u200c\u200d\u2060\ufeff"
_VISIBLE = re.compile(rf"[^\s{_ZERO_WIDTH}]")


def is_blank(text: str) -> bool:
    """Whether a text has no character that a reader could see."""
    return _VISIBLE.search(text) is None


class Blocks(NamedTuple):
    """The paragraphs of a page and, for each of them, which TEXT events (counted from 0 over
    the whole walk) hold it."""

    paragraphs: list[Paragraph]
    texts: Sequence[range]


def read_paragraphs(events: Iterable[Event[Node]]) -> Blocks:
    """Cut a page into paragraphs.

    A block element's start and end, and two line breaks in a row, end a paragraph; white
    space collapses as in a browser; what has no visible character is no paragraph.
    """
    machine = _Machine()
    for kind, value, attributes, _ in events:
        if kind == TEXT:
            machine.text(value)
        elif kind == OPEN:
            machine.open(value, attributes)
        else:
            machine.close(value)
    machine.flush()
    return Blocks(machine.paragraphs, machine.texts)


class _Element:
    """An open element; its selector is made when first needed."""

    __slots__ = ("attributes", "href", "selector", "tag")

    def __init__(self, tag: str, attributes: Attributes) -> None:
        self.tag = tag
        self.attributes = attributes
        self.selector: str | None = None
        self.href: str | None = None


class _Machine:
    def __init__(self) -> None:
        self.paragraphs: list[Paragraph] = []
        self.texts: list[range] = []
        self.stack: list[_Element] = []
        self.blocks: list[str] = []
        self.links: list[_Element] = []
        self.position = 0
        self._start()

    def _start(self) -> None:
        self.first = self.position
        self.pieces: list[str] = []
        self.linked: list[str] = []
        self.targets: list[_Element] = []
        self.ancestors: tuple[str, ...] | None = None
        self.breaks = 0

    def open(self, tag: str, attributes: Attributes) -> None:
        if tag in VOID:
            if tag == "br":
                self.pieces.append(" ")
                self.breaks += 1
            if tag == "hr" or self.breaks == 2:
                self.flush()
            return
        element = _Element(tag, attributes)
        self.stack.append(element)
        if tag in BLOCKS:
            self.flush()
            self.blocks.append(tag)
        elif tag == "a" and "href" in attributes:
            element.href = attributes["href"] or ""
            self.links.append(element)
            self.targets.append(element)

    def close(self, tag: str) -> None:
        element = self.stack.pop()
        if tag in BLOCKS:
            self.flush()
            self.blocks.pop()
        elif element.href is not None:
            self.links.pop()

    def text(self, data: str) -> None:
        self.position += 1
        self.pieces.append(data)
        if is_blank(data):
            return
        self.breaks = 0
        if self.ancestors is None:
            self.ancestors = self._ancestors()
        if self.links:
            self.linked.append(data)
            link = self.links[-1]
            if not self.targets or self.targets[-1] is not link:
                self.targets.append(link)

    def _ancestors(self) -> tuple[str, ...]:
        names = []
        for element in self.stack[-MAX_ANCESTORS:]:
            if element.selector is None:
                element.selector = selector(element.tag, element.attributes)
            names.append(element.selector)
        return tuple(names)

    def flush(self) -> None:
        """End the paragraph, if one has begun."""
        if self.ancestors is not None:
            text = collapse("".join(self.pieces)).strip(_ZERO_WIDTH + " ")
            self.paragraphs.append(
                Paragraph(
                    text,
                    tag=self.blocks[-1] if self.blocks else "",
                    link_share=_link_share(self.linked, text),
                    links=tuple((link.href or "").strip() for link in self.targets),
                    rels=_rels(self.targets),
                    ancestors=self.ancestors,
                )
            )
            self.texts.append(range(self.first, self.position))
        self._start()


def _link_share(linked: list[str], text: str) -> float:
    # White space does not count, so that it does not matter how a parser splits its text nodes.
    if not linked:
        return 0.0
    inside = sum(len(part) for data in linked for part in data.split())
    # Characters of no width are counted here and not at the ends of the text.
    return min(1.0, inside / count_visible(text))


def _rels(links: list[_Element]) -> tuple[str, ...]:
    words = {word for link in links for word in (link.attributes.get("rel") or "").lower().split()}
    return tuple(sorted(words))
