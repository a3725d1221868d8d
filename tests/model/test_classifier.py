from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from remembered import Rounds, rounds
from seed_articles import SEEDS, SENTENCES
from tagging import tagger_bundle

import adsift
from adsift.document import CommerceKind, Label, Paragraph, TaggedParagraph
from adsift.errors import BundleError
from adsift.model.bundle import Bundle
from adsift.model.classifier import Classifier
from adsift.model.fit_settings import Fitted
from adsift.model.heads import SHORT
from adsift.model.memory import Memory
from adsift.model.networks import Networks
from adsift.segment import segment

DOCUMENTS = [segment(seed.document).paragraphs for seed in SEEDS]
PARAGRAPHS = st.builds(
    Paragraph,
    text=st.sampled_from(SENTENCES)
    | st.text(min_size=1).map(lambda text: " ".join(text.split())).filter(bool),
    tag=st.sampled_from(["", "p", "h2", "li"]),
    links=st.sampled_from([(), ("/more",), ("https://amzn.to/x", "https://post.example")]),
)


@pytest.fixture(scope="session")
def classifier(sift: adsift.Separator) -> Classifier:
    return sift.classifier


def check(tagged: TaggedParagraph) -> None:
    assert list(tagged.probabilities) == list(Label)
    assert sum(tagged.probabilities.values()) == pytest.approx(1, abs=1e-9)
    assert min(tagged.probabilities.values()) >= 0
    assert tagged.probability == max(tagged.probabilities.values())
    assert (tagged.kind is not None) == (tagged.label == "commerce")


class TestTags:
    def test_of_the_seeds(self, classifier: Classifier) -> None:
        tagged = classifier.classify(DOCUMENTS, [None] * len(DOCUMENTS))
        for document, paragraphs in zip(DOCUMENTS, tagged, strict=True):
            assert [p.paragraph for p in paragraphs] == document
            for paragraph in paragraphs:
                check(paragraph)
        found = [paragraph for paragraphs in tagged for paragraph in paragraphs]
        assert {paragraph.label for paragraph in found} == {*Label}
        assert {paragraph.kind for paragraph in found} == {*CommerceKind, None}

    @given(st.lists(st.lists(PARAGRAPHS, max_size=8), max_size=5))
    def test_of_any_documents(
        self, classifier: Classifier, documents: list[list[Paragraph]]
    ) -> None:
        tagged = classifier.classify(documents, ["https://post.example/1"] * len(documents))
        assert [[p.paragraph for p in paragraphs] for paragraphs in tagged] == documents
        for paragraphs in tagged:
            for paragraph in paragraphs:
                check(paragraph)

    def test_no_documents(self, classifier: Classifier) -> None:
        assert classifier.classify([], []) == []
        assert classifier.classify([[], []], [None, None]) == [[], []]


class TestIndependence:
    def test_a_document_has_the_same_tags_alone_and_in_any_batch(
        self, classifier: Classifier
    ) -> None:
        alone = [classifier.classify([document], [None])[0] for document in DOCUMENTS]
        assert classifier.classify(DOCUMENTS, [None] * len(DOCUMENTS)) == alone
        backwards = classifier.classify(DOCUMENTS[::-1], [None] * len(DOCUMENTS))
        assert backwards[::-1] == alone

    @settings(max_examples=50)
    @given(st.lists(st.lists(PARAGRAPHS, max_size=8), max_size=5))
    def test_of_any_documents(
        self, classifier: Classifier, documents: list[list[Paragraph]]
    ) -> None:
        batch = [*documents, DOCUMENTS[0]]
        tagged = classifier.classify(batch, [None] * len(batch))
        assert tagged == [classifier.classify([document], [None])[0] for document in batch]

    @settings(max_examples=50)
    @given(st.lists(st.lists(PARAGRAPHS, max_size=40), max_size=5))
    def test_of_a_tagger(self, fitted: Fitted, documents: list[list[Paragraph]]) -> None:
        tagger = Classifier(tagger_bundle(fitted))
        tagged = tagger.classify(documents, [None] * len(documents))
        assert tagged == [tagger.classify([document], [None])[0] for document in documents]


class TestMemories:
    LONG = tuple(Paragraph(f"The {word} lamp", tag="p") for word in "abcdefghij")
    OTHER = tuple(Paragraph(f"Buy a {word} bridge!", tag="p") for word in "abcdefghij")

    # Around SHORT, so that both kinds of step 2 take turns.
    @settings(max_examples=50)
    @given(st.lists(rounds(SHORT - 2, SHORT + 6), min_size=1, max_size=3))
    @example(
        [
            Rounds(
                [[*LONG], [*OTHER], [*OTHER[:5]], [*OTHER[:5], *LONG[5:]]],
                [[None] * 10, [*range(5)], [*range(5), *[None] * 5]],
                [None] * 4,
            )
        ]
    )
    def test_change_no_tag(self, fitted: Fitted, documents: list[Rounds]) -> None:
        tagger = Classifier(tagger_bundle(fitted))
        memories = [Memory() for _ in documents]
        for number in range(min(len(document.paragraphs) for document in documents)):
            pages = [document.paragraphs[number] for document in documents]
            urls = [document.urls[number] for document in documents]
            if number:
                for document, memory in zip(documents, memories, strict=True):
                    memory.cut(document.left[number - 1])
            assert tagger.classify(pages, urls, memories) == tagger.classify(pages, urls)

    def test_of_another_model_are_of_no_account(self, fitted: Fitted) -> None:
        one, other = (Classifier(tagger_bundle(fitted, seed)) for seed in (0, 1))
        memory = Memory()
        one.classify([self.LONG], [None], [memory])
        memory.cut(range(10))
        assert other.classify([self.LONG], [None], [memory]) == other.classify([self.LONG], [None])

    @pytest.mark.parametrize("kind", ["scored", "meant"])
    def test_are_made_use_of(self, fitted: Fitted, kind: str) -> None:
        tagger, memory = Classifier(tagger_bundle(fitted)), Memory()
        expected = tagger.classify([self.LONG], [None], [memory])
        found = getattr(memory.now, kind)
        (found.scores if kind == "scored" else found.means)[:] = 9
        memory.cut(range(10))
        assert tagger.classify([self.LONG], [None], [memory]) != expected


class TestWrongBundles:
    @pytest.mark.parametrize(
        ("entry", "value", "complaint"),
        [
            ("labels", ["news", "advert"], "other labels"),
            ("labels", None, "other labels"),
            ("kinds", [], "other kinds"),
            ("features", ["w"], "other features"),
            ("width", 2**12, "markup.alone has shape .8192, 8., it should be .4096, 8."),
            ("width", "wide", "it should be .'wide', 8."),
            ("width", 2.0**13, "width 8192.0 is no whole number"),
            ("temperature", {"markup": 1.0}, "temperature .* plain head"),
            ("temperature", {"markup": 0, "plain": 1}, "temperature .* markup head"),
            ("temperature", {"markup": 1, "plain": 1e-308}, "temperature .* plain head"),
            ("temperature", {"markup": 10**400, "plain": 1}, "temperature .* markup head"),
            ("temperature", 1.0, "temperature"),
        ],
    )
    def test_the_configuration(
        self, fitted: Fitted, entry: str, value: object, complaint: str
    ) -> None:
        config: dict[str, Any] = {**fitted.config, entry: value}
        with pytest.raises(BundleError, match=complaint):
            Classifier(Bundle(config, fitted.arrays, ""))

    @pytest.mark.parametrize("name", ["markup.alone", "plain.alone_bias", "plain.output_bias"])
    def test_a_missing_array(self, fitted: Fitted, name: str) -> None:
        arrays = {key: array for key, array in fitted.arrays.items() if key != name}
        with pytest.raises(BundleError, match=f"incomplete: it has no array '{name}'"):
            Classifier(Bundle(fitted.config, arrays, ""))

    @pytest.mark.parametrize("part", ["alone", "alone_bias", *Networks._fields])
    @pytest.mark.parametrize("shape", [(), (1,), (1, 1), (2, 8, 8), (0, 0, 4)])
    def test_a_wrong_shape(self, fitted: Fitted, part: str, shape: tuple[int, ...]) -> None:
        arrays = {**fitted.arrays, f"plain.{part}": np.ones(shape, np.float32)}
        with pytest.raises(BundleError, match=r"the bundle's array plain\.\w+ has shape"):
            Classifier(Bundle(fitted.config, arrays, ""))

    @pytest.mark.parametrize("number", [0, -1])
    def test_a_scale_that_is_none(self, fitted: Fitted, number: float) -> None:
        scale = np.full_like(fitted.arrays["plain.scale"], number)
        arrays = {**fitted.arrays, "plain.scale": scale}
        with pytest.raises(BundleError, match=r"plain\.scale has numbers that are not above 0"):
            Classifier(Bundle(fitted.config, arrays, ""))

    @pytest.mark.parametrize("part", ["output", "output_bias"])
    def test_a_taggers_output_layer(self, fitted: Fitted, part: str) -> None:
        bundle = tagger_bundle(fitted)
        assert Classifier(bundle).width == 2**13
        arrays = {**bundle.arrays, f"plain.{part}": bundle.arrays[f"plain.{part}"][:, :-1]}
        with pytest.raises(BundleError, match=rf"plain\.{part} has shape"):
            Classifier(Bundle(fitted.config, arrays, ""))

    def test_a_tagger_without_networks_for_short_documents(self, fitted: Fitted) -> None:
        bundle = tagger_bundle(fitted)
        arrays = {name: a for name, a in bundle.arrays.items() if name != "plain.short.hidden"}
        with pytest.raises(BundleError, match=r"no array 'plain\.short\.hidden'"):
            Classifier(Bundle(fitted.config, arrays, ""))

    def test_the_right_one(self, fitted: Fitted) -> None:
        bundle = Bundle(fitted.config, fitted.arrays, "")
        assert Classifier(bundle).width == 2**13
