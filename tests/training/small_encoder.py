"""An encoder as the published one is, but tiny and of weights that nobody trained."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from accurate.graph import Sizes
from accurate.published import Published, our_arrays

SIZES = Sizes(averaged=(1, 3), heads=2, size=64, inner=128)
BUCKETS = 32
WORDS = "the council voted on a plan for new bridge of old town part buy lamp now shop".split()
VOCABULARY = ["<s>", "<pad>", "</s>", "[UNK]", *WORDS, *".$!059", "<mask>"]


def published_weights(seed: int = 0) -> dict[str, Any]:
    """Under the published names."""
    rng = np.random.default_rng(seed)
    size, inner = SIZES.size, SIZES.inner

    def drawn(*shape: int) -> Any:
        return rng.normal(0, 0.1, shape).astype(np.float32)

    stored = {
        "embeddings.word_embeddings.weight": drawn(len(VOCABULARY), size),
        "embeddings.position_embeddings.weight": drawn(514, size),
        "encoder.relative_attention_bias.weight": 10 * drawn(BUCKETS, SIZES.heads),
    }
    norms = ["embeddings.LayerNorm"]
    for number in range(SIZES.layers):
        layer = f"encoder.layer.{number}"
        shapes = {f"attention.attn.{part}": (size, size) for part in "qkvo"}
        shapes |= {"intermediate.dense": (inner, size), "output.dense": (size, inner)}
        for part, shape in shapes.items():
            stored[f"{layer}.{part}.weight"] = drawn(*shape)
            stored[f"{layer}.{part}.bias"] = drawn(shape[0])
        norms += [f"{layer}.attention.LayerNorm", f"{layer}.output.LayerNorm"]
    for norm in norms:
        stored[f"{norm}.weight"], stored[f"{norm}.bias"] = 1 + drawn(size), drawn(size)
    return stored


def tokenizer() -> bytes:
    """Cuts at spaces and marks, and puts the special tokens around a text."""
    vocabulary = {word: number for number, word in enumerate(VOCABULARY)}
    around = [{"SpecialToken": {"id": name, "type_id": 0}} for name in ("<s>", "</s>")]
    text = {"Sequence": {"id": "A", "type_id": 0}}
    other = {"Sequence": {"id": "B", "type_id": 0}}
    rules = {
        "normalizer": {"type": "Lowercase"},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "model": {"type": "WordLevel", "vocab": vocabulary, "unk_token": "[UNK]"},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [around[0], text, around[1]],
            "pair": [text, other],
            "special_tokens": {
                name: {"id": name, "ids": [vocabulary[name]], "tokens": [name]}
                for name in ("<s>", "</s>")
            },
        },
    }
    empty = {"version": "1.0", "added_tokens": [], "decoder": None}
    return json.dumps({**empty, **rules}).encode()


def small_encoder(seed: int = 0) -> Published:
    """The whole."""
    return Published(SIZES, our_arrays(published_weights(seed), SIZES), tokenizer())
