"""XHTML: what its empty elements become where HTML is read.

``<script src="a"/>`` and ``<title/>`` are whole elements there, as chapters of EPUB books have
them. HTML knows no such thing: it would take all that follows for their content.
"""

from __future__ import annotations

import re

from adsift.segment.elements import VOID

_DECLARATION = re.compile(rb"\s*+<\?xml\s")
# Only what XML allows is an empty element: tag soup has <a href=http://a.example/>, which is none.
# What is not closed holds the rest.
_PARTS = re.compile(
    rb"""<!--(?>.*?(?:-->|\Z))
       | <!\[CDATA\[(?>.*?(?:\]\]>|\Z))
       | <(?P<name>[a-z][\w:.-]*+)
         (?P<attributes>(?:\s++[a-z_:][\w:.-]*+\s*+=\s*+(?:"[^<"]*+"|'[^<']*+'))*+\s*+)/>
       | <(?P<raw>script|style|textarea|title|xmp|iframe|noembed|noframes)\b
         (?>.*?(?:</(?P=raw)\b|\Z))
    """,
    re.I | re.S | re.X,
)
_VOID = frozenset(name.encode() for name in VOID)


def with_end_tags(page: bytes) -> bytes:
    """A page whose empty elements have end tags, if it begins with an XML declaration.

    Args:
        page: in UTF-8, without a byte order mark.
    """
    if _DECLARATION.match(page) is None:
        return page
    return _PARTS.sub(_with_end_tag, page)


def _with_end_tag(part: re.Match[bytes]) -> bytes:
    name = part["name"]
    if name is None or name.lower() in _VOID:
        return part[0]
    return b"<%b%b></%b>" % (name, part["attributes"], name)
