"""Work on many documents at once, where a bad one costs only itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")
F = TypeVar("F")


def salvage(
    items: Sequence[T],
    function: Callable[[Sequence[T]], Sequence[R]],
    failed: Callable[[T, Exception], F],
) -> list[R | F]:
    """Call a function on all items, and if that fails on each alone.

    Args:
        items: at least one.
        function: gives a result for each item, in order.
        failed: gives what stands for the result of an item on which alone the function fails.
    """
    try:
        return [*function(items)]
    except Exception as error:
        if len(items) == 1:
            return [failed(items[0], error)]
    # One of them is to blame, but which? Each alone will tell.
    return [result for item in items for result in salvage([item], function, failed)]
