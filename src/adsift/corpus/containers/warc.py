"""WARC and WET: what crawlers write.

Records that are not changed keep every byte. Each record is a piece of its own, so that a
compressed output has one member a record, as the tools for these files expect.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from io import BytesIO
from typing import BinaryIO, ClassVar, cast

from adsift.corpus.containers.bytes_ import ByteContainer
from adsift.corpus.containers.held import held_numbers, too_large
from adsift.corpus.containers.warc_frames import Frame, Passed, read_frames
from adsift.corpus.containers.warc_page import (
    PageRules,
    read_conversion,
    read_response,
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
    def _write(self, frame: Frame, text: str) -> bytes:
        """The record with another text."""

    def chunks(self, stream: BinaryIO, limits: Limits) -> Iterator[Chunk]:
        """Cut a file between records.

        Raises:
            DocumentError: something else lies where a record should be, or the file ends inside
                one.
        """
        gathered = _Gathered(0, limits)
        try:
            for item in read_frames(stream, limits.document_bytes):
                gathered.add(item)
                if gathered.full:
                    yield gathered.chunk()
                    gathered = _Gathered(gathered.first + gathered.count, limits)
        except (DocumentError, OSError):
            if gathered.count:
                yield gathered.chunk()
            raise
        if gathered.count:
            yield gathered.chunk()

    def parse(self, chunk: Chunk, fields: Fields) -> list[Record | Rejected]:
        """The pages of a chunk. A page that cannot be unpacked is rejected; other records, such as
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
            pieces.append(frame.raw if text is None else self._changed(frame, rules, text))
        return pieces

    def _changed(self, frame: Frame, rules: PageRules, text: str) -> bytes:
        document = self._read(frame, rules)
        if document is None or decode(cast(bytes, document.source), document.charset) == text:
            return frame.raw
        return self._write(frame, text)


class Warc(_WarcContainer):
    """Web archives: the documents are the HTML and plain text pages that servers sent with status
    200. Codings of content and transfer are undone; the HTTP header's charset counts."""

    name = "warc"

    def _read(self, frame: Frame, rules: PageRules) -> Document | None:
        return read_response(frame, rules)

    def _write(self, frame: Frame, text: str) -> bytes:
        return write_response(frame, text)


class Wet(_WarcContainer):
    """Common Crawl's extracted texts: the documents are the conversions to plain text."""

    name = "wet"

    def _read(self, frame: Frame, rules: PageRules) -> Document | None:
        return read_conversion(frame, rules)

    def _write(self, frame: Frame, text: str) -> bytes:
        return write_conversion(frame, text)


class _Gathered:
    """A chunk under way.

    Attributes:
        first: number of its first record.
        count: how many it has so far.
    """

    def __init__(self, first: int, limits: Limits) -> None:
        self.first = first
        self.count = 0
        self._limits = limits
        self._raw: list[bytes] = []
        self._size = 0
        self._oversize: list[Rejected] = []

    def add(self, item: Frame | Passed) -> None:
        if isinstance(item, Frame):
            self._raw.append(item.raw)
            self._size += len(item.raw)
        else:
            limit = self._limits.document_bytes
            number = self.first + self.count
            self._oversize.append(too_large(number, item.size, limit, item.id))
        self.count += 1

    @property
    def full(self) -> bool:
        return self._size >= self._limits.chunk_bytes or self.count >= self._limits.chunk_records

    def chunk(self) -> Chunk:
        # Workers have no limits, but must not unpack a small payload to a huge one.
        head = b"%d" % self._limits.document_bytes
        data = b"".join(self._raw)
        return Chunk(self.first, self.count, data, head, tuple(self._oversize))


def _rules(chunk: Chunk, fields: Fields) -> PageRules:
    return PageRules(cast(Format, fields.format), int(chunk.head))


def _frames(chunk: Chunk) -> Iterator[tuple[int, Frame]]:
    frames = read_frames(BytesIO(chunk.data), len(chunk.data))
    return zip(held_numbers(chunk), cast(Iterator[Frame], frames), strict=True)
