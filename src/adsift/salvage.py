"""Work on many documents at once, where a bad one costs only itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")
F = TypeVar("F")


def salvage(
    items: Sequence[T],
    function: Callable[[Sequence[T]], Iterable[R]],
    failed: Callable[[T, Exception], F],
) -> list[R | F]:
    """Call a function on all items, and if that fails on each alone of which it gave no result.

    Args:
        items: at least one.
        function: gives a result for each item, in order; what it gave before it failed counts.
        failed: gives what stands for the result of an item on which alone the function fails.
    """
    results: list[R | F] = []
    try:
        results.extend(function(items))
        return results
    except Exception as error:
        if len(items) == 1:
            return [failed(items[0], error)]
    # One of the rest is to blame, but which? Each alone will tell.
    for item in items[len(results) :]:
        results += salvage([item], function, failed)
    return results
