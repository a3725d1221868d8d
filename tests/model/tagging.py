"""A small tagger with random weights, for tests."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from adsift.model.bundle import Bundle
from adsift.model.context import CONTEXT_FEATURES
from adsift.model.fit_settings import Fitted
from adsift.model.networks import Networks
from adsift.model.pieces import hash_piece
from adsift.model.tagger import UNREAD, Tagger

PIECES = [
    *("[UNK]", "bridge", "lamp", "##s", "##post", "the", "a", "b", "##b", "€", "!", "–", "buy"),
    *("cafe", "council", "vote", "##d", "5", "##0", "日", "##本", "σ"),
]
VECTOR, WEIGHTS, UNITS = 5, 2, 8


def tagger_arrays(seed: int = 0, units: int = UNITS, width: int = 3) -> dict[str, NDArray[Any]]:
    """The arrays of a bundle that belong to the tagger and to its heads."""
    rng = np.random.default_rng(seed)
    inputs = WEIGHTS * VECTOR + VECTOR + CONTEXT_FEATURES
    shapes = {
        "tagger.mean": (inputs,),
        "tagger.inner": (inputs, units),
        "tagger.inner_bias": (units,),
        "tagger.page": (2 * units, units),
        "tagger.page_bias": (units,),
        "tagger.near": (width, units, units),
        "tagger.near_bias": (units,),
        "tagger.far": (width, units, units),
        "tagger.far_bias": (units,),
        "markup.output": (1, units + UNREAD, 4),
        "markup.output_bias": (1, 4),
        "plain.output": (1, units + UNREAD, 4),
        "plain.output_bias": (1, 4),
    }
    arrays: dict[str, NDArray[Any]] = {
        name: rng.normal(0, 0.3, shape).astype(np.float32) for name, shape in shapes.items()
    }
    scale = rng.uniform(0.5, 1.5, inputs).astype(np.float32)
    scale[: WEIGHTS * VECTOR + VECTOR] *= 60
    arrays["tagger.scale"] = scale
    arrays["tagger.largest"] = rng.uniform(40, 80, units).astype(np.float32)
    arrays["pieces.hashes"] = np.array([hash_piece(piece) for piece in PIECES], np.uint32)
    arrays["pieces.vectors"] = rng.integers(-127, 128, (len(PIECES), VECTOR)).astype(np.float32)
    arrays["pieces.weights"] = rng.integers(1, 512, (len(PIECES), WEIGHTS)).astype(np.float32)
    return arrays


def small_tagger(seed: int = 0, units: int = UNITS, width: int = 3) -> Tagger:
    return Tagger.of(tagger_arrays(seed, units, width))


def tagger_bundle(fitted: Fitted, seed: int = 0) -> Bundle:
    """A bundle with the trained step 1, the tagger for step 2, and the trained networks for short
    documents."""
    arrays: dict[str, NDArray[Any]] = {}
    for name, array in fitted.arrays.items():
        head, part = name.split(".", 1)
        if part.startswith("alone"):
            arrays[name] = array
        elif part in Networks._fields:
            arrays[f"{head}.short.{part}"] = array
    return Bundle(fitted.config, {**arrays, **tagger_arrays(seed)}, "")
