from __future__ import annotations

import copy
import pickle
import tracemalloc

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tagging import UNITS, VECTOR, WEIGHTS, small_tagger, tagger_arrays
from threadpoolctl import threadpool_limits

from adsift.document import Paragraph
from adsift.errors import BundleError
from adsift.model.blocks import ROWS
from adsift.model.context import CONTEXT_FEATURES, Layout, read_layout
from adsift.model.quantised import UNIT
from adsift.model.tagger import BOILERPLATE, SURE, UNREAD, Layers, Tagger, reads

MEANINGS = WEIGHTS * VECTOR + VECTOR
FURNITURE = MEANINGS + BOILERPLATE
"""Column of step 1's probability of boilerplate."""

INPUTS = MEANINGS + CONTEXT_FEATURES


@pytest.fixture(params=["compiled", "NumPy"])
def path(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What works the layers out; without the compiled core, or on processors that do not multiply
    bytes, NumPy twice."""
    if request.param == "NumPy":
        monkeypatch.setattr("adsift.model.tagger._compiled", None)


both_paths = pytest.mark.usefixtures("path")


def documents_of(sizes: list[int]) -> list[list[Paragraph]]:
    return [
        [Paragraph("word " * (1 + (3 * number + row) % 90)) for row in range(size)]
        for number, size in enumerate(sizes)
    ]


def inputs_of(rows: int, seed: int = 0) -> np.ndarray:
    inputs = np.random.default_rng(seed).normal(0, 1, (rows, INPUTS)).astype(np.float32)
    inputs[:, FURNITURE] = 0.5
    return inputs


def hidden(tagger: Tagger, inputs: np.ndarray, layout: Layout) -> np.ndarray:
    return tagger.hidden(inputs[:, :MEANINGS], inputs[:, MEANINGS:], layout)


def slowly(tagger: Tagger, inputs: np.ndarray, layout: Layout) -> np.ndarray:
    """One document, as the class says it, in double precision and without whole numbers."""
    layers = Layers(*(array.astype(np.float64) for array in tagger.layers))
    z = np.clip((inputs - layers.mean) / layers.scale, -5, 5)
    x = np.maximum(z @ layers.inner + layers.inner_bias, 0)
    weights = np.minimum(layout.lengths, 360) + 6
    whole = np.concatenate([np.average(x, axis=0, weights=weights), x.max(axis=0)])
    x = x + np.maximum(whole @ layers.page + layers.page_bias, 0)
    for kernel, bias in ((layers.near, layers.near_bias), (layers.far, layers.far_bias)):
        seen = np.zeros_like(x) + bias
        middle = len(kernel) // 2
        for row in range(len(x)):
            for place in range(len(kernel)):
                if 0 <= row + place - middle < len(x):
                    seen[row] += x[row + place - middle] @ kernel[place]
        x = x + np.maximum(seen, 0)
    return x


@pytest.mark.parametrize("width", [1, 3, 5, 7])
@pytest.mark.parametrize("size", [1, 2, 3, ROWS, 41])
def test_is_what_it_says(size: int, width: int) -> None:
    tagger = small_tagger(1, width=width)
    layout = read_layout(documents_of([size]))
    found = hidden(tagger, inputs_of(size), layout)
    expected = slowly(tagger, inputs_of(size), layout)
    step = tagger.layers.largest.max() / UNIT
    np.testing.assert_allclose(found[:, :-UNREAD], expected, atol=8 * step)
    assert not found[:, -UNREAD:].any()


def test_units_are_bounded_by_what_they_reach_in_training() -> None:
    arrays = tagger_arrays(1)
    arrays["tagger.largest"][:] = 2
    arrays["tagger.far"][:], arrays["tagger.far_bias"][:] = 0, 0
    found = hidden(Tagger.of(arrays), inputs_of(30), read_layout(documents_of([30])))
    assert found.max() == 2


def test_what_is_too_much_to_be_exact_is_refused() -> None:
    arrays = tagger_arrays(1, units=100, width=7)
    arrays["tagger.near"][:], arrays["tagger.largest"][:] = 1, 50
    with pytest.raises(BundleError, match="first convolution of the bundle's tagger is too large"):
        Tagger.of(arrays)


@both_paths
@given(st.lists(st.integers(0, 3 * ROWS), max_size=6), st.sampled_from([1, 3, 5]))
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_document_is_the_same_alone_and_in_any_batch(sizes: list[int], width: int) -> None:
    tagger = small_tagger(2, units=96, width=width)
    documents = documents_of(sizes)
    inputs = inputs_of(sum(sizes))
    inputs[:, FURNITURE] = np.random.default_rng(1).random(sum(sizes)) > 0.3
    together = hidden(tagger, inputs, read_layout(documents))
    start = 0
    for document in documents:
        rows = slice(start, start := start + len(document))
        alone = hidden(tagger, inputs[rows], read_layout([document]))
        assert alone.tobytes() == together[rows].tobytes()


@pytest.mark.parametrize("width", [1, 3, 7])
def test_a_long_document_is_read_part_by_part(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adsift.model.tagger._compiled", None)
    tagger = small_tagger(5, width=width)
    layout, inputs = read_layout(documents_of([70])), inputs_of(70)
    expected = hidden(tagger, inputs, layout)
    monkeypatch.setattr("adsift.model.tagger.TOGETHER", ROWS)
    assert hidden(tagger, inputs, layout).tobytes() == expected.tobytes()


@both_paths
def test_the_memory_of_a_long_document_is_that_of_a_few_numbers_a_paragraph() -> None:
    tagger, rows = small_tagger(6, units=96), 40_000
    layout = read_layout([[Paragraph("a")] * rows])
    meanings = np.zeros((rows, MEANINGS), np.float32)
    features = np.zeros((rows, CONTEXT_FEATURES), np.float32)
    tracemalloc.start()
    try:
        tagger.hidden(meanings, features, layout)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak / rows < 2_500


@both_paths
@pytest.mark.parametrize("threads", [1, 2, 5])
def test_is_the_same_on_any_number_of_threads(threads: int) -> None:
    tagger = small_tagger(3, units=96)
    layout, inputs = read_layout(documents_of([5, 700, 90])), inputs_of(795)
    expected = hidden(tagger, inputs, layout)
    with threadpool_limits(threads, "blas"):
        assert hidden(tagger, inputs, layout).tobytes() == expected.tobytes()


@pytest.mark.parametrize(
    "name", ["mean", "inner", "inner_bias", "page", "near", "far_bias", "largest"]
)
def test_arrays_that_do_not_fit_are_refused(name: str) -> None:
    arrays = tagger_arrays()
    arrays[f"tagger.{name}"] = arrays[f"tagger.{name}"][:-1]
    with pytest.raises(BundleError, match="shapes"):
        Tagger.of(arrays)


@pytest.mark.parametrize(
    ("name", "value"), [("scale", 0), ("scale", -1), ("mean", np.nan), ("far_bias", np.inf)]
)
def test_numbers_that_make_no_sense_are_refused(name: str, value: float) -> None:
    arrays = tagger_arrays()
    arrays[f"tagger.{name}"][3] = value
    with pytest.raises(BundleError, match="not finite, or no scale"):
        Tagger.of(arrays)


@pytest.mark.parametrize(("name", "value"), [("scale", 1e-44), ("far_bias", 3e38)])
def test_numbers_that_are_not_finite_as_whole_numbers(name: str, value: float) -> None:
    arrays = tagger_arrays()
    arrays[f"tagger.{name}"][:] = value
    arrays["tagger.largest"][:] = 1e-6
    with pytest.raises(BundleError, match="as whole numbers"):
        Tagger.of(arrays)


def test_travels() -> None:
    layout, inputs = read_layout(documents_of([9])), inputs_of(9)
    expected = hidden(small_tagger(), inputs, layout)
    for sent in (pickle.loads(pickle.dumps(small_tagger())), copy.deepcopy(small_tagger())):
        assert hidden(sent, inputs, layout).tobytes() == expected.tobytes()


@pytest.mark.parametrize("name", ["pieces.hashes", "tagger.far"])
def test_arrays_that_are_not_there_are_missed(name: str) -> None:
    arrays = tagger_arrays()
    del arrays[name]
    with pytest.raises(BundleError, match=name):
        Tagger.of(arrays)


def test_has_so_many_units() -> None:
    assert small_tagger().units == UNITS + UNREAD


class TestFurniture:
    def test_is_not_read_amid_its_like(self) -> None:
        features = np.zeros((8, CONTEXT_FEATURES), np.float32)
        features[[0, 1, 2, 4, 5, 6], BOILERPLATE] = SURE
        document = np.array([0, 0, 0, 0, 0, 0, 1, 1])
        expected = [False, False, True, True, True, False, True, True]
        assert reads(features, document).tolist() == expected

    def test_keeps_the_opinion_of_step_1(self) -> None:
        tagger, (document,) = small_tagger(4), documents_of([5])
        inputs = inputs_of(5)
        own = [0.002, 0.001, 0.99, 0.007]
        inputs[:3, FURNITURE - BOILERPLATE : FURNITURE - BOILERPLATE + 4] = own
        found = hidden(tagger, inputs, read_layout([document]))
        np.testing.assert_allclose(found[:2, -UNREAD:-1], np.log([own] * 2), atol=1e-5)
        assert found[:, -1].tolist() == [1, 1, 0, 0, 0]
        rest = hidden(tagger, inputs[2:], read_layout([document[2:]]))
        assert found[2:].tobytes() == rest.tobytes(), "the others are a document of their own"

    def test_all_of_a_document(self) -> None:
        inputs = inputs_of(3)
        inputs[:, FURNITURE] = 1
        found = hidden(small_tagger(4), inputs, read_layout(documents_of([3])))
        assert not found[:, :-UNREAD].any()
        assert found[:, -1].all()
