"""How many requests there can be at a time, which is what bounds the memory for their bodies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from adsift.service.refusal import RefusalError


class Places:
    """A number of places, each for one request from before its body is read until its answer is.

    Attributes:
        taken: how many are.
        answered: of how many the answer is there, and on its way to the client.
        most: how many there are.
    """

    def __init__(self, most: int, full: Callable[[], RefusalError]) -> None:
        """All are free.

        Args:
            most: how many there are.
            full: gives what a request is told that finds none.
        """
        self.taken = self.answered = 0
        self.most = most
        self._full = full

    @contextmanager
    def one(self) -> Iterator[None]:
        """Have a place.

        Raises:
            RefusalError: there is none.
        """
        if self.taken >= self.most:
            raise self._full()
        self.taken += 1
        try:
            yield
        finally:
            self.taken -= 1

    @contextmanager
    def answer(self) -> Iterator[None]:
        """Have the answer of a place on its way."""
        self.answered += 1
        try:
            yield
        finally:
            self.answered -= 1
