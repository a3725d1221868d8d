from __future__ import annotations

from dataclasses import replace

import pytest
from seed_articles import SEEDS

from adsift.document import Label, Paragraph
from adsift.model.bundle import Bundle
from adsift.model.classifier import Classifier
from adsift.model.fit_settings import Fitted
from adsift.model.labelled_document import LabelledDocument
from adsift.train import label_scores
from adsift.train.prepare import for_both_heads, with_enough_groups

DOCUMENTS = [seed.labelled() for seed in SEEDS]


@pytest.fixture(scope="module")
def bundle(fitted: Fitted) -> Bundle:
    return Bundle(fitted.config, fitted.arrays, "")


@pytest.fixture(scope="module")
def said(bundle: Bundle) -> list[LabelledDocument]:
    """The documents with the labels that the bundle gives them."""
    tagged = Classifier(bundle).classify([d.paragraphs for d in DOCUMENTS], [None] * len(DOCUMENTS))
    return [
        replace(document, labels=[p.label for p in paragraphs])
        for document, paragraphs in zip(DOCUMENTS, tagged, strict=True)
    ]


class TestScores:
    def test_all_right(self, bundle: Bundle, said: list[LabelledDocument]) -> None:
        scores = label_scores(bundle, said)
        assert [*scores] == [
            *("macro-F1", *(f"F1 {label}" for label in Label), "content lost", "commerce leaked")
        ]
        assert [*scores.values()] == pytest.approx([1.0] * 5 + [0.0] * 2)

    def test_a_mistake_counts(self, bundle: Bundle, said: list[LabelledDocument]) -> None:
        wrong = Label.NEWS if said[0].labels[0] != Label.NEWS else Label.COMMERCE
        changed = replace(said[0], labels=[wrong, *said[0].labels[1:]])
        assert label_scores(bundle, [changed, *said[1:]])["macro-F1"] < 1.0

    def test_what_is_lost_and_what_is_left_in(
        self, bundle: Bundle, said: list[LabelledDocument]
    ) -> None:
        place = {
            label: next(d for d in said if label in d.labels and d.weight > 0)
            for label in (Label.NEWS, Label.COMMERCE)
        }
        for label, other, name, untouched in (
            (Label.COMMERCE, Label.ANALYSIS, "content lost", "commerce leaked"),
            (Label.NEWS, Label.COMMERCE, "commerce leaked", "content lost"),
        ):
            # A label that is not the model's: what the model says of it is then wrong.
            document = place[label]
            row = document.labels.index(label)
            labels = [other if i == row else x for i, x in enumerate(document.labels)]
            scores = label_scores(
                bundle, [replace(d, labels=labels) if d is document else d for d in said]
            )
            assert scores[name] > 0
            assert scores[untouched] == pytest.approx(0)

    def test_content_taken_for_other_content_is_not_lost(
        self, bundle: Bundle, said: list[LabelledDocument]
    ) -> None:
        swapped = [
            replace(d, labels=[Label.ANALYSIS if x == Label.NEWS else x for x in d.labels])
            for d in said
        ]
        scores = label_scores(bundle, swapped)
        assert scores["macro-F1"] < 1
        assert scores["content lost"] == pytest.approx(0)

    def test_only_labels_that_are_there(self, bundle: Bundle, said: list[LabelledDocument]) -> None:
        kept = [x if x == Label.NEWS else None for x in said[0].labels]
        scores = label_scores(bundle, [replace(said[0], labels=kept)])
        assert {*scores} <= {"macro-F1", "F1 news", "content lost"}


class TestPreparing:
    def test_documents_without_markup_stand_in_for_those_with(self) -> None:
        plain = LabelledDocument([Paragraph("One.")], [Label.NEWS], [None], "a")
        both = for_both_heads([plain])
        assert [d.paragraphs[0].tag for d in both] == ["", "p"]

    def test_documents_with_markup_are_read_as_text_too(self) -> None:
        page = LabelledDocument([Paragraph("One.", tag="li")], [Label.NEWS], [None], "a")
        assert [d.paragraphs[0].tag for d in for_both_heads([page])] == ["li", ""]

    def test_groups_are_kept_if_there_are_enough(self) -> None:
        one = [LabelledDocument([Paragraph("One.")], [Label.NEWS], [None], "a")] * 3
        assert len({d.group for d in with_enough_groups(one, 3)}) == 3
        assert with_enough_groups(one, 1) == one
