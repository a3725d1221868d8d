"""Documents through the model in batches, such that one bad document costs only itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from adsift.batches import batches
from adsift.cli.reading import End, Event, Failure, Item
from adsift.document import Document
from adsift.errors import reason
from adsift.salvage import salvage

R = TypeVar("R")
Judge = Callable[[Sequence[Document]], Iterable[R]]


@dataclass(frozen=True, slots=True)
class Done(Generic[R]):
    """A document and what the model made of it."""

    item: Item
    result: R


def in_batches(events: Iterable[Event], judge: Judge[R]) -> Iterator[Done[R] | Failure | End]:
    """Replace each item by its result or its failure; the order stays."""
    for batch in batches(events, lambda event: len(event.text) if isinstance(event, Item) else 0):
        yield from _judged(batch, judge)


def _judged(events: Sequence[Event], judge: Judge[R]) -> Iterator[Done[R] | Failure | End]:
    items = [event for event in events if isinstance(event, Item)]
    results = iter(_results(items, judge) if items else [])
    for event in events:
        yield next(results) if isinstance(event, Item) else event


def _results(items: Sequence[Item], judge: Judge[R]) -> list[Done[R] | Failure]:
    def done(items: Sequence[Item]) -> Iterator[Done[R]]:
        results = judge([item.document for item in items])
        return (Done(item, result) for item, result in zip(items, results, strict=True))

    return salvage(items, done, lambda item, error: Failure(item.where, reason(error)))
