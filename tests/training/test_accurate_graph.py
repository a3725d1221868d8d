"""The graph computes what MPNet's paper says, over matrices of four bits."""

from __future__ import annotations

import gc
import math
import weakref
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

pytest.importorskip("onnx", reason="onnx is not installed: it comes with .[dev]")
pytest.importorskip("onnxruntime", reason="onnxruntime is not installed: it comes with .[dev]")
pytest.importorskip("tokenizers", reason="tokenizers is not installed: it comes with .[dev]")

from scipy.special import erf, softmax
from small_encoder import SIZES, VOCABULARY, published_weights, small_encoder

from accurate import encode
from accurate.encode import States, WellRead, encoder_bundle
from accurate.graph import EPSILON
from accurate.published import by_distance
from adsift.errors import BundleError
from adsift.model.bundle import Bundle
from adsift.model.transformer.encoder import Encoder
from adsift.model.transformer.nibbles import Nibbles
from adsift.model.transformer.tokens import LONGEST

TEXTS = [
    "The council voted on a new bridge.",
    "Buy now!",
    "",
    "a plan for the old town . " * 100,
    "Buy now!",
]


def bundle(**changes: Any) -> Bundle:
    """The small encoder's; ``None`` takes an array out."""
    whole = encoder_bundle(small_encoder())
    arrays = {k: array for k, array in {**whole.arrays, **changes}.items() if array is not None}
    return replace(whole, arrays=arrays)


def expected(text: str) -> Any:
    arrays = bundle().arrays
    cut = text.lower().replace(".", " .").replace("!", " !").split()
    tokens = [VOCABULARY.index(word) for word in ["<s>", *cut[: LONGEST - 2], "</s>"]]

    def normalized(x: Any, name: str) -> Any:
        centred = x - x.mean(-1, keepdims=True)
        deviation = np.sqrt((centred**2).mean(-1, keepdims=True) + EPSILON)
        return centred / deviation * arrays[f"{name}.weight"] + arrays[f"{name}.bias"]

    def linear(x: Any, name: str) -> Any:
        whole, scales = Nibbles.of(arrays, name).transposed()
        return x @ (whole * scales) + arrays[f"{name}.bias"]

    words = Nibbles.of(arrays, "words").matrix(np.array(tokens))
    x = normalized(words + arrays["positions"][: len(tokens)], "embedding.norm")
    width = SIZES.size // SIZES.heads
    table = by_distance(published_weights()["encoder.relative_attention_bias.weight"])
    places = np.arange(len(tokens))
    ahead = places[None] - places[:, None] + len(table) // 2
    made = []
    for number in range(SIZES.layers):
        name = f"layer.{number}"
        query, key, value = np.split(linear(x, f"{name}.attention"), 3, axis=1)
        mixed = np.empty_like(x)
        for head in range(SIZES.heads):
            own = slice(head * width, (head + 1) * width)
            scores = query[:, own] @ key[:, own].T / math.sqrt(width)
            mixed[:, own] = softmax(scores + table[ahead, head], axis=1) @ value[:, own]
        x = normalized(x + linear(mixed, f"{name}.output"), f"{name}.norm1")
        up = linear(x, f"{name}.up")
        active = 0.5 * up * (1 + erf(up / math.sqrt(2)))
        x = normalized(x + linear(active, f"{name}.down"), f"{name}.norm2")
        if number + 1 in SIZES.averaged:
            made.append(x.mean(axis=0))
    return np.concatenate(made)


@pytest.mark.parametrize("text", TEXTS)
def test_the_states(text: str) -> None:
    encoder = Encoder(bundle())
    assert encoder.size == SIZES.made
    (states,) = encoder.states([text])
    # What is multiplied is rounded to bytes, in states of a size of 1.
    error = states - expected(text)
    assert np.sqrt((error**2).mean()) < 0.02
    assert np.abs(error).max() < 0.15


def test_a_text_s_states_do_not_depend_on_the_others() -> None:
    encoder = Encoder(bundle())
    together = encoder.states(TEXTS)
    for text, states in zip(TEXTS, together, strict=True):
        np.testing.assert_array_equal(encoder.states([text])[0], states)


def test_a_text_is_not_read_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = Encoder(bundle())
    (before,) = encoder.states(["a new bridge"])
    monkeypatch.setattr(Nibbles, "matrix", None)  # nothing can be read any more
    np.testing.assert_array_equal(encoder.states(["a new bridge"] * 2), [before, before])


def test_an_encoder_that_nobody_holds_is_gone() -> None:
    gc.disable()  # it does not know how much a session holds
    try:
        encoder = Encoder(bundle())
        encoder.states(TEXTS)
        seen = weakref.ref(encoder)
        del encoder
        assert seen() is None
    finally:
        gc.enable()


def test_many_texts_in_any_number_of_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encode, "CHUNK", 3)
    texts = [f"the bridge {word} of the town" for word in VOCABULARY] * 2
    one = States.of(bundle(), texts, 1, lambda _: None)
    two = States.of(bundle(), reversed(texts), 2, lambda _: None)
    assert one.rows == two.rows
    np.testing.assert_array_equal(one.table, two.table)
    more = one.including(bundle(), [*texts, "buy the lamp"])
    assert len(more.table) == len(one.table) + 1
    np.testing.assert_array_equal(more.table[more.rows_of(texts)], one.table[one.rows_of(texts)])
    (states,) = Encoder(bundle()).states(["buy the lamp"])
    np.testing.assert_array_equal(more.table[more.rows["buy the lamp"]], states.astype(np.float16))


def test_what_was_read_before_is_looked_up() -> None:
    known = States.of(bundle(), TEXTS[:2], 1, lambda _: None)
    known.table[:] = 7
    states = WellRead(bundle(), known).states(TEXTS[:3])
    assert (states[:2] == 7).all()
    np.testing.assert_array_equal(states[2:], Encoder(bundle()).states(TEXTS[2:3]))


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("words.nibbles", None),
        ("words.scales", np.ones((9, 1), np.float32)),
        ("positions", np.ones((LONGEST, 1), np.float32)),
        ("positions", np.ones((9, SIZES.size), np.float32)),
        ("layer.1.up.nibbles", None),
        ("layer.1.up.scales", np.ones((9, 1), np.float32)),
        ("layer.1.up.bias", np.ones(9, np.float32)),
        ("attention.distances", np.ones((9, SIZES.heads), np.float32)),
        ("attention.distances", None),
        ("positions", np.full((LONGEST, SIZES.size), np.nan, np.float32)),
        ("words.scales", np.full((len(VOCABULARY), 1), np.inf, np.float32)),
        ("layer.0.norm1.bias", np.full(SIZES.size, np.nan, np.float32)),
    ],
)
def test_a_damaged_bundle(name: str, array: Any) -> None:
    with pytest.raises(BundleError, match=r"incomplete|cannot put the bundle's graph together"):
        Encoder(bundle(**{name: array}))
