"""CSV and TSV: a table with a row of column names, one of whose columns has documents."""

from __future__ import annotations

import codecs
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO, ClassVar, cast

from adsift.compression import buffered, read_head
from adsift.corpus.containers.bytes_ import (
    ByteContainer,
    Passed,
    gather,
    numbers,
    require_utf8,
    too_large,
)
from adsift.corpus.containers.csv_spans import (
    Cut,
    cut_records,
    field_spans,
    field_value,
    needs_quotes,
    quoted,
)
from adsift.corpus.containers.stored_tags import dump_tags, read_tags
from adsift.corpus.record import Chunk, Fields, Limits, Outcome, Record, Rejected, Tag
from adsift.document import Document, Format
from adsift.errors import DocumentError

_HEAD = 65_536
_BLOCK = 1 << 20
_DELIMITERS = (b",", b";", b"\t", b"|")
_LINE_ENDS = b"\r\n"


class Delimited(ByteContainer):
    """A table in text. The row of names is record 0; blank lines count as records.

    Of a changed row only the field of the text is written anew; the other columns keep their bytes.
    Tags go into a column of JSON behind the last one.
    """

    usual: ClassVar[bytes]
    """The delimiter, unless the row of names has more columns by another one."""

    def chunks(self, stream: BinaryIO, limits: Limits) -> Iterator[Chunk]:
        """See :class:`.base.Container`."""
        source = buffered(stream)
        # Rows before damaged data are good, so the problem waits for its turn.
        start, problem = read_head(source, _HEAD)
        require_utf8(start)
        mark = codecs.BOM_UTF8 if start.startswith(codecs.BOM_UTF8) else b""
        start = start.removeprefix(mark)
        delimiter = _sniff(start.lstrip(_LINE_ENDS), self.usual)
        blocks = chain([start], _rest(source, problem))
        rows = cut_records(blocks, delimiter, limits.document_bytes)
        names, before = _names_row(rows, limits.document_bytes)
        start = mark + before + names
        records = chain([start] if start else [], _records(rows, limits.document_bytes))
        # The delimiter is told from more than the row of names, so it must be handed on.
        yield from gather(records, limits, delimiter + names)

    def parse(self, chunk: Chunk, fields: Fields) -> list[Record | Rejected]:
        """The documents of a chunk.

        Raises:
            DocumentError: there is no column of texts by that name.
        """
        table = _Table.of(chunk)
        if not table.names:
            return []
        text = table.column(fields.text)
        if text is None:
            names = ", ".join(repr(name) for name in table.names)
            raise DocumentError(
                f"no column {fields.text!r}; there is {names} (name another by --text-field)"
            )
        parsed = (
            _parse(number, row, table, text, fields)
            for number, row in _rows(chunk, table)
            if number and row.strip(_LINE_ENDS)
        )
        return list(parsed)

    def render(self, chunk: Chunk, fields: Fields, outcome: Outcome) -> list[bytes]:
        """See :class:`.base.Container`."""
        table = _Table.of(chunk)
        writer = _Writer(table, fields, outcome)
        data = b"".join(
            writer.names(row) if number == 0 else writer.row(number, row)
            for number, row in _rows(chunk, table)
            if number not in outcome.rejected
        )
        return [data] if data else []


class Csv(Delimited):
    """Comma-separated values; semicolons, tabs and bars are recognised too."""

    name: ClassVar[str] = "csv"
    usual: ClassVar[bytes] = b","


class Tsv(Delimited):
    """Tab-separated values."""

    name: ClassVar[str] = "tsv"
    usual: ClassVar[bytes] = b"\t"


@dataclass(frozen=True, slots=True)
class _Table:
    """What all rows have in common.

    Attributes:
        row: that of the names, as it lies in the input.
    """

    delimiter: bytes
    row: bytes
    names: list[str]

    @classmethod
    def of(cls, chunk: Chunk) -> _Table:
        delimiter, row = chunk.head[:1], chunk.head[1:]
        fields = field_spans(row, delimiter) if row else []
        names = [field_value(row[start:end]).decode("utf-8", "replace") for start, end in fields]
        return cls(delimiter, row, names)

    def column(self, name: str) -> int | None:
        return self.names.index(name) if name in self.names else None

    def fields(self, row: bytes) -> list[tuple[int, int]]:
        spans = field_spans(row, self.delimiter)
        if len(spans) != len(self.names):
            raise DocumentError(
                f"has {len(spans)} fields where the row of names has {len(self.names)}"
            )
        return spans


def _rest(source: io.BufferedReader, problem: DocumentError | None) -> Iterator[bytes]:
    if problem is not None:
        raise problem
    while block := source.read1(_BLOCK):
        yield block


def _sniff(start: bytes, usual: bytes) -> bytes:
    def columns(delimiter: bytes) -> int:
        for cut in cut_records([start], delimiter, len(start)):
            return len(field_spans(cut.data or b"", delimiter)) if cut.closed else 0
        return 0

    # Of equals max takes the first.
    return max((usual, *_DELIMITERS), key=columns)


def _names_row(rows: Iterator[Cut], limit: int) -> tuple[bytes, bytes]:
    before = bytearray()
    for row in rows:
        if row.data is None or len(before) > limit:
            raise DocumentError(f"the row of column names is larger than {limit:,} bytes")
        if not row.closed:
            raise DocumentError("a quote in the row of column names is not closed")
        if row.data.strip(_LINE_ENDS):
            return row.data, bytes(before)
        before += row.data
    return b"", bytes(before)


def _records(rows: Iterator[Cut], limit: int) -> Iterator[bytes | Passed]:
    for row in rows:
        if row.data is not None:
            yield row.data
        elif row.closed:
            yield too_large(row.size, limit)
        else:
            yield Passed("a quoted field is not closed up to the end of the file", row.size)


def _rows(chunk: Chunk, table: _Table) -> Iterator[tuple[int, bytes]]:
    data = chunk.data
    start = 0
    if chunk.first == 0:  # a mark and blank lines belong to the row of names
        start = data.find(table.row) + len(table.row) if table.row else len(data)
    rows = cut_records([data[start:]], table.delimiter, len(data))
    cut = (row.data for row in rows if row.data is not None)
    return zip(numbers(chunk), chain([data[:start]] if start else [], cut), strict=True)


def _parse(number: int, row: bytes, table: _Table, text: int, fields: Fields) -> Record | Rejected:
    try:
        spans = table.fields(row)
        row.decode()
    except UnicodeDecodeError as error:
        return Rejected(number, f"is not UTF-8 at byte {error.start} of it", row, len(row))
    except DocumentError as error:
        return Rejected(number, str(error), row, len(row))

    def value(index: int | None) -> str | None:
        if index is None:
            return None
        start, end = spans[index]
        return field_value(row[start:end]).decode()

    stored = value(table.column(fields.tags))
    tags = _stored(stored)
    return Record(
        number,
        Document(
            value(text) or "",
            cast(Format, fields.format),
            value(table.column(fields.url)) or None,
            value(table.column(fields.id)) or None,
        ),
        tags,
        occupied=tags is None and bool(stored),
    )


def _stored(value: str | None) -> tuple[Tag, ...] | None:
    try:
        return read_tags(json.loads(value)) if value else None
    except (ValueError, RecursionError):
        return None


class _Writer:
    """Writes the rows of a chunk."""

    def __init__(self, table: _Table, fields: Fields, outcome: Outcome) -> None:
        self._table, self._fields, self._outcome = table, fields, outcome
        self._text = table.column(fields.text)
        self._tags = table.column(fields.tags)
        self._tagging = outcome.tagging or bool(outcome.tags)
        self._untag = outcome.untag and self._tags is not None and len(table.names) > 1

    def names(self, row: bytes) -> bytes:
        """The row of names, with a mark and blank lines before it."""
        if not self._table.row:
            return row
        start = len(row) - len(self._table.row)
        spans = field_spans(self._table.row, self._table.delimiter)
        if self._untag:
            first, end = self._cut(spans)
            return row[: start + first] + row[start + end :]
        if not self._tagging or self._tags is not None:
            return row
        end = spans[-1][1] + start
        return row[:end] + self._table.delimiter + self._field(self._fields.tags) + row[end:]

    def row(self, number: int, row: bytes) -> bytes:
        """A row with its new text and its tags."""
        text = self._outcome.texts.get(number)
        if text is None and not self._tagging and not self._untag:
            return row
        if not row.strip(_LINE_ENDS):
            return row
        spans = self._table.fields(row)
        edits: list[tuple[int, int, bytes]] = []
        if self._untag:
            edits.append((*self._cut(spans), b""))
        elif self._tagging:
            edits += self._tags_edit(spans, self._outcome.tags.get(number))
        if text is not None and self._text is not None:
            edits += self._text_edit(row, *spans[self._text], text)
        # From the last one on, so that the others stay where they are. In one place, where a text
        # was empty, the tags go in first, and are behind the text then.
        for start, end, value in sorted(edits, key=lambda edit: edit[:2], reverse=True):
            row = row[:start] + value + row[end:]
        # A row of one empty field would be a blank line, which is no row.
        return row if row.strip(_LINE_ENDS) else quoted(b"") + row

    def _cut(self, spans: list[tuple[int, int]]) -> tuple[int, int]:
        """Where the field of the tags stands, with a delimiter."""
        at = self._tags
        assert at is not None
        return (spans[at - 1][1], spans[at][1]) if at else (spans[0][0], spans[1][0])

    def _text_edit(
        self, row: bytes, start: int, end: int, text: str
    ) -> Iterator[tuple[int, int, bytes]]:
        field = row[start:end]
        if field_value(field) != text.encode("utf-8", "replace"):
            yield start, end, self._field(text, field.startswith(b'"'))

    def _tags_edit(
        self, spans: list[tuple[int, int]], tags: tuple[Tag, ...] | None
    ) -> Iterator[tuple[int, int, bytes]]:
        value = b"" if tags is None else quoted(dump_tags(tags).encode())
        if self._tags is not None:
            if tags is not None:
                yield (*spans[self._tags], value)
        else:
            end = spans[-1][1]
            yield end, end, self._table.delimiter + value

    def _field(self, value: str, quotes: bool = False) -> bytes:
        data = value.encode("utf-8", "replace")
        if quotes or needs_quotes(data, self._table.delimiter):
            return quoted(data)
        return data
