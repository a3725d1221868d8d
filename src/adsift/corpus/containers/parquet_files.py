"""Parquet files, read and written in bounded memory, the written ones packed as the read ones."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from io import BytesIO
from typing import Any, BinaryIO, cast

from adsift.corpus.containers.parquet_int96 import USUAL, Unit, only_int96
from adsift.corpus.extras import load_extra
from adsift.errors import DocumentError

GROUP_BYTES = 64_000_000
"""A row group is written at the latest when it has so many bytes, before compression."""

_KEY = b"adsift:packing"
_BUFFER = 1 << 20
_SPOOL = 1 << 24
# Rows are only known to be large when they are in memory, so few are read at once.
_BATCH_ROWS = 64
_CODECS = {"UNCOMPRESSED": "NONE", "LZ4_RAW": "LZ4"}


@dataclass(frozen=True, slots=True)
class Packing:
    """How a file is packed, as far as its metadata tell.

    Attributes:
        codecs: columns as Parquet names them (``a.list.element``) and their compression.
        dictionary: columns that have a dictionary; ``None`` for all.
        statistics, page_index: whether there are any.
        rows: of its largest row group; 0 if there is none.
        int96: whether its timestamps have 96 bits.
    """

    codecs: Mapping[str, str] = field(default_factory=dict)
    dictionary: Sequence[str] | None = None
    statistics: bool = True
    page_index: bool = False
    rows: int = 0
    int96: bool = False

    @classmethod
    def of(cls, metadata: Any) -> Packing:
        """Of a file that is read."""
        groups = [metadata.row_group(i) for i in range(metadata.num_row_groups)]
        groups = [group for group in groups if group.num_rows]
        if not groups:
            return cls(int96=only_int96(metadata))
        columns = [groups[0].column(i) for i in range(groups[0].num_columns)]
        return cls(
            {c.path_in_schema: _CODECS.get(c.compression, c.compression) for c in columns},
            [c.path_in_schema for c in columns if c.has_dictionary_page],
            any(c.is_stats_set for c in columns),
            any(c.has_column_index for c in columns),
            max(group.num_rows for group in groups),
            only_int96(metadata),
        )


def with_packing(schema: Any, packing: Packing) -> Any:
    """A schema that tells how to pack its rows. The note is taken out when a file is finished."""
    note = json.dumps(asdict(packing), sort_keys=True).encode()
    return schema.with_metadata({**(schema.metadata or {}), _KEY: note})


def without_packing(schema: Any) -> tuple[Any, Packing]:
    """The schema as the user knows it, and what was noted in it."""
    metadata = dict(schema.metadata or {})
    note = metadata.pop(_KEY, None)
    packing = Packing(**json.loads(note)) if note else Packing()
    # Not ``with_metadata(None)``, which leaves an empty map that is written to files.
    bare = schema.with_metadata(metadata) if metadata else schema.remove_metadata()
    return bare, packing


@contextmanager
def seekable(stream: BinaryIO) -> Iterator[BinaryIO]:
    """The stream, or a copy in a temporary file if it cannot seek."""
    if stream.seekable():
        yield stream
        return
    with tempfile.SpooledTemporaryFile(_SPOOL) as copy:
        shutil.copyfileobj(stream, copy, _BUFFER)
        copy.seek(0)
        yield cast(BinaryIO, copy)


@contextmanager
def opened(stream: BinaryIO, int96_unit: Unit = USUAL) -> Iterator[Any]:
    """Open a file for reading as a ``pyarrow.parquet.ParquetFile``.

    Args:
        stream: the file.
        int96_unit: of timestamps with 96 bits. Those that a run has written fit the usual one.

    Raises:
        DocumentError: it is no Parquet file, or damaged.
    """
    parquet = load_extra("pyarrow.parquet", "Parquet")
    with seekable(stream) as source:
        with _readable():
            # Buffered and not read ahead: else a row group's columns would be held whole.
            file = parquet.ParquetFile(
                source,
                buffer_size=_BUFFER,
                pre_buffer=False,
                coerce_int96_timestamp_unit=int96_unit,
            )
        yield file


@contextmanager
def _readable() -> Iterator[None]:
    arrow = load_extra("pyarrow", "Parquet")
    try:
        yield
    except (arrow.ArrowException, OSError) as error:
        # pyarrow's own have no number; a disk or a network that fails is no damage to the file.
        if isinstance(error, OSError) and error.errno is not None:
            raise
        detail = " ".join(str(error).split())[:200]
        raise DocumentError(f"cannot be read as Parquet: {detail}") from None


def batches(file: Any, limit: int) -> Iterator[Any]:
    """The rows of an open file, in small batches.

    Args:
        file: as :func:`opened` gives it.
        limit: about how many bytes a batch may have; a single row may have more.

    Raises:
        DocumentError: the file is damaged.
    """
    for index in range(file.num_row_groups):
        group = file.metadata.row_group(index)
        if group.num_rows:
            size = max(group.total_byte_size // group.num_rows, 1)
            rows = min(max(limit // size, 1), _BATCH_ROWS)
            with _readable():
                yield from file.iter_batches(rows, row_groups=[index], use_threads=False)


def row_groups(file: Any) -> Iterator[tuple[Any, int]]:
    """The row groups of an open file as tables, each with its bytes before compression.

    Raises:
        DocumentError: the file is damaged.
    """
    for index in range(file.num_row_groups):
        with _readable():
            table = file.read_row_group(index, use_threads=False)
        yield table, file.metadata.row_group(index).total_byte_size


def pack(table: Any) -> bytes:
    """A table as a file of its own that tells in its schema how to pack the finished one."""
    schema, packing = without_packing(table.schema)
    target = BytesIO()
    with _open_writer(target, schema, packing, with_packing(schema, packing)) as writer:
        writer.write_table(_writable(table), max(len(table), 1))
    return target.getvalue()


def plain_bytes(table: Any) -> bytes:
    """A table as bytes that depend on its values, types and metadata alone, not on how it lies in
    memory: Parquet without any packing."""
    target = BytesIO()
    load_extra("pyarrow.parquet", "Parquet").write_table(
        _whole(table.combine_chunks()),
        target,
        row_group_size=max(len(table), 1),
        compression="NONE",
        use_dictionary=False,
        write_statistics=False,
    )
    return target.getvalue()


def read_table(data: bytes) -> Any:
    """The table that :func:`pack` or :func:`plain_bytes` has written.

    Raises:
        DocumentError: they have not written that.
    """
    with opened(BytesIO(data)) as file, _readable():
        return file.read(use_threads=False)


class GroupWriter:
    """Writes a file from tables of any length, in row groups as large as those of the input.

    Use it as a context.
    """

    def __init__(self, target: BinaryIO, schema: Any, packing: Packing) -> None:
        self._writer = _open_writer(target, schema, packing, schema)
        self._rows = packing.rows
        self._waiting: list[Any] = []
        self._waiting_rows = 0
        self._waiting_bytes = 0

    def __enter__(self) -> GroupWriter:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        try:
            if kind is None:
                self._write(self._waiting_rows)
        finally:
            self._writer.close()

    def add(self, table: Any, size: int) -> None:
        """Add rows.

        Args:
            table: an Arrow table.
            size: its bytes before compression.
        """
        self._waiting.append(table)
        self._waiting_rows += len(table)
        self._waiting_bytes += size
        while self._rows and self._waiting_rows >= self._rows:
            self._write(self._rows)
        if self._waiting_bytes >= GROUP_BYTES:
            self._write(self._waiting_rows)

    def _write(self, rows: int) -> None:
        if not rows:
            return
        table = load_extra("pyarrow", "Parquet").concat_tables(self._waiting)
        self._writer.write_table(_writable(table.slice(0, rows)), rows)
        rest = len(table) - rows
        self._waiting = [table.slice(rows)] if rest else []
        self._waiting_bytes = self._waiting_bytes * rest // len(table)
        self._waiting_rows = rest


def _writable(table: Any) -> Any:
    """The table with one dictionary a column, where that can be: a row group with several is
    written without any."""
    arrow = load_extra("pyarrow", "Parquet")
    try:
        return _whole(table.unify_dictionaries())
    except (arrow.ArrowNotImplementedError, arrow.ArrowInvalid):
        return _whole(table)


def _whole(table: Any) -> Any:
    """The table with nothing before or behind its rows in memory, if there are views inside other
    types: pyarrow cannot write slices of those."""
    types = load_extra("pyarrow", "Parquet").types
    if not any(types.is_nested(type) and "_view" in str(type) for type in table.schema.types):
        return table
    ipc = load_extra("pyarrow.ipc", "Parquet")
    target = BytesIO()
    with ipc.new_stream(target, table.schema) as writer:
        writer.write_table(table)
    with ipc.open_stream(BytesIO(target.getvalue())) as reader:
        return reader.read_all()


def _open_writer(target: BinaryIO, schema: Any, packing: Packing, written: Any) -> Any:
    """A writer.

    Args:
        target: where to.
        schema: decides what Parquet calls the columns.
        packing: how to pack them.
        written: the schema that is stored.
    """
    parquet = load_extra("pyarrow.parquet", "Parquet")
    # Always the newest format version: an older one has no nanoseconds and no unsigned integers,
    # and many libraries write an old number into files of the new format.
    return parquet.ParquetWriter(
        target,
        written,
        compression=_compression(schema, packing),
        use_dictionary=True if packing.dictionary is None else list(packing.dictionary),
        write_statistics=packing.statistics,
        write_page_index=packing.page_index,
        use_deprecated_int96_timestamps=packing.int96,
    )


def _compression(schema: Any, packing: Packing) -> str | dict[str, str]:
    codecs = list(packing.codecs.values())
    if not codecs:
        return "snappy"
    usual = max(codecs, key=codecs.count)
    if len(set(codecs)) == 1:
        return usual
    # pyarrow leaves columns that a dictionary does not name uncompressed, such as one of tags.
    return {path: packing.codecs.get(path, usual) for path in _leaves(schema)}


def _leaves(schema: Any) -> list[str]:
    parquet = load_extra("pyarrow.parquet", "Parquet")
    target = BytesIO()
    parquet.write_table(schema.empty_table(), target)
    columns = parquet.ParquetFile(BytesIO(target.getvalue())).schema
    return [columns.column(i).path for i in range(len(columns))]
