from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from explanations import TEXT, check_probability, check_sums
from hypothesis import given, settings
from hypothesis import strategies as st
from seed_articles import SEEDS, SENTENCES, Seed

import adsift
from adsift import Document, ExplanationError, Label, Paragraph, Separator
from adsift.model.classifier import Classifier
from adsift.model.explain import explain

PARAGRAPHS = st.builds(
    Paragraph,
    text=st.sampled_from(SENTENCES)
    | st.text(min_size=1).map(lambda text: " ".join(text.split())).filter(bool),
    tag=st.sampled_from(["", "p", "h2", "li"]),
    link_share=st.floats(0, 1),
    links=st.sampled_from([(), ("/more",), ("https://amzn.to/x", "https://post.example")]),
    ancestors=st.sampled_from([(), ("body", "p"), ("body", "div.promo", "p")]),
)
DOCUMENTS = st.lists(PARAGRAPHS, min_size=1, max_size=12)
URL = "https://post.example/1"


class TestSums:
    @given(DOCUMENTS, st.data())
    def test_every_table_adds_up_to_its_score(
        self,
        sift: Separator,
        tagging: Separator,
        document: list[Paragraph],
        data: st.DataObject,
    ) -> None:
        index = data.draw(st.integers(0, len(document) - 1))
        label = data.draw(st.sampled_from([None, *Label]))
        separator = sift if data.draw(st.booleans(), "networks") else tagging
        found = explain(separator.classifier, document, index, label, URL)
        check_sums(found)
        check_probability(found)

    @pytest.mark.parametrize("seed", SEEDS[::9], ids=lambda seed: seed.path.name)
    def test_with_the_shipped_model(self, shipped: Separator, seed: Seed) -> None:
        for index, tagged in enumerate(shipped.tag(seed.document)):
            found = shipped.explain(seed.document, index)
            assert found.paragraph == tagged
            assert (found.index, found.label) == (index, tagged.label)
            check_sums(found)
            check_probability(found)

    @settings(max_examples=20)
    @given(DOCUMENTS)
    def test_the_words_scores_make_step_1s_probabilities(
        self, sift: Separator, document: list[Paragraph]
    ) -> None:
        found = [explain(sift.classifier, document, 0, label).alone for label in Label]
        raised = np.exp([alone.score for alone in found])
        expected = dict(zip(Label, raised / raised.sum(), strict=True))
        assert found[0].probabilities == pytest.approx(expected, abs=1e-4)


class TestWords:
    def test_each_is_there_once(self, sift: Separator) -> None:
        words = sift.explain("Lamp\n\nLamp lamp $39", 1).alone.words
        raw = [word for part in words for word in part.words]
        assert len(raw) == len({*raw})
        assert {"plain", "w=lamp", "p=lamp lamp", "p=$ 02", "l=$ 02"} <= {*raw}
        readable = [text for part in words for text in part.readable]
        assert "pair “$ ‹2 digits›”" in readable

    def test_those_of_one_column_share_a_part(self, sift: Separator) -> None:
        # Some hundred words in 2 ** 13 columns: a few must meet.
        parts = [part for i in range(6) for part in sift.explain(TEXT, i).alone.words]
        shared = [part for part in parts if len(part.words) > 1]
        assert shared
        assert all(len(part.words) == len(part.readable) for part in parts)

    def test_the_largest_come_first(self, sift: Separator) -> None:
        sizes = [abs(part.contribution) for part in sift.explain(TEXT, 4).alone.words]
        assert sizes == sorted(sizes, reverse=True)


class TestSources:
    def test_any_that_can_be_tagged(self, sift: Separator) -> None:
        text, data = sift.explain(TEXT, 4), sift.explain(TEXT.encode(), np.int64(4))
        assert text == data == sift.explain(Document(TEXT), 4)

    def test_the_url_reaches_the_model(self, sift: Separator) -> None:
        page = '<p>See <a href="https://post.example/a">our list</a>.</p>'
        own = sift.explain(page, 0, format="html", url=URL)
        foreign = sift.explain(page, 0, format="html", url="https://other.example")
        assert "a=to:own" in {word for part in own.alone.words for word in part.words}
        assert "a=to:foreign" in {word for part in foreign.alone.words for word in part.words}


class TestMistakes:
    @pytest.mark.parametrize(
        ("source", "index", "message"),
        [
            ("One.\n\nTwo.", 2, "no paragraph 2: the document has 2 paragraphs, 0 to 1"),
            ("One.\n\nTwo.", -1, "no paragraph -1: the document has 2 paragraphs"),
            ("One.", 7, "no paragraph 7: the document has one paragraph, number 0"),
            ("", 0, "no paragraph 0: the document has none"),
            ("One.", "0", "must be a whole number, not '0'"),
            ("One.", 0.0, "must be a whole number, not 0.0"),
        ],
    )
    def test_no_such_paragraph(
        self, sift: Separator, source: str, index: Any, message: str
    ) -> None:
        with pytest.raises(ExplanationError, match=message):
            sift.explain(source, index)

    @pytest.mark.parametrize("label", ["advert", ["news"], 3])
    def test_no_such_label(self, sift: Separator, label: Any) -> None:
        with pytest.raises(ExplanationError, match=r"no such label: .*; the labels are news"):
            sift.explain("One.", 0, label)

    def test_they_are_adsifts_errors(self) -> None:
        assert issubclass(ExplanationError, adsift.AdsiftError)


def test_a_label_without_examples_in_training(sift: Separator) -> None:
    # Its opinion is below the floor everywhere, and the score has a corner or none at all.
    bundle = sift.classifier.bundle
    bias = bundle.arrays["plain.output_bias"].copy()
    bias[:, list(Label).index(Label.COMMERCE)] = -30
    config, arrays = bundle.config, {**bundle.arrays, "plain.output_bias": bias}
    found = Separator(Classifier(type(bundle)(config, arrays, ""))).explain(TEXT, 4, "commerce")
    check_sums(found)
    check_probability(found)
