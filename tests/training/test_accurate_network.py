"""The network that is trained and the one that is run are the same."""
# ruff: noqa: E402 - the packages come after the check that they are there

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pytest

from adsift.document import Paragraph
from adsift.model.bundle import Bundle
from adsift.model.context import CONTEXT_FEATURES, SIGNALS, context_features, read_layout

for package in ("torch", "onnx", "onnxruntime", "tokenizers"):
    if find_spec(package) is None:
        pytest.skip(f"{package} is not installed: it comes with .[teach]", allow_module_level=True)

import torch
from small_encoder import small_encoder

from accurate.graph import make_graph
from accurate.learn import Pair, Round, Settings, learn, stripped_rows
from accurate.network import MATRICES, Network
from adsift.document import Label
from adsift.model.classifier import Judgement
from adsift.model.fit import LabelledDocument
from adsift.model.transformer.network import Transformer
from adsift.model.transformer.nibbles import to_nibbles
from adsift.model.transformer.sequences import make_windows

PARAGRAPHS = [
    Paragraph("A new bridge for the old town", tag="h1"),
    *(Paragraph(f"The council voted on part {number} of the plan. " * 9) for number in range(30)),
    Paragraph("Buy the lamp now", tag="p", links=("https://shop.example/lamp",)),
]


def runtime(network: Network) -> Transformer:
    graph = make_graph(network.sizes, CONTEXT_FEATURES)
    return Transformer(Bundle({}, network.arrays(), "", graph, network.tokenizer))


def test_both_give_the_same_scores() -> None:
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    network = Network(
        small_encoder(),
        rng.normal(size=CONTEXT_FEATURES).astype(np.float32),
        rng.uniform(0.5, 2, CONTEXT_FEATURES).astype(np.float32),
    ).eval()
    torch.nn.init.normal_(network.inject.weight, std=0.05)
    signals = rng.uniform(0, 0.5, (len(PARAGRAPHS), SIGNALS)).astype(np.float32)
    features = context_features(signals, read_layout([PARAGRAPHS]))
    transformer = runtime(network)
    for layer in network.layers:  # as the runtime multiplies them
        for name in MATRICES:
            weight = getattr(layer, name).weight
            whole, scales = to_nibbles(weight.detach().numpy()).transposed()
            weight.data = torch.from_numpy((whole * scales).T.copy())
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
    np.testing.assert_allclose(opinion.scores, expected.numpy(), atol=5e-3)


LABELS: list[Label | None] = [Label.NEWS] * 5 + [Label.COMMERCE] * 2
SENTENCES = ["The council voted on the plan."] * 5 + ["Buy the lamp now for $5!"] * 2
SETTINGS = Settings(documents=2, stripped=0.0, written=0.5)


def pairs(count: int) -> list[Pair]:
    document = LabelledDocument(
        [Paragraph(text) for text in SENTENCES], LABELS, [None] * len(LABELS), "a"
    )
    return [(document, np.full((len(LABELS), SIGNALS), 0.25, np.float32))] * count


def told_by(network: Network) -> list[Label]:
    ((document, signals),) = pairs(1)
    features = context_features(signals, read_layout([document.paragraphs]))
    none = np.zeros((0, 0))
    judgement = Judgement(signals, features, none, none)
    opinion = runtime(network).judge(document.paragraphs, judgement, None)
    assert opinion is not None
    return [[*Label][index] for index in opinion.scores.argmax(axis=1)]


def test_it_learns_and_goes_on_from_what_it_knows() -> None:
    rounds = (Round(30, 1e-3, 3e-3),)
    network = learn(pairs(8), pairs(4), rounds, SETTINGS, lambda _: None, small_encoder())
    assert told_by(network) == LABELS
    # Rates of next to nothing: what it knows now it knew before.
    went_on = learn(pairs(8), [], (Round(2, 1e-9, 1e-9),), SETTINGS, lambda _: None, network)
    assert told_by(went_on) == LABELS


def test_the_frozen_layers_and_the_embeddings_stay_as_published() -> None:
    given, fresh = small_encoder(), small_encoder()
    trained = learn(pairs(8), [], (Round(4, 1e-3, 3e-3),), SETTINGS, lambda _: None, given)
    assert all(np.array_equal(array, fresh.arrays[name]) for name, array in given.arrays.items())
    frozen = Network(fresh, trained.mean, trained.scale).arrays()
    after = trained.arrays()
    same = {name for name, array in frozen.items() if np.array_equal(array, after[name])}
    assert {"words.nibbles", "positions", "attention.distances", "layer.0.up.nibbles"} <= same
    assert not {"layer.1.up.nibbles", "layer.2.attention.nibbles"} & same


def test_a_pass_takes_half_of_the_documents_and_of_the_written_a_share() -> None:
    steps: list[str] = []
    rounds = (Round(2, 1e-9, 1e-9),)
    learn(pairs(60), pairs(40), rounds, SETTINGS, steps.append, small_encoder())
    of = int(steps[0].rpartition(" ")[2])
    assert 45 <= of <= 55, "30 steps of two documents for the first, 20 for the written"


def test_stripped_rows_leave_the_rest() -> None:
    order = [*Label]
    labels = np.array([order.index(label) for label in ("news", "commerce", "boilerplate")] * 4)
    left = {tuple(stripped_rows(labels, np.random.default_rng(seed))) for seed in range(20)}
    assert left == {(0, 2, 3, 5, 6, 8, 9, 11), (0, 3, 6, 9)}
    few = labels[:3]
    rows = stripped_rows(few, np.random.default_rng(0))
    assert rows.tolist() == [0, 1, 2], "hardly anything would be left"
