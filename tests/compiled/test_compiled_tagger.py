from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adsift.compiled import compiled
from adsift.document import Paragraph
from adsift.model import tagger as module
from adsift.model.context import CONTEXT_FEATURES, read_layout

sys.path.append(str(Path(__file__).parents[1] / "model"))
from tagging import VECTOR, WEIGHTS, small_tagger

core = compiled("context")
pytestmark = pytest.mark.skipif(core is None, reason="the compiled core was not built")

MEANINGS = WEIGHTS * VECTOR + VECTOR


@given(st.lists(st.integers(0, 40), min_size=1, max_size=5), st.integers(0, 2**32))
def test_as_in_python(sizes: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = sum(sizes)
    layout = read_layout([[Paragraph("word " * (row + 1)) for row in range(n)] for n in sizes])
    meanings = rng.normal(0, 80, (rows, MEANINGS)).astype(np.float32)
    features = rng.normal(0, 3, (rows, CONTEXT_FEATURES)).astype(np.float32)
    found = small_tagger(seed % 7).hidden(meanings, features, layout)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_compiled", None)
        expected = small_tagger(seed % 7).hidden(meanings, features, layout)
    assert np.array_equal(found, expected)


@pytest.mark.parametrize("row", [-1, 3])
def test_rows_that_are_not_there(row: int) -> None:
    arrays = [np.zeros(shape, np.float32) for shape in ((3, 4), (6,), (6,), (16, 6))]
    features, mean, scale, blocks = arrays
    place = np.zeros(1, np.int64)
    with pytest.raises(ValueError, match="outside"):
        core.fill_blocks(features, np.array([row]), mean, scale, 5.0, place, blocks, 2)


@pytest.mark.parametrize("first", [-1, 3])
def test_columns_that_are_not_there(first: int) -> None:
    features, mean, blocks = (np.zeros(shape, np.float32) for shape in ((3, 4), (6,), (16, 6)))
    rows = np.arange(3)
    with pytest.raises(ValueError, match="do not hold"):
        core.fill_blocks(features, rows, mean, mean, 5.0, rows, blocks, first)
