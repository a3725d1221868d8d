"""The accurate tier's published encoder: all-mpnet-base-v2 (Apache-2.0), MPNet (Song et al. 2020,
arXiv:2004.09297) as Sentence-Transformers went on training it."""

from __future__ import annotations

import hashlib
import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from accurate.graph import Sizes
from adsift.errors import BundleError
from adsift.model.transformer.tokens import LONGEST

if TYPE_CHECKING:
    from adsift.model.bundle import Arrays

NAME = "sentence-transformers/all-mpnet-base-v2"
WEIGHTS, TOKENIZER = "model.safetensors", "tokenizer.json"
SHA256 = "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658"
"""Of its weights."""

TOKENIZER_SHA256 = "b8be2c30ba5dd723a6d5ee26d013da103d5408d92ddcb23747622f9e48f1d842"

FIRST_POSITION = 2
"""The table's rows before it are for padding."""

FARTHEST = 128
"""From this distance on all have the same bias."""

_PARTS = {
    "output": "attention.attn.o",
    "norm1": "attention.LayerNorm",
    "up": "intermediate.dense",
    "down": "output.dense",
    "norm2": "output.LayerNorm",
}
"""Our names of a layer's parts, and the published ones."""


class Published(NamedTuple):
    """An encoder.

    Attributes:
        sizes: of its layers.
        arrays: by our names, matrices as (out, in), float32.
        tokenizer: JSON, without a limit of length.
    """

    sizes: Sizes
    arrays: Arrays
    tokenizer: bytes


def read_published(folder: Path | None) -> Published:
    """Read the published encoder.

    Args:
        folder: with its files; ``None`` fetches them from the model hub, or takes what was fetched
            before.

    Raises:
        BundleError: a file is missing, or is not the one that the shipped bundle was made with.
    """
    from safetensors.numpy import load

    if folder is None:
        from huggingface_hub import snapshot_download

        folder = Path(snapshot_download(NAME, allow_patterns=[WEIGHTS, TOKENIZER]))
    try:
        weights, tokenizer = (folder / WEIGHTS).read_bytes(), (folder / TOKENIZER).read_bytes()
    except OSError as error:
        raise BundleError(f"cannot read {error.filename}: {error.strerror}") from error
    for name, data, expected in (
        (WEIGHTS, weights, SHA256),
        (TOKENIZER, tokenizer, TOKENIZER_SHA256),
    ):
        if hashlib.sha256(data).hexdigest() != expected:
            raise BundleError(f"{folder / name} is not that of {NAME}: its SHA-256 differs")
    rules = {**json.loads(tokenizer), "truncation": None, "padding": None}
    sizes = Sizes()
    text = json.dumps(rules, ensure_ascii=False, separators=(",", ":"))
    return Published(sizes, our_arrays(load(weights), sizes), text.encode())


def our_arrays(stored: Arrays, sizes: Sizes) -> Arrays:
    """The published weights under our names."""
    arrays = {
        "words": stored["embeddings.word_embeddings.weight"],
        "positions": stored["embeddings.position_embeddings.weight"][FIRST_POSITION:][:LONGEST],
        "embedding.norm.weight": stored["embeddings.LayerNorm.weight"],
        "embedding.norm.bias": stored["embeddings.LayerNorm.bias"],
        "attention.distances": by_distance(stored["encoder.relative_attention_bias.weight"]),
    }
    for number in range(sizes.layers):
        theirs = f"encoder.layer.{number}"
        for kind in ("weight", "bias"):
            arrays[f"layer.{number}.attention.{kind}"] = np.concatenate(
                [stored[f"{theirs}.attention.attn.{part}.{kind}"] for part in "qkv"]
            )
            for ours, part in _PARTS.items():
                arrays[f"layer.{number}.{ours}.{kind}"] = stored[f"{theirs}.{part}.{kind}"]
    return {name: np.ascontiguousarray(array, np.float32) for name, array in arrays.items()}


def by_distance(table: np.ndarray) -> np.ndarray:
    """The bias of attention by distance, all backward to all forward, shape (DISTANCES, heads).

    Args:
        table: the published one by bucket, shape (buckets, heads): half of the buckets for what
            stands before, half of these for a distance each, the others in logarithmic steps.
    """
    half = len(table) // 2
    exact = half // 2
    rows = []
    for ahead in range(1 - LONGEST, LONGEST):
        distance = abs(ahead)
        if distance >= exact:
            steps = math.log(distance / exact) / math.log(FARTHEST / exact) * (half - exact)
            distance = min(exact + int(steps), half - 1)
        rows.append(distance + (half if ahead > 0 else 0))
    return np.asarray(table[rows], np.float32)
