"""Where the records of a table in CSV end and where their fields stand, as the :mod:`csv` module
reads them, which does not tell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import Enum, auto
from typing import NamedTuple

from adsift.errors import DocumentError

_QUOTE = ord('"')
_LINE_FEED = ord("\n")
# Possessive, so that millions of quotes are neither remembered nor tried again.
_QUOTED = re.compile(rb'[^"]*+(?:""[^"]*+)*+')


class Cut(NamedTuple):
    """A record.

    Attributes:
        data: with its line end; ``None`` if it is larger than may be held.
        size: bytes.
        closed: whether the quotes that it opens are closed.
    """

    data: bytes | None
    size: int
    closed: bool


def cut_records(blocks: Iterable[bytes], delimiter: bytes, limit: int) -> Iterator[Cut]:
    """Cut a table into records, which may hold line ends inside quotes.

    Args:
        blocks: the table, cut anywhere.
        delimiter: one byte.
        limit: the most bytes that are held of a record; larger ones are passed over.
    """
    scanner = _Scanner(delimiter)
    held, size = bytearray(), 0
    for block in blocks:
        position = 0
        while (end := scanner.record_end(block, position)) is not None:
            size += end - position
            held += block[position:end] if size <= limit else b""
            yield Cut(bytes(held) if size <= limit else None, size, closed=True)
            held, size, position = bytearray(), 0, end
        size += len(block) - position
        if size <= limit:
            held += block[position:]
        else:
            held = bytearray()
    if size:
        yield Cut(bytes(held) if size <= limit else None, size, not scanner.in_quotes)


def field_spans(record: bytes, delimiter: bytes) -> list[tuple[int, int]]:
    """Where the fields of a record stand, in bytes; quotes are part of a field.

    Raises:
        DocumentError: a quoted field is not closed.
    """
    stop = _stop(delimiter)
    spans = []
    position = 0
    while True:
        start = position
        if record.startswith(b'"', start):
            position = _closing_quote(record, start) + 1
        found = stop.search(record, position)
        position = found.start() if found else len(record)
        spans.append((start, position))
        if found is None or found[0] != delimiter:
            return spans
        position += 1


def field_value(field: bytes) -> bytes:
    """What a field says: its quotes undone."""
    if not field.startswith(b'"'):
        return field
    end = _closing_quote(field, 0)
    return field[1:end].replace(b'""', b'"') + field[end + 1 :]


def quoted(value: bytes) -> bytes:
    """A field in quotes."""
    return b'"' + value.replace(b'"', b'""') + b'"'


def needs_quotes(value: bytes, delimiter: bytes) -> bool:
    """Whether a value says something else if it is written without quotes."""
    return any(mark in value for mark in (delimiter, b'"', b"\r", b"\n"))


def _closing_quote(record: bytes, start: int) -> int:
    position = _quoted_end(record, start + 1)
    if position == len(record):
        raise DocumentError("a quoted field is not closed")
    return position


def _quoted_end(data: bytes, position: int) -> int:
    """Where the first quote stands that is not doubled, or the end of the data."""
    found = _QUOTED.match(data, position)
    assert found is not None, "it matches nothing too"
    return found.end()


def _stop(delimiter: bytes) -> re.Pattern[bytes]:
    return re.compile(b"[\r\n" + re.escape(delimiter) + b"]")


class _State(Enum):
    START = auto()  # of a field
    PLAIN = auto()
    QUOTED = auto()
    CLOSING = auto()  # behind a quote that ends the field, unless another one follows
    RETURN = auto()  # behind a carriage return, to which a line feed may belong


class _Scanner:
    """Finds where records end in blocks that may be cut anywhere."""

    def __init__(self, delimiter: bytes) -> None:
        self._state = _State.START
        self._delimiter = delimiter
        self._stop = _stop(delimiter)

    @property
    def in_quotes(self) -> bool:
        """Whether a quoted field has begun and not ended."""
        return self._state == _State.QUOTED

    def record_end(self, block: bytes, position: int) -> int | None:
        """Where the record ends that goes on or begins here; ``None`` if not in this block."""
        while position < len(block):
            if self._state == _State.RETURN:
                self._state = _State.START
                return position + (block[position] == _LINE_FEED)
            if self._state == _State.PLAIN:
                found = self._stop.search(block, position)
                if found is None:
                    return None
                position = found.end()
                self._state = _State.RETURN if found[0] == b"\r" else _State.START
                if found[0] == b"\n":
                    return position
            elif self._state == _State.QUOTED:
                position = _quoted_end(block, position) + 1
                if position > len(block):
                    return None
                self._state = _State.CLOSING
            elif block[position] == _QUOTE:  # opens the field, or is one inside it
                self._state = _State.QUOTED
                position += 1
            else:
                self._state = _State.PLAIN
        return None
