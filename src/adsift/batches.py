"""How many documents go through the model together: enough for a matrix, and no more than a core's
cache holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

BATCH = 8
"""Documents that are read ahead: they are classified as one matrix. Of more, the first has left a
core's cache when the last has been read."""

BATCH_SIZE = 300_000
"""Fewer make a batch when they have so many characters or bytes together: two ordinary pages are
enough for the matrix, and the trees of more do not fit into the cache."""

T = TypeVar("T")


def batches(items: Iterable[T], source_of: Callable[[T], object]) -> Iterator[list[T]]:
    """Lists of items, in order; no more is read than the batch that is asked for needs.

    Args:
        items: one after the other.
        source_of: the document of an item; one that is neither ``str`` nor ``bytes`` counts as
            one of a batch, whatever its size.

    Raises:
        Exception: whatever the iterator stumbled over, once what it gave before is given out.
    """
    batch: list[T] = []
    size = 0
    try:
        for item in items:
            batch.append(item)
            source = source_of(item)
            size += len(source) if isinstance(source, (str, bytes)) else 0
            if len(batch) >= BATCH or size >= BATCH_SIZE:
                yield batch
                batch, size = [], 0
    except Exception:
        # What came before is not lost.
        if batch:
            yield batch
        raise
    if batch:
        yield batch
