"""The views of a labelled page: users come with pages, with bare text, and with extracts.

- ``html``: the page as it was fetched (HTML or Markdown).
- ``text``: the gold blocks joined by blank lines; no tags, no links.
- ``extracted``: what trafilatura (``favor_recall``) gives for the page, line by line; of
  Markdown the gold blocks line by line.

A page that is plain text from the start has the text view alone, and there it is as it is.
"""

from __future__ import annotations

from importlib.util import find_spec

from adsift.document import Document
from adsift.evaluation.gold import GoldPage

VIEWS = ("html", "text", "extracted")


def view_of(page: GoldPage, view: str) -> Document | None:
    """The page in a view, ``None`` if it has no such view.

    Args:
        page: a labelled page.
        view: one of :data:`VIEWS`; ``extracted`` needs trafilatura.
    """
    source = page.source
    if source.format == "text":
        return source if view == "text" else None
    if view == "html":
        return source
    if view == "text":
        return Document(_joined(page, "\n\n"), format="text", id=page.id)
    text = _extract(source) if source.format == "html" else _joined(page, "\n")
    return Document(text, format="text", id=page.id)


def can_extract() -> bool:
    """Whether trafilatura is installed."""
    return find_spec("trafilatura") is not None


def _joined(page: GoldPage, separator: str) -> str:
    return separator.join(" ".join(block.text.split()) for block in page.blocks)


def _extract(source: Document) -> str:
    import trafilatura

    return trafilatura.extract(source.source, favor_recall=True) or ""
