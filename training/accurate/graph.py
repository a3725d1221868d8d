"""The encoder as an ONNX graph, written node by node; its weights are given at load time.

The layers are those of MPNet (Song et al. 2020, arXiv:2004.09297): BERT's (Devlin et al. 2019,
arXiv:1810.04805), with a bias of attention for each distance of two tokens, the same in all layers.
Matrices are of bytes, with a scale for each output; what they are multiplied with is made bytes on
the way, with one scale for a paragraph.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from onnx import NodeProto, TensorProto, helper, numpy_helper

from adsift.model.transformer.tokens import LONGEST

OPSET = 20
EPSILON = 1e-5
"""Of MPNet's layer normalization."""

DISTANCES = 2 * LONGEST - 1
"""Of two tokens, from all backward to all forward."""

LEAST = 1e-3
"""No row is divided by less."""


class Sizes(NamedTuple):
    """Of an encoder.

    Attributes:
        averaged: after so many layers the states of all tokens are averaged; the last are all that
            are evaluated.
        heads: of attention.
        size, inner: of the states, and inside the feed-forward layers.
    """

    averaged: tuple[int, ...] = (4, 8)
    heads: int = 12
    size: int = 768
    inner: int = 3072

    @property
    def made(self) -> int:
        """Numbers that it makes of a paragraph, S."""
        return len(self.averaged) * self.size

    @property
    def layers(self) -> int:
        """Their number."""
        return self.averaged[-1]


def make_graph(sizes: Sizes) -> bytes:
    """The graph as a file.

    Input: ``embedded`` (L, size) float32. Output: ``states`` (S,) float32: after some of the layers
    the mean of the tokens' states.
    """
    size, heads = sizes.size, sizes.heads
    nodes: list[NodeProto] = []
    weights: list[TensorProto] = []
    constants: list[TensorProto] = []

    def node(kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        nodes.append(helper.make_node(kind, inputs, [output], name=output, **attributes))
        return output

    def weight(name: str, *shape: int, kind: int = TensorProto.FLOAT) -> str:
        weights.append(_external(name, shape, kind))
        return name

    def constant(name: str, value: Any, kind: Any = np.int64) -> str:
        constants.append(numpy_helper.from_array(np.array(value, kind), name))
        return name

    def product(x: str, name: str, rows: int, columns: int) -> str:
        whole = weight(f"{name}.whole", rows, columns, kind=TensorProto.INT8)
        inputs = [x, whole, weight(f"{name}.scale", columns)]
        return node("DynamicQuantizeMatMul", inputs, f"{name}.product", domain="com.microsoft")

    def linear(x: str, name: str, rows: int, columns: int) -> str:
        found = product(x, name, rows, columns)
        return node("Add", [found, weight(f"{name}.bias", columns)], f"{name}.sum")

    def linear_by_row(x: str, name: str, rows: int, columns: int) -> str:
        # Units of a few tokens are many times as large as all others, which would be nothing beside
        # them at the paragraph's scale; so each token's are divided by the largest before.
        found = node("ReduceMax", [x, last], f"{name}.largest", keepdims=1)
        largest = node("Max", [found, least], f"{name}.divisor")
        divided = node("Div", [x, largest], f"{name}.divided")
        scaled = node("Mul", [product(divided, name, rows, columns), largest], f"{name}.scaled")
        return node("Add", [scaled, weight(f"{name}.bias", columns)], f"{name}.sum")

    def normalize(x: str, name: str) -> str:
        scale, bias = weight(f"{name}.weight", size), weight(f"{name}.bias", size)
        return node("LayerNormalization", [x, scale, bias], f"{name}.out", epsilon=EPSILON)

    def attention_bias() -> str:
        shape = node("Shape", ["embedded"], "shape", start=0, end=1)
        length = node("Squeeze", [shape], "length")
        counted = node("Range", [constant("none", 0), length, constant("one", 1)], "counted")
        column = node("Unsqueeze", [counted, last], "column")
        ahead = node("Sub", [counted, column], "ahead")
        index = node("Add", [ahead, constant("middle", LONGEST - 1)], "index")
        table = weight("attention.distances", DISTANCES, heads)
        by_pair = node("Gather", [table, index], "by pair")
        return node("Transpose", [by_pair], "attention bias", perm=[2, 0, 1])

    width = size // heads
    split = constant("split", [0, 3 * heads, width])
    joined = constant("joined", [0, size])
    root = constant("root", width**-0.5, np.float32)
    last, least = constant("last", [1]), constant("least", LEAST, np.float32)
    over = constant("over", [0])
    bias = attention_bias()
    made: list[str] = []
    x = normalize("embedded", "embedding.norm")
    for number in range(sizes.layers):
        name = f"layer.{number}"
        projected = linear(x, f"{name}.attention", size, 3 * size)
        shaped = node("Reshape", [projected, split], f"{name}.heads")
        turned = node("Transpose", [shaped], f"{name}.turned", perm=[1, 0, 2])
        parts = [f"{name}.query", f"{name}.key", f"{name}.value"]
        nodes.append(helper.make_node("Split", [turned], parts, axis=0, num_outputs=3))
        keys = node("Transpose", [parts[1]], f"{name}.keys", perm=[0, 2, 1])
        scores = node("MatMul", [parts[0], keys], f"{name}.scores")
        scaled = node("Mul", [scores, root], f"{name}.scaled")
        biased = node("Add", [scaled, bias], f"{name}.biased")
        shares = node("Softmax", [biased], f"{name}.shares", axis=-1)
        mixed = node("MatMul", [shares, parts[2]], f"{name}.mixed")
        back = node("Transpose", [mixed], f"{name}.back", perm=[1, 0, 2])
        flat = node("Reshape", [back, joined], f"{name}.flat")
        attended = linear(flat, f"{name}.output", size, size)
        x = normalize(node("Add", [attended, x], f"{name}.attended"), f"{name}.norm1")
        up = linear(x, f"{name}.up", size, sizes.inner)
        active = node("Gelu", [up], f"{name}.active")
        down = linear_by_row(active, f"{name}.down", sizes.inner, size)
        x = normalize(node("Add", [down, x], f"{name}.fed"), f"{name}.norm2")
        if number + 1 in sizes.averaged:
            made.append(node("ReduceMean", [x, over], f"{name}.mean", keepdims=0))
    node("Concat", made, "states", axis=0)
    floats = TensorProto.FLOAT
    graph = helper.make_graph(
        nodes,
        "adsift",
        [helper.make_tensor_value_info("embedded", floats, ["length", size])],
        [helper.make_tensor_value_info("states", floats, [sizes.made])],
        [*constants, *weights],
    )
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid("com.microsoft", 1)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=10)
    return bytes(model.SerializeToString(deterministic=True))


def _external(name: str, shape: tuple[int, ...], kind: int) -> TensorProto:
    """A tensor whose numbers are given when a session starts."""
    tensor = TensorProto(name=name, data_type=kind, dims=shape)
    tensor.data_location = TensorProto.EXTERNAL
    each = 4 if kind == TensorProto.FLOAT else 1
    for key, value in (
        ("location", "given at load time"),
        ("offset", "0"),
        ("length", str(each * int(np.prod(shape)))),
    ):
        tensor.external_data.add(key=key, value=value)
    return tensor
