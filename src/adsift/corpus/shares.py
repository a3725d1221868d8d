"""How much of all inputs is done."""

from __future__ import annotations

from collections.abc import Sequence


class Shares:
    """Shares of inputs, 0 to 1, that add up by the inputs' sizes."""

    def __init__(self, sizes: Sequence[int | None]) -> None:
        """``sizes`` in bytes; one that is ``None`` makes the total unknown."""
        self._sizes = [size or 0 for size in sizes]
        self._known = None not in sizes and sum(self._sizes) > 0
        self._whole = sum(self._sizes)
        self._shares = [0.0] * len(sizes)
        self._done = 0.0

    def set(self, input: int, share: float) -> None:
        """Take note that so much of an input is done."""
        self._done += (share - self._shares[input]) * self._sizes[input]
        self._shares[input] = share

    @property
    def total(self) -> float | None:
        """Of all inputs; ``None`` where that is not known."""
        return min(self._done / self._whole, 1.0) if self._known else None
