"""``--output-format``: the documents of any container as JSON lines or as a Parquet table, with the
columns id, url and text and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, BinaryIO, ClassVar, Literal, NamedTuple, Protocol, cast

from adsift.corpus.containers.arrow_tags import tags_array, tags_type
from adsift.corpus.containers.bytes_ import append
from adsift.corpus.containers.parquet import Parquet
from adsift.corpus.containers.parquet_files import Packing, pack, with_packing
from adsift.corpus.containers.stored_tags import tag_fields
from adsift.corpus.extras import load_extra
from adsift.corpus.record import Fields, Outcome, Record, Rejected, Tag
from adsift.decode import decode
from adsift.records import dump_line, encodable

_GROUP_ROWS = 100_000


class Conversion(Protocol):
    """A format that documents are converted to. Picklable; workers call :meth:`render`, the
    coordinator calls :meth:`join`."""

    name: ClassVar[str]
    """As in ``--output-format``."""

    suffix: ClassVar[str]
    """Of the file's name."""

    compressible: ClassVar[bool]
    appends: ClassVar[bool]
    """These two as of a :class:`adsift.corpus.containers.base.Container`."""

    def render(
        self,
        input_name: str,
        records: Iterable[Record | Rejected],
        fields: Fields,
        outcome: Outcome,
    ) -> list[bytes]:
        """A chunk's documents, one a row, in pieces that are compressed one by one.

        Args:
            input_name: makes an id, with the record's number, for a document without one.
            records: as the input's container has parsed them.
            fields: says what the column of tags is called.
            outcome: what becomes of them. Rejected ones are left out.
        """

    def join(self, parts: Iterable[BinaryIO], target: BinaryIO) -> None:
        """Put parts, as :meth:`render` made them and the codec packed them, together."""


class ToJsonl:
    """One JSON object a line; see :class:`Conversion`."""

    name: ClassVar[str] = "jsonl"
    suffix: ClassVar[str] = ".jsonl"
    compressible: ClassVar[bool] = True
    appends: ClassVar[bool] = True

    def render(
        self,
        input_name: str,
        records: Iterable[Record | Rejected],
        fields: Fields,
        outcome: Outcome,
    ) -> list[bytes]:
        """The documents as lines."""
        lines: list[bytes] = []
        for row in _rows(input_name, records, outcome):
            line: dict[str, Any] = {"id": row.id, "url": row.url, "text": row.text}
            if _tagging(outcome):
                line[fields.tags] = (
                    None if row.tags is None else [tag_fields(tag) for tag in row.tags]
                )
            lines.append(dump_line(line))
        return [b"".join(lines)]

    def join(self, parts: Iterable[BinaryIO], target: BinaryIO) -> None:
        """Put parts end to end."""
        append(parts, target)


class ToParquet:
    """One row a document; see :class:`Conversion`."""

    name: ClassVar[str] = "parquet"
    suffix: ClassVar[str] = ".parquet"
    compressible: ClassVar[bool] = False
    appends: ClassVar[bool] = False

    def render(
        self,
        input_name: str,
        records: Iterable[Record | Rejected],
        fields: Fields,
        outcome: Outcome,
    ) -> list[bytes]:
        """The documents as a Parquet file of its own."""
        arrow = load_extra("pyarrow", "Parquet output")
        rows = list(_rows(input_name, records, outcome))
        words = [(name, arrow.string()) for name in ("id", "url", "text")]
        arrays = [
            arrow.array([_storable(row[i]) for row in rows], arrow.string()) for i in range(3)
        ]
        tags = [(fields.tags, tags_type())] if _tagging(outcome) else []
        if tags:
            arrays.append(tags_array(row.tags for row in rows))
        packing = Packing(_codecs(fields.tags if tags else None), rows=_GROUP_ROWS)
        schema = with_packing(arrow.schema([*words, *tags]), packing)
        return [pack(arrow.Table.from_arrays(arrays, schema=schema))]

    def join(self, parts: Iterable[BinaryIO], target: BinaryIO) -> None:
        """Put parts together to one file."""
        Parquet().join(parts, target)


def conversion(name: Literal["jsonl", "parquet"]) -> Conversion:
    """The conversion by its name in ``--output-format``."""
    return ToJsonl() if name == "jsonl" else ToParquet()


class _Row(NamedTuple):
    id: str
    url: str | None
    text: str
    tags: tuple[Tag, ...] | None


def _rows(
    input_name: str, records: Iterable[Record | Rejected], outcome: Outcome
) -> Iterator[_Row]:
    for record in records:
        if isinstance(record, Rejected) or record.number in outcome.rejected:
            continue
        text = outcome.texts.get(record.number)
        document = record.document
        yield _Row(
            document.id or f"{input_name}:{record.number}",
            document.url,
            _text(record) if text is None else text,
            outcome.tags.get(record.number),
        )


def _text(record: Record) -> str:
    source = cast("str | bytes", record.document.source)
    return decode(source, record.document.charset) if isinstance(source, bytes) else source


def _tagging(outcome: Outcome) -> bool:
    return outcome.tagging or bool(outcome.tags)


def _storable(text: object) -> str | None:
    return encodable(text) if isinstance(text, str) else None


def _codecs(tags: str | None) -> dict[str, str]:
    inner: Sequence[str] = () if tags is None else (tags,)
    return dict.fromkeys(["id", "url", "text", *inner], "ZSTD")
