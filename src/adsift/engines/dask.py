"""Dask: data frames, partition by partition.

>>> from adsift.engines.dask import strip
>>> clean = strip(dask.dataframe.read_parquet("crawl/"))
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from adsift.engines.arrow import StripBatch, TagBatch
from adsift.engines.columns import changed_columns
from adsift.engines.extras import need
from adsift.errors import AdsiftError

need("dask.dataframe", "dask")
arrow = need("pyarrow", "dask")
pandas = need("pandas", "dask")


def strip(frame: Any, **options: Any) -> Any:
    """Strip the documents of a ``dask.dataframe.DataFrame``.

    Args:
        frame: has the columns of texts and, maybe, of addresses.
        options: of :class:`adsift.engines.arrow.StripBatch`.

    Returns:
        The frame with other texts and three columns of Arrow types more, see there. A categorical
        column of texts becomes one of what its categories are.

    Raises:
        AdsiftError: as for that class.
    """
    return _mapped(frame, StripBatch(**options))


def tag(frame: Any, **options: Any) -> Any:
    """Tag the documents of a ``dask.dataframe.DataFrame``.

    Args:
        frame: as for :func:`strip`.
        options: of :class:`adsift.engines.arrow.TagBatch`.

    Returns:
        The frame with two columns of Arrow types more, see there.

    Raises:
        AdsiftError: as for that class.
    """
    return _mapped(frame, TagBatch(**options))


@dataclass(frozen=True, slots=True)
class _Mapped:
    """Maps a partition. Picklable by module path."""

    function: StripBatch | TagBatch

    def __call__(self, part: Any) -> Any:
        function = self.function
        changed = changed_columns(
            function, part.columns, len(part), lambda name: arrow.Array.from_pandas(part[name])
        )
        text = changed.pop(function.text_column)
        new = {
            name: pandas.Series(
                pandas.array(column, dtype=pandas.ArrowDtype(column.type)), part.index
            )
            for name, column in changed.items()
        }
        dtype = part[function.text_column].dtype
        if isinstance(dtype, pandas.CategoricalDtype):  # what is left of a text is none of these
            dtype = dtype.categories.dtype
        new[function.text_column] = pandas.Series(text.to_pylist(), part.index, dtype=dtype)
        return part.assign(**new)


def _mapped(frame: Any, function: StripBatch | TagBatch) -> Any:
    if not hasattr(frame, "map_partitions") or not hasattr(frame, "columns"):
        raise AdsiftError(
            f"adsift.engines.dask takes a dask.dataframe.DataFrame, not {type(frame).__name__}"
        )
    mapped = _Mapped(function)
    return frame.map_partitions(mapped, meta=mapped(frame._meta))
