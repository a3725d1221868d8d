from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adsift.model import blocks
from adsift.model.blocks import ROWS, places, product

SIZES = st.lists(st.integers(1, 3 * ROWS), min_size=1, max_size=6)


@given(SIZES)
def test_every_document_begins_a_block_of_its_own(sizes: list[int]) -> None:
    document = np.repeat(np.arange(len(sizes)), sizes)
    at = places(document)
    assert (np.diff(at) > 0).all()
    for number in range(len(sizes)):
        own = at[document == number]
        assert own[0] % ROWS == 0
        assert own.tolist() == [*range(own[0], own[0] + len(own))]
        if number:
            assert own[0] // ROWS > at[document == number - 1][-1] // ROWS


@pytest.mark.parametrize("lot", [1, 3, 64])
@given(SIZES, st.sampled_from([(5, 4), (300, 96), (96, 288), (400, 97)]))
def test_a_product_is_one_and_the_same_in_any_company(
    lot: int, sizes: list[int], shape: tuple[int, int]
) -> None:
    rng = np.random.default_rng(sum(sizes))
    document = np.repeat(np.arange(len(sizes)), sizes)
    rows = rng.normal(size=(len(document), shape[0])).astype(np.float32)
    weights = rng.normal(size=shape).astype(np.float32)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BLOCKS", lot)
        found = product(rows, weights, places(document))
    np.testing.assert_allclose(found, rows @ weights, rtol=1e-4, atol=1e-3)
    for number in range(len(sizes)):
        own = document == number
        alone = product(rows[own], weights, places(document[own]))
        assert alone.tobytes() == found[own].tobytes()
