from __future__ import annotations

import pickle
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from shutil import copytree
from typing import Any

import numpy as np
import pytest
from random_reader import SIZE, arrays
from seed_articles import SEEDS

import adsift
from adsift.document import Document, Label, Paragraph, TaggedParagraph
from adsift.errors import BundleError, ExplanationError
from adsift.model.bundle import Bundle, find_bundle, read_bundle, write_bundle
from adsift.model.classifier import Classifier
from adsift.model.context import read_layout
from adsift.model.heads import HEADS, SHORT
from adsift.model.load import load_model
from adsift.model.memory import Memory
from adsift.model.probabilities import LABELS, softmax
from adsift.model.shared import load_shared, share_model
from adsift.model.tagger import SMALLEST, page_weights, reads
from adsift.model.transformer import cascade as cascade_module
from adsift.model.transformer.cascade import Cascade
from adsift.model.transformer.reader import Reader

FEW = [seed.document for seed in SEEDS[::6]]


class Stub:
    """An encoder that makes numbers of a text which mean nothing."""

    size = SIZE

    def __init__(self) -> None:
        self.seen: list[str] = []

    def states(self, texts: Sequence[str]) -> Any:
        self.seen += texts
        rows = [np.random.default_rng([*text.encode()]).normal(size=SIZE) for text in texts]
        return np.array(rows, np.float32).reshape(len(texts), SIZE)


def cascade(fast: Classifier, encoder: Any = None, **changes: Any) -> Cascade:
    """Of a reader that nobody trained, or of two."""
    config = {
        "labels": list(LABELS),
        "readers": {head: [0] for head in HEADS},
        "shares": {head: {"fast": 0.25, "readers": 0.75} for head in HEADS},
        "temperature": dict.fromkeys(HEADS, 2.0),
        "costs": {head: [1, 1, 1, 9] for head in HEADS},
        **changes,
    }
    return Cascade(Bundle(config, arrays() | arrays(1), ""), fast, encoder or Stub())


def rows_of(tagged: list[TaggedParagraph]) -> Any:
    return np.array([[p.probabilities[label] for label in LABELS] for p in tagged])


LINES = [f"The council voted on plan {number} of the town on Monday." for number in range(90)]
LINES[40] = "Buy the lamp now for $5!"


class TestTheCascade:
    """Of a stub and readers that nobody trained, behind the shipped fast model."""

    def test_reads_what_the_fast_model_is_not_sure_of(self, fast: Classifier) -> None:
        menu = "<nav><ul>" + "<li><a href='/x'>Home</a></li>" * 60 + "</ul></nav>"
        encoder = Stub()
        model = cascade(fast, encoder)
        adsift.Separator(model).tag(f"<body>{menu}<p>{'</p><p>'.join(LINES[:9])}</p></body>")
        assert {*LINES[:9]} <= {*encoder.seen}
        assert len(encoder.seen) == model.rejudged < model.judged == 69

    def test_pools_the_opinions(self, fast: Classifier) -> None:
        document = [Paragraph(line) for line in LINES]
        (judged,) = fast.judge([document], [None])
        assert judged is not None
        readers = {"markup": [0], "plain": [0, 1]}
        (tagged,) = cascade(fast, readers=readers).classify([document], [None])
        layout = read_layout([document])
        assert reads(judged.features, layout.document).all()
        states, weights = Stub().states(LINES), page_weights(layout)
        said = np.zeros((len(LINES), len(LABELS)))
        for number in range(2):
            reader = Reader.of(arrays(number), number, SIZE)
            scores = reader.scores(reader.read(states), judged.features, weights)
            said += softmax(scores) / 2
        # The root is that of a temperature of 2.
        expected = np.sqrt(judged.probabilities**0.25 * np.maximum(said, SMALLEST) ** 0.75)
        expected /= expected.sum(axis=1, keepdims=True)
        np.testing.assert_allclose(rows_of(tagged), expected, atol=1e-4)

    def test_a_head_has_its_own_readers(self, fast: Classifier) -> None:
        def tagged(document: list[Paragraph], **of_heads: list[int]) -> Any:
            (found,) = cascade(fast, readers=of_heads).classify([document], [None])
            return rows_of(found)

        plain, marked = ([Paragraph(t, tag=tag) for t in LINES] for tag in ("", "p"))
        for document, own, other in ((plain, "plain", "markup"), (marked, "markup", "plain")):
            first = tagged(document, **{own: [0], other: [1]})
            assert np.array_equal(tagged(document, **{own: [0], other: [0]}), first)
            assert not np.allclose(tagged(document, **{own: [1], other: [1]}), first)

    def test_the_fast_model_remembers(self, fast: Classifier) -> None:
        memory = Memory()
        cascade(fast).classify([[*map(Paragraph, LINES)]], [None], [memory])
        assert memory.now.scored is not None
        assert memory.now.meant is not None

    def test_of_a_short_document_it_says_what_the_fast_model_says(self, fast: Classifier) -> None:
        encoder = Stub()
        model = cascade(fast, encoder)
        for count in range(1, SHORT):
            documents = [[Paragraph(t) for t in LINES[at : at + count]] for at in range(30, 45)]
            addresses = [None] * len(documents)
            assert model.classify(documents, addresses) == fast.classify(documents, addresses)
        assert encoder.seen == []

    def test_a_document_in_which_nothing_is_read(self, fast: Classifier) -> None:
        menu = "<nav><ul>" + "<li><a href='/x'>Home</a></li>" * 60 + "</ul></nav>"
        encoder = Stub()
        tagged = adsift.Separator(cascade(fast, encoder)).tag(menu)
        assert (len(tagged), encoder.seen) == (60, [])
        assert np.isfinite(rows_of(tagged)).all()

    def test_a_long_document_is_read_in_parts(
        self, fast: Classifier, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        document = [Paragraph(line) for line in LINES]
        whole = cascade(fast).classify([document], [None])
        monkeypatch.setattr(cascade_module, "TOGETHER", 32)
        assert cascade(fast).classify([document], [None]) == whole

    @pytest.mark.parametrize("count", [SHORT - 1, len(LINES)])
    def test_explains_the_fast_model_and_says_what_it_decided_itself(
        self, fast: Classifier, count: int
    ) -> None:
        text = "\n\n".join(LINES[:count])
        model = adsift.Separator(cascade(fast))
        tagged = model.tag(text)[3]
        found = model.explain(text, 3)
        assert (found.decided, found.label) == (tagged, tagged.label)
        behind = adsift.Separator(fast).explain(text, 3, tagged.label)
        assert behind.decided is None
        assert replace(found, decided=None) == behind

    @pytest.mark.parametrize("index", [len(LINES), -1, "0"])
    def test_explains_no_paragraph_that_is_not_there(self, fast: Classifier, index: Any) -> None:
        with pytest.raises(ExplanationError, match="paragraph"):
            adsift.Separator(cascade(fast)).explain("\n\n".join(LINES), index)

    def test_serves_several_threads(self, fast: Classifier) -> None:
        model = cascade(fast)
        documents = [[Paragraph(t) for t in LINES[at : at + 20]] for at in range(40)]

        def tagged(document: list[Paragraph]) -> Any:
            return model.classify([document], [None])

        with ThreadPoolExecutor(4) as pool:
            assert [*pool.map(tagged, documents)] == [*map(tagged, documents)]

    @pytest.mark.parametrize(
        "changes",
        [
            {"labels": ["news"]},
            {"readers": 1},
            {"readers": {"markup": [0]}},
            *(
                {"readers": {"markup": [0], "plain": plain}}
                for plain in ([], [2], [-1], [0.5], [True], [[0]], [0, 0], "0", 0)
            ),
            {"shares": None},
            {"shares": {"markup": {"fast": 1, "readers": 1}}},
            {"shares": {head: {"fast": "much", "readers": 1} for head in HEADS}},
            {"shares": {head: {"fast": float("nan"), "readers": 1} for head in HEADS}},
            {"temperature": dict.fromkeys(HEADS, float("nan"))},
            {"temperature": dict.fromkeys(HEADS, float("inf"))},
            {"temperature": dict.fromkeys(HEADS, 0)},
            {"temperature": dict.fromkeys(HEADS, 1e-308)},
            {"temperature": dict.fromkeys(HEADS, 10**400)},
            {"costs": {head: [1, 1, 1] for head in HEADS}},
        ],
    )
    def test_settings_that_are_none(self, fast: Classifier, changes: dict[str, Any]) -> None:
        with pytest.raises(BundleError):
            cascade(fast, **changes)


@pytest.mark.usefixtures("accurate")
class TestTheAccurateTier:
    def test_tags_the_same_paragraphs_as_the_fast_model(
        self, accurate: adsift.Separator, shipped: adsift.Separator
    ) -> None:
        for document in FEW:
            ours, theirs = accurate.tag(document), shipped.tag(document)
            assert [p.paragraph for p in ours] == [p.paragraph for p in theirs]
            for paragraph in ours:
                assert sum(paragraph.probabilities.values()) == pytest.approx(1, abs=1e-9)
                assert (paragraph.kind is None) == (paragraph.label != "commerce")

    def test_has_opinions_of_its_own(
        self, accurate: adsift.Separator, shipped: adsift.Separator
    ) -> None:
        pairs = [
            (ours.probabilities, theirs.probabilities)
            for document in FEW
            for ours, theirs in zip(accurate.tag(document), shipped.tag(document), strict=True)
        ]
        assert any(ours != theirs for ours, theirs in pairs)

    def test_does_not_read_what_is_furniture_beyond_doubt(self) -> None:
        cascade = load_model("accurate")
        assert isinstance(cascade, Cascade)
        menu = "<nav><ul>" + "<li><a href='/x'>Home</a></li>" * 60 + "</ul></nav>"
        article = "<article>" + "<p>The council voted to close the bridge on Monday.</p>" * 3
        page = f"<html><body>{menu}{article}</article></body></html>"
        adsift.Separator(cascade).tag(page)
        assert 3 <= cascade.rejudged < cascade.judged == 63

    def test_a_lone_sentence_is_the_fast_model_s(
        self, accurate: adsift.Separator, shipped: adsift.Separator
    ) -> None:
        for text in ("The council voted on Monday.", "Buy the lamp now for $5!"):
            assert accurate.tag(text) == shipped.tag(text)

    def test_finds_the_pitches(self, accurate: adsift.Separator) -> None:
        result = accurate.strip(SEEDS[0].document)
        assert any("Hand-Crank Radios" in p.text for p in result.removed)
        assert all(p.label == Label.COMMERCE for p in result.removed)

    def test_does_not_depend_on_the_batch(self, accurate: adsift.Separator) -> None:
        alone = [accurate.tag(document) for document in FEW]
        assert list(accurate.tag_many(FEW)) == alone
        assert list(accurate.tag_many(FEW[::-1])) == alone[::-1]

    def test_strips_to_what_it_would_not_strip_further(self, accurate: adsift.Separator) -> None:
        for document in FEW:
            once = accurate.strip(document, drop=("commerce", "boilerplate"))
            again = Document(once.text, format=document.format, name=document.name)
            assert accurate.strip(again, drop=("commerce", "boilerplate")).text == once.text

    @pytest.mark.parametrize("text", ["", " \n", "a", "<p></p>", "word " * 5000, "\x00\ud800"])
    def test_takes_odd_documents(self, accurate: adsift.Separator, text: str) -> None:
        assert (
            "".join(p.text for p in accurate.tag(text)).split()
            == "".join(p.text for p in adsift.load().tag(text)).split()
        )

    def test_mapped_it_is_the_same(self, accurate: adsift.Separator, tmp_path: Path) -> None:
        share_model("accurate", tmp_path)
        shared = load_shared(tmp_path)
        assert all(isinstance(array, np.memmap) for array in shared.bundle.arrays.values())
        assert list(adsift.Separator(shared).tag_many(FEW)) == list(accurate.tag_many(FEW))

    def test_can_be_pickled(self, accurate: adsift.Separator) -> None:
        again = pickle.loads(pickle.dumps(accurate))
        assert list(again.tag_many(FEW)) == list(accurate.tag_many(FEW))

    def test_explains_the_fast_model_behind_it(
        self, accurate: adsift.Separator, shipped: adsift.Separator
    ) -> None:
        found = accurate.explain(FEW[0], 0, "news")
        assert found.decided == accurate.tag(FEW[0])[0]
        assert replace(found, decided=None) == shipped.explain(FEW[0], 0, "news")


@pytest.mark.usefixtures("accurate")
class TestErrors:
    @pytest.mark.parametrize("package", ["onnxruntime", "tokenizers"])
    def test_without_a_package(self, monkeypatch: pytest.MonkeyPatch, package: str) -> None:
        monkeypatch.setitem(sys.modules, package, None)
        with pytest.raises(BundleError, match=rf"package {package}, .*\.\[accurate\]"):
            adsift.load("accurate")

    def test_a_tokenizer_of_another_kind(self, tmp_path: Path) -> None:
        whole = read_bundle(find_bundle("accurate"))
        write_bundle(tmp_path / "accurate", replace(whole, tokenizer=b"{}"))
        copytree(find_bundle("default"), tmp_path / "default")
        with pytest.raises(BundleError, match="tokenizer cannot be read"):
            adsift.load(tmp_path / "accurate")

    @pytest.mark.parametrize("part", ["words.scales", "positions", "layer.3.up.nibbles"])
    def test_a_bundle_without_a_part_of_its_encoder(self, tmp_path: Path, part: str) -> None:
        whole = read_bundle(find_bundle("accurate"))
        arrays = {name: array for name, array in whole.arrays.items() if name != part}
        write_bundle(tmp_path / "accurate", replace(whole, arrays=arrays))
        copytree(find_bundle("default"), tmp_path / "default")
        with pytest.raises(BundleError, match=r"incomplete|cannot put the bundle's graph together"):
            adsift.load(tmp_path / "accurate")

    def test_behind_another_fast_bundle(self, bundle_folder: Path, tmp_path: Path) -> None:
        copytree(find_bundle("accurate"), tmp_path / "accurate")
        copytree(bundle_folder, tmp_path / "default")
        with pytest.raises(BundleError, match="another version"):
            adsift.load(tmp_path / "accurate")

    def test_a_damaged_graph(self, tmp_path: Path) -> None:
        copytree(find_bundle("accurate"), tmp_path / "accurate")
        with (tmp_path / "accurate" / "graph.onnx").open("ab") as file:
            file.write(b"x")
        with pytest.raises(BundleError, match=r"graph\.onnx is damaged"):
            adsift.load(tmp_path / "accurate")

    def test_a_bundle_without_its_readers(self, tmp_path: Path) -> None:
        whole = read_bundle(find_bundle("accurate"))
        arrays = {name: a for name, a in whole.arrays.items() if not name.startswith("reader.")}
        write_bundle(tmp_path / "accurate", replace(whole, arrays=arrays))
        copytree(find_bundle("default"), tmp_path / "default")
        with pytest.raises(BundleError, match=r"no array .reader\.0\."):
            adsift.load(tmp_path / "accurate")
