"""Written pages dressed as HTML: elements, classes and ids as sites have them, drawn at random.

What decides is what a page says; so names tell the truth as often, as vaguely and as seldom as on
real sites: one page has ``div.sponsored-content``, the next ``div.module`` for the same thing.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from itertools import groupby

import numpy as np

Row = tuple[str, str, str]
"""Region, Markdown's mark, inline HTML."""

_VAGUE = (
    "div.row div.col div.block div.module div.widget div.container div.inner section div".split()
)
"""Any region may stand in one of these."""

_REGIONS = {
    "header": "header.site-header div#masthead div.top-bar nav.main-navigation header div#header "
    "div.navbar nav div.menu-primary-container",
    "main": "article.post main article div.entry-content div.article-body div#content "
    "div.post-content section.content article.hentry div.story div.c-article__body div.main",
    "aside": "aside.sidebar aside div#secondary div.widget-area div.sidebar-box div.rail "
    "section.widget div.box",
    "ad": "div.ad-container div.advertisement aside.promo div.sponsored-content div.widget "
    "div.OUTBRAIN div.dfp-slot div.partner-links div.module div.paid-content div.inline-promo",
    "card": "div.product-card div.card div.product div.offer-box div.cta-box div.callout "
    "section.product-module div.wp-block-group div.item div.box div.promo-card",
    "related": "div.related-posts section.more-stories aside.related div.read-next "
    "div.recommended ul.teaser-list div.also-like section.trending",
    "comments": "div#comments section.comments ol.comment-list div.comment-area div#disqus_thread",
    "footer": "footer.site-footer footer div#footer div.footer-widgets div.colophon",
}
_ITEMS = {
    "header": "li li.menu-item div",
    "aside": "p div li",
    "ad": "div p a div.item",
    "card": "p div span.row",
    "related": "li div.teaser h4 div.item",
    "comments": "div.comment p li",
    "footer": "p div li small",
}
"""The element of a paragraph that Markdown does not mark, by region; elsewhere it is a ``p``."""

VAGUE_SHARE = 0.35
OUTER_SHARE = 0.5


def dress(title: str, rows: Sequence[Row], seed: int) -> str:
    """A page as HTML, always the same for the same arguments.

    Args:
        title: of the document.
        rows: the paragraphs in reading order.
        seed: of the names' choice.
    """
    rng = np.random.default_rng(seed)
    names = {region: _draw(rng, choices) for region, choices in _REGIONS.items()}
    names |= {region: _draw(rng, _VAGUE) for region in names if rng.random() < VAGUE_SHARE}
    items = {region: _draw(rng, choices) for region, choices in _ITEMS.items()}
    prose = "div" if rng.random() < 0.1 else "p"
    outer = _draw(rng, "div#page div.site div.wrapper div.container div.l-wrap".split())
    body = "\n".join(
        _element(names[region], _region([*group], items.get(region, prose)))
        for region, group in groupby(rows, lambda row: row[0])
    )
    if rng.random() < OUTER_SHARE:
        body = _element(outer, body)
    head = f"<head><meta charset='utf-8'><title>{html.escape(title)}</title></head>"
    return f"<!DOCTYPE html>\n<html>{head}\n<body>\n{body}\n</body></html>\n"


def _draw(rng: np.random.Generator, choices: str | Sequence[str]) -> str:
    names = choices.split() if isinstance(choices, str) else choices
    return str(names[rng.integers(len(names))])


def _region(rows: list[Row], item: str) -> str:
    parts = []
    for kind, group in groupby(rows, lambda row: _list_of(row[1], item)):
        elements = [_paragraph(mark, inline, item) for _, mark, inline in group]
        joined = "\n".join(elements)
        parts.append(f"<{kind}>\n{joined}\n</{kind}>" if kind else joined)
    return "\n".join(parts)


def _list_of(mark: str, item: str) -> str:
    """The list that a paragraph belongs to, if any."""
    if mark == "> " or mark.startswith("#"):
        return ""
    if mark == "- ":
        return "ul"
    if mark:
        return "ol"
    return "ul" if item.startswith("li") else ""


def _paragraph(mark: str, inline: str, item: str) -> str:
    if mark.startswith("#"):
        return _element(f"h{len(mark) - 1}", inline)
    if mark == "> ":
        return _element("blockquote", _element("p", inline))
    if mark:
        return _element("li", inline)
    if item == "a" and "<a " in inline:
        item = "div"
    return _element("div", _element("a", inline)) if item == "a" else _element(item, inline)


def _element(selector: str, inner: str) -> str:
    """``div.card`` or ``div#page`` around something."""
    tag, _, name = selector.replace("#", ".#").partition(".")
    attribute = f' id="{name[1:]}"' if name.startswith("#") else f' class="{name}"' if name else ""
    return f"<{tag}{attribute}>{inner}</{tag}>"
