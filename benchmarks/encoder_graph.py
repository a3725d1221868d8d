"""MiniLM as a classifier of single lines: an ONNX graph over batches of padded lines.

The encoder's weights are the published ones; the four scores at its end are of weights that nobody
trained, for which the speed does not care.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

LAYERS, HEADS, SIZE, LABELS = 6, 12, 384, 4
OPSET = 20
EPSILON = 1e-12
"""Of BERT's layer normalization."""

MASKED = -1e4
"""Added to the attention that padding would get."""


def make_line_classifier(arrays: dict[str, NDArray[np.float32]]) -> bytes:
    """The graph as a file.

    Inputs: ``tokens`` (lines, length) int64; ``mask`` (lines, length) float32, 1 for a token and 0
    for padding. Output: ``scores`` (lines, labels) float32.

    Args:
        arrays: what :func:`minilm.read_encoder` gives.
    """
    weights = {**arrays, "classify": np.full((SIZE, LABELS), 1 / SIZE, np.float32)}
    nodes = []

    def node(kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        nodes.append(helper.make_node(kind, inputs, [output], name=output, **attributes))
        return output

    def constant(name: str, value: Any, kind: Any = np.int64) -> str:
        weights[name] = np.array(value, kind)
        return name

    def linear(x: str, name: str) -> str:
        product = node("MatMul", [x, f"{name}.weight"], f"{name}.product")
        return node("Add", [product, f"{name}.bias"], f"{name}.sum")

    def normalize(x: str, name: str) -> str:
        inputs = [x, f"{name}.weight", f"{name}.bias"]
        return node("LayerNormalization", inputs, f"{name}.out", epsilon=EPSILON)

    split = constant("split", [0, 0, HEADS, SIZE // HEADS])
    joined = constant("joined", [0, 0, SIZE])
    root = constant("root", (SIZE // HEADS) ** -0.5, np.float32)
    one = constant("one", 1.0, np.float32)
    unmasked = node("Sub", [one, "mask"], "unmasked")
    far = node("Mul", [unmasked, constant("masked", MASKED, np.float32)], "far")
    penalty = node("Unsqueeze", [far, constant("attention axes", [1, 2])], "penalty")
    shape = node("Shape", ["tokens"], "shape")
    length = node("Gather", [shape, constant("second", 1)], "length")
    steps = [constant("from", 0), length, constant("step", 1)]
    placed = node("Gather", ["positions", node("Range", steps, "counted")], "placed")
    words = node("Gather", ["words", "tokens"], "word states")
    x = normalize(node("Add", [words, placed], "embedded"), "embedding.norm")
    for number in range(LAYERS):
        name = f"layer.{number}"
        parts = []
        for part in ("query", "key", "value"):
            shaped = node("Reshape", [linear(x, f"{name}.{part}"), split], f"{name}.{part}.heads")
            order = [0, 2, 3, 1] if part == "key" else [0, 2, 1, 3]
            parts.append(node("Transpose", [shaped], f"{name}.{part}.turned", perm=order))
        scores = node("Mul", [node("MatMul", parts[:2], f"{name}.raw"), root], f"{name}.scaled")
        allowed = node("Add", [scores, penalty], f"{name}.allowed")
        shares = node("Softmax", [allowed], f"{name}.shares", axis=-1)
        mixed = node("MatMul", [shares, parts[2]], f"{name}.mixed")
        turned = node("Transpose", [mixed], f"{name}.back", perm=[0, 2, 1, 3])
        attended = linear(node("Reshape", [turned, joined], f"{name}.flat"), f"{name}.output")
        x = normalize(node("Add", [attended, x], f"{name}.attended"), f"{name}.norm1")
        active = node("Gelu", [linear(x, f"{name}.up")], f"{name}.active")
        fed = node("Add", [linear(active, f"{name}.down"), x], f"{name}.fed")
        x = normalize(fed, f"{name}.norm2")
    column = node("Unsqueeze", ["mask", constant("last axis", [2])], "column")
    along = constant("along the line", [1])
    total = node(
        "ReduceSum", [node("Mul", [x, column], "counted states"), along], "total", keepdims=0
    )
    mean = node("Div", [total, node("ReduceSum", [column, along], "count", keepdims=0)], "mean")
    node("MatMul", [mean, "classify"], "scores")
    graph = helper.make_graph(
        nodes,
        "lines",
        [
            helper.make_tensor_value_info("tokens", TensorProto.INT64, ["lines", "length"]),
            helper.make_tensor_value_info("mask", TensorProto.FLOAT, ["lines", "length"]),
        ],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["lines", LABELS])],
        [numpy_helper.from_array(array, name) for name, array in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=10)
    return bytes(model.SerializeToString())
