from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from seed_articles import SEEDS
from shops import C, N, bundle

from adsift.document import CommerceKind, Label, Paragraph
from adsift.model.adapt import adapt
from adsift.model.adaptation import label_shift as module
from adsift.model.bundle import Bundle
from adsift.model.classifier import Classifier
from adsift.model.fit_settings import Fitted
from adsift.model.labelled_document import LabelledDocument
from adsift.train.figures import label_scores


@pytest.fixture(scope="module")
def base(fitted: Fitted) -> Bundle:
    return bundle(fitted)


class TestTheMixOfLabels:
    """The same words, once as news and once as commerce: nothing but the mix can be learnt."""

    TEXT = "The brondle of the harbour has a fennox in every plindor for {} years."

    def documents(self, commerce: int) -> list[LabelledDocument]:
        return [
            LabelledDocument(
                [Paragraph(self.TEXT.format(7))] * 10,
                [C if row < commerce else N for row in range(10)],
                [CommerceKind.PRODUCT if row < commerce else None for row in range(10)],
                f"site {number}",
            )
            for number in range(12)
        ]

    def probabilities(self, adapted: Fitted) -> dict[Label, float]:
        document = self.documents(0)[0].paragraphs
        (tagged,) = Classifier(bundle(adapted)).classify([document], [None])
        return {label: np.mean([p.probabilities[label] for p in tagged]) for label in Label}

    def test_is_learnt(self, base: Bundle) -> None:
        found = [self.probabilities(adapt(base, self.documents(n)))[C] for n in (1, 5, 9)]
        assert found[0] < 0.15
        assert found == sorted(found)
        assert found[2] > 0.7

    def test_but_not_all_of_it(self, base: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
        careful = adapt(base, self.documents(9))
        monkeypatch.setattr(module, "CAREFUL", 0.0)
        whole = adapt(base, self.documents(9))
        assert self.probabilities(careful)[C] < self.probabilities(whole)[C]
        shifts = [f.config["adapted"]["heads"]["plain"]["shift"] for f in (careful, whole)]
        for shift in shifts:
            assert shift[0] == shift[1] < shift[3]
        assert shifts[0][3] < shifts[1][3]

    def test_but_all_of_it_where_there_is_less_commerce(
        self, base: Bundle, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        selling = bundle(adapt(base, self.documents(9)))
        found = adapt(selling, self.documents(2))
        shift = found.config["adapted"]["heads"]["plain"]["shift"]
        assert shift[0] == shift[1] > shift[3]
        monkeypatch.setattr(module, "CAREFUL", 0.0)
        assert adapt(selling, self.documents(2)).arrays.keys() == found.arrays.keys()
        again = adapt(selling, self.documents(2)).arrays["plain.output_bias"]
        assert (again == found.arrays["plain.output_bias"]).all()

    def test_labels_that_nobody_gave_stay_as_probable(self, base: Bundle) -> None:
        articles = [seed.labelled() for seed in SEEDS if seed.format == "text"]
        for left_out in ((Label.BOILERPLATE,), (Label.COMMERCE,), (N, Label.ANALYSIS)):
            partly = [
                replace(article, labels=[None if x in left_out else x for x in article.labels])
                for article in articles
            ]
            before = label_scores(base, articles)
            after = label_scores(bundle(adapt(base, partly)), articles)
            assert after["macro-F1"] > before["macro-F1"] - 0.02
