"""A WARC file cut into its records, to the byte.

fastwarc reads what is in a record, but not what lies between two, and it wants to seek, which a
stream that is being decompressed cannot. So the cuts are made here: a header, as many bytes as its
``Content-Length`` says, and line ends up to the next record.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, cast

from adsift.errors import DocumentError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_AHEAD = 1 << 12
_SKIP = 1 << 20
_HEAD_BYTES = 1 << 20
_LINE_ENDS = 1 << 16
_VERSION = re.compile(rb"WARC/\d")
_LENGTH = re.compile(rb"^content-length[ \t]*:[ \t]*(\d{1,18})[ \t]*\r?$", re.I | re.M)
_ID = re.compile(rb"^warc-record-id[ \t]*:[ \t]*(.*?)[ \t]*\r?$", re.I | re.M)


@dataclass(frozen=True, slots=True)
class Frame:
    """A record as it lies in the file.

    Attributes:
        raw: all of it, with the line ends behind it (at the start of a file also before it).
        block: where its content starts, after the header's blank line.
        end: where its content ends.
    """

    raw: bytes
    block: int
    end: int

    @property
    def id(self) -> str | None:
        """Its ``WARC-Record-ID``, if it has one."""
        return _id(self.raw[: self.block])


@dataclass(frozen=True, slots=True)
class TooLarge:
    """A record that is too large to hold.

    Attributes:
        size: of all of it, in bytes.
        id: its ``WARC-Record-ID``, if it has one.
    """

    size: int
    id: str | None


def read_frames(stream: BinaryIO, limit: int) -> Iterator[Frame | TooLarge]:
    """Cut a WARC file.

    Args:
        stream: the file, decompressed; need not be able to seek.
        limit: the most bytes that a record may have to be held.

    Raises:
        DocumentError: something else lies where a record should be, or the file ends inside one.
            Frames that came before are good.
    """
    reader = _Reader(stream)
    lead = reader.line_ends()
    while not reader.at_end():
        yield _frame(reader, lead, limit)
        lead = b""


class _AtHand(io.RawIOBase):
    """What a stream has at hand. To fill a buffer it would read on, and if it then came to where
    it is damaged, what it had read before would be lost."""

    def __init__(self, stream: BinaryIO) -> None:
        self._read = getattr(stream, "readinto1", None) or cast(io.RawIOBase, stream).readinto

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int | None:
        return cast("int | None", self._read(buffer))


class _Reader:
    """Reads ahead without seeking.

    Attributes:
        offset: bytes read so far.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self.offset = 0
        # A small buffer of its own, since to look ahead copies all that is in it.
        self._stream = io.BufferedReader(_AtHand(stream), _AHEAD)

    def at_end(self) -> bool:
        return not self._peek()

    def at_record(self) -> bool:
        """Whether a record may start here. Few bytes may be there to look at: ``_head`` looks at
        all of them."""
        return b"WARC/".startswith(self._peek()[:5])

    def read(self, size: int) -> bytes:
        data = self._stream.read(size)
        self.offset += len(data)
        return data

    def line(self, size: int) -> bytes:
        line = self._stream.readline(size)
        self.offset += len(line)
        return line

    def skip(self, size: int) -> int:
        """Pass over bytes.

        Returns:
            How many are missing at the end of the file.
        """
        while size and (data := self.read(min(size, _SKIP))):
            size -= len(data)
        return size

    def line_ends(self) -> bytes:
        found = b""
        while (ahead := self._peek()) and ahead[0] in b"\r\n":
            found += self.read(len(ahead) - len(ahead.lstrip(b"\r\n")))
            if len(found) > _LINE_ENDS:
                raise DocumentError(f"nothing but line ends before byte {self.offset}")
        return found

    def _peek(self) -> bytes:
        return self._stream.peek(1)


def _frame(reader: _Reader, lead: bytes, limit: int) -> Frame | TooLarge:
    start = reader.offset
    head = _head(reader)
    length = _LENGTH.search(head)
    if length is None:
        raise DocumentError(f"the WARC record at byte {start} has no valid Content-Length")
    size = int(length[1])
    block = len(lead) + len(head)
    held = block + size <= limit
    content = reader.read(size) if held else b""
    missing = size - len(content) if held else reader.skip(size)
    if missing:
        raise DocumentError(
            f"the WARC record at byte {start} is cut off: {missing} of its {size} bytes are "
            "missing (an incomplete download, or its Content-Length is wrong)"
        )
    tail = reader.line_ends()
    if not (reader.at_end() or reader.at_record() or _complete(tail)):
        raise DocumentError(
            f"no WARC record follows the one at byte {start}: its Content-Length is wrong, or "
            f"there is something else at byte {reader.offset}"
        )
    if not held:
        return TooLarge(block + size + len(tail), _id(head))
    return Frame(b"".join((lead, head, content, tail)), block, block + size)


def _id(head: bytes) -> str | None:
    found = _ID.search(head)
    return found[1].decode("utf-8", "replace") if found else None


def _complete(tail: bytes) -> bool:
    # Exactly what ends a record: then what follows is wrong, and not this record's length.
    return tail in (b"\r\n\r\n", b"\n\n")


def _head(reader: _Reader) -> bytes:
    start = reader.offset
    lines = [reader.line(_HEAD_BYTES)]
    if not _VERSION.match(lines[0]):
        raise DocumentError(f"there is no WARC record at byte {start}, where one should be")
    while (line := reader.line(_HEAD_BYTES)) not in (b"\r\n", b"\n"):
        if not line:
            raise DocumentError(f"the file ends in the header of the WARC record at byte {start}")
        lines.append(line)
        if reader.offset - start > _HEAD_BYTES:
            raise DocumentError(f"the header of the WARC record at byte {start} does not end")
    return b"".join((*lines, line))
