"""HTML source text, read by lexbor: the fast event source."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from selectolax.lexbor import LexborDocumentOptions, LexborHTMLParser, LexborNode

from adsift.segment.elements import VOID, unseen
from adsift.segment.html import CLOSE, OPEN, TEXT, Attributes, Event, read_paragraphs
from adsift.segment.removal import find_removals

_NOTHING: Attributes = {}


class LexborSegmentation:
    """A page given as text.

    Attributes:
        source: the page.
        paragraphs: in reading order.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self._tree: LexborHTMLParser | None = parse_html(source)
        self.paragraphs, self._texts = read_paragraphs(lexbor_events(self._tree))

    @property
    def originals(self) -> list[None]:
        """HTML paragraphs have no spans."""
        return [None] * len(self.paragraphs)

    def render(self) -> str:
        """The page as HTML."""
        return self.source

    def without(self, drop: Collection[int]) -> LexborSegmentation:
        """The page without the paragraphs of these indices, cut anew from its own HTML, so
        that it holds what the next reader of that HTML will see.

        Raises:
            IndexError: an index is not one of a paragraph.
        """
        if not drop:
            return self
        tree = self._tree or parse_html(self.source)
        removals = find_removals(lexbor_events(tree), self._texts, drop)
        self._tree = None  # the removal below uses it up
        for node, parts in removals:
            if parts:
                node.insert_before(tree.create_node("br"))
                node.insert_before(tree.create_node("br"))
            node.decompose()
        return LexborSegmentation(tree.html or "")


def parse_html(source: str) -> LexborHTMLParser:
    """Parse a page as a browser that runs scripts does: what is in ``noscript`` is not shown."""
    # A byte order mark would hide the doctype from the parser. Bytes, because it takes no lone
    # surrogates. Without events, because the tree is to be written out as it came.
    return LexborHTMLParser(
        source.removeprefix("\ufeff").encode("utf-8", "replace"),
        options=LexborDocumentOptions.WO_EVENTS,
        scripting=True,
    )


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
            tag = node.tag or ""
            if tag not in VOID:
                yield CLOSE, tag, _NOTHING, node
            following = node.next
        node = following
