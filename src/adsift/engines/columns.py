"""The core for engines that hold their columns themselves: they hand over those that adsift reads,
and get those that it changes. What it does not read need not be of a type that Arrow has."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from adsift.engines.arrow import ERROR, StripBatch, TagBatch
from adsift.engines.extras import need


def changed_columns(
    function: StripBatch | TagBatch,
    names: Collection[str],
    rows: int,
    column: Callable[[str], Any],
) -> dict[str, Any]:
    """Strip or tag some rows.

    Args:
        function: what to do.
        names: of all columns there are: the core refuses to add one that is there.
        rows: how many.
        column: gives an Arrow array by its name; asked for those only that are read.

    Returns:
        Arrow columns by their names: the texts, and what is new.

    Raises:
        AdsiftError: as for the function.
    """
    arrow = need("pyarrow", "arrow")
    # Data frames may name columns by numbers or tuples, which Arrow cannot: none of these is read.
    names = [name for name in names if isinstance(name, str)]
    result = function(
        arrow.table(
            {name: column(name) if function.reads(name) else arrow.nulls(rows) for name in names}
        )
    )
    kept = {*names} - {function.text_column, ERROR}
    return {name: result[name] for name in result.schema.names if name not in kept}
