"""JSON lines: an object a line, one of whose fields is a document."""

from __future__ import annotations

import codecs
import io
import json
from collections.abc import Iterator, Mapping
from typing import BinaryIO, ClassVar, cast

from adsift.compression import buffered
from adsift.corpus.containers.bytes_ import (
    ByteContainer,
    Passed,
    gather,
    numbers,
    require_utf8,
    too_large,
)
from adsift.corpus.containers.json_spans import (
    end_of_members,
    find_value,
    member_cut,
    read_members,
)
from adsift.corpus.containers.stored_tags import dump_tags, read_tags
from adsift.corpus.record import Chunk, Fields, Limits, Outcome, Record, Rejected, Span, Tag
from adsift.document import Document, Format
from adsift.errors import DocumentError
from adsift.records import Record as Members
from adsift.records import dump_value, get_field, parse_line

_SKIP = 1 << 20
_SHOWN = 10
_MISSING = object()
_MARK = "\ufeff"
_LONG = 16_000  # characters of a line; to note places in shorter ones costs more than it spares


class Jsonl(ByteContainer):
    """JSON lines. Records are numbered by lines, blank ones among them.

    Of a changed record only the string of the text is written anew, and the member with the tags;
    all else in the line keeps its bytes.
    """

    name: ClassVar[str] = "jsonl"

    def chunks(self, stream: BinaryIO, limits: Limits) -> Iterator[Chunk]:
        """See :class:`.base.Container`."""
        lines = buffered(stream)
        require_utf8(lines.peek(2))
        return _chunks(lines, limits)

    def parse(self, chunk: Chunk, fields: Fields) -> list[Record | Rejected]:
        """See :class:`.base.Container`. A text that is ``null`` is no document."""
        parsed = (_parse(number, line, fields) for number, line in _lines(chunk))
        return [record for record in parsed if record is not None]

    def render(self, chunk: Chunk, fields: Fields, outcome: Outcome) -> list[bytes]:
        """See :class:`.base.Container`."""
        data = b"".join(
            _rendered(number, line, fields, outcome)
            for number, line in _lines(chunk)
            if number not in outcome.rejected
        )
        return [data] if data else []


def _chunks(lines: io.BufferedReader, limits: Limits) -> Iterator[Chunk]:
    """The chunks that gathering line by line would give."""
    # Long lines are read together, for two thirds of what it costs to read them one by one.
    first = 0
    while limits.chunk_bytes <= limits.document_bytes:
        block = _Block(lines, limits)
        if not block.is_chunk:
            yield from gather(block.lines(), limits, first=first)
            return
        if block.count:
            yield Chunk(first, block.count, block.data)
        if block.is_last:
            return
        first += block.count
    yield from gather(_read_lines(lines, limits.document_bytes), limits)


class _Block:
    """So many bytes of a file as a chunk has at least, and the rest of the last line.

    Attributes:
        data: these bytes.
        count: lines in them.
        is_chunk: whether that is a chunk: it has not more lines than one may have, none that is too
            large, and could be read.
        is_last: whether nothing comes after it.
    """

    def __init__(self, lines: io.BufferedReader, limits: Limits) -> None:
        self._source, self._limits = lines, limits
        self._problem: Exception | None = None
        self.is_last = False
        self.count = 0
        self.data = self._read()
        self.count += self.data[-1:] not in (b"\n", b"")
        # Others end before a chunk does, and so are no longer than one.
        self._last_line = self.data.rfind(b"\n", 0, -1) + 1
        self.is_chunk = (
            self._problem is None
            and self.count <= limits.chunk_records
            and len(self.data) - self._last_line <= limits.document_bytes
        )

    def lines(self) -> Iterator[bytes | Passed]:
        """Its lines one by one, and all that come after them.

        Raises:
            DocumentError, OSError: they cannot be read to the end.
        """
        limit = self._limits.document_bytes
        yield from io.BytesIO(self.data[: self._last_line])
        last = self.data[self._last_line :]
        if len(last) > limit:
            yield too_large(len(last) + _skip_line(self._source, last), limit)
        elif last and (self._problem is None or last.endswith(b"\n")):
            yield last
        if self._problem is not None:
            raise self._problem
        yield from _read_lines(self._source, limit)

    def _read(self) -> bytes:
        limits = self._limits
        pieces = []
        size = 0
        try:
            # A stream may make one wait: no more is read than tells that it has short lines.
            while size < limits.chunk_bytes and self.count < limits.chunk_records:
                piece = self._source.read1(limits.chunk_bytes - size)
                if not piece:
                    self.is_last = True
                    break
                pieces.append(piece)
                size += len(piece)
                self.count += piece.count(b"\n")
            if pieces and not pieces[-1].endswith(b"\n"):
                rest = self._source.readline(limits.document_bytes + 1)
                pieces.append(rest)
                self.count += rest.endswith(b"\n")
        except (DocumentError, OSError) as error:
            self._problem = error
        return b"".join(pieces)


def _read_lines(lines: io.BufferedReader, limit: int) -> Iterator[bytes | Passed]:
    while line := lines.readline(limit + 1):
        if len(line) <= limit:
            yield line
        else:
            yield too_large(len(line) + _skip_line(lines, line), limit)


def _skip_line(lines: io.BufferedReader, last: bytes) -> int:
    size = 0
    while not last.endswith(b"\n") and (last := lines.readline(_SKIP)):
        size += len(last)
    return size


def _lines(chunk: Chunk) -> Iterator[tuple[int, bytes]]:
    # Not splitlines, which also breaks lines at a single carriage return.
    return zip(numbers(chunk), io.BytesIO(chunk.data), strict=True)


def _parse(number: int, line: bytes, fields: Fields) -> Record | Rejected | None:
    if not line.removeprefix(codecs.BOM_UTF8).strip():
        return None
    name = places = None
    try:
        source = _decoded(line)
        if len(source) < _LONG:
            members = parse_line(source)
        else:
            members, places = read_members(source)
        name = _name(members, fields)
        text = _text(members, fields)
    except DocumentError as error:
        return Rejected(number, str(error), line, len(line), name)
    if text is None:
        return None
    url = get_field(members, fields.url)
    stored = get_field(members, fields.tags)
    tags = read_tags(stored)
    return Record(
        number,
        Document(text, cast(Format, fields.format), url if isinstance(url, str) else None, name),
        tags,
        places,
        occupied=tags is None and stored is not None,
    )


def _decoded(line: bytes) -> str:
    try:
        # Half of a surrogate pair is no UTF-8, yet some programs write it.
        return line.decode("utf-8", "surrogatepass").removeprefix(_MARK)
    except UnicodeDecodeError as error:
        raise DocumentError(f"is not UTF-8 at byte {error.start} of the line") from None


def _name(members: Members, fields: Fields) -> str | None:
    name = get_field(members, fields.id)
    return str(name) if isinstance(name, (str, int)) else None


def _text(members: Members, fields: Fields) -> str | None:
    text = get_field(members, fields.text, _MISSING)
    if text is None or isinstance(text, str):
        return text
    if text is not _MISSING:
        raise DocumentError(f"no text in field {fields.text!r}, but {_kind(text)}")
    names = ", ".join(repr(name) for name in list(members)[:_SHOWN])
    more = " …" if len(members) > _SHOWN else ""
    raise DocumentError(
        f"no field {fields.text!r}; there is {names or 'none'}{more} (name another by --text-field)"
    )


def _kind(value: object) -> str:
    if isinstance(value, (dict, list)):
        return "an object" if isinstance(value, dict) else "an array"
    return "true or false" if isinstance(value, bool) else "a number"


def _rendered(number: int, line: bytes, fields: Fields, outcome: Outcome) -> bytes:
    text, tags = outcome.texts.get(number), outcome.tags.get(number)
    record = outcome.records.get(number)
    untag = outcome.untag and _has_tags(line, fields, record)
    if text is None and tags is None and not untag:
        return line
    mark = codecs.BOM_UTF8 if line.startswith(codecs.BOM_UTF8) else b""
    source = _decoded(line)
    places = record.places if record else None
    edits: list[tuple[Span, bytes]] = []
    if text is not None and (place := find_value(source, fields.text, places)) is not None:
        edits += _text_edit(source, place, text)
    if tags is not None:
        edits.append(_tags_edit(source, fields.tags, tags, places))
    elif untag and (place := member_cut(source, fields.tags, places)) is not None:
        edits.append((place, b""))
    return mark + _edited(source, edits) if edits else line


def _has_tags(line: bytes, fields: Fields, record: Record | None) -> bool:
    if record is not None:
        return record.tags is not None
    try:
        members = parse_line(_decoded(line))
    except DocumentError:
        return False
    return read_tags(get_field(members, fields.tags)) is not None


def _text_edit(source: str, place: Span, text: str) -> list[tuple[Span, bytes]]:
    if place.string == text:
        return []
    token = source[place.start : place.end]
    # Who wrote the file in ASCII gets it back in ASCII.
    return [(place, json.dumps(text).encode() if token.isascii() else dump_value(text))]


def _tags_edit(
    source: str, name: str, tags: tuple[Tag, ...], places: Mapping[str, Span] | None
) -> tuple[Span, bytes]:
    value = dump_tags(tags).encode()
    place = find_value(source, name, places)
    if place is not None:
        return place, value
    place = end_of_members(source, places)
    comma = b"" if source[place.start - 1] == "{" else b","
    return place, comma + dump_value(name) + b":" + value


def _edited(source: str, edits: list[tuple[Span, bytes]]) -> bytes:
    pieces = []
    position = 0
    for place, value in sorted(edits):
        pieces += [source[position : place.start].encode("utf-8", "surrogatepass"), value]
        position = place.end
    pieces.append(source[position:].encode("utf-8", "surrogatepass"))
    return b"".join(pieces)
