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

from adsift.corpus.containers.arrow_tags import tags_type
from adsift.engines.arrow import ERROR, StripBatch, TagBatch
from adsift.engines.extras import need

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

    A bad document stays as it is; only :func:`strip` says why. The address may be ``lit(None)``.

    Args:
        options: of :class:`adsift.engines.arrow.StripBatch`; the columns are named in the call.

    Raises:
        AdsiftError: as for that class.
    """
    function = _Columns(StripBatch(**options, url_column="url"), "text")
    return _arrow_function(function, arrow.string())


def tag_text(**options: Any) -> Callable[..., Any]:
    """A function of the columns of texts and addresses that gives their tags.

    Args:
        options: of :class:`adsift.engines.arrow.TagBatch`; the columns are named in the call.

    Raises:
        AdsiftError: as for that class.
    """
    return _arrow_function(_Columns(TagBatch(**options, url_column="url"), "adsift"), tags_type())


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
        return _with_shipped_model(self.function)(batch)[self.result]


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
    fields += [
        StructField(name, from_arrow_type(type))
        for name, type in types.items()
        if name not in known.names
    ]
    return frame.mapInArrow(_Batches(function), StructType(fields))


def _arrow_function(function: _Columns, type: Any) -> Callable[..., Any]:
    from pyspark.sql.pandas.types import from_arrow_type

    arrow_udf = need("pyspark.sql.functions", "spark").arrow_udf  # its stubs do not have it

    # Spark tells the kind of a function by its annotations, so they must be real types.
    def adsift(texts, urls):  # type: ignore[no-untyped-def]
        return function(texts, urls)

    adsift.__annotations__ = {"texts": arrow.Array, "urls": arrow.Array, "return": arrow.Array}
    made: Callable[..., Any] = arrow_udf(adsift, from_arrow_type(type))
    return made
