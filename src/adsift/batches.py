"""Items in batches of a bounded number and size: what goes through the model together, and what is
held at once."""

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


def source_size(source: object) -> int:
    """Characters or bytes of a document; 0 of one that is a tree."""
    if isinstance(source, memoryview):  # whose length counts items of any size
        return source.nbytes
    return len(source) if isinstance(source, (str, bytes, bytearray)) else 0


def batches(
    items: Iterable[T], size: Callable[[T], int], most: int = BATCH, most_size: int = BATCH_SIZE
) -> Iterator[list[T]]:
    """Lists of items, in order; no more is read than the batch that is asked for needs.

    Args:
        items: one after the other.
        size: of an item.
        most: items that a batch has.
        most_size: a batch ends with the item with which it has this size.

    Raises:
        Exception: whatever the iterator stumbled over, once what it gave before is given out.
    """
    batch: list[T] = []
    held = 0
    try:
        for item in items:
            batch.append(item)
            held += size(item)
            if len(batch) >= most or held >= most_size:
                yield batch
                batch, held = [], 0
    except Exception:
        # What came before is not lost.
        if batch:
            yield batch
        raise
    if batch:
        yield batch
