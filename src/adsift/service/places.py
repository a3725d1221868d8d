"""How many requests can be in work or wait for it at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from adsift.service.refusal import RefusalError


class Places:
    """A number of places, each for one request from when its body is there until its answer is
    read.

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

    def check(self) -> None:
        """See that there is one now.

        Raises:
            RefusalError: there is none.
        """
        if self.taken >= self.most:
            raise self._full()

    @contextmanager
    def one(self) -> Iterator[None]:
        """Have a place.

        Raises:
            RefusalError: there is none.
        """
        self.check()
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
