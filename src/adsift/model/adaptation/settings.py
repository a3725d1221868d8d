"""What adapting depends on beside the bundle and the documents."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AdaptSettings:
    """All that adapting depends on beside the bundle and the documents.

    Attributes:
        penalties: of step 1, to choose from.
        output_penalties: of step 2's output layers, to choose from.
        penalty: of step 1 where the documents are fewer than ``parts``, too few to choose by;
            step 2 then stays as it is. And of the commerce kinds where step 1's labels stay.
        balance: how far rare labels are weighed up, 0 not at all, 1 until all weigh the same:
            more of them is found, at the cost of the others.
        parts: of the cross-validation.
        seed: of the parting.
    """

    penalties: tuple[float, ...] = (0.3, 3.0, 30.0)
    output_penalties: tuple[float, ...] = (10.0, 100.0, 1000.0)
    penalty: float = 3.0
    balance: float = 0.0
    parts: int = 5
    seed: int = 20251016
