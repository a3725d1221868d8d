"""What a reader sees of a block.

Markdown may hold HTML. Text that does is turned into HTML whole, so that it is read in one way.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import escape
from itertools import groupby

from adsift.document import Paragraph
from adsift.segment.elements import BLOCKS
from adsift.segment.html import OPEN, TEXT
from adsift.segment.lexbor import lexbor_events
from adsift.segment.markdown.parser import INLINES, Event
from adsift.segment.parsing import parse_html
from adsift.segment.spans import Span
from adsift.segment.whitespace import collapse, count_visible

# HTML with more tags is parsed in pieces, so that no input takes quadratic time.
_LONGEST_PIECE = 50_000
_MOST_TAGS = 10_000

# Matched in the source and not in the tree, which lacks end tags without a start and cells
# without a table: a document may hold one half of an element in one block and one in another.
_BREAKING = "|".join(sorted(BLOCKS | {"br"}))
_BREAKING_TAG = re.compile(rf"</?(?:{_BREAKING})(?=[\s/>])", re.IGNORECASE)
_SHOWN = INLINES | {"Html"}
_COMMENT_OR_TAG = re.compile(r"<!--.*?(?:-->|\Z)|</?(?P<name>[A-Za-z][A-Za-z0-9-]*)", re.DOTALL)


class Visible:
    """The text and links of a block, gathered piece by piece."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._links: list[str] = []
        self._rels: set[str] = set()
        self._linked = 0  # characters inside links that are closed
        self._link: int | None = None  # index into _pieces: where the open link starts

    def add_text(self, text: str) -> None:
        """Add text that is seen as it stands."""
        self._pieces.append(text)

    def add(self, events: Iterable[Event]) -> None:
        """Add what the parser says of some text."""
        seen = [*_seen(events)]
        if any(kind == "Html" for kind, _ in seen):
            self.add_html("".join(_to_html(seen)))
            return
        for kind, value in seen:
            if kind == "Text":
                self._pieces.append(value)
            else:
                self._close_link()
                if kind == "Link":
                    self._open_link(value.strip())

    def add_several(self, events: Iterable[Event]) -> None:
        """Add the cells of a row, or several blocks; HTML in one does nothing to the others."""
        for is_text, text in groupby(events, lambda event: event[1] in _SHOWN):
            if is_text:
                self.add(text)
            else:
                self.add_text(" ")

    def add_html(self, html: str) -> None:
        """Add HTML, as much of it as is seen."""
        html = _BREAKING_TAG.sub(r" \g<0>", html)
        for piece in _cut(html) if html.count("<") > _MOST_TAGS else [html]:
            # The body's tag, because without it some tags would hide what follows.
            for kind, value, attributes, _ in lexbor_events(parse_html("<body>" + piece)):
                if kind == TEXT:
                    self._pieces.append(value)
                elif value == "a":
                    self._close_link()
                    if kind == OPEN and "href" in attributes:
                        self._open_link((attributes["href"] or "").strip())
                        self._rels.update((attributes.get("rel") or "").lower().split())

    def paragraph(self, span: Span, tag: str) -> Paragraph | None:
        """The paragraph, or ``None`` if there is nothing to see."""
        text = collapse("".join(self._pieces))
        if not text:
            return None
        share = min(1.0, self._linked / count_visible(text)) if self._linked else 0.0
        return Paragraph(text, *span, tag, share, tuple(self._links), tuple(sorted(self._rels)))

    def _open_link(self, target: str) -> None:
        self._links.append(target)
        self._link = len(self._pieces)

    def _close_link(self) -> None:
        if self._link is not None:
            self._linked += count_visible(collapse("".join(self._pieces[self._link :])))
            self._link = None


def first_tag(html: str) -> str:
    """The name of the first tag in a block of HTML; ``div`` if there is none."""
    names = (match["name"] for match in _COMMENT_OR_TAG.finditer(html))
    return next(filter(None, names), "div").lower()


def _seen(events: Iterable[Event]) -> Iterator[tuple[str, str]]:
    """What is seen of some events: ``Text``, ``Html``, ``Link`` with its target, and ``Unlink``."""
    images = 0
    marks: list[str | None] = []  # of the open links
    for place, kind, value, _, _ in events:
        if kind == "Image":
            images += 1 if place == "start" else -1
        elif images:
            continue  # its description
        elif kind in ("Text", "Code"):
            yield "Text", value
        elif kind in ("InlineHtml", "Html"):
            yield "Html", value
        elif kind == "Link" and place == "start":
            marks.append(value.mark)
            yield ("Link", value.url) if value.mark is None else ("Text", "[")
        elif kind == "Link":
            mark = marks.pop()
            yield ("Unlink", "") if mark is None else ("Text", mark)
        elif kind in ("SoftBreak", "HardBreak"):
            yield "Text", " "


def _to_html(seen: Iterable[tuple[str, str]]) -> Iterator[str]:
    for kind, value in seen:
        if kind == "Text":
            yield escape(value, quote=False)
        elif kind == "Html":
            yield value
        elif kind == "Link":
            yield f'<a href="{escape(value)}">'
        else:
            yield "</a>"


def _cut(html: str) -> Iterator[str]:
    """Cut long HTML before some of its tags."""
    start = 0
    while len(html) - start > _LONGEST_PIECE:
        end = start + _LONGEST_PIECE
        at = html.rfind("<", start + 1, end)
        end = at if at > 0 else end
        yield html[start:end]
        start = end
    yield html[start:]
