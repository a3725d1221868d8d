from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adsift.compiled import compiled
from adsift.document import Paragraph
from adsift.model import tagger as module
from adsift.model.bundle import find_bundle, read_bundle
from adsift.model.context import CONTEXT_FEATURES, read_layout
from adsift.model.tagger import BOILERPLATE, UNREAD, Tagger

sys.path.append(str(Path(__file__).parents[1] / "model"))
from tagging import UNITS, VECTOR, WEIGHTS, small_tagger

core = compiled("tagger")
pytestmark = pytest.mark.skipif(
    core is None or not core.KERNELS,
    reason="the compiled core was not built, or has no kernel for this processor",
)
KERNELS = core.KERNELS if core is not None else ()

MEANINGS = WEIGHTS * VECTOR + VECTOR


def inputs_of(rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    meanings = rng.normal(0, 80, (rows, MEANINGS)).astype(np.float32)
    return meanings, rng.normal(0, 3, (rows, CONTEXT_FEATURES)).astype(np.float32)


@pytest.fixture(params=KERNELS)
def kernel(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each that this processor knows, as if it were the only one."""
    monkeypatch.setattr(core, "KERNELS", (request.param,))
    return request.param


@given(
    st.sampled_from(KERNELS or ["none"]),
    st.lists(st.integers(0, 80), min_size=1, max_size=5),
    st.sampled_from([(8, 1), (8, 3), (32, 3), (70, 7), (96, 5)]),
    st.integers(0, 2**32),
)
@settings(max_examples=100)
def test_as_in_python(kernel: str, sizes: list[int], shape: tuple[int, int], seed: int) -> None:
    layout = read_layout([[Paragraph("word " * (row + 1)) for row in range(n)] for n in sizes])
    inputs = inputs_of(sum(sizes), seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(core, "KERNELS", (kernel,))
        found = small_tagger(seed % 7, *shape).hidden(*inputs, layout)
        patch.setattr(module, "_compiled", None)
        expected = small_tagger(seed % 7, *shape).hidden(*inputs, layout)
    assert np.array_equal(found, expected)


@pytest.mark.usefixtures("kernel")
def test_of_the_shipped_bundle(monkeypatch: pytest.MonkeyPatch) -> None:
    arrays = read_bundle(find_bundle("default")).arrays
    tagger = Tagger.of(arrays)
    monkeypatch.setattr(module, "_compiled", None)
    pure = Tagger.of(arrays)
    layout = read_layout([[Paragraph("word " * row) for row in range(1, n)] for n in (9, 300)])
    rows, rng = len(layout.lengths), np.random.default_rng(0)
    layers = tagger.layers
    inputs = layers.mean + layers.scale * rng.normal(0, 2, (rows, len(layers.mean)))
    parts = np.split(inputs.astype(np.float32), [tagger.pieces.width], axis=1)
    assert tagger.hidden(*parts, layout).tobytes() == pure.hidden(*parts, layout).tobytes()


@pytest.mark.usefixtures("kernel")
def test_threads_share_a_kernel() -> None:
    tagger, layout = small_tagger(1, 96), read_layout([[Paragraph("word")] * 500])
    inputs = [inputs_of(500, seed) for seed in range(12)]
    expected = [tagger.hidden(*pair, layout).tobytes() for pair in inputs]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda pair: tagger.hidden(*pair, layout).tobytes(), inputs))
    assert found == expected


def test_other_processors_leave_it_to_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    layout, inputs = read_layout([[Paragraph("word")] * 9]), inputs_of(9, 0)
    expected = small_tagger().hidden(*inputs, layout)
    monkeypatch.setattr(core, "KERNELS", ())
    assert np.array_equal(small_tagger().hidden(*inputs, layout), expected)


def test_a_kernel_for_other_processors() -> None:
    with pytest.raises(ValueError, match="does not multiply nibbles"):
        core.Kernel(small_tagger().quantised, 127, 255, 64.0, "nibbles")


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("document", np.zeros(2, np.int64), "one document and one length"),
        ("lengths", np.zeros(4, np.int64), "one document and one length"),
        ("meanings", np.zeros((3, MEANINGS - 1), np.float32), "as many numbers"),
        ("meanings", np.zeros((2, MEANINGS), np.float32), "as many numbers"),
        ("features", np.zeros((3, CONTEXT_FEATURES + 1), np.float32), "as many numbers"),
    ],
)
def test_arrays_that_do_not_fit(name: str, value: np.ndarray, message: str) -> None:
    tagger = small_tagger()
    layers = core.Kernel(tagger.quantised, 127, 255, 64.0, KERNELS[0])
    meanings, features = inputs_of(3, 0)
    arrays = {
        "meanings": meanings,
        "features": features,
        "document": np.zeros(3, np.int64),
        "lengths": np.full(3, 9, np.int64),
    }
    assert layers.hidden(**arrays).shape == (3, UNITS + UNREAD)
    with pytest.raises(ValueError, match=message):
        layers.hidden(**{**arrays, name: value})


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from([0.0, 0.97, 0.98, 1.0]))))
def test_what_is_read_as_in_python(rows: list[tuple[int, float]]) -> None:
    features = np.zeros((len(rows), CONTEXT_FEATURES), np.float32)
    features[:, BOILERPLATE] = [sure for _, sure in rows]
    document = np.sort(np.array([number for number, _ in rows], np.int64))
    found = module.reads(features, document)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_compiled", None)
        expected = module.reads(features, document)
    assert found.dtype == expected.dtype
    assert found.tolist() == expected.tolist()


@pytest.mark.parametrize("shapes", [((3, 3), 3), ((3, 4), 2)], ids=str)
def test_rows_that_do_not_fit(shapes: tuple[tuple[int, int], int]) -> None:
    features, document = np.zeros(shapes[0], np.float32), np.zeros(shapes[1], np.int64)
    with pytest.raises(ValueError, match="one document"):
        core.reads(features, document)
