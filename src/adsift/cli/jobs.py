"""The two things that the command line does with a document: strip it or tag it."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, TypeVar

from adsift.cli.output import Sink
from adsift.cli.readable import paragraph_table, tagged_page
from adsift.cli.reading import Item
from adsift.cli.report import Report
from adsift.decode import encode
from adsift.document import Document, TaggedParagraph, plain_text
from adsift.errors import DocumentError, PolicyWarning
from adsift.policy import CONFIDENCE
from adsift.records import Record, dump_line, paragraph_fields, with_field

if TYPE_CHECKING:
    from adsift.separator import Separator
    from adsift.stripping import StripResult

R = TypeVar("R")


class Form(StrEnum):
    """What results look like."""

    OWN = "own"
    TEXT = "text"
    HTML = "html"
    JSONL = "jsonl"


class Job(Protocol[R]):
    """What is done with each document."""

    def start(self, sift: Separator, report: Report) -> None:
        """See that the model can do it, before any document is read.

        Raises:
            AdsiftError: it cannot.
        """

    def judge(self, sift: Separator, documents: Sequence[Document]) -> Iterator[R]:
        """Put a batch through the model: a result a document, lazy, so that those before a bad
        one are there."""

    def render(self, item: Item, result: R) -> bytes:
        """The result as it goes to the output.

        Raises:
            DocumentError: this document has no such form.
        """

    def audit(self, item: Item, result: R, report: Report) -> list[TaggedParagraph]:
        """Account for a result that has been written.

        Returns:
            All paragraphs of the document, in any order.
        """


@dataclass(frozen=True, slots=True)
class Strip:
    """Take paragraphs out.

    Attributes:
        drop, min_probability, max_content_loss, confidence: as for
            :meth:`adsift.Separator.strip`.
        form: what the results look like.
        text_field: where a record has its text.
        removed: takes what was removed, as JSON lines.
        show_removed: whether to show it on stderr, too.
    """

    drop: tuple[str, ...]
    min_probability: float
    form: Form
    text_field: str
    removed: Sink | None = None
    show_removed: bool = False
    max_content_loss: float | None = None
    confidence: float = CONFIDENCE

    def start(self, sift: Separator, report: Report) -> None:
        """Say what a bound comes to."""
        if self.max_content_loss is not None:
            certificates = sift.certify(self.drop, self.max_content_loss, self.confidence)
            for certificate in certificates.values():
                report.note(str(certificate))

    def judge(self, sift: Separator, documents: Sequence[Document]) -> Iterator[StripResult]:
        """Strip a batch."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", PolicyWarning)  # said at the start
            return sift.strip_many(
                documents,
                self.drop,
                self.min_probability,
                self.max_content_loss,
                self.confidence,
            )

    def render(self, item: Item, result: StripResult) -> bytes:
        """The document without what was removed."""
        if item.record is not None:
            stripped = self._text(item, result)
            return dump_line(with_field(item.record, self.text_field, stripped))
        if self.form == Form.JSONL:
            return dump_line(_strip_record(item, result))
        text = self._text(item, result)
        if self.form == Form.TEXT:
            return (text + "\n" if text else "").encode("utf-8", "replace")
        return encode(text, item.marked)

    def _text(self, item: Item, result: StripResult) -> str:
        if self.form == Form.TEXT:
            return plain_text(result.kept)
        if self.form == Form.HTML and item.document.format != "html":
            raise DocumentError(f"is {item.document.format}, which cannot be written as html")
        return result.text

    def audit(self, item: Item, result: StripResult, report: Report) -> list[TaggedParagraph]:
        """Count, write down and show what was removed."""
        # Of the document as it was found: a cut may make several paragraphs of one.
        gone = len({*result.removed_indices})
        report.document_done(result.found, gone)
        if self.removed is not None:
            for paragraph in result.removed:
                line = {"document": item.name, **paragraph_fields(paragraph)}
                self.removed.write(item.source, dump_line(line))
        if self.show_removed:
            title = f"{item.name}: removed {gone} of {result.found} paragraphs"
            report.show(title, paragraph_table(result.removed) if result.removed else None)
        return [*result.kept, *result.removed]


@dataclass(frozen=True, slots=True)
class Tag:
    """Say of each paragraph what it is.

    Attributes:
        form: text for people, or JSON lines.
        colour: whether the text is for a terminal.
    """

    form: Form
    colour: bool = False

    def start(self, sift: Separator, report: Report) -> None:
        """Every model can."""

    def judge(
        self, sift: Separator, documents: Sequence[Document]
    ) -> Iterator[list[TaggedParagraph]]:
        """Tag a batch."""
        return sift.tag_many(documents)

    def render(self, item: Item, result: list[TaggedParagraph]) -> bytes:
        """The paragraphs with their labels."""
        if self.form == Form.TEXT:
            return tagged_page(item.name, result, self.colour).encode("utf-8", "replace")
        if item.record is not None:
            paragraphs = [paragraph_fields(paragraph) for paragraph in result]
            return dump_line({**item.record, "paragraphs": paragraphs})
        return b"".join(
            dump_line({"document": item.name, "index": index, **paragraph_fields(paragraph)})
            for index, paragraph in enumerate(result)
        )

    def audit(
        self, item: Item, result: list[TaggedParagraph], report: Report
    ) -> list[TaggedParagraph]:
        """Count."""
        del item
        report.document_done(len(result))
        return result


def _strip_record(item: Item, result: StripResult) -> Record:
    return {
        "document": item.name,
        "url": item.document.url,
        "format": item.document.format,
        "text": result.text,
        "kept": [paragraph_fields(paragraph) for paragraph in result.kept],
        "removed": [paragraph_fields(paragraph) for paragraph in result.removed],
    }
