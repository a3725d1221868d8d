from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from seed_articles import SEEDS, SENTENCES, Seed
from tagging import tagger_bundle

import adsift
from adsift import Document, Explanation, ExplanationError, Label, Paragraph, Separator
from adsift.model import explain as module
from adsift.model.classifier import Classifier
from adsift.model.context import VIEWS
from adsift.model.explain import ALONGSIDE, MEANING, ROUNDING, explain
from adsift.model.fit import Fitted
from adsift.model.heads import SHORT
from adsift.model.tracing import TOLERANCE

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
TEXT = "\n\n".join(SENTENCES)


def near(number: float, miss: float = 0.0) -> Any:
    return pytest.approx(number, abs=1e-6 + miss)


@pytest.fixture(scope="module")
def tagging(fitted: Fitted) -> Separator:
    """A separator whose step 2 is a tagger."""
    return Separator(Classifier(tagger_bundle(fitted)))


def check_sums(found: Explanation) -> None:
    alone, context = found.alone, found.in_context
    assert alone.bias + sum(part.contribution for part in alone.words) == near(alone.score)
    tagger = any(view.name == MEANING for view in context.views)
    miss = 2 * TOLERANCE * (1 + abs(context.score) + abs(context.baseline)) if tagger else 0.0
    by_view = sum(view.contribution for view in context.views)
    assert context.baseline + by_view == near(context.score, miss)
    by_paragraph = sum(part.contribution for part in context.paragraphs)
    assert context.baseline + context.unclaimed + by_paragraph == near(context.score, miss)
    for view in context.views:
        if view.name not in (ALONGSIDE, ROUNDING):
            assert sum(part.contribution for part in view.features) == near(view.contribution)
        claimed = sum(part.views.get(view.name, 0.0) for part in context.paragraphs)
        assert claimed + view.unclaimed == near(view.contribution)


def check_probability(found: Explanation) -> None:
    probability = found.paragraph.probabilities[found.label]
    assert 1 / (1 + math.exp(-found.in_context.score)) == pytest.approx(probability, abs=2e-5)


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

    def test_of_a_document_longer_than_paragraphs_are_told_apart(
        self, sift: Separator, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "NEAR", 3)
        monkeypatch.setattr(module, "CHUNK", 2)
        found = sift.explain("\n\n".join([TEXT] * 2), 10)
        assert [part.index for part in found.in_context.paragraphs] == [*range(7, 14)]
        check_sums(found)
        check_probability(found)


class TestNeighbours:
    @pytest.fixture
    def seen(self, sift: Separator) -> dict[str, list[int]]:
        """Which paragraphs each view of the sixth one of a page sees."""
        page = "<h2>One</h2>" + "<p>Two lanes open.</p>" * 2 + "<h2>News</h2>" + "<p>It is.</p>" * 4
        context = sift.explain(page, 5, format="html").in_context
        names = [name for name, _ in VIEWS]
        assert [view.name for view in context.views] == names
        return {
            name: [part.index for part in context.paragraphs if name in part.views]
            for name in names
        }

    @pytest.mark.parametrize(
        ("view", "expected"),
        [
            ("own", [5]),
            ("1 before", [4]),
            ("4 before", [1, 2, 3, 4]),
            ("2 after", [6, 7]),
            ("heading above", [3]),
            ("section", [3, 4, 5, 6, 7]),
            ("same build", [1, 2, 4, 5, 6, 7]),
            ("document", [0, 1, 2, 3, 4, 5, 6, 7]),
            ("size and place", []),
        ],
    )
    def test_who_is_seen(self, seen: dict[str, list[int]], view: str, expected: list[int]) -> None:
        assert seen[view] == expected

    def test_nobody_claims_length_and_place_nor_an_empty_window(self, sift: Separator) -> None:
        views = {view.name: view for view in sift.explain(TEXT, 0).in_context.views}
        for name in ("size and place", "1 before", "20 before"):
            assert views[name].unclaimed == views[name].contribution != 0
        for name in ("own", "1 after", "document"):
            assert views[name].unclaimed == near(0)

    def test_a_view_that_is_no_mean_stays_whole(
        self, sift: Separator, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = sift.explain(TEXT, 4).in_context
        squares = [
            (name, lambda signals, layout, view=view: view(signals, layout) ** 2)
            if name == "own"
            else (name, view)
            for name, view in VIEWS
        ]
        monkeypatch.setattr(module, "VIEWS", squares)
        own = sift.explain(TEXT, 4).in_context.views[0]
        assert own.unclaimed == own.contribution
        assert own.contribution != before.views[0].contribution


class TestTagger:
    def test_reads_the_paragraph_and_those_beside_it(self, tagging: Separator) -> None:
        context = tagging.explain(TEXT, 4).in_context
        assert [view.name for view in context.views] == [
            MEANING,
            *(name for name, _ in VIEWS),
            ALONGSIDE,
            ROUNDING,
        ]
        own = next(part for part in context.paragraphs if part.index == 4)
        assert MEANING in own.views
        assert ALONGSIDE not in own.views
        assert any(ALONGSIDE in part.views for part in context.paragraphs)

    def test_says_what_each_word_means(self, tagging: Separator) -> None:
        document = "The lampposts of the bridge vote." + "\n\nBuy the lamp!" * SHORT
        meaning = tagging.explain(document, 0).in_context.views[0]
        words = {part.name: part.value for part in meaning.features}
        assert words == {"the": 2, "lampposts": 3, "of": 1, "bridge": 1, "vote": 1, ".": 1}
        sizes = [abs(part.contribution) for part in meaning.features]
        assert sizes == sorted(sizes, reverse=True)

    def test_of_a_document_longer_than_paragraphs_are_told_apart(
        self, tagging: Separator, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "NEAR", 3)
        found = tagging.explain("\n\n".join([TEXT] * 2), 10)
        assert [part.index for part in found.in_context.paragraphs] == [*range(7, 14)]
        check_sums(found)

    def test_short_documents_are_the_networks(self, tagging: Separator) -> None:
        context = tagging.explain("The lampposts of the bridge vote.", 0).in_context
        assert [view.name for view in context.views] == [name for name, _ in VIEWS]


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
