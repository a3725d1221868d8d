"""What a training run is told, and what it gives."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from adsift.model.bundle import Arrays

ABSENT = -30.0
"""Score of a class that the training data has no example of: it gets no chance."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All that a training run depends on beside its data.

    Attributes:
        width: columns of step 1's hashed words, a power of 2.
        inverse_penalty: step 1's ``C``: larger fits the training data closer.
        iterations: of step 1's solver; stopping early regularises too.
        parts: of the cross-fitting.
        networks: of step 2, with ``hidden`` units each, trained for ``epochs``.
        penalty: step 2's weight decay.
        distilled: share of the teacher in what a paragraph with a label is taught, 0 to 1.
        costs: by head, what it costs to miss a paragraph of each label, in their order.
        seed: of everything random.
    """

    width: int = 2**18
    inverse_penalty: float = 10.0
    iterations: int = 40
    parts: int = 4
    networks: int = 4
    hidden: int = 64
    epochs: int = 7
    penalty: float = 1.0
    distilled: float = 0.5
    costs: dict[str, list[float]] = field(default_factory=dict)
    seed: int = 20251016


@dataclass(frozen=True, slots=True)
class Fitted:
    """What a training run gives: the configuration and arrays of a bundle."""

    config: dict[str, Any]
    arrays: Arrays
