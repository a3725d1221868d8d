from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from shops import C, N, bundle, document
from tagging import tagger_bundle

from adsift.model.adapt import adapt
from adsift.model.bundle import Bundle
from adsift.model.fit_settings import Fitted
from adsift.model.labelled_document import LabelledDocument
from adsift.model.tagger import UNREAD
from adsift.train.figures import label_scores


@pytest.fixture(scope="module")
def tagger(fitted: Fitted) -> Bundle:
    return tagger_bundle(fitted)


def pages(count: int, first: int = 0) -> list[LabelledDocument]:
    """Documents that are long enough for a tagger."""
    return [document(n, labels=(N, C, N, C, N, N, C, N, N, C)) for n in range(first, first + count)]


class TestTagger:
    def test_its_output_layer_learns(self, tagger: Bundle) -> None:
        others = pages(20, first=100)
        before = label_scores(tagger, others)
        after = label_scores(bundle(adapt(tagger, pages(40))), others)
        assert after["F1 commerce"] > before["F1 commerce"] + 0.2

    def test_the_rest_of_it_stays(self, tagger: Bundle) -> None:
        fitted = adapt(tagger, pages(40))
        changed = {
            name for name, array in fitted.arrays.items() if array is not tagger.arrays[name]
        }
        assert changed == {
            *("plain.alone", "plain.alone_bias", "plain.output", "plain.output_bias")
        }

    def test_lone_paragraphs_move_the_networks_that_judge_them(self, tagger: Bundle) -> None:
        lone = [document(n, labels=(N, C)[n % 2 :][:1]) for n in range(60)]
        others = [document(n, labels=(N, C)[n % 2 :][:1]) for n in range(100, 140)]
        fitted = adapt(tagger, lone)
        changed = {
            name for name, array in fitted.arrays.items() if array is not tagger.arrays[name]
        }
        assert changed == {
            *("plain.alone", "plain.alone_bias", "plain.short.output", "plain.short.output_bias")
        }
        before = label_scores(tagger, others)
        after = label_scores(bundle(fitted), others)
        assert after["F1 commerce"] > before["F1 commerce"] + 0.2

    def test_what_it_does_not_read_stays(self, tagger: Bundle) -> None:
        bias = np.concatenate([np.eye(4), -tagger.arrays["plain.output_bias"]])
        output = tagger.arrays["plain.output"].copy()
        output[0, -UNREAD:] = bias
        base = replace(tagger, arrays={**tagger.arrays, "plain.output": output})
        fitted = adapt(base, pages(40))
        moved = fitted.arrays["plain.output_bias"] != base.arrays["plain.output_bias"]
        assert moved[:, [0, 1, 3]].all()
        found = fitted.arrays["plain.output"][0, -1] + fitted.arrays["plain.output_bias"][0]
        np.testing.assert_allclose(found, 0, atol=1e-5)

    def test_the_same_again(self, tagger: Bundle) -> None:
        one, other = adapt(tagger, pages(10)), adapt(tagger, pages(10))
        assert one.config == other.config
        for name, array in one.arrays.items():
            assert array.tobytes() == other.arrays[name].tobytes()
