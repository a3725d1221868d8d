"""From a file to its documents: one, or one a line. Files are read as they are needed."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import BinaryIO, cast

from adsift.cli.inputs import Input
from adsift.compression import BUFFER, Codec, open_decompressed
from adsift.decode import decode, is_marked, not_text
from adsift.document import Document, Format
from adsift.errors import DocumentError, reason
from adsift.records import Record, get_field, parse_line
from adsift.segment.detect import settle_format

_HEAD = 4096


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How documents are read.

    Attributes:
        format: as for :class:`adsift.Document`.
        url: address of the only document, if there is only one.
        text_field, id_field, url_field: where JSONL records have them; dots reach inside.
    """

    format: Format = "auto"
    url: str | None = None
    text_field: str = "text"
    id_field: str = "id"
    url_field: str = "url"


@dataclass(frozen=True, slots=True)
class Item:
    """One document to work on.

    Attributes:
        source: the file that it came from.
        where: how messages call it: the path, in JSONL with the line number.
        document: its text decoded, its format settled.
        marked: whether it began with a byte order mark.
        record: in JSONL, the record around it.
    """

    source: Input
    where: str
    document: Document
    marked: bool = False
    record: Record | None = None

    @property
    def name(self) -> str:
        """How records call it: its id if it has one."""
        return self.document.id or self.where

    @property
    def text(self) -> str:
        """The document as it was."""
        return cast(str, self.document.source)


@dataclass(frozen=True, slots=True)
class Failure:
    """A file or a document that could not be read."""

    where: str
    reason: str


@dataclass(frozen=True, slots=True)
class End:
    """Nothing more comes from this file.

    Attributes:
        source: the file.
        opened: whether it could be read at all.
    """

    source: Input
    opened: bool


Event = Item | Failure | End


def read_inputs(inputs: Iterable[Input], options: ReadOptions) -> Iterator[Event]:
    """Read files one after the other; what cannot be read doesn't stop the others."""
    for source in inputs:
        opened = False
        try:
            with ExitStack() as stack:
                stream = _open(source, stack)
                opened = True
                yield from (_lines if source.jsonl else _whole)(source, stream, options)
        except Exception as error:
            yield Failure(source.shown, reason(error))
        yield End(source, opened)


def _open(source: Input, stack: ExitStack) -> BinaryIO:
    packed = _stdin() if source.path is None else stack.enter_context(_file(source))
    stream, codec = open_decompressed(packed, closing=source.path is not None)
    if codec != Codec.NONE:
        stack.enter_context(stream)
    if kind := not_text(stream.peek(_HEAD)[:_HEAD]):
        raise DocumentError(f"is {kind}, not text")
    return cast(BinaryIO, stream)


def _file(source: Input) -> BinaryIO:
    assert source.path is not None
    return source.path.open("rb", BUFFER)


def _stdin() -> BinaryIO:
    if sys.stdin is None:
        raise DocumentError("there is no standard input")
    return sys.stdin.buffer


def _whole(source: Input, stream: BinaryIO, options: ReadOptions) -> Iterator[Event]:
    data = stream.read()
    text = decode(data)
    yield Item(
        source,
        source.shown,
        Document(
            text,
            options.format if options.format != "auto" else settle_format(text, source.name),
            url=options.url,
            name=source.name,
        ),
        is_marked(data),
    )


def _lines(source: Input, stream: BinaryIO, options: ReadOptions) -> Iterator[Event]:
    for number, line in enumerate(stream, 1):
        if not line.strip():
            continue
        where = f"{source.shown}:{number}"
        try:
            yield _record(source, where, parse_line(line), options)
        except Exception as error:
            yield Failure(where, reason(error))


def _record(source: Input, where: str, record: Record, options: ReadOptions) -> Item:
    text = get_field(record, options.text_field)
    if not isinstance(text, str):
        found = "no field" if text is None else "no text in field"
        raise DocumentError(f"{found} {options.text_field!r} (name another by --text-field)")
    form = options.format if options.format != "auto" else settle_format(text)
    url = get_field(record, options.url_field)
    name = get_field(record, options.id_field)
    document = Document(
        text,
        form,
        url=url if isinstance(url, str) else options.url,
        id=str(name) if isinstance(name, (str, int)) else None,
    )
    return Item(source, where, document, record=record)
