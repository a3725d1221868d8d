"""Polars: lazy frames, in the streaming engine too.

>>> from adsift.engines.polars import strip
>>> strip(polars.scan_parquet("crawl/*.parquet")).sink_parquet("clean.parquet")
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from adsift.engines.arrow import StripBatch, TagBatch
from adsift.engines.columns import changed_columns
from adsift.engines.extras import need
from adsift.errors import AdsiftError

polars = need("polars", "polars")

if TYPE_CHECKING:
    from polars import LazyFrame


def strip(frame: LazyFrame, **options: Any) -> LazyFrame:
    """Strip the documents of a lazy frame.

    Args:
        frame: has the columns of texts and, maybe, of addresses.
        options: of :class:`adsift.engines.arrow.StripBatch`.

    Returns:
        The frame with other texts and three columns more, see there. An ``Enum`` of texts becomes
        a column of strings.

    Raises:
        AdsiftError: as for that class.
    """
    return _mapped(frame, StripBatch(**options))


def tag(frame: LazyFrame, **options: Any) -> LazyFrame:
    """Tag the documents of a lazy frame.

    Args:
        frame: as for :func:`strip`.
        options: of :class:`adsift.engines.arrow.TagBatch`.

    Returns:
        The frame with two columns more, see there.

    Raises:
        AdsiftError: as for that class.
    """
    return _mapped(frame, TagBatch(**options))


@dataclass(frozen=True, slots=True)
class _Mapped:
    function: StripBatch | TagBatch

    def __call__(self, frame: Any) -> Any:
        function = self.function
        if isinstance(frame.schema.get(function.text_column), polars.Enum):
            # What is left of a text is none of the categories.
            frame = frame.cast({function.text_column: polars.String})
        changed = changed_columns(
            function, frame.columns, len(frame), lambda name: frame[name].to_arrow()
        )
        return frame.with_columns(polars.Series(name, new) for name, new in changed.items())


def _mapped(frame: LazyFrame, function: StripBatch | TagBatch) -> LazyFrame:
    given: Any = frame
    if not isinstance(given, polars.LazyFrame):
        raise AdsiftError(
            f"adsift.engines.polars takes a LazyFrame, not {type(given).__name__}: a DataFrame "
            "becomes one by lazy()"
        )
    # A frame without rows has the schema, and needs no model.
    empty = polars.DataFrame(schema=frame.collect_schema())
    mapped = _Mapped(function)
    return frame.map_batches(
        mapped,
        schema=mapped(empty).schema,
        streamable=True,
        # What follows reads the stripped texts and the new columns, so it cannot go before. Said
        # here, since Polars 1 takes it for granted that it can.
        predicate_pushdown=False,
        projection_pushdown=False,
        slice_pushdown=False,
    )
