"""Tags of HTML that a cut must not take alone: the other half of the element stays in the text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from adsift.segment.elements import VOID
from adsift.segment.spans import Span

# Comments and scripts hold no tags. The bound keeps hostile quotes from taking quadratic time.
_TAG = re.compile(
    r"<!--.*?(?:-->|\Z)|<(?P<raw>script|style)\b.*?(?:</(?P=raw)\s*>|\Z)"
    r"|<(?P<end>/?)(?P<name>[a-z][\w.:-]*)(?=[\s/>])"
    r"""(?:[^<>"'{}]|"[^"]*"|'[^']*'|\{[^{}]*\}|[{}]){0,1000}+>""",
    re.DOTALL | re.IGNORECASE,
)

_ALONE = re.compile(r"""<\w+\b(?:[^>"']|"[^"]*"|'[^']*')*+>""")


class Tag(NamedTuple):
    """A tag of an element that has content.

    Attributes:
        name: of the element, in small letters.
        is_end: whether it is an end tag.
        block: index of the block that it stands in.
        start, end: its span in the source.
    """

    name: str
    is_end: bool
    block: int
    start: int
    end: int


def tags(source: str, spans: Iterable[Span], block: int) -> Iterator[Tag]:
    """The tags in some spans of a block, which hold nothing but HTML."""
    for span in spans:
        for match in _TAG.finditer(source, *span):
            name = (match["name"] or "").lower()
            if match["raw"] and _ALONE.fullmatch(match[0]):
                # Within a line each tag is a span of its own, without what its element holds.
                name = match["raw"].lower()
            if name and name not in VOID and source[match.end() - 2] != "/":
                yield Tag(name, bool(match["end"]), block, *match.span())


def halves(found: Iterable[Tag]) -> list[Tag]:
    """The tags whose other half is not among them, in order.

    An end tag ends what is still open in its element too.
    """
    strays: list[Tag] = []
    opened: list[Tag] = []
    names: Counter[str] = Counter()
    for tag in found:
        if not tag.is_end:
            opened.append(tag)
            names[tag.name] += 1
        elif not names[tag.name]:
            strays.append(tag)
        else:
            name = None
            while name != tag.name:
                name = opened.pop().name
                names[name] -= 1
    return sorted(strays + opened, key=lambda tag: tag.start)
