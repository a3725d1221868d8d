"""A reader that nobody trained."""

from __future__ import annotations

from typing import Any

import numpy as np

from adsift.model.context import CONTEXT_FEATURES
from adsift.model.tagger import LABELS

SIZE, OWN, UNITS, WIDTH = 24, 8, 12, 3


def arrays(number: int = 0, **changes: Any) -> dict[str, Any]:
    """Of one reader, as a bundle holds them; ``None`` takes one out."""
    rng = np.random.default_rng(5 + number)

    def drawn(*shape: int) -> Any:
        return rng.normal(0, 0.3, shape).astype(np.float32)

    found = {
        "states_mean": drawn(SIZE),
        "states_scale": np.abs(drawn(SIZE)) + 0.1,
        "states": drawn(SIZE, OWN),
        "states_bias": drawn(OWN),
        "mean": drawn(CONTEXT_FEATURES),
        "scale": np.abs(drawn(CONTEXT_FEATURES)) + 0.1,
        "inner": drawn(OWN + CONTEXT_FEATURES, UNITS),
        "inner_bias": drawn(UNITS),
        "page": drawn(2 * UNITS, UNITS),
        "page_bias": drawn(UNITS),
        "near": drawn(WIDTH, UNITS, UNITS),
        "near_bias": drawn(UNITS),
        "far": drawn(WIDTH, UNITS, UNITS),
        "far_bias": drawn(UNITS),
        "output": drawn(UNITS, LABELS),
        "output_bias": drawn(LABELS),
        **changes,
    }
    return {f"reader.{number}.{name}": array for name, array in found.items() if array is not None}
