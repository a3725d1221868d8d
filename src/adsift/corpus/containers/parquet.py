"""Parquet: one document a row. Column types, other columns and metadata stay as they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from itertools import groupby
from typing import Any, BinaryIO, ClassVar, cast

from adsift.corpus.containers.arrow import column, find_column, with_values
from adsift.corpus.containers.arrow_chunks import GatheredRows, sizes_of, to_stream, to_table
from adsift.corpus.containers.arrow_tags import holds_tags, read_tags, tags_array
from adsift.corpus.containers.arrow_texts import Texts, names_of
from adsift.corpus.containers.base import Kept
from adsift.corpus.containers.bytes_ import numbers
from adsift.corpus.containers.parquet_files import (
    GroupWriter,
    Packing,
    batches,
    opened,
    pack,
    plain_bytes,
    read_table,
    row_groups,
    seekable,
    with_packing,
    without_packing,
)
from adsift.corpus.containers.parquet_int96 import USUAL, int96_unit
from adsift.corpus.containers.parquet_rows import PartRows
from adsift.corpus.extras import load_extra
from adsift.corpus.patch import apply_patch
from adsift.corpus.record import Chunk, Fields, Limits, Outcome, Record, Rejected, Tag
from adsift.document import Document, Format
from adsift.errors import DocumentError


class Parquet:
    """Parquet files; see :class:`adsift.corpus.containers.base.Container`.

    Texts may be strings or bytes in any of Arrow's forms, also inside structs. A row whose text is
    null has no document and stays.
    """

    name: ClassVar[str] = "parquet"
    compressible: ClassVar[bool] = False
    stores_tags: ClassVar[bool] = True
    appends: ClassVar[bool] = False

    def chunks(self, stream: BinaryIO, limits: Limits) -> Iterator[Chunk]:
        """Cut a file between rows. A file without rows is one chunk, so that its schema gets to
        the output.

        Raises:
            DocumentError: it is no Parquet file, or damaged.
        """
        with seekable(stream) as source, opened(source, unit := int96_unit(source)) as file:
            schema = file.schema_arrow
            packing = Packing.of(file.metadata)
            # What is finer than usual keeps its digits in 64 bits.
            packing = replace(packing, int96=packing.int96 and unit == USUAL)
            head = with_packing(schema, packing).serialize().to_pybytes()
            gathered = GatheredRows(0, schema, head, limits)
            try:
                for batch, row, size in _rows(file, limits.chunk_bytes):
                    gathered.add(batch, row, size)
                    if gathered.full:
                        yield gathered.chunk()
                        gathered = gathered.next()
            except (DocumentError, OSError):
                if gathered.count:
                    yield gathered.chunk()
                raise
            if gathered.count or not gathered.first:
                yield gathered.chunk()

    def parse(self, chunk: Chunk, fields: Fields) -> list[Record | Rejected]:
        """The documents of a chunk.

        Raises:
            DocumentError: there is no column of texts by that name.
        """
        table = to_table(chunk)
        texts = Texts.of(table, fields)
        ids, urls = names_of(table, fields.id), names_of(table, fields.url)
        tags = _stored_tags(table, fields)
        found: list[Record | Rejected] = []
        for row, number in enumerate(numbers(chunk)):
            if texts.values[row] is None:
                continue
            try:
                source = texts.source(row)
                document = Document(source, cast(Format, fields.format), url=urls[row], id=ids[row])
                found.append(Record(number, document, read_tags(tags[row])))
            except DocumentError as error:
                raw = to_stream(table.schema, table.slice(row, 1).to_batches())
                found.append(Rejected(number, str(error), raw, len(raw), ids[row]))
        return found

    def render(self, chunk: Chunk, fields: Fields, outcome: Outcome) -> list[bytes]:
        """The chunk as a Parquet file of its own, with a column of tags if the run stores any.

        Raises:
            DocumentError: there is no column of texts by that name, its type is too small for the
                new ones, or the column of tags holds something else.
        """
        table = to_table(chunk)
        held = list(numbers(chunk))
        texts = Texts.of(table, fields)
        changed = {
            row: texts.encoded(row, text)
            for row, number in enumerate(held)
            if (text := outcome.texts.get(number)) is not None and not texts.same(row, text)
        }
        if changed:
            table = with_values(table, texts.path, changed)
        if outcome.tagging or outcome.tags:
            table = _with_tags(table, fields.tags, [outcome.tags.get(n) for n in held])
        elif outcome.untag:
            table = _without_tags(table, fields.tags)
        table = _without(table, [n in outcome.rejected for n in held])
        return [pack(_noted(table, chunk.head))]

    def join(self, parts: Iterable[BinaryIO], target: BinaryIO) -> None:
        """Put parts together to one file, whose row groups are as large as the input's or of
        64 MB, whichever is less.

        Raises:
            DocumentError: the parts are damaged, or do not have the same columns.
        """
        with ExitStack() as stack:
            writer: GroupWriter | None = None
            for part in parts:
                with opened(part) as file:
                    schema, packing = without_packing(file.schema_arrow)
                    if writer is None:
                        writer = stack.enter_context(GroupWriter(target, schema, packing))
                    for table, size in row_groups(file):
                        writer.add(table.replace_schema_metadata(schema.metadata), size)

    def original(self, chunk: Chunk, fields: Fields) -> bytes:
        """The rows, as bytes that depend on their values alone."""
        del fields
        return plain_bytes(to_table(chunk))

    def basis(self, pieces: Sequence[bytes], fields: Fields) -> tuple[int, bytes]:
        """The part's number of rows, and the rows as bytes."""
        del fields
        tables = [read_table(piece) for piece in pieces]
        schema, _ = without_packing(tables[0].schema)
        table = (
            load_extra("pyarrow", "Parquet")
            .concat_tables(tables)
            .replace_schema_metadata(schema.metadata)
        )
        return len(table), plain_bytes(table)

    def restore(
        self, output: BinaryIO, parts: Iterable[Kept], fields: Fields, target: BinaryIO
    ) -> None:
        """Write a file that holds the original table: its values, types and metadata. Nothing at
        all as output stands for patches that hold everything.

        Raises:
            DocumentError: the output is not what the run wrote.
        """
        del fields
        with ExitStack() as stack:
            rows = PartRows(stack, output)
            writer: GroupWriter | None = None
            for number, kept in enumerate(parts, 1):
                now = rows.take(kept.size, number)
                table = read_table(apply_patch(kept.patch, now))
                if writer is None:
                    writer = GroupWriter(target, table.schema, rows.packing)
                    stack.enter_context(writer)
                writer.add(table, table.nbytes)
            rows.end()


def _noted(table: Any, head: bytes) -> Any:
    """The table with the note in a chunk's head on how to pack it."""
    arrow = load_extra("pyarrow", "Parquet")
    schema = load_extra("pyarrow.ipc", "Parquet").read_schema(arrow.BufferReader(head))
    return table.replace_schema_metadata(schema.metadata)


def _rows(file: Any, size: int) -> Iterator[tuple[Any, int, int]]:
    """The rows of a file: their batch, their place in it and their bytes."""
    for batch in batches(file, size):
        for row, count in enumerate(sizes_of(batch).tolist()):
            yield batch, row, count


def _stored_tags(table: Any, fields: Fields) -> list[Any]:
    path = find_column(table.schema, fields.tags)
    if path is None:
        return [None] * len(table)
    array = column(table, path)
    cells: list[Any] = array.to_pylist() if holds_tags(array.type) else [None] * len(table)
    return cells


def _with_tags(table: Any, name: str, tags: Sequence[tuple[Tag, ...] | None]) -> Any:
    array = tags_array(tags)
    index = table.schema.get_field_index(name)
    if index < 0:
        return table.append_column(name, array)
    type = table.schema.field(index).type
    if not holds_tags(type) and not load_extra("pyarrow", "Parquet").types.is_null(type):
        raise DocumentError(
            f"the column {name!r} holds {type}, not tags (name another by --tags-field)"
        )
    return table.set_column(index, name, array)


def _without_tags(table: Any, name: str) -> Any:
    """The table without the column that :func:`_with_tags` has added."""
    index = table.schema.get_field_index(name)
    if index < 0 or not holds_tags(table.schema.field(index).type):
        return table
    return table.remove_column(index)


def _without(table: Any, rejected: Sequence[bool]) -> Any:
    """The table without some rows. By slices, which every type of column can."""
    if not any(rejected):
        return table
    runs = groupby(range(len(rejected)), key=rejected.__getitem__)
    kept = [list(rows) for dropped, rows in runs if not dropped]
    slices = [table.slice(rows[0], len(rows)) for rows in kept]
    return load_extra("pyarrow", "Parquet").concat_tables([table.slice(0, 0), *slices])
