"""WARC and WET: what crawlers write.

Records that are not changed keep every byte. Each record is a piece of its own, so that a
compressed output has one member a record, as the tools for these files expect.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from io import BytesIO
from typing import BinaryIO, ClassVar, cast

from adsift.corpus.containers.bytes_ import ByteContainer, Passed, gather, numbers, too_large
from adsift.corpus.containers.warc_frames import Frame, TooLarge, read_frames
from adsift.corpus.containers.warc_page import (
    PageRules,
    read_conversion,
    read_response,
    says_plain,
    write_conversion,
    write_response,
)
from adsift.corpus.record import Chunk, Fields, Limits, Outcome, Record, Rejected
from adsift.decode import decode
from adsift.document import Document, Format
from adsift.errors import DocumentError


class _WarcContainer(ByteContainer, ABC):
    """What WARC and WET have in common; see :class:`adsift.corpus.containers.base.Container`."""

    name: ClassVar[str]
    compressible: ClassVar[bool] = True
    stores_tags: ClassVar[bool] = False

    @abstractmethod
    def _read(self, frame: Frame, rules: PageRules) -> Document | None:
        """The document in a record, if it is one that holds a document."""

    @abstractmethod
    def _write(self, frame: Frame, text: str, plain: bool) -> bytes:
        """The record with another text, which may be plain text in the place of a page."""

    def _is_plain(self, frame: Frame) -> bool:
        """Whether the record says that it holds plain text."""
        del frame
        return True

    def chunks(self, stream: BinaryIO, limits: Limits) -> Iterator[Chunk]:
        """Cut a file between records.

        Raises:
            DocumentError: something else lies where a record should be, or the file ends inside
                one.
        """
        frames = read_frames(stream, limits.document_bytes)
        # Workers have no limits, but must not unpack a small payload to a huge one.
        return gather((_held(item, limits) for item in frames), limits, _head(limits))

    def parse(self, chunk: Chunk, fields: Fields) -> list[Record | Rejected]:
        """The pages of a chunk. A page that cannot be read is rejected; other records, such as
        requests, images and redirections, are passed over."""
        rules = _rules(chunk, fields)
        found: list[Record | Rejected] = []
        for number, frame in _frames(chunk):
            try:
                document = self._read(frame, rules)
            except DocumentError as error:
                found.append(Rejected(number, str(error), frame.raw, len(frame.raw), frame.id))
            else:
                if document is not None:
                    found.append(Record(number, document))
        return found

    def render(self, chunk: Chunk, fields: Fields, outcome: Outcome) -> list[bytes]:
        """The records, one a piece. A changed page is stored as UTF-8 without codings, and its
        lengths and digests are made anew.

        Raises:
            DocumentError: tags cannot be stored in these records.
        """
        if outcome.tags or outcome.tagging:
            raise DocumentError(
                f"tags cannot be stored in the records of {self.name.upper()} files: "
                "store them in files of attributes"
            )
        rules = _rules(chunk, fields)
        pieces: list[bytes] = []
        for number, frame in _frames(chunk):
            if number in outcome.rejected:
                continue
            text = outcome.texts.get(number)
            pieces.append(
                frame.raw if text is None else self._changed(frame, rules, text, outcome.plain)
            )
        return pieces

    def _changed(self, frame: Frame, rules: PageRules, text: str, plain: bool) -> bytes:
        document = self._read(frame, rules)
        if document is None:
            return frame.raw
        same = decode(cast(bytes, document.source), document.charset) == text
        # A page of nothing but words is its own plain text, yet it calls itself HTML.
        if same and (not plain or self._is_plain(frame)):
            return frame.raw
        return self._write(frame, text, plain)


class Warc(_WarcContainer):
    """Web archives: the documents are the HTML and plain text pages that servers sent with status
    200. Codings of content and transfer are undone; the HTTP header's charset counts."""

    name = "warc"

    def _read(self, frame: Frame, rules: PageRules) -> Document | None:
        return read_response(frame, rules)

    def _write(self, frame: Frame, text: str, plain: bool) -> bytes:
        return write_response(frame, text, plain)

    def _is_plain(self, frame: Frame) -> bool:
        return says_plain(frame)


class Wet(_WarcContainer):
    """Common Crawl's extracted texts: the documents are the conversions to plain text."""

    name = "wet"

    def _read(self, frame: Frame, rules: PageRules) -> Document | None:
        return read_conversion(frame, rules)

    def _write(self, frame: Frame, text: str, plain: bool) -> bytes:
        del plain  # conversions always are
        return write_conversion(frame, text)


def _held(item: Frame | TooLarge, limits: Limits) -> bytes | Passed:
    if isinstance(item, Frame):
        return item.raw
    return too_large(item.size, limits.document_bytes, item.id)


def _head(limits: Limits) -> bytes:
    return b"%d" % limits.document_bytes


def _rules(chunk: Chunk, fields: Fields) -> PageRules:
    return PageRules(cast(Format, fields.format), int(chunk.head))


def _frames(chunk: Chunk) -> Iterator[tuple[int, Frame]]:
    frames = read_frames(BytesIO(chunk.data), len(chunk.data))
    return zip(numbers(chunk), cast(Iterator[Frame], frames), strict=True)
