"""Timestamps of 96 bits in Parquet, as Spark, Hive and Impala write them: nanoseconds of any year,
where Arrow's 64 bits have either nanoseconds or the years before 1677 and after 2262."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO, Literal

from adsift.corpus.extras import load_extra
from adsift.errors import DocumentError

Unit = Literal["us", "ns"]

USUAL: Unit = "us"
"""Spark has no finer ones, and every year that it can write is in reach."""

_ROWS = 4096


def int96_unit(source: BinaryIO) -> Unit:
    """The unit that holds all such timestamps of a file. Only their columns are read.

    Args:
        source: the file; it can seek, and is left at its beginning.

    Raises:
        DocumentError: there is none.
    """
    fine = far = False
    for usual, finer in _both(source):
        fine = fine or not usual.cast(finer.schema, safe=False).equals(finer)
        far = far or not _in_reach(usual, finer.schema)
        if fine and far:
            raise DocumentError(
                "it has INT96 timestamps finer than microseconds and others outside of 1677 to "
                "2262, which Arrow has no type for: write them as strings, or round them"
            )
    return "ns" if fine else USUAL


def only_int96(metadata: Any) -> bool:
    """Whether a file's timestamps, of which there are some, all have 96 bits."""
    columns = _columns(metadata)
    stamps = [c for c in columns if _is_int96(c) or c.logical_type.type == "TIMESTAMP"]
    return bool(stamps) and all(map(_is_int96, stamps))


def _both(source: BinaryIO) -> Iterator[tuple[Any, Any]]:
    """The timestamps batch by batch, in microseconds and in nanoseconds; up to damage, which is
    told by whoever reads the rest."""
    arrow = load_extra("pyarrow", "Parquet")
    parquet = load_extra("pyarrow.parquet", "Parquet")
    try:
        files = [
            parquet.ParquetFile(source, pre_buffer=False, coerce_int96_timestamp_unit=unit)
            for unit in ("us", "ns")
        ]
        paths = [c.path for c in _columns(files[0].metadata) if _is_int96(c)]
        if paths:
            read = (file.iter_batches(_ROWS, columns=paths, use_threads=False) for file in files)
            for usual, finer in zip(*read, strict=True):
                yield arrow.Table.from_batches([usual]), arrow.Table.from_batches([finer])
    except (arrow.ArrowException, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
    source.seek(0)


def _in_reach(usual: Any, schema: Any) -> bool:
    try:
        usual.cast(schema)
    except load_extra("pyarrow", "Parquet").ArrowInvalid:
        return False
    return True


def _columns(metadata: Any) -> list[Any]:
    return [metadata.schema.column(i) for i in range(len(metadata.schema))]


def _is_int96(column: Any) -> bool:
    return bool(column.physical_type == "INT96")
