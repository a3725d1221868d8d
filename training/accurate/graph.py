"""The transformer as an ONNX graph, written node by node; its weights are given at load time.

The layers are those of BERT (Devlin et al. 2019, arXiv:1810.04805) in MiniLM's size (Wang et al.
2020, arXiv:2002.10957). Between the frozen layers and ours, each paragraph's context features
are added at its separator.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from onnx import NodeProto, TensorProto, helper, numpy_helper

OPSET = 20
EPSILON = 1e-12
"""Of BERT's layer normalization."""


def make_graph(
    layers: int, frozen: int, heads: int, size: int, inner: int, vocabulary: int, features: int
) -> bytes:
    """The graph as a file.

    Inputs: ``tokens`` (L,) int64, ``places`` (P,) int64, ``features`` (P, features) float32.
    Output: ``states`` (P, size) float32, what stands at the places after the last layer.

    Args:
        layers, frozen: number of layers, and how many of them come before the features are added.
        heads: of attention.
        size, inner: of the states, and inside the feed-forward layers.
        vocabulary: number of tokens.
        features: context features of a paragraph.
    """
    nodes: list[NodeProto] = []
    weights: dict[str, tuple[int, ...]] = {}
    constants: list[TensorProto] = []

    def node(kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        nodes.append(helper.make_node(kind, inputs, [output], name=output, **attributes))
        return output

    def weight(name: str, *shape: int) -> str:
        weights[name] = shape
        return name

    def constant(name: str, value: Any, kind: Any = np.int64) -> str:
        constants.append(numpy_helper.from_array(np.array(value, kind), name))
        return name

    def linear(x: str, name: str, rows: int, columns: int) -> str:
        product = node("MatMul", [x, weight(f"{name}.weight", rows, columns)], f"{name}.product")
        return node("Add", [product, weight(f"{name}.bias", columns)], f"{name}.sum")

    def normalize(x: str, name: str) -> str:
        scale, bias = weight(f"{name}.weight", size), weight(f"{name}.bias", size)
        return node("LayerNormalization", [x, scale, bias], f"{name}.out", epsilon=EPSILON)

    width = size // heads
    split = constant("split", [0, heads, width])
    joined = constant("joined", [0, size])
    root = constant("root", width**-0.5, np.float32)
    first, length = constant("first", 0), node("Shape", ["tokens"], "length")
    scalar = node("Squeeze", [length], "scalar")
    counted = node("Range", [first, scalar, constant("one", 1)], "counted")
    words = node("Gather", [weight("words", vocabulary, size), "tokens"], "word states")
    placed = node("Gather", [weight("positions", 512, size), counted], "position states")
    x = normalize(node("Add", [words, placed], "embedded"), "embedding.norm")
    rows = node("Unsqueeze", ["places", constant("last", [1])], "rows")
    for number in range(layers):
        name = f"layer.{number}"
        if number == frozen:
            added = linear("features", "inject", features, size)
            x = node("ScatterND", [x, rows, added], "injected", reduction="add")
        parts = []
        for part in ("query", "key", "value"):
            projected = linear(x, f"{name}.{part}", size, size)
            shaped = node("Reshape", [projected, split], f"{name}.{part}.heads")
            order = [1, 2, 0] if part == "key" else [1, 0, 2]
            parts.append(node("Transpose", [shaped], f"{name}.{part}.turned", perm=order))
        scores = node("MatMul", parts[:2], f"{name}.scores")
        scaled = node("Mul", [scores, root], f"{name}.scaled")
        shares = node("Softmax", [scaled], f"{name}.shares", axis=-1)
        mixed = node("MatMul", [shares, parts[2]], f"{name}.mixed")
        turned = node("Transpose", [mixed], f"{name}.back", perm=[1, 0, 2])
        flat = node("Reshape", [turned, joined], f"{name}.flat")
        attended = linear(flat, f"{name}.output", size, size)
        x = normalize(node("Add", [attended, x], f"{name}.attended"), f"{name}.norm1")
        up = linear(x, f"{name}.up", size, inner)
        active = node("Gelu", [up], f"{name}.active")
        down = linear(active, f"{name}.down", inner, size)
        x = normalize(node("Add", [down, x], f"{name}.fed"), f"{name}.norm2")
    node("Gather", [x, "places"], "states")
    graph = helper.make_graph(
        nodes,
        "adsift",
        [
            helper.make_tensor_value_info("tokens", TensorProto.INT64, ["length"]),
            helper.make_tensor_value_info("places", TensorProto.INT64, ["paragraphs"]),
            helper.make_tensor_value_info("features", TensorProto.FLOAT, ["paragraphs", features]),
        ],
        [helper.make_tensor_value_info("states", TensorProto.FLOAT, ["paragraphs", size])],
        [*constants, *(_external(name, shape) for name, shape in weights.items())],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=10)
    return bytes(model.SerializeToString(deterministic=True))


def _external(name: str, shape: tuple[int, ...]) -> TensorProto:
    """A tensor whose numbers are given when a session starts."""
    tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=shape)
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in (
        ("location", "given at load time"),
        ("offset", "0"),
        ("length", str(4 * int(np.prod(shape)))),
    ):
        tensor.external_data.add(key=key, value=value)
    return tensor
