"""What a reader sees of a block.

Inline Markdown may hold HTML, so it is turned into HTML first, and there is one way to read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from adsift.document import Paragraph
from adsift.segment.elements import BLOCKS
from adsift.segment.html import OPEN, TEXT, Attributes
from adsift.segment.lexbor import lexbor_events, parse_html
from adsift.segment.spans import Span
from adsift.segment.whitespace import collapse, count_visible

# Longer runs of inline text, and HTML with more tags, are parsed in pieces, so that no input
# takes quadratic time.
_LONGEST_PIECE = 50_000
_MOST_TAGS = 10_000

# Matched in the source and not in the tree, which lacks end tags without a start and cells
# without a table: a document may hold one half of an element in one block and one in another.
_BREAKING = "|".join(sorted(BLOCKS | {"br"}))
_BREAKING_TAG = re.compile(rf"</?(?:{_BREAKING})(?=[\s/>])", re.IGNORECASE)
_INLINE_MARKUP = re.compile(r"[\\`*_\[<&~]")
# A link's target made by Jekyll ({% post_url %}) or Hugo ({{< ref >}}); CommonMark allows spaces
# in angle brackets only.
_TEMPLATE_TARGET = re.compile(
    r"(?<=\]\()(?:\{%[^\n]{0,300}?%\}|\{\{[^\n]{0,300}?\}\})[^\s()]{0,300}"
)
_ANGLE_BRACKET = re.compile(r"[<>]")
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

    def add_inline(self, content: str, to_html: Callable[[str], str]) -> None:
        """Add inline Markdown."""
        if not _INLINE_MARKUP.search(content):
            self.add_text(content)
            return
        content = _TEMPLATE_TARGET.sub(_quote_target, content)
        self.add_html("".join(to_html(piece) for piece in _cut(content, " ")))

    def add_html(self, html: str) -> None:
        """Add HTML, as much of it as is seen."""
        html = _BREAKING_TAG.sub(r" \g<0>", html)
        for piece in _cut(html, "<") if html.count("<") > _MOST_TAGS else [html]:
            # The body's tag, because without it some tags would hide what follows.
            for kind, value, attributes, _ in lexbor_events(parse_html("<body>" + piece)):
                if kind == TEXT:
                    self.add_text(value)
                elif value == "a":
                    self._close_link()
                    if kind == OPEN:
                        self._open_link(attributes)

    def paragraph(self, span: Span, tag: str) -> Paragraph | None:
        """The paragraph, or ``None`` if there is nothing to see."""
        text = collapse("".join(self._pieces))
        if not text:
            return None
        share = min(1.0, self._linked / count_visible(text))
        return Paragraph(text, *span, tag, share, tuple(self._links), tuple(sorted(self._rels)))

    def _open_link(self, attributes: Attributes) -> None:
        if "href" in attributes:
            self._links.append((attributes["href"] or "").strip())
            self._rels.update((attributes.get("rel") or "").lower().split())
            self._link = len(self._pieces)

    def _close_link(self) -> None:
        if self._link is not None:
            self._linked += count_visible(collapse("".join(self._pieces[self._link :])))
            self._link = None


def first_tag(html: str) -> str:
    """The name of the first tag in a block of HTML; ``div`` if there is none."""
    names = (match["name"] for match in _COMMENT_OR_TAG.finditer(html))
    return next(filter(None, names), "div").lower()


def _quote_target(match: re.Match[str]) -> str:
    return "<" + _ANGLE_BRACKET.sub(r"\\\g<0>", match[0]) + ">"


def _cut(text: str, border: str) -> Iterator[str]:
    """Cut a long text before some of its ``border`` characters."""
    start = 0
    while len(text) - start > _LONGEST_PIECE:
        end = start + _LONGEST_PIECE
        at = text.rfind(border, start + 1, end)
        end = at if at > 0 else end
        yield text[start:end]
        start = end
    yield text[start:]
