from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("onnx", reason="onnx is not installed: it comes with .[dev]")

from small_encoder import BUCKETS, SIZES, published_weights, small_encoder

from accurate.graph import DISTANCES
from accurate.published import TOKENIZER, WEIGHTS, by_distance, read_published
from adsift.errors import BundleError
from adsift.model.transformer.tokens import LONGEST


class TestTheBiasByDistance:
    def buckets(self) -> dict[int, int]:
        """The bucket of each distance."""
        numbers = by_distance(np.arange(BUCKETS, dtype=np.float32)[:, None])[:, 0]
        assert len(numbers) == DISTANCES
        return {index - DISTANCES // 2: bucket for index, bucket in enumerate(numbers.tolist())}

    def test_near_ones_have_a_bucket_each(self) -> None:
        buckets = self.buckets()
        near = {distance: buckets[distance] for distance in range(-8, 9)}
        assert len({*near.values()}) == len(near)

    def test_far_ones_share_more_and_more(self) -> None:
        buckets = self.buckets()
        for sign in (-1, 1):
            own = [buckets[sign * distance] for distance in range(1, LONGEST)]
            assert own == sorted(own)
            assert len({*own[127:]}) == 1
            assert own[126] == own[127] == max(own)
            assert len({*own}) == BUCKETS // 2 - 1

    def test_the_steps_are_logarithmic(self) -> None:
        buckets = self.buckets()
        steps = {8: 8, 11: 8, 12: 9, 15: 9, 16: 10, 22: 10, 23: 11, 31: 11, 32: 12, 63: 13}
        steps |= {64: 14, 90: 14, 91: 15, 127: 15, 128: 15, 159: 15}
        assert {distance: buckets[-distance] for distance in steps} == steps

    def test_before_and_behind_differ(self) -> None:
        buckets = self.buckets()
        assert all(
            buckets[distance] == buckets[-distance] + BUCKETS // 2 for distance in range(1, LONGEST)
        )


def test_a_layer_s_projections_stand_in_order() -> None:
    arrays, stored = small_encoder().arrays, published_weights()
    size = SIZES.size
    for place, part in enumerate("qkv"):
        own = slice(place * size, (place + 1) * size)
        theirs = f"encoder.layer.2.attention.attn.{part}"
        np.testing.assert_array_equal(
            arrays["layer.2.attention.weight"][own], stored[f"{theirs}.weight"]
        )
        np.testing.assert_array_equal(
            arrays["layer.2.attention.bias"][own], stored[f"{theirs}.bias"]
        )


def test_another_encoder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=f"cannot read .*{WEIGHTS}"):
        read_published(tmp_path)
    (tmp_path / WEIGHTS).write_bytes(b"something else")
    (tmp_path / TOKENIZER).write_text("{}", encoding="utf-8")
    with pytest.raises(BundleError, match="SHA-256"):
        read_published(tmp_path)
