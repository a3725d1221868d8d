"""The core of all engines that run on Arrow: a record batch in, a record batch out.

:class:`StripBatch` replaces the column of texts, and adds

============================= ====== =========================================================
``adsift_removed``            int32  paragraphs taken out; 0 for a null or a bad document
``adsift_removed_characters`` int64  characters of their texts
``adsift_error``              string why the document could not be read, else null
============================= ====== =========================================================

:class:`TagBatch` leaves it, and adds ``adsift``, a list of structs, one a paragraph (null for a
null or a bad document), and ``adsift_error``. The structs hold

=============== ========= ====================================================================
``index``       int32     place of the paragraph in its document, from 0
``start, end``  int64     its span in characters of the text; null in HTML
``label``       string    news, analysis, boilerplate or commerce
``kind``        string    for commerce: product, disclosure, sponsored or membership; else null
``probability`` float64   of the label, 0 to 1
``digest``      string    of the paragraph's text: ``adsift apply`` checks it before it strips
=============== ========= ====================================================================

All other columns, the number of rows and their order stay. A bad document stays as it is and stops
nothing. A batch that was tagged may be stripped, or the other way round: they share the column
``adsift_error``, which keeps what it says of documents that could be read this time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, TypeVar, cast

from adsift.corpus.containers.arrow import bytes_of, is_bytes, is_text, row_bytes, with_values
from adsift.corpus.containers.arrow_tags import tags_array, tags_type
from adsift.corpus.record import Tag
from adsift.decode import encode, is_marked
from adsift.document import Document, Format
from adsift.engines.documents import (
    Failed,
    Stripping,
    in_slices,
    known_drop,
    known_format,
    strip_documents,
    tag_documents,
)
from adsift.engines.extras import need
from adsift.errors import AdsiftError
from adsift.policy import CONFIDENCE

ERROR = "adsift_error"
"""The column that says why a document could not be read."""

R = TypeVar("R")
Batch = TypeVar("Batch")
"""A ``pyarrow.RecordBatch`` or a ``pyarrow.Table``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Where the documents are.

    Attributes:
        text_column: holds them: strings, or bytes that are decoded as a browser would.
        url_column: their addresses; left out, ``url`` if there is such a column of strings.
        format: ``text``, ``markdown``, ``html`` or ``auto``.
        model: as for :func:`adsift.load`; must be there wherever the engine runs.
    """

    text_column: str = "text"
    url_column: str | None = None
    format: Format = "auto"
    model: str | None = None

    def __post_init__(self) -> None:
        for name in ("text_column", "url_column", "model"):
            value = getattr(self, name)
            kinds = (str, Path) if name == "model" else str
            if not (isinstance(value, kinds) or (value is None and name != "text_column")):
                raise AdsiftError(f"{name} must be a string, not {value!r}")
        known_format(self.format)

    def column(self, schema: Any) -> int:
        """Place of the column of texts.

        Raises:
            AdsiftError: there is none, there are two, or it holds neither strings nor bytes.
        """
        place = _place(schema, self.text_column)
        type = schema.field(place).type
        # An engine gives a column of nulls alone the type null.
        if not (is_text(type) or is_bytes(type) or need("pyarrow", "arrow").types.is_null(type)):
            raise AdsiftError(
                f"the column {self.text_column!r} has the type {type}: texts are strings or bytes"
            )
        return place

    def documents(self, batch: Any) -> list[Document | Failed | None]:
        """The documents of a batch; ``None`` for nulls."""
        place = self.column(batch.schema)
        strings = not is_bytes(batch.schema.field(place).type)
        return [
            None if text is None else _document(text, strings, self.format, url)
            for text, url in zip(_values(batch.column(place)), self._urls(batch), strict=True)
        ]

    def _results(
        self, batch: Any, function: Callable[[list[Document]], Iterator[R | Failed]]
    ) -> Iterator[R | Failed | None]:
        """One result a row; nulls stay, and so do documents that are known to be bad."""
        sizes = row_bytes(batch.column(self.column(batch.schema)))
        for rows in in_slices(range(len(batch)), lambda row: int(sizes[row])):
            documents = self.documents(batch.slice(rows[0], len(rows)))
            results = function([d for d in documents if isinstance(d, Document)])
            for document in documents:
                yield next(results) if isinstance(document, Document) else document

    def address_column(self, schema: Any) -> int | None:
        """Place of the column of addresses; ``None`` if there is none.

        Raises:
            AdsiftError: the one that was named is not there, or holds no strings.
        """
        name = self.url_column
        if name is None and "url" not in schema.names:
            return None
        place = _place(schema, name or "url")
        type = schema.field(place).type
        if is_text(type):
            return place
        if name is None or need("pyarrow", "arrow").types.is_null(type):
            return None
        raise AdsiftError(f"the column {name!r} has the type {type}: addresses are strings")

    def reads(self, name: str) -> bool:
        """Whether a column is one of those that must be there for it to work, or may be; an
        adapter may put nulls for the others."""
        return name in (self.text_column, self.url_column or "url", ERROR)

    def _urls(self, batch: Any) -> list[str | None]:
        place = self.address_column(batch.schema)
        if place is None:
            return [None] * len(batch)
        urls = _values(batch.column(place))
        return [None if url is None else url.decode("utf-8", "replace") for url in urls]


@dataclass(frozen=True, slots=True, kw_only=True)
class StripBatch(Reading):
    """Strips the documents of a batch. Called with a record batch or a table, it returns another.

    Attributes:
        drop, min_probability, max_content_loss, confidence: as for :meth:`adsift.Separator.strip`.
    """

    drop: str | Iterable[str] = ("commerce",)
    min_probability: float = 0.0
    max_content_loss: float | None = None
    confidence: float = CONFIDENCE

    ADDED: ClassVar = ("adsift_removed", "adsift_removed_characters")

    def __post_init__(self) -> None:
        # Not by super(): a class with slots is made anew, and the old one is what it would find.
        Reading.__post_init__(self)
        object.__setattr__(self, "drop", self._stripping().drop)

    def _stripping(self) -> Stripping:
        return Stripping(
            known_drop(self.drop), self.min_probability, self.max_content_loss, self.confidence
        )

    def output_schema(self, schema: Any) -> Any:
        """The schema of what comes out, without loading the model.

        Raises:
            AdsiftError: the column of texts is missing, or one that would be added is there.
        """
        arrow = need("pyarrow", "arrow")
        self.column(schema)
        self.address_column(schema)
        types = (arrow.int32(), arrow.int64())
        return _extended(schema, zip(self.ADDED, types, strict=True))

    def __call__(self, batch: Batch) -> Batch:
        """Strip a batch.

        Raises:
            AdsiftError: as for :meth:`output_schema`.
            BundleError: the model cannot be loaded.
        """
        return _each_batch(batch, self.output_schema, self._strip)

    def _strip(self, batch: Any, schema: Any) -> Any:
        place = self.column(batch.schema)
        stripping = self._stripping()
        changed: dict[int, str] = {}
        counts: list[int] = []
        characters: list[int] = []
        reasons: list[str | None] = []
        results = self._results(batch, lambda good: strip_documents(good, stripping, self.model))
        for row, result in enumerate(results):
            removed: list[Any] = []
            if result and not isinstance(result, Failed) and result.removed:
                removed = result.removed
                changed[row] = result.text
            counts.append(len(removed))
            characters.append(sum(len(paragraph.text) for paragraph in removed))
            reasons.append(_reason(result))
        columns = list(batch.columns)
        if changed:
            columns[place] = _replaced(batch, place, changed)
        added = [
            _array(counts, schema, self.ADDED[0]),
            _array(characters, schema, self.ADDED[1]),
        ]
        return _with_reasons([*columns, *added], batch.schema, schema, reasons)


@dataclass(frozen=True, slots=True, kw_only=True)
class TagBatch(Reading):
    """Tags the documents of a batch. Called with a record batch or a table, it returns another.

    Attributes:
        tags_column: gets the tags.
    """

    tags_column: str = field(default="adsift")

    def __post_init__(self) -> None:
        Reading.__post_init__(self)
        if not isinstance(self.tags_column, str):
            raise AdsiftError(f"tags_column must be a string, not {self.tags_column!r}")

    def output_schema(self, schema: Any) -> Any:
        """As for :class:`StripBatch`."""
        self.column(schema)
        self.address_column(schema)
        return _extended(schema, ((self.tags_column, tags_type()),))

    def __call__(self, batch: Batch) -> Batch:
        """Tag a batch; errors as for :class:`StripBatch`."""
        return _each_batch(batch, self.output_schema, self._tag)

    def _tag(self, batch: Any, schema: Any) -> Any:
        arrays = [tags_array([])]
        reasons: list[str | None] = []
        results = self._results(batch, lambda good: tag_documents(good, self.model))
        # As Arrow has them, tags take a small part of the memory of their objects.
        for part in in_slices(results, lambda _: 0):
            arrays.append(
                tags_array(
                    None
                    if result is None or isinstance(result, Failed)
                    else tuple(Tag.of(index, found) for index, found in enumerate(result))
                    for result in part
                )
            )
            reasons += map(_reason, part)
        tags = need("pyarrow", "arrow").concat_arrays(arrays)
        return _with_reasons([*batch.columns, tags], batch.schema, schema, reasons)


def _each_batch(
    batch: Batch, output_schema: Callable[[Any], Any], function: Callable[[Any, Any], list[Any]]
) -> Batch:
    arrow = need("pyarrow", "arrow")
    source: Any = batch
    if not isinstance(source, (arrow.RecordBatch, arrow.Table)):
        raise AdsiftError(
            f"adsift takes a pyarrow.RecordBatch or a pyarrow.Table, not {type(source).__name__}"
        )
    schema = output_schema(source.schema)

    def made(part: Any) -> Any:
        return arrow.RecordBatch.from_arrays(function(part, schema), schema=schema)

    if isinstance(source, arrow.RecordBatch):
        return cast("Batch", made(source))
    # Together, so that a table of many small pieces is not judged in small pieces.
    parts = [made(part) for part in source.combine_chunks().to_batches()]
    return cast("Batch", arrow.Table.from_batches(parts, schema))


def _document(data: bytes, strings: bool, form: Format, url: str | None) -> Document | Failed:
    if not strings:
        return Document(data, form, url)
    try:  # Arrow does not see to it that strings are valid.
        return Document(data.decode(), form, url)
    except UnicodeDecodeError as error:
        return Failed(f"the text is not UTF-8 (at byte {error.start})")


def _reason(result: object) -> str | None:
    return result.reason if isinstance(result, Failed) else None


def _with_reasons(
    columns: list[Any], before: Any, schema: Any, reasons: Sequence[str | None]
) -> list[Any]:
    """The columns of a result with the one of errors, which may have been there before.

    Args:
        columns: of the batch, and those that were added.
        before, schema: of the batch, and of the result.
        reasons: one a row.
    """
    if ERROR not in before.names:
        return [*columns, _array(reasons, schema, ERROR)]
    place = _place(before, ERROR)
    if any(reasons) or before.field(place).type != schema.field(ERROR).type:
        earlier = columns[place].to_pylist()
        told = [new or old for new, old in zip(reasons, earlier, strict=True)]
        text = need("pyarrow", "arrow").string()
        columns[place] = need("pyarrow", "arrow").array(told, text).cast(schema.field(ERROR).type)
    return columns


def _values(array: Any) -> list[bytes | None]:
    if need("pyarrow", "arrow").types.is_null(array.type):
        return [None] * len(array)
    return bytes_of(array)


def _replaced(batch: Any, place: int, texts: Mapping[int, str]) -> Any:
    arrow = need("pyarrow", "arrow")
    column = batch.column(place)
    if is_bytes(column.type):
        old = bytes_of(column)
        data = {row: encode(text, is_marked(old[row] or b"")) for row, text in texts.items()}
    else:
        data = {row: text.encode("utf-8", "replace") for row, text in texts.items()}
    table = arrow.Table.from_arrays([column], names=["text"])
    return with_values(table, ("text",), data).column(0).combine_chunks()


def _place(schema: Any, name: str) -> int:
    places = schema.get_all_field_indices(name)
    if len(places) != 1:
        found = f"there are {len(places)} columns" if places else "there is no column"
        raise AdsiftError(f"{found} {name!r}; the columns are {', '.join(schema.names) or 'none'}")
    return int(places[0])


def _array(values: Sequence[Any], schema: Any, name: str) -> Any:
    return need("pyarrow", "arrow").array(values, schema.field(name).type)


def _extended(schema: Any, added: Iterable[tuple[str, Any]]) -> Any:
    """A schema with these columns, and the one of errors if another step has not put it there."""
    arrow = need("pyarrow", "arrow")
    added = [*added]
    errors = _place(schema, ERROR) if ERROR in schema.names else None
    if errors is not None and arrow.types.is_null(schema.field(errors).type):
        schema = schema.set(errors, arrow.field(ERROR, arrow.string()))  # so far without any
    elif errors is None or not is_text(schema.field(errors).type):
        added.append((ERROR, arrow.string()))
    for name, type in added:
        if name in schema.names:
            raise AdsiftError(
                f"the column {name!r} is there already: rename it, or take it out before"
            )
        schema = schema.append(arrow.field(name, type))
    return schema
