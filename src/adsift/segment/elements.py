"""What the HTML elements mean to a reader: which end a paragraph, which are never seen.

The names follow the HTML standard; what a browser's default style sheet shows as a block,
a table part or a box of its own ends a paragraph here.
"""

from __future__ import annotations

from collections.abc import Mapping


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


BLOCKS = _names(
    """
    address article aside blockquote body button caption center dd details dialog dir div dl dt
    fieldset figcaption figure footer form frameset h1 h2 h3 h4 h5 h6 header hgroup hr html label
    legend li listing main menu nav ol optgroup p plaintext pre search section summary table tbody
    td tfoot th thead tr ul video xmp
    """
)
"""Elements whose start and end both end a paragraph."""

UNSEEN = _names(
    """
    applet audio canvas colgroup datalist head iframe map noembed noframes noscript object option
    script select style svg template textarea title
    """
)
"""Elements whose content is no text for a reader of the page."""

VOID = _names(
    """
    area base basefont bgsound br col embed frame hr image img input keygen link meta param source
    track wbr
    """
)
"""Elements that have no content and no end tag. Some parsers put what follows inside them."""

UNREMOVABLE = _names("html head body main article td th")
"""Elements that stay when all their text goes: the page's skeleton, and cells, without which
a row's other cells would move to another column."""


def unseen(tag: str, attributes: Mapping[str, str | None]) -> bool:
    """Whether a browser shows nothing of the element, judged by its own tag and attributes."""
    if tag in UNSEEN:
        return True
    if "hidden" in attributes or (tag == "dialog" and "open" not in attributes):
        return True
    style = attributes.get("style") or ""
    return "display:none" in "".join(style.split()).lower()


def selector(tag: str, attributes: Mapping[str, str | None]) -> str:
    """The element as ``tag.class.class#id``; what is overlong is cut off."""
    # Beautiful Soup gives words where lexbor gives the value as written, so that white space
    # must not count towards a limit.
    classes = " ".join((attributes.get("class") or "").split())[:300].split()[:12]
    name = "".join((attributes.get("id") or "").split())[:80]
    selected = ".".join([tag[:80], *classes])
    return f"{selected}#{name}" if name else selected
