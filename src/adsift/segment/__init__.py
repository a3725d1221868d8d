"""Segmenting: a document becomes its paragraphs, in reading order."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, Self, get_args

from adsift.decode import as_utf8, decode, not_text
from adsift.document import Document, Format, Paragraph
from adsift.errors import DocumentError
from adsift.segment.detect import SAMPLE, KnownFormat, detect_format, may_be_xml, settle_format

if TYPE_CHECKING:
    from adsift.segment.spans import SpanSegmentation

__all__ = ["Segmentation", "segment", "unreadable"]


class Segmentation(Protocol):
    """A document cut into paragraphs, whatever its format."""

    @property
    def paragraphs(self) -> list[Paragraph]:
        """The paragraphs in reading order."""

    @property
    def originals(self) -> Sequence[tuple[int, int] | None]:
        """For each paragraph its span in the source before any cut; ``None`` in HTML."""

    def render(self) -> str:
        """The document in its own format."""

    def without(self, drop: Collection[int]) -> Self:
        """The document without the paragraphs of these indices; the object itself when there
        is nothing to remove."""


def segment(document: Document) -> Segmentation:
    """Cut a document into paragraphs.

    Raises:
        DocumentError: the format is unknown, the source is neither text, bytes nor a BeautifulSoup
            tree, the url, the charset or the name is no ``str``, the bytes are no text (a PDF, an
            archive), it is XML whose format is not named, or it is HTML that
            :func:`adsift.segment.parsing.parse_html` gives up.
    """
    source: Any = document.source
    for what in ("url", "charset", "name"):
        value = getattr(document, what)
        # A table's missing value may be NaN, a crawler's address an object of its own.
        if value is not None and not isinstance(value, str):
            raise DocumentError(f"the {what} must be str or None, not {type(value).__name__}")
    if isinstance(source, (bytes, bytearray, memoryview)):
        source = bytes(source)
        if problem := unreadable(source, document.charset):
            raise DocumentError(problem)
        page = _segment_utf8_page(source, document)
        if page is not None:
            return page
        source = decode(source, document.charset)
    form = document.format
    if form not in get_args(Format):
        raise DocumentError(f"unknown format {form!r}: use auto, text, markdown or html")
    if not isinstance(source, str):
        return _segment_soup(source)
    if form == "auto":
        form = settle_format(source, document.name)
    if form == "html":
        from adsift.segment.lexbor import LexborSegmentation

        return LexborSegmentation(source)
    if document.format != "auto":
        return _segment_spans(source, form)
    rest = partial(_segment_rest, was=form, name=document.name)
    return replace(_segment_guessed(source, form, document.name), segmenter=rest)


def unreadable(data: bytes, charset: str | None = None) -> str:
    """Why bytes cannot be a document; empty if they can.

    Args:
        data: the bytes.
        charset: as of a :class:`adsift.Document`.
    """
    kind = not_text(data, charset)
    return f"the source is {kind}, not text: unpack or convert it first" if kind else ""


def _segment_utf8_page(data: bytes, document: Document) -> Segmentation | None:
    """A page whose bytes can be parsed as they are; most of the web is UTF-8."""
    if document.format not in ("auto", "html") or (utf8 := as_utf8(data, document.charset)) is None:
        return None
    if document.format == "auto":
        # As many characters as the detection reads; of most pages a few have several bytes.
        start = utf8[: SAMPLE * 9 // 8].decode("utf-8", "ignore")
        if len(start) < SAMPLE < len(utf8):
            start = utf8[: SAMPLE * 4].decode("utf-8", "ignore")
        if detect_format(start, document.name) != "html" or may_be_xml(start, document.name):
            return None
    from adsift.segment.lexbor import LexborSegmentation

    return LexborSegmentation(utf8)


def _segment_spans(source: str, form: KnownFormat) -> SpanSegmentation:
    if form == "markdown":
        from adsift.segment.markdown import segment_markdown

        return segment_markdown(source)
    from adsift.segment.text import segment_text

    return segment_text(source)


def _segment_rest(source: str, was: KnownFormat, name: str | None) -> SpanSegmentation:
    """What a cut has left, in the format that it will have for its next reader: Markdown that
    has lost its marks is plain text. It never becomes a page of HTML."""
    form = detect_format(source, name)
    return _segment_guessed(source, was if form == "html" else form, name)


def _segment_guessed(source: str, form: KnownFormat, name: str | None) -> SpanSegmentation:
    segmentation = _segment_spans(source, form)
    if form != "markdown":
        return segmentation
    from adsift.segment.edges import WholeLayout
    from adsift.segment.text import text_paragraphs

    def read(rest: str) -> list[Paragraph]:
        return text_paragraphs(rest) if detect_format(rest, name) == "text" else []

    layout = WholeLayout(segmentation.layout, source, segmentation.paragraphs, read)
    return replace(segmentation, layout=layout)


def _segment_soup(source: Any) -> Segmentation:
    from bs4 import BeautifulSoup, Tag

    if not isinstance(source, BeautifulSoup):
        part = "; of a part of a tree give its HTML, str(tag)" if isinstance(source, Tag) else ""
        raise DocumentError(
            "a source must be str, bytes or a BeautifulSoup object, not "
            f"{type(source).__name__}{part}"
        )
    from adsift.segment.soup import SoupSegmentation

    return SoupSegmentation(source)
