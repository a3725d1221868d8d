"""The graph computes what MPNet's paper says, over matrices of four bits."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

pytest.importorskip("onnx", reason="onnx is not installed: it comes with .[dev]")
pytest.importorskip("onnxruntime", reason="onnxruntime is not installed: it comes with .[dev]")

import onnxruntime
from scipy.special import erf, softmax
from small_encoder import SIZES, published_weights, small_encoder

from accurate.graph import EPSILON, make_graph
from accurate.published import by_distance
from adsift.document import Paragraph
from adsift.errors import BundleError
from adsift.model.bundle import Bundle
from adsift.model.classifier import LABELS, Judgement
from adsift.model.context import CONTEXT_FEATURES, SIGNALS, context_features, read_layout
from adsift.model.transformer.network import Transformer, graph_weights
from adsift.model.transformer.nibbles import Nibbles, to_nibbles
from adsift.model.transformer.sequences import WINDOW

FEATURES = 5
MATRICES = ("attention", "output", "up", "down")


def bundle_arrays(features: int) -> dict[str, Any]:
    """What the graph is given, as the trained network has it."""
    arrays: dict[str, Any] = {}
    for name, array in small_encoder().arrays.items():
        part = name.removesuffix(".weight")
        of_matrix = name.startswith("layer.") and part.rpartition(".")[2] in MATRICES
        if of_matrix and part != name:
            arrays |= to_nibbles(array).arrays(part)
        elif name.startswith(("attention.", "embedding.", "layer.")):
            arrays[name] = array
    rng = np.random.default_rng(9)
    arrays["inject.weight"] = rng.normal(size=(features, SIZES.size)).astype(np.float32)
    arrays["inject.bias"] = rng.normal(size=SIZES.size).astype(np.float32)
    return arrays


def normalized(x: Any, arrays: dict[str, Any], name: str) -> Any:
    centred = x - x.mean(-1, keepdims=True)
    deviation = np.sqrt((centred**2).mean(-1, keepdims=True) + EPSILON)
    return centred / deviation * arrays[f"{name}.weight"] + arrays[f"{name}.bias"]


def expected(arrays: dict[str, Any], embedded: Any, places: Any, features: Any) -> Any:
    width = SIZES.size // SIZES.heads
    table = by_distance(published_weights()["encoder.relative_attention_bias.weight"])
    count = len(embedded)

    def linear(x: Any, name: str) -> Any:
        whole, scales = Nibbles.of(arrays, name).transposed()
        return x @ (whole * scales) + arrays[f"{name}.bias"]

    x = normalized(embedded, arrays, "embedding.norm")
    for number in range(SIZES.layers):
        name = f"layer.{number}"
        if number == SIZES.frozen:
            for place, row in zip(places, features, strict=True):
                x[place] += row @ arrays["inject.weight"] + arrays["inject.bias"]
        query, key, value = np.split(linear(x, f"{name}.attention"), 3, axis=1)
        mixed = np.empty_like(x)
        for head in range(SIZES.heads):
            own = slice(head * width, (head + 1) * width)
            scores = query[:, own] @ key[:, own].T / math.sqrt(width)
            for of in range(count):
                for to in range(count):
                    scores[of, to] += table[to - of + len(table) // 2, head]
            mixed[:, own] = softmax(scores, axis=1) @ value[:, own]
        x = normalized(x + linear(mixed, f"{name}.output"), arrays, f"{name}.norm1")
        up = linear(x, f"{name}.up")
        active = 0.5 * up * (1 + erf(up / math.sqrt(2)))
        x = normalized(x + linear(active, f"{name}.down"), arrays, f"{name}.norm2")
    return x[places]


def small_bundle(**changes: Any) -> Bundle:
    """With a head that nobody trained; ``None`` takes an array out."""
    rng = np.random.default_rng(3)
    seen, units = 3 * SIZES.size + CONTEXT_FEATURES, 8
    arrays = {
        **bundle_arrays(CONTEXT_FEATURES),
        **to_nibbles(small_encoder().arrays["words"]).arrays("words"),
        "positions": small_encoder().arrays["positions"],
        "head.mean": np.zeros(CONTEXT_FEATURES, np.float32),
        "head.scale": np.ones(CONTEXT_FEATURES, np.float32),
        "head.hidden": rng.normal(0, 0.1, (seen, units)).astype(np.float32),
        "head.hidden_bias": np.zeros(units, np.float32),
        "head.output": rng.normal(size=(units, len(LABELS))).astype(np.float32),
        "head.output_bias": np.zeros(len(LABELS), np.float32),
        **changes,
    }
    arrays = {name: array for name, array in arrays.items() if array is not None}
    return Bundle({}, arrays, "", make_graph(SIZES, CONTEXT_FEATURES), small_encoder().tokenizer)


class TestTheTransformer:
    def test_has_an_opinion_of_all_that_it_reads(self) -> None:
        paragraphs = [Paragraph("The council voted on a new bridge . " * 9) for _ in range(40)]
        signals = np.full((len(paragraphs), SIGNALS), 0.25, np.float32)
        features = context_features(signals, read_layout([paragraphs]))
        none = np.zeros((0, 0))
        judgement = Judgement(signals, features, none, none)
        opinion = Transformer(small_bundle()).judge(paragraphs, judgement, None)
        assert opinion is not None
        assert opinion.rows.tolist() == [*range(40)]
        assert opinion.scores.shape == (40, len(LABELS))
        assert len(np.unique(opinion.scores[:, 0])) > 1

    @pytest.mark.parametrize(
        ("name", "array"),
        [
            ("words.nibbles", None),
            ("words.scales", np.ones((9, 1), np.float32)),
            ("positions", np.ones((WINDOW, 1), np.float32)),
            ("positions", np.ones((9, SIZES.size), np.float32)),
            ("head.hidden", np.ones((9, 8), np.float32)),
            ("layer.1.up.nibbles", None),
            ("layer.1.up.scales", np.ones((9, 1), np.float32)),
            ("layer.1.up.bias", np.ones(9, np.float32)),
            ("attention.distances", np.ones((9, SIZES.heads), np.float32)),
            ("attention.distances", None),
        ],
    )
    def test_a_damaged_bundle(self, name: str, array: Any) -> None:
        with pytest.raises(BundleError, match=r"incomplete|cannot put the bundle's graph together"):
            Transformer(small_bundle(**{name: array}))


@pytest.mark.parametrize("length", [1, 9, 300])
def test_the_states(length: int) -> None:
    arrays = bundle_arrays(FEATURES)
    rng = np.random.default_rng(length)
    places = np.unique(rng.integers(0, length, 4))
    inputs = {
        "embedded": rng.normal(size=(length, SIZES.size)).astype(np.float32),
        "places": places,
        "features": rng.normal(size=(len(places), FEATURES)).astype(np.float32),
    }
    options = onnxruntime.SessionOptions()
    weights = graph_weights(arrays)
    values = [onnxruntime.OrtValue.ortvalue_from_numpy(array) for array in weights.values()]
    options.add_external_initializers(list(weights), values)
    graph = make_graph(SIZES, FEATURES)
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    (states,) = session.run(["states"], inputs)
    assert states.shape == (len(places), SIZES.size)
    # What is multiplied is rounded to bytes, in states of a size of 1.
    error = states - expected(arrays, inputs["embedded"], places, inputs["features"])
    assert np.sqrt((error**2).mean()) < 0.02
    assert np.abs(error).max() < 0.15
