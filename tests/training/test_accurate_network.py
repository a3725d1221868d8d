"""The network that is trained and the one that is run are the same."""
# ruff: noqa: E402 - the packages come after the check that they are there

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pytest

from adsift.document import Paragraph
from adsift.model.bundle import Bundle
from adsift.model.context import CONTEXT_FEATURES, SIGNALS, context_features, read_layout
from adsift.model.transformer.encoder import MODULE

for package in ("torch", "onnx", "onnxruntime", "tokenizers", MODULE):
    if find_spec(package) is None:
        pytest.skip(f"{package} is not installed: it comes with .[teach]", allow_module_level=True)

import torch

from accurate.graph import make_graph
from accurate.learn import Round, Settings, learn
from accurate.network import FROZEN, HEADS, INNER, LAYERS, SIZE, Network
from adsift.document import Label
from adsift.model.classifier import Judgement
from adsift.model.fit import LabelledDocument
from adsift.model.transformer.network import Transformer
from adsift.model.transformer.sequences import make_windows

PARAGRAPHS = [
    Paragraph("A new bridge for the old town", tag="h1"),
    *(Paragraph(f"The council voted on part {number} of the plan. " * 9) for number in range(30)),
    Paragraph("Buy the lamp now", tag="p", links=("https://shop.example/lamp",)),
]


def runtime(network: Network) -> Transformer:
    graph = make_graph(LAYERS, FROZEN, HEADS, SIZE, INNER, len(network.words), CONTEXT_FEATURES)
    config = {"encoder": {"frozen": FROZEN, "sha256": None}}
    return Transformer(Bundle(config, network.arrays(), "", graph))


def test_both_give_the_same_scores() -> None:
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    network = Network(
        rng.normal(size=CONTEXT_FEATURES).astype(np.float32),
        rng.uniform(0.5, 2, CONTEXT_FEATURES).astype(np.float32),
    ).eval()
    torch.nn.init.normal_(network.inject.weight, std=0.05)
    signals = rng.uniform(0, 0.5, (len(PARAGRAPHS), SIGNALS)).astype(np.float32)
    features = context_features(signals, read_layout([PARAGRAPHS]))
    transformer = runtime(network)
    none = np.zeros((0, 0))
    opinion = transformer.judge(PARAGRAPHS, Judgement(signals, features, none, none), None)
    assert opinion is not None
    windows = make_windows(PARAGRAPHS, signals, None, transformer.encode)
    assert len(windows) > 1
    words = [len(paragraph.text.split()) for paragraph in PARAGRAPHS]
    counted = torch.from_numpy(np.minimum(np.array(words, np.float32), 60) + 1)
    with torch.inference_mode():
        expected, _, _ = network(windows, network.standardize(features), counted)
    assert opinion.rows.tolist() == [*range(len(PARAGRAPHS))]
    np.testing.assert_allclose(opinion.scores, expected.numpy(), atol=1e-4)


def test_it_learns() -> None:
    labels: list[Label | None] = [Label.NEWS] * 5 + [Label.COMMERCE] * 2
    texts = ["The council voted on the plan."] * 5 + ["Buy the lamp now for $5!"] * 2
    paragraphs = [Paragraph(text) for text in texts]
    document = LabelledDocument(paragraphs, labels, [None] * len(labels), "a")
    signals = np.full((len(labels), SIGNALS), 0.25, np.float32)
    pairs = [(document, signals)] * 6
    network = learn(
        pairs, Settings((Round(8, 2e-4, 1.5e-3),), documents=2, stripped=0.0), lambda _: None
    )
    features = context_features(signals, read_layout([paragraphs]))
    none = np.zeros((0, 0))
    opinion = runtime(network).judge(paragraphs, Judgement(signals, features, none, none), None)
    assert opinion is not None
    found = [list(Label)[index] for index in opinion.scores.argmax(axis=1)]
    assert found == labels
