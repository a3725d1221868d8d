from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from adsift.model.bundle import as_read, as_stored
from adsift.model.transformer.nibbles import BLOCK, PACKED, SCALES, Nibbles, to_nibbles

SHAPES = st.tuples(st.integers(1, 4), st.integers(1, 3).map(lambda blocks: blocks * BLOCK))
MATRICES = arrays.arrays(np.float32, SHAPES, elements=st.floats(-50, 50, width=32))


@given(MATRICES)
def test_a_number_moves_by_a_scale_at_most(matrix: np.ndarray) -> None:
    nibbles = to_nibbles(matrix)
    moved = np.abs(nibbles.matrix() - matrix).reshape(*nibbles.scales.shape, BLOCK)
    # What lies opposite the farthest can be as far from 0, and there is one number less.
    assert (moved <= np.abs(nibbles.scales[..., None]) * 1.01 + 1e-6).all()
    inside = np.abs(matrix.reshape(moved.shape)) < 7 * np.abs(nibbles.scales[..., None])
    assert (moved <= np.abs(nibbles.scales[..., None]) * 0.501 + 1e-6)[inside].all()


@given(MATRICES)
def test_what_was_rounded_comes_back(matrix: np.ndarray) -> None:
    once = to_nibbles(matrix).matrix()
    np.testing.assert_array_equal(to_nibbles(once).matrix(), once)


@given(MATRICES, st.data())
def test_rows_are_those_of_the_matrix(matrix: np.ndarray, data: st.DataObject) -> None:
    nibbles = to_nibbles(matrix)
    rows = np.array(data.draw(st.lists(st.integers(0, len(matrix) - 1), min_size=1)))
    np.testing.assert_array_equal(nibbles.matrix(rows), nibbles.matrix()[rows])


@given(MATRICES)
def test_a_bundle_keeps_every_bit(matrix: np.ndarray) -> None:
    stored = to_nibbles(matrix).arrays("layer")
    read = {name: as_read(name, as_stored(name, array)) for name, array in stored.items()}
    np.testing.assert_array_equal(Nibbles.of(read, "layer").matrix(), to_nibbles(matrix).matrix())


@given(MATRICES)
def test_as_bytes_a_number_moves_by_half_a_scale_at_most(matrix: np.ndarray) -> None:
    nibbles = to_nibbles(matrix)
    whole, scales = nibbles.transposed()
    assert np.abs(whole).max() <= 63, "two products with 255 must fit into 16 bits"
    moved = np.abs(whole * scales - nibbles.matrix().T)
    assert (moved <= scales * 0.501).all()


def test_each_block_has_its_own_scale() -> None:
    matrix = np.concatenate([np.full((1, BLOCK), 1e-3), np.full((1, BLOCK), -40)], axis=1)
    np.testing.assert_allclose(to_nibbles(matrix.astype(np.float32)).matrix(), matrix, rtol=1e-3)


def test_a_matrix_that_is_not_whole() -> None:
    stored = to_nibbles(np.ones((2, BLOCK), np.float32)).arrays("words")
    with pytest.raises(KeyError, match="words"):
        Nibbles.of({"words" + PACKED: stored["words" + PACKED]}, "words")
    for name in stored:
        with pytest.raises(ValueError, match="words has the shapes"):
            Nibbles.of({**stored, name: stored[name][:1]}, "words")
    floats = {**stored, "words" + PACKED: stored["words" + PACKED].astype(np.float32)}
    with pytest.raises(ValueError, match="words"):
        Nibbles.of(floats, "words")
    assert {name.removeprefix("words") for name in stored} == {PACKED, SCALES}
