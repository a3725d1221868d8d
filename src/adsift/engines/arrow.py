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
nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeVar

from adsift.corpus.containers.arrow_tags import tags_array, tags_type
from adsift.corpus.record import Tag
from adsift.document import Document, Format
from adsift.engines.documents import Failed, Stripping, strip_documents, tag_documents
from adsift.engines.extras import need
from adsift.errors import AdsiftError
from adsift.policy import CONFIDENCE

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
        if self.format not in ("auto", "text", "markdown", "html"):
            raise AdsiftError(f"unknown format {self.format!r}: use auto, text, markdown or html")

    def column(self, schema: Any) -> int:
        """Place of the column of texts.

        Raises:
            AdsiftError: there is none, there are two, or it holds neither strings nor bytes.
        """
        place = _place(schema, self.text_column)
        if not _is_text(schema.field(place).type):
            raise AdsiftError(
                f"the column {self.text_column!r} has the type {schema.field(place).type}: "
                "texts are strings or bytes"
            )
        return place

    def documents(self, batch: Any) -> list[Document | None]:
        """The documents of a batch; ``None`` for nulls."""
        texts = batch.column(self.column(batch.schema)).to_pylist()
        urls: list[str | None] = [None] * len(texts)
        if self.url_column is not None:
            urls = batch.column(_place(batch.schema, self.url_column)).to_pylist()
        elif "url" in batch.schema.names:
            urls = batch.column(_place(batch.schema, "url")).to_pylist()
        return [
            None
            if text is None
            else Document(text, self.format, url if isinstance(url, str) else None)
            for text, url in zip(texts, urls, strict=True)
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class StripBatch(Reading):
    """Strips the documents of a batch. Called with a record batch or a table, it returns another.

    Attributes:
        drop, min_probability, max_content_loss, confidence: as for :meth:`adsift.Separator.strip`.
    """

    drop: tuple[str, ...] = ("commerce",)
    min_probability: float = 0.0
    max_content_loss: float | None = None
    confidence: float = CONFIDENCE

    ADDED: ClassVar = ("adsift_removed", "adsift_removed_characters", "adsift_error")

    def __post_init__(self) -> None:
        # Not by super(): a class with slots is made anew, and the old one is what it would find.
        Reading.__post_init__(self)
        object.__setattr__(self, "drop", self._stripping().drop)

    def _stripping(self) -> Stripping:
        return Stripping(self.drop, self.min_probability, self.max_content_loss, self.confidence)

    def output_schema(self, schema: Any) -> Any:
        """The schema of what comes out, without loading the model.

        Raises:
            AdsiftError: the column of texts is missing, or one that would be added is there.
        """
        arrow = need("pyarrow", "arrow")
        self.column(schema)
        types = (arrow.int32(), arrow.int64(), arrow.string())
        return _extended(schema, zip(self.ADDED, types, strict=True))

    def __call__(self, batch: Batch) -> Batch:
        """Strip a batch.

        Raises:
            AdsiftError: as for :meth:`output_schema`.
            BundleError: the model cannot be loaded.
        """
        source: Any = batch
        schema = self.output_schema(source.schema)
        place = self.column(source.schema)
        documents = self.documents(source)
        results = iter(
            strip_documents([d for d in documents if d is not None], self._stripping(), self.model)
        )
        texts = source.column(place).to_pylist()
        removed: list[int] = []
        removed_characters: list[int] = []
        errors: list[str | None] = []
        for row, document in enumerate(documents):
            result = None if document is None else next(results)
            removed.append(0)
            removed_characters.append(0)
            errors.append(result.reason if isinstance(result, Failed) else None)
            if result is None or isinstance(result, Failed) or not result.removed:
                continue
            removed[row] = len(result.removed)
            removed_characters[row] = sum(len(paragraph.text) for paragraph in result.removed)
            is_bytes = isinstance(texts[row], bytes)
            texts[row] = result.text.encode("utf-8", "replace") if is_bytes else result.text
        columns = list(source.columns)
        columns[place] = _array(texts, schema.field(place).type)
        added: list[list[Any]] = [[*removed], [*removed_characters], [*errors]]
        columns += map(_array, added, schema.types[-len(added) :])
        stripped: Batch = type(source).from_arrays(columns, schema=schema)
        return stripped


@dataclass(frozen=True, slots=True, kw_only=True)
class TagBatch(Reading):
    """Tags the documents of a batch. Called with a record batch or a table, it returns another.

    Attributes:
        tags_column: gets the tags.
    """

    tags_column: str = field(default="adsift")

    def output_schema(self, schema: Any) -> Any:
        """As for :class:`StripBatch`."""
        arrow = need("pyarrow", "arrow")
        self.column(schema)
        added = ((self.tags_column, tags_type()), ("adsift_error", arrow.string()))
        return _extended(schema, added)

    def __call__(self, batch: Batch) -> Batch:
        """Tag a batch; errors as for :class:`StripBatch`."""
        source: Any = batch
        schema = self.output_schema(source.schema)
        documents = self.documents(source)
        results = iter(tag_documents([d for d in documents if d is not None], self.model))
        tags: list[tuple[Tag, ...] | None] = []
        errors: list[str | None] = []
        for document in documents:
            result = None if document is None else next(results)
            if result is None or isinstance(result, Failed):
                tags.append(None)
                errors.append(None if result is None else result.reason)
            else:
                tags.append(tuple(Tag.of(index, part) for index, part in enumerate(result)))
                errors.append(None)
        columns = [
            *source.columns,
            tags_array(tags),
            _array(errors, schema.field("adsift_error").type),
        ]
        tagged: Batch = type(source).from_arrays(columns, schema=schema)
        return tagged


def _place(schema: Any, name: str) -> int:
    places = schema.get_all_field_indices(name)
    if len(places) != 1:
        found = f"{len(places)} columns" if places else "no column"
        raise AdsiftError(
            f"there is {found} {name!r}; the columns are {', '.join(schema.names) or 'none'}"
        )
    return int(places[0])


def _is_text(type: Any) -> bool:
    types = need("pyarrow", "arrow").types
    if types.is_dictionary(type):
        type = type.value_type
    return any(
        test(type)
        for test in (
            types.is_string,
            types.is_large_string,
            types.is_string_view,
            types.is_binary,
            types.is_large_binary,
            types.is_binary_view,
        )
    )


def _array(values: list[Any], type: Any) -> Any:
    arrow = need("pyarrow", "arrow")
    if arrow.types.is_dictionary(type):
        return arrow.array(values, type.value_type).dictionary_encode().cast(type)
    return arrow.array(values, type)


def _extended(schema: Any, added: Any) -> Any:
    arrow = need("pyarrow", "arrow")
    for name, type in added:
        if name in schema.names:
            raise AdsiftError(
                f"the column {name!r} is there already: rename it, or take it out before"
            )
        schema = schema.append(arrow.field(name, type))
    return schema
