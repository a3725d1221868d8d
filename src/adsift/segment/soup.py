"""A BeautifulSoup tree that the caller holds: read where it is, cleaned where it is."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from bs4 import BeautifulSoup, NavigableString, Tag
from bs4.element import PageElement, RubyParenthesisString, RubyTextString

from adsift.segment.elements import VOID, unseen
from adsift.segment.html import CLOSE, OPEN, TEXT, Attributes, Event, read_paragraphs, removable

_NOTHING: Attributes = {}
_TEXT_TYPES = (NavigableString, RubyTextString, RubyParenthesisString)


class SoupSegmentation:
    """A page given as a tree.

    Attributes:
        source: the tree; :meth:`without` changes it.
        paragraphs: in reading order.
    """

    def __init__(self, source: BeautifulSoup) -> None:
        self.source = source
        self.paragraphs, self._texts = read_paragraphs(soup_events(source))

    def render(self) -> str:
        """The page as HTML."""
        return str(self.source)

    def without(self, drop: Collection[int]) -> SoupSegmentation:
        """Take the paragraphs of these indices out of the tree, in place."""
        if not drop:
            return self
        dropped = {position for index in drop for position in self._texts[index]}
        for node in removable(soup_events(self.source), dropped):
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
                if tag in VOID:
                    continue
                path.append((node, iter(node.contents)))
                break
            elif type(node) in _TEXT_TYPES:
                yield TEXT, str(node), _NOTHING, node
        else:
            path.pop()
            if path:
                yield CLOSE, parent.name.lower(), _NOTHING, parent


def _attributes(node: Tag) -> Attributes:
    # Beautiful Soup splits the values that HTML defines as word lists.
    return {
        name.lower(): " ".join(value) if isinstance(value, list) else value
        for name, value in node.attrs.items()
    }
