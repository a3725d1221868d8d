from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("onnx", reason="onnx is not installed")
pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")

import numpy as np
import onnxruntime

import minilm
from encoder_graph import LAYERS, SIZE, make_line_classifier

INNER = 4 * SIZE
WORDS = 4000


def some_encoder() -> dict[str, Any]:
    """Weights that nobody trained."""
    rng = np.random.default_rng(0)

    def drawn(*shape: int) -> Any:
        return rng.normal(0, 0.05, shape).astype(np.float32)

    arrays = {"words": drawn(WORDS, SIZE), "positions": drawn(512, SIZE)}
    shapes = dict.fromkeys(("query", "key", "value", "output"), (SIZE, SIZE))
    shapes |= {"up": (SIZE, INNER), "down": (INNER, SIZE)}
    norms = ["embedding.norm"]
    for number in range(LAYERS):
        norms += [f"layer.{number}.norm1", f"layer.{number}.norm2"]
        for part, shape in shapes.items():
            arrays[f"layer.{number}.{part}.weight"] = drawn(*shape)
            arrays[f"layer.{number}.{part}.bias"] = drawn(shape[1])
    for norm in norms:
        arrays[f"{norm}.weight"], arrays[f"{norm}.bias"] = 1 + drawn(SIZE), drawn(SIZE)
    return arrays


@pytest.fixture(scope="module")
def session() -> Any:
    graph = make_line_classifier(some_encoder())
    return onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])


def test_padding_does_not_change_the_scores(session: Any) -> None:
    lines = [[101, 2000, 2001, 102], [101, 3000, 3001, 3002, 3003, 3004, 102]]
    tokens, mask = np.zeros((2, 9), np.int64), np.zeros((2, 9), np.float32)
    for row, line in enumerate(lines):
        tokens[row, : len(line)] = line
        mask[row, : len(line)] = 1
    (together,) = session.run(["scores"], {"tokens": tokens, "mask": mask})
    for line, scores in zip(lines, together, strict=True):
        inputs = {"tokens": np.array([line]), "mask": np.ones((1, len(line)), np.float32)}
        (alone,) = session.run(["scores"], inputs)
        np.testing.assert_allclose(scores, alone[0], atol=1e-5)


def test_the_published_encoder_has_the_weights_that_the_graph_takes() -> None:
    pytest.importorskip(minilm.MODULE, reason="the encoder's package comes with .[teach]")
    ours, published = some_encoder(), minilm.read_encoder()
    del ours["words"]
    assert len(published.pop("words")) == 30522
    assert {name: array.shape for name, array in published.items()} == {
        name: array.shape for name, array in ours.items()
    }
    encode = minilm.read_tokenizer(8)
    assert len(encode("a bridge")) == 4
    assert len(encode("a bridge " * 40)) == 8
