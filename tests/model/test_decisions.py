from __future__ import annotations

from typing import Any

import pytest
from seed_articles import SEEDS

import adsift
from adsift.errors import BundleError
from adsift.model.bundle import Bundle
from adsift.model.classifier import Classifier
from adsift.segment import segment

DOCUMENTS = [segment(seed.document).paragraphs for seed in SEEDS]


@pytest.fixture(scope="session")
def classifier(sift: adsift.Separator) -> Classifier:
    return sift.classifier


class TestCosts:
    """What it costs to miss a label moves decisions, not probabilities."""

    def with_costs(self, classifier: Classifier, costs: Any) -> Classifier:
        bundle = classifier.bundle
        return Classifier(Bundle({**bundle.config, "costs": costs}, bundle.arrays, ""))

    def test_a_dear_label_is_found_more_often(self, classifier: Classifier) -> None:
        dear = {head: [1, 1, 1, 20] for head in ("markup", "plain")}
        urls = [None] * len(DOCUMENTS)
        plain = classifier.classify(DOCUMENTS, urls)
        costly = self.with_costs(classifier, dear).classify(DOCUMENTS, urls)
        pairs = [
            pair
            for ours, theirs in zip(plain, costly, strict=True)
            for pair in zip(ours, theirs, strict=True)
        ]
        assert all(one.probabilities == other.probabilities for one, other in pairs)
        assert {other.label for one, other in pairs if one.label != other.label} == {"commerce"}

    @pytest.mark.parametrize(
        "costs", [{"plain": [1, 1]}, {"plain": [1, 1, 0, 1]}, 3, {"plain": "x"}]
    )
    def test_that_make_no_sense_are_refused(self, classifier: Classifier, costs: Any) -> None:
        with pytest.raises(BundleError, match="costs"):
            self.with_costs(classifier, costs)
