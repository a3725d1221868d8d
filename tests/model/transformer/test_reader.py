from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from random_reader import OWN, SIZE, UNITS, arrays

from adsift.errors import BundleError
from adsift.model.context import CONTEXT_FEATURES
from adsift.model.tagger import LABELS
from adsift.model.transformer import reader as reader_module
from adsift.model.transformer.reader import Reader


def document(paragraphs: int) -> tuple[Any, Any, Any]:
    rng = np.random.default_rng(paragraphs)
    states = rng.normal(size=(paragraphs, SIZE)).astype(np.float32)
    features = rng.normal(size=(paragraphs, CONTEXT_FEATURES)).astype(np.float32)
    return states, features, rng.integers(6, 366, paragraphs)


def scores_of(states: Any, features: Any, weights: Any) -> Any:
    reader = Reader.of(arrays(), 0, SIZE)
    return reader.scores(reader.read(states), features, weights)


class TestScores:
    @pytest.mark.parametrize("paragraphs", [1, 2, 5, 40, 1200])
    def test_a_row_for_each_paragraph(self, paragraphs: int) -> None:
        scores = scores_of(*document(paragraphs))
        assert scores.shape == (paragraphs, LABELS)
        assert np.isfinite(scores).all()

    def test_far_outliers_count_no_more_than_far_ones(self) -> None:
        states, features, weights = document(9)
        far = scores_of(np.sign(states) * 1e4, features, weights)
        farther = scores_of(np.sign(states) * 1e6, features, weights)
        np.testing.assert_allclose(far, farther)

    def test_neighbours_and_the_page_count(self) -> None:
        states, features, weights = document(30)
        before = scores_of(states, features, weights)
        states[0] += 3
        moved = np.abs(scores_of(states, features, weights) - before).max(axis=1)
        # Two convolutions of three reach two paragraphs, and the page the rest, which moves less.
        assert (moved > 0).all()
        assert moved[:3].max() > moved[10:].max()

    def test_those_of_a_long_document_are_made_in_parts(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        inputs = document(200)
        whole = scores_of(*inputs)
        monkeypatch.setattr(reader_module, "TOGETHER", 48)
        np.testing.assert_array_equal(scores_of(*inputs), whole)


class TestABundleThatDoesNotFit:
    def test_without_a_part(self) -> None:
        with pytest.raises(BundleError, match=r"no array 'reader\.0\.near'"):
            Reader.of(arrays(near=None), 0, SIZE)

    @pytest.mark.parametrize(
        ("name", "array"),
        [
            ("states", np.ones((SIZE, OWN + 1), np.float32)),
            ("near", np.ones((2, UNITS, UNITS), np.float32)),
            ("near", np.float32(1)),
            ("states_bias", np.ones(0, np.float32)),
            ("output", np.ones((UNITS, 3), np.float32)),
            ("scale", np.ones(CONTEXT_FEATURES - 1, np.float32)),
        ],
    )
    def test_of_other_shapes(self, name: str, array: Any) -> None:
        with pytest.raises(BundleError, match="of the shapes"):
            Reader.of(arrays(**{name: array}), 0, SIZE)

    def test_behind_another_encoder(self) -> None:
        with pytest.raises(BundleError, match="of the shapes"):
            Reader.of(arrays(), 0, SIZE + 1)

    def test_numbers_that_are_none(self) -> None:
        with pytest.raises(BundleError, match="not finite"):
            Reader.of(arrays(page_bias=np.full(UNITS, np.nan, np.float32)), 0, SIZE)

    def test_without_a_scale(self) -> None:
        with pytest.raises(BundleError, match="no scale"):
            Reader.of(arrays(states_scale=np.zeros(SIZE, np.float32)), 0, SIZE)
