"""Spark: data frames through ``mapInArrow``, and functions of columns.

>>> from adsift.engines.spark import strip, strip_text
>>> clean = strip(frame)
>>> frame.select(strip_text()("text", "url"))

adsift must be installed where the executors run, or shipped to them (``docs/engines.md``). A model
that is shipped as an archive is named by its path there: ``model="models/mine"``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adsift.corpus.containers.arrow import bytes_of, is_bytes
from adsift.corpus.containers.arrow_tags import tags_type
from adsift.decode import decode
from adsift.engines.arrow import ERROR, StripBatch, TagBatch
from adsift.engines.extras import need
from adsift.errors import AdsiftError

need("pyspark", "spark")
arrow = need("pyarrow", "spark")

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


def strip(frame: DataFrame, **options: Any) -> DataFrame:
    """Strip the documents of a data frame, without a shuffle.

    Args:
        frame: has the columns of texts and, maybe, of addresses.
        options: of :class:`adsift.engines.arrow.StripBatch`.

    Returns:
        The frame with other texts and three columns more, see there.

    Raises:
        AdsiftError: as for that class.
    """
    return _mapped(frame, StripBatch(**options))


def tag(frame: DataFrame, **options: Any) -> DataFrame:
    """Tag the documents of a data frame, without a shuffle.

    Args:
        frame: as for :func:`strip`.
        options: of :class:`adsift.engines.arrow.TagBatch`.

    Returns:
        The frame with two columns more, see there.

    Raises:
        AdsiftError: as for that class.
    """
    return _mapped(frame, TagBatch(**options))


def strip_text(**options: Any) -> Callable[..., Any]:
    """A function of the columns of texts and addresses that gives the stripped texts.

    They are strings, of a column of bytes too, which are decoded as a browser would. A bad document
    stays as it is; only :func:`strip` says why. The address may be ``lit(None)``.

    Args:
        options: of :class:`adsift.engines.arrow.StripBatch`; the columns are named in the call.

    Raises:
        AdsiftError: as for that class.
    """
    _without_columns(options)
    function = _Columns(StripBatch(**options, url_column="url"), "text")
    return _arrow_function(function, arrow.string())


def tag_text(**options: Any) -> Callable[..., Any]:
    """A function of the columns of texts and addresses that gives their tags.

    Args:
        options: of :class:`adsift.engines.arrow.TagBatch`; the columns are named in the call.

    Raises:
        AdsiftError: as for that class.
    """
    _without_columns(options)
    return _arrow_function(_Columns(TagBatch(**options, url_column="url"), "adsift"), tags_type())


def _without_columns(options: dict[str, Any]) -> None:
    for name in ("text_column", "url_column", "tags_column"):
        if name in options:
            raise AdsiftError(
                f"a function of columns takes no {name}: the call names what it reads, and alias "
                "what it gives"
            )


@dataclass(frozen=True, slots=True)
class _Batches:
    """Maps the batches of a partition. Picklable by module path."""

    function: StripBatch | TagBatch

    def __call__(self, batches: Iterator[Any]) -> Iterator[Any]:
        return map(_with_shipped_model(self.function), batches)


@dataclass(frozen=True, slots=True)
class _Columns:
    """Maps two columns to one. Picklable by module path."""

    function: StripBatch | TagBatch
    result: str

    def __call__(self, texts: Any, urls: Any) -> Any:
        batch = arrow.RecordBatch.from_arrays([texts, urls], names=["text", "url"])
        found = _with_shipped_model(self.function)(batch)[self.result]
        if not is_bytes(found.type):
            return found
        # The function gives strings; Spark would take the bytes for UTF-8, and die of others.
        values = [None if data is None else decode(data) for data in bytes_of(found)]
        return arrow.array(values, arrow.string())


def _with_shipped_model(function: StripBatch | TagBatch) -> StripBatch | TagBatch:
    """The model may have come with the job, to a place that only the executor knows."""
    from pyspark import SparkFiles

    if function.model is None:
        return function
    place = Path(SparkFiles.get(function.model))
    return replace(function, model=str(place)) if place.is_dir() else function


def _mapped(frame: DataFrame, function: StripBatch | TagBatch) -> DataFrame:
    from pyspark.sql.pandas.types import from_arrow_type, to_arrow_type
    from pyspark.sql.types import StructField, StructType

    if not hasattr(frame, "mapInArrow"):
        raise AdsiftError(
            f"adsift.engines.spark takes a Spark DataFrame, not {type(frame).__name__}"
        )
    # Types of columns that adsift does not read need not be ones that Arrow has.
    known = arrow.schema(
        [
            (f.name, to_arrow_type(f.dataType) if function.reads(f.name) else arrow.null())
            for f in frame.schema
        ]
    )
    types = {field.name: field.type for field in function.output_schema(known)}
    fields = [
        StructField(ERROR, from_arrow_type(types[ERROR]))
        if arrow.types.is_null(old.type) and field.name == ERROR
        else field
        for field, old in zip(frame.schema, known, strict=True)
    ]
    new = [name for name in types if name not in known.names]
    if frame.sparkSession.conf.get("spark.sql.caseSensitive") != "true":
        _refuse_namesakes(new, known.names)
    fields += [StructField(name, from_arrow_type(types[name])) for name in new]
    return frame.mapInArrow(_Batches(function), StructType(fields))


def _refuse_namesakes(new: list[str], old: list[str]) -> None:
    """Spark does not tell upper from lower case in the names of columns."""
    lowered = {name.lower() for name in new}
    for name in old:
        if name.lower() in lowered:
            raise AdsiftError(
                f"the column {name!r} is there already: rename it, or take it out before"
            )


def _arrow_function(function: _Columns, type: Any) -> Callable[..., Any]:
    from pyspark.sql.pandas.types import from_arrow_type

    arrow_udf = need("pyspark.sql.functions", "spark").arrow_udf  # its stubs do not have it

    # Spark tells the kind of a function by its annotations, so they must be real types.
    def adsift(texts, urls):  # type: ignore[no-untyped-def]
        return function(texts, urls)

    adsift.__annotations__ = {"texts": arrow.Array, "urls": arrow.Array, "return": arrow.Array}
    made: Callable[..., Any] = arrow_udf(adsift, from_arrow_type(type))
    return made
