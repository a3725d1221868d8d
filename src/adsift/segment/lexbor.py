"""HTML source text, read by lexbor: the fast event source."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from adsift.segment.elements import VOID, unseen
from adsift.segment.html import CLOSE, OPEN, TEXT, Attributes, Event, read_paragraphs, removable

_NOTHING: Attributes = {}


class LexborSegmentation:
    """A page given as text.

    Attributes:
        source: the page.
        paragraphs: in reading order.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self._tree: LexborHTMLParser | None = LexborHTMLParser(source)
        self.paragraphs, self._texts = read_paragraphs(lexbor_events(self._tree))

    def render(self) -> str:
        """The page as HTML."""
        return self.source

    def without(self, drop: Collection[int]) -> LexborSegmentation:
        """The page without the paragraphs of these indices, cut anew from its own HTML, so
        that it holds what the next reader of that HTML will see."""
        if not drop:
            return self
        tree = self._tree or LexborHTMLParser(self.source)
        self._tree = None  # the removal below uses it up
        dropped = {position for index in drop for position in self._texts[index]}
        for node in removable(lexbor_events(tree), dropped):
            node.decompose()
        return LexborSegmentation(tree.html or "")


def lexbor_events(tree: LexborHTMLParser) -> Iterator[Event[LexborNode]]:
    """Walk the tree without recursion: a page may nest deeper than Python's stack."""
    node: LexborNode | None = tree.root
    open_elements: list[LexborNode] = []
    while node is not None:
        tag = node.tag or ""
        if tag == "-text":
            yield TEXT, node.text_content or "", _NOTHING, node
        elif tag and tag[0] != "-":  # neither comment, doctype nor processing instruction
            attributes = node.attributes
            if not unseen(tag, attributes):
                yield OPEN, tag, attributes, node
                child = node.first_child
                if child is not None:
                    open_elements.append(node)
                    node = child
                    continue
                if tag not in VOID:
                    yield CLOSE, tag, _NOTHING, node
        following = node.next
        while following is None and open_elements:
            node = open_elements.pop()
            yield CLOSE, node.tag or "", _NOTHING, node
            following = node.next
        node = following
