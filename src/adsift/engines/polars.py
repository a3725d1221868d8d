"""Polars: lazy frames, in the streaming engine too.

>>> from adsift.engines.polars import strip
>>> strip(polars.scan_parquet("crawl/*.parquet")).sink_parquet("clean.parquet")
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from adsift.engines.arrow import ERROR, StripBatch, TagBatch
from adsift.engines.extras import need

polars = need("polars", "polars")
arrow = need("pyarrow", "polars")

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
    """Maps a frame. Columns that adsift does not read never become Arrow: not all of them could."""

    function: StripBatch | TagBatch

    def __call__(self, frame: Any) -> Any:
        function = self.function
        # All names are for the core to see, which refuses to add one that is there.
        columns = {
            name: frame[name].to_arrow() if function.reads(name) else arrow.nulls(len(frame))
            for name in frame.columns
        }
        if isinstance(frame.schema.get(function.text_column), polars.Enum):
            # What is left of a text is none of the categories.
            columns[function.text_column] = frame[function.text_column].cast(str).to_arrow()
        result = function(arrow.table(columns))
        changed = [
            polars.Series(name, result[name])
            for name in result.schema.names
            if name not in frame.columns or name in (function.text_column, ERROR)
        ]
        return frame.with_columns(changed)


def _mapped(frame: LazyFrame, function: StripBatch | TagBatch) -> LazyFrame:
    # A frame without rows has the schema, and needs no model.
    empty = polars.DataFrame(schema=frame.collect_schema())
    mapped = _Mapped(function)
    return frame.map_batches(mapped, schema=mapped(empty).schema, streamable=True)
