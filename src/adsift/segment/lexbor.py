"""HTML source text, read by lexbor: the fast event source."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cache
from typing import Any, NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from adsift.compiled import compiled
from adsift.decode import is_utf8, utf8_text
from adsift.segment.elements import VOID, unseen
from adsift.segment.html import CLOSE, OPEN, TEXT, Attributes, Blocks, Event, read_paragraphs
from adsift.segment.parsing import parse_html
from adsift.segment.removal import find_removals

_NOTHING: Attributes = {}


class LexborSegmentation:
    """A page given as text, or as bytes that are valid UTF-8 without a byte order mark.

    Args:
        source: the page.
        read: what parsing it finds, where that is known.

    Attributes:
        paragraphs: in reading order.
    """

    def __init__(self, source: str | bytes, read: _Read | None = None) -> None:
        self._source = source
        self._read = read or _parse(source)
        self.paragraphs = self._read.blocks.paragraphs

    @property
    def source(self) -> str:
        """The page."""
        if isinstance(self._source, bytes):
            self._source = utf8_text(self._source)
        return self._source

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
        reader = _page_reader()
        read = self._read
        size = len(self._source)
        found = reader and reader.write_without(read.tree, *read.blocks, drop, read.removed, size)
        if found:
            written, removed, blocks = found
            if not is_utf8(written):
                return LexborSegmentation(written.decode(errors="replace"))  # as selectolax would
            known = blocks and _Read(read.tree, Blocks(*blocks), removed)
            return LexborSegmentation(written, known)
        tree = parse_html(self._source)  # the removal below uses it up
        blocks = read.blocks if read.removed is None else read_page(tree)
        for node, parts in find_removals(lexbor_events(tree), blocks.texts, drop):
            if parts:
                node.insert_before(tree.create_node("br"))
                node.insert_before(tree.create_node("br"))
            node.decompose()
        return LexborSegmentation(tree.html or "")


class _Read(NamedTuple):
    """A page that was read.

    Attributes:
        tree: as it was parsed. Nobody changes it.
        blocks: what was found.
        removed: what of the tree is not in the page any more; for the compiled reader alone.
    """

    tree: LexborHTMLParser
    blocks: Blocks
    removed: object = None


def _parse(source: str | bytes) -> _Read:
    tree = parse_html(source)
    return _Read(tree, read_page(tree))


def read_page(tree: LexborHTMLParser) -> Blocks:
    """The paragraphs of a page that was parsed."""
    reader = _page_reader()
    found = reader and reader.read(tree)
    return Blocks(*found) if found else read_paragraphs(lexbor_events(tree))


@cache
def _page_reader() -> Any:
    # What it reads lies in memory as it is known of some releases of selectolax; for others
    # there is no reader.
    module = compiled("page")
    return module and module.make_reader(
        parse_html, lambda tree: read_paragraphs(lexbor_events(tree))
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
