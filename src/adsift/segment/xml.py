"""XML that is no HTML: feeds, TEI, what extractors write.

Parsed as HTML it loses text: what HTML has no end tag for swallows what follows or is emptied, and
words are glued where XML's own elements part them.
"""

from __future__ import annotations

import re

from adsift.segment.elements import BLOCKS, UNREMOVABLE, UNSEEN, VOID

_PROLOG = re.compile(
    r"""\ufeff?\s*+
        (?P<xml><\?xml\s[^>]{0,500}>\s*+)?+
        (?>(?: <!--.*?-->
             | <\?[^>]{0,2000}>
             | <!doctype\s++(?P<doctype>[^\s>\[]++)[^>\[]*+(?:\[.*?\]\s*)?>
           )\s*+)*+
        <(?P<root>[a-z_][\w.-]*+(?::[\w.-]++)?)(?P<attributes>[^<>]{0,2000})""",
    re.I | re.S | re.X,
)
# What HTML knows or once knew beside those: most of it within paragraphs, and what it embeds.
_OTHERS = frozenset(
    """
    a abbr acronym b bdi bdo big blink cite code data del dfn em font i ins kbd mark marquee math
    meter multicol nextid nobr output picture portal progress q rb rbc rp rt rtc ruby s samp slot
    small spacer span strike strong sub sup time tt u var
    command comment content element fencedframe ilayer isindex layer menuitem nolayer
    selectedcontent server shadow
    """.split()
)
_HTML = BLOCKS | UNREMOVABLE | UNSEEN | VOID | _OTHERS
_ROOTS_OF_PAGES = frozenset({"html", "head", "body"})
# What pages have and XML of texts has not: it says ref, lb, graphic, cell, hi.
_OF_PAGES = re.compile(r"<(?:html|a\s+href|br|img|td|span|script|font|center)\b", re.I)
_START = re.compile(r"<([a-z_][\w.:-]*+)", re.I)


def is_xml(source: str) -> bool:
    """Whether a document is XML, and neither a page (XHTML too) nor a fragment of one.

    It is if an XML declaration, a namespace, or a document type of another name than ``html``
    goes with an outermost element that begins no page; without those, if all of it is in one
    element that HTML does not know, some others are in it, and nothing is found in pages alone.
    An element with a hyphen in its name is one that a page has defined.
    """
    certain = _begins(source)
    if certain is not None:
        return certain
    # A text may begin with <john> or <Enter>, and an archive may have put a page into <text>.
    root = _PROLOG.match(source)
    if root is None or not source[-1000:].rstrip().endswith(f"</{root['root']}>"):
        return False
    if _OF_PAGES.search(source) is not None:
        return False
    # One such element around a text is no XML yet: <answer>, or the name of who speaks.
    names = {match[1].lower() for match in _START.finditer(source)} - {root["root"].lower()}
    others = sum(name not in _HTML and "-" not in name for name in names)
    return others + bool(root["attributes"].strip()) >= 2


def begins_like_xml(start: str) -> bool:
    """Whether a document that begins like this may be XML."""
    return _begins(start) is not False


def _begins(source: str) -> bool | None:
    """Whether a document is XML, by its start; ``None`` if all of it has to be looked at."""
    prolog = _PROLOG.match(source)
    if prolog is None:
        return False
    root, doctype = prolog["root"].lower(), prolog["doctype"]
    if root.rpartition(":")[2] in _ROOTS_OF_PAGES:
        return False
    if doctype is not None and doctype.lower() == "html":
        return False
    if doctype is not None and doctype.lower() == root:
        return True
    if prolog["xml"] or doctype is not None:
        # Many a page has a doctype that is misspelt.
        return (root not in _HTML and "-" not in root) or root in ("svg", "math")
    if root in _HTML or "-" in root:
        return False
    if "xmlns" in prolog["attributes"]:
        return True
    return False if ":" in root else None
