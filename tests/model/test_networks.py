from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from adsift.document import Label
from adsift.model.blocks import ROWS
from adsift.model.context import CONTEXT_FEATURES
from adsift.model.networks import BLOCKS, Networks
from adsift.model.probabilities import softmax


def random_networks(seed: int) -> Networks:
    normal = np.random.default_rng(seed).standard_normal
    count, size = 3, 40
    return Networks(
        mean=normal(CONTEXT_FEATURES, "f4"),
        scale=np.ones(CONTEXT_FEATURES, "f4"),
        hidden=normal((CONTEXT_FEATURES, count * size), "f4"),
        hidden_bias=normal(count * size, "f4"),
        output=normal((count, size, len(Label)), "f4"),
        output_bias=normal((count, len(Label)), "f4"),
    )


class TestNetworks:
    def test_they_compute_the_mean_of_their_softmaxes(self) -> None:
        networks = random_networks(1)
        features = np.random.default_rng(2).random((7, CONTEXT_FEATURES), "f4")
        data = np.clip((features - networks.mean) / networks.scale, -5, 5)
        hidden = np.maximum(data @ networks.hidden + networks.hidden_bias, 0).reshape(7, 3, 40)
        expected = np.mean(
            [
                softmax(hidden[:, i] @ networks.output[i] + networks.output_bias[i])
                for i in range(3)
            ],
            axis=0,
        )
        got = networks.probabilities(features, np.zeros(7, np.int64))
        assert got == pytest.approx(expected, abs=1e-4)

    def test_a_document_longer_than_all_blocks_at_a_time(self) -> None:
        networks = random_networks(3)
        rows = BLOCKS * ROWS + 1
        features = np.zeros((rows, CONTEXT_FEATURES), np.float32)
        got = networks.probabilities(features, np.zeros(rows, np.int64))
        assert got == pytest.approx(np.broadcast_to(got[0], got.shape), abs=1e-5)


class TestIndependence:
    @given(st.lists(st.integers(1, 3 * ROWS), min_size=1, max_size=5), st.integers(0, 2**32))
    @settings(max_examples=50)
    def test_of_the_networks_to_the_last_bit(self, sizes: list[int], seed: int) -> None:
        networks = random_networks(seed)
        document = np.repeat(np.arange(len(sizes)), sizes)
        features = np.random.default_rng(seed).random((len(document), CONTEXT_FEATURES), "f4")
        together = networks.probabilities(features, document)
        for number in range(len(sizes)):
            rows = document == number
            alone = networks.probabilities(features[rows], document[rows])
            assert alone.tobytes() == together[rows].tobytes()

    @pytest.mark.parametrize("threads", [1, 2, 5])
    def test_of_the_threads_that_multiply(self, threads: int) -> None:
        networks = random_networks(5)
        document = np.repeat(np.arange(3), [5, 400, 90])
        features = np.random.default_rng(6).random((len(document), CONTEXT_FEATURES), "f4")
        expected = networks.probabilities(features, document)
        with threadpool_limits(threads, "blas"):
            assert networks.probabilities(features, document).tobytes() == expected.tobytes()

    @pytest.mark.parametrize("blocks", [1, 2, 7, 1000])
    def test_of_how_many_blocks_are_worked_on_at_a_time(
        self, blocks: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        networks = random_networks(7)
        document = np.repeat(np.arange(5), [ROWS, 1, 5 * ROWS, 2 * ROWS + 1, 3])
        features = np.random.default_rng(8).random((len(document), CONTEXT_FEATURES), "f4")
        expected = networks.probabilities(features, document)
        monkeypatch.setattr("adsift.model.networks.BLOCKS", blocks)
        assert networks.probabilities(features, document).tobytes() == expected.tobytes()
