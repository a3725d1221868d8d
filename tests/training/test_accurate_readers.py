"""The readers that are trained and those that are run are the same."""
# ruff: noqa: E402 - the packages come after the check that they are there

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pytest

for package in ("torch", "onnx", "onnxruntime"):
    if find_spec(package) is None:
        pytest.skip(f"{package} is not installed: it comes with .[teach]", allow_module_level=True)

import torch

from accurate.encode import States
from accurate.readers import ReaderNetwork, learn_readers
from adsift.document import Label, Paragraph
from adsift.model.context import CONTEXT_FEATURES, SIGNALS, context_features, read_layout
from adsift.model.labelled_document import LabelledDocument
from adsift.model.probabilities import LABELS
from adsift.model.tagger import page_weights
from adsift.model.transformer.reader import Reader
from course import Example
from recipe import ReaderSettings, Schedule

TRUTH: list[Label | None] = [Label.NEWS] * 5 + [Label.COMMERCE] * 3
TEXTS = [f"The council voted on plan {number}." for number in range(5)]
TEXTS += [f"Buy lamp {number} now for $5!" for number in range(3)]
DOCUMENT = LabelledDocument([Paragraph(text) for text in TEXTS], TRUTH, [None] * 8, "a")
PAIR = (DOCUMENT, np.full((len(TRUTH), SIGNALS), 0.25, np.float32))
SIZE = 32
STATES = States(
    np.random.default_rng(2).normal(size=(len(TEXTS), SIZE)).astype(np.float16),
    {text: row for row, text in enumerate(TEXTS)},
)
SMALL = ReaderSettings(
    schedule=Schedule(passes=16, written=0.5, documents=2, warmup=2, stripped=0.0)
)


def scores(arrays: dict[str, np.ndarray], number: int) -> np.ndarray:
    layout = read_layout([DOCUMENT.paragraphs])
    features = context_features(PAIR[1], layout)
    reader = Reader.of(arrays, number, SIZE)
    states = STATES.table[STATES.rows_of(TEXTS)].astype(np.float32)
    return reader.scores(reader.read(states), features, page_weights(layout))


def test_both_give_the_same_scores() -> None:
    rng = np.random.default_rng(0)
    torch.manual_seed(0)
    mean = rng.normal(size=CONTEXT_FEATURES).astype(np.float32)
    scale = rng.uniform(0.5, 2, CONTEXT_FEATURES).astype(np.float32)
    network = ReaderNetwork(STATES, np.arange(len(TEXTS)), mean, scale, SMALL).eval()
    example = Example(PAIR, STATES.rows_of(TEXTS), np.arange(len(TEXTS)))
    arrays = {f"reader.0.{part}": array for part, array in network.arrays().items()}
    with torch.no_grad():
        expected = network(example).numpy()
    np.testing.assert_allclose(scores(arrays, 0), expected, atol=1e-4)


def test_they_learn_and_are_the_same_again_but_not_alike() -> None:
    arrays = learn_readers([PAIR] * 4, [PAIR] * 4, STATES, SMALL, range(2), lambda _: None)
    for number in range(2):
        found = scores(arrays, number).argmax(axis=1)
        assert [LABELS[index] for index in found] == TRUTH
    assert not np.allclose(scores(arrays, 0), scores(arrays, 1))
    again = learn_readers([PAIR] * 4, [PAIR] * 4, STATES, SMALL, range(1, 2), lambda _: None)
    assert again.keys() == {name for name in arrays if name.startswith("reader.1.")}
    assert all(np.array_equal(array, arrays[name]) for name, array in again.items())
