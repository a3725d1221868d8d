"""The account of a run: a row for each removed paragraph, and one for each rejected record.

Workers encode the rows of their chunk; the coordinator joins these parts to one file an input.
"""

from __future__ import annotations

import base64
import io
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Literal

from adsift.corpus.extras import load_extra
from adsift.corpus.record import Record, Rejected
from adsift.document import Label, TaggedParagraph
from adsift.records import dump_line, dump_string, encodable, in_utf8

RemovedFormat = Literal["jsonl", "parquet"]

SUFFIXES: dict[RemovedFormat, str] = {"jsonl": ".jsonl.zst", "parquet": ".parquet"}
"""Of the file of removed paragraphs; JSON lines are compressed by Zstandard."""

_LEVEL = 3
_GROUP_ROWS = 100_000
_GROUP_BYTES = 64_000_000  # of Arrow data: more never waits for a row group to fill up
_PURPOSE = "a Parquet file of removed paragraphs"
_COLUMNS = (
    *("input", "record", "id", "url", "index", "start", "end", "text"),
    *("label", "kind", "probability", "rule"),
)


@dataclass(slots=True)  # not frozen, which takes three times as long to make one
class Removal:
    """A paragraph that went, and where it stood.

    Attributes:
        index: in its document, from 0.
        paragraph: with the label that it went for.
        rule: why that was enough, see :func:`rule` and :func:`bound_rule`.
    """

    index: int
    paragraph: TaggedParagraph
    rule: str


def rule(label: Label, min_probability: float, applied: bool = False) -> str:
    """Why a strip without a bound dropped a paragraph: ``commerce >= 0.5``.

    Args:
        label: of the paragraph.
        min_probability: that its label needed.
        applied: whether the label was stored by an earlier run.
    """
    return f"{'apply: ' if applied else ''}{label} >= {float(min_probability)}"


def bound_rule(max_content_loss: float, threshold: float) -> str:
    """Why a strip with a bound did: ``bound 0.01: threshold 0.83``.

    Args:
        max_content_loss: the bound.
        threshold: that the labels to drop needed together, by the document's certificate.
    """
    return f"bound {float(max_content_loss)}: threshold {float(threshold)}"


def encode_removed(
    input: str, removed: Sequence[tuple[Record, Sequence[Removal]]], format: RemovedFormat
) -> bytes:
    """A chunk's removed paragraphs as a part of the file: a Zstandard frame of JSON lines, or a
    Parquet file.

    A row has ``input`` and ``record``, which say where its document lies; ``id`` and ``url``, the
    document's own, where known; ``index``, ``start`` and ``end`` of the paragraph in it, the span
    in characters (``null`` in HTML); ``text``, its words as a reader saw them; ``label`` and
    ``kind`` that it went for, and their ``probability``; and the ``rule`` that let it go.

    Args:
        input: the name of the file that they were in.
        removed: records, and what each has lost.
        format: of the file.

    Raises:
        AdsiftError: Parquet is asked for and pyarrow is not installed.
    """
    if format == "jsonl":
        import zstandard

        lines = "".join(_lines(input, record, removals) for record, removals in removed)
        try:
            data = in_utf8(lines)
        except UnicodeEncodeError:  # half of a surrogate pair; there are other ways for its line
            records = (dict(zip(_COLUMNS, row, strict=True)) for row in _rows(input, removed))
            data = b"".join(map(dump_line, records))
        return zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True).compress(data)
    pyarrow = load_extra("pyarrow", _PURPOSE)
    rows = [tuple(map(_storable, row)) for row in _rows(input, removed)]
    columns = [*zip(*rows, strict=True)] or [()] * len(_COLUMNS)
    schema = _schema()
    arrays = [pyarrow.array(c, field.type) for c, field in zip(columns, schema, strict=True)]
    buffer = io.BytesIO()
    with _parquet_writer(buffer) as writer:
        writer.write_table(pyarrow.table(arrays, schema=schema))
    return buffer.getvalue()


def join_removed(parts: Iterable[BinaryIO], target: BinaryIO, format: RemovedFormat) -> None:
    """Put parts together, in bounded memory. Without any the file is valid and has no rows.

    Args:
        parts: what :func:`encode_removed` gave, in order; for Parquet they can seek.
        target: what is written to; it is left open.
        format: of all of them.

    Raises:
        AdsiftError: the format is Parquet and pyarrow is not installed.
    """
    if format == "parquet":
        _join_parquet(parts, target)
        return
    # Frames put end to end are a Zstandard file, but no frame at all is none.
    empty = True
    for part in parts:
        shutil.copyfileobj(part, target, 1 << 20)
        empty = False
    if empty:
        target.write(encode_removed("", [], format))


def encode_rejects(input: str, rejected: Iterable[Rejected]) -> bytes:
    """Records that could not be cleaned, as JSON lines.

    ``raw`` is the record as it lies in the input, and of one that could be read the text of its
    document: as it is if ``encoding`` is ``utf-8``, for what is no valid UTF-8 in ``base64``. It is
    empty where the record was too large to hold; ``size`` is that of the record all the same.

    Args:
        input: the name of the file that they are in.
        rejected: the records.
    """
    return b"".join(dump_line(_reject(input, record)) for record in rejected)


def _rows(
    input: str, removed: Iterable[tuple[Record, Sequence[Removal]]]
) -> Iterator[tuple[object, ...]]:
    """The values of all :data:`_COLUMNS`, row by row."""
    for record, removals in removed:
        of_document = (input, record.number, record.document.id, record.document.url)
        for removal in removals:
            tagged = removal.paragraph
            yield (
                *of_document,
                *(removal.index, tagged.start, tagged.end, tagged.text),
                *(tagged.label, tagged.kind, round(tagged.probability, 6), removal.rule),
            )


def _lines(input: str, record: Record, removals: Sequence[Removal]) -> str:
    # What json.dumps makes of _rows, in a quarter of the time: of a page that loses a hundred
    # paragraphs the account took a third as long as finding them.
    document = record.document
    start = (
        f'{{"input": {dump_string(input)}, "record": {record.number}, '
        f'"id": {_or_null(document.id)}, "url": {_or_null(document.url)}, "index": '
    )
    lines = []
    for removal in removals:
        tagged = removal.paragraph
        paragraph, label = tagged.paragraph, tagged.label
        lines.append(
            f'{start}{removal.index}, "start": {_or_null(paragraph.start)}, '
            f'"end": {_or_null(paragraph.end)}, "text": {dump_string(paragraph.text)}, '
            f'"label": "{label}", "kind": {_or_null(tagged.kind)}, '
            f'"probability": {round(tagged.probabilities[label], 6)!r}, '
            f'"rule": {dump_string(removal.rule)}}}\n'
        )
    return "".join(lines)


def _or_null(value: str | int | None) -> str:
    if value is None:
        return "null"
    return dump_string(value) if isinstance(value, str) else str(value)


def _reject(input: str, record: Rejected) -> dict[str, Any]:
    try:
        raw, encoding = record.raw.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        raw, encoding = base64.b64encode(record.raw).decode("ascii"), "base64"
    return {
        "input": input,
        "record": record.number,
        "id": record.id,
        "reason": record.reason,
        "size": record.size,
        "encoding": encoding,
        "raw": raw,
    }


def _schema() -> Any:
    pyarrow = load_extra("pyarrow", _PURPOSE)
    text, number = pyarrow.string(), pyarrow.int64()
    others = dict.fromkeys(("record", "index", "start", "end"), number)
    others["probability"] = pyarrow.float64()
    return pyarrow.schema([(name, others.get(name, text)) for name in _COLUMNS])


def _parquet_writer(target: BinaryIO) -> Any:
    parquet = load_extra("pyarrow.parquet", _PURPOSE)
    return parquet.ParquetWriter(target, _schema(), compression="zstd")


def _join_parquet(parts: Iterable[BinaryIO], target: BinaryIO) -> None:
    pyarrow = load_extra("pyarrow", _PURPOSE)
    parquet = load_extra("pyarrow.parquet", _PURPOSE)
    # The row groups of parts are small; a file of many thousands of them would be slow to read.
    waiting: list[Any] = []
    rows = size = 0
    with _parquet_writer(target) as writer:
        for part in parts:
            table = parquet.ParquetFile(part).read()
            waiting.append(table)
            rows += table.num_rows
            size += table.nbytes
            if rows >= _GROUP_ROWS or size >= _GROUP_BYTES:
                writer.write_table(pyarrow.concat_tables(waiting))
                waiting, rows, size = [], 0, 0
        if rows:
            writer.write_table(pyarrow.concat_tables(waiting))


def _storable(value: object) -> object:
    return encodable(value) if isinstance(value, str) else value
