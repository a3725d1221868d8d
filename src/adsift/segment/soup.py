"""A BeautifulSoup tree that the caller holds: read where it is, cleaned where it is."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from bs4 import BeautifulSoup
from bs4.element import (
    NavigableString,
    PageElement,
    PreformattedString,
    Script,
    Stylesheet,
    Tag,
    TemplateString,
)

from adsift.segment.elements import VOID, unseen
from adsift.segment.html import CLOSE, OPEN, TEXT, Attributes, Event, read_paragraphs
from adsift.segment.removal import find_removals

_NOTHING: Attributes = {}
# Comments, doctypes and the like are PreformattedStrings.
_NOT_TEXT = (PreformattedString, Script, Stylesheet, TemplateString)


class SoupSegmentation:
    """A page given as a tree.

    Attributes:
        source: the tree; :meth:`without` changes it.
        paragraphs: in reading order.
    """

    def __init__(self, source: BeautifulSoup) -> None:
        self.source = source
        self.paragraphs, self._texts = read_paragraphs(soup_events(source))

    @property
    def originals(self) -> list[None]:
        """HTML paragraphs have no spans."""
        return [None] * len(self.paragraphs)

    def render(self) -> str:
        """The page as HTML."""
        return str(self.source)

    def without(self, drop: Collection[int]) -> SoupSegmentation:
        """Take the paragraphs of these indices out of the tree, in place.

        Raises:
            IndexError: an index is not one of a paragraph.
        """
        if not drop:
            return self
        for node, parts in find_removals(soup_events(self.source), self._texts, drop):
            if parts:
                node.insert_before(self.source.new_tag("br"), self.source.new_tag("br"))
            node.extract()
        return SoupSegmentation(self.source)


def soup_events(soup: BeautifulSoup) -> Iterator[Event[PageElement]]:
    """Walk the tree without recursion: a page may nest deeper than Python's stack."""
    path: list[tuple[Tag, Iterator[PageElement]]] = [(soup, iter(soup.contents))]
    while path:
        parent, children = path[-1]
        for node in children:
            if isinstance(node, Tag):
                tag = node.name.lower()
                attributes = _attributes(node)
                if unseen(tag, attributes):
                    continue
                yield OPEN, tag, attributes, node
                path.append((node, iter(node.contents)))
                break
            if isinstance(node, NavigableString) and not isinstance(node, _NOT_TEXT):
                yield TEXT, str(node), _NOTHING, node
        else:
            path.pop()
            tag = parent.name.lower()
            if path and tag not in VOID:
                yield CLOSE, tag, _NOTHING, parent


def _attributes(node: Tag) -> Attributes:
    return {name.lower(): _value(value) for name, value in node.attrs.items()}


def _value(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    # Beautiful Soup splits the values that HTML defines as word lists; callers may set
    # whatever they like.
    return " ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
