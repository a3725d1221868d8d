"""What the HTML elements mean to a reader: which end a paragraph, which are never seen.

The names follow the HTML standard; what a browser's default style sheet shows as a block,
a table part or a box of its own ends a paragraph here.
"""

from __future__ import annotations

from collections.abc import Mapping

BLOCKS = frozenset(
    """
    address article aside blockquote body button caption center dd details dialog dir div dl dt
    fieldset figcaption figure footer form frameset h1 h2 h3 h4 h5 h6 header hgroup hr html label
    legend li listing main menu nav ol optgroup p plaintext pre search section summary table tbody
    td tfoot th thead tr ul video xmp
    """.split()
)
"""Elements whose start and end both end a paragraph."""

UNSEEN = frozenset(
    """
    applet area audio base canvas colgroup datalist embed head iframe input link map meta noembed
    noframes noscript object option param script select style svg template textarea title
    """.split()
)
"""Elements whose content is no text for a reader of the page."""

VOID = frozenset(
    """
    area base basefont bgsound br col embed frame hr image img input keygen link meta param source
    track wbr
    """.split()
)
"""Elements that have no content and no end tag."""

UNREMOVABLE = frozenset("html head body main article td th".split())
"""Elements that stay when all their text goes: the page's skeleton, and cells, without which
a row's other cells would move to another column."""


def unseen(tag: str, attributes: Mapping[str, str | None]) -> bool:
    """Whether a browser shows nothing of the element, judged by its own tag and attributes."""
    if tag in UNSEEN:
        return True
    if not attributes:
        return False
    if "hidden" in attributes:
        return True
    style = attributes.get("style")
    if style and "none" in style.lower():
        return "display:none" in "".join(style.split()).lower()
    return tag == "dialog" and "open" not in attributes


def selector(tag: str, attributes: Mapping[str, str | None]) -> str:
    """The element as ``tag.class.class#id``; overlong attributes are cut off."""
    classes, name = attributes.get("class"), attributes.get("id")
    if not classes and not name:
        return tag
    parts = [tag, *(classes or "")[:300].split()[:12]]
    joined = ".".join(parts)
    return f"{joined}#{''.join(name[:80].split())}" if name else joined
