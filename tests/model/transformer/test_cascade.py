from __future__ import annotations

from dataclasses import replace
from importlib.machinery import ModuleSpec
from pathlib import Path
from shutil import copytree

import pytest
from seed_articles import SEEDS

import adsift
from adsift.document import Document, Label
from adsift.errors import BundleError
from adsift.model.bundle import find_bundle, read_bundle, write_bundle
from adsift.model.load import load_model
from adsift.model.transformer import encoder
from adsift.model.transformer.cascade import Cascade

FEW = [seed.document for seed in SEEDS[::6]]


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

    def test_explains_the_fast_model_behind_it(
        self, accurate: adsift.Separator, shipped: adsift.Separator
    ) -> None:
        assert accurate.explain(FEW[0], 0, "news") == shipped.explain(FEW[0], 0, "news")


@pytest.mark.usefixtures("accurate")
class TestErrors:
    def test_without_the_encoder(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def nothing(name: str) -> ModuleSpec | None:
            assert name == encoder.MODULE
            return None

        monkeypatch.setattr(encoder, "find_spec", nothing)
        with pytest.raises(BundleError, match=r"adsift\[accurate\]"):
            adsift.load("accurate")

    def test_with_another_encoder(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        (tmp_path / "model").mkdir()
        (tmp_path / "model" / encoder.WEIGHTS).write_bytes(b"something else")
        real = encoder.encoder_folder() / encoder.TOKENIZER
        (tmp_path / "model" / encoder.TOKENIZER).write_bytes(real.read_bytes())
        monkeypatch.setattr(encoder, "encoder_folder", lambda: tmp_path / "model")
        with pytest.raises(BundleError, match="SHA-256"):
            adsift.load("accurate")

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

    def test_a_bundle_without_its_tagger(self, tmp_path: Path) -> None:
        whole = read_bundle(find_bundle("accurate"))
        arrays = {name: a for name, a in whole.arrays.items() if not name.startswith("tagger.")}
        write_bundle(tmp_path / "accurate", replace(whole, arrays=arrays))
        copytree(find_bundle("default"), tmp_path / "default")
        with pytest.raises(BundleError, match=r"incomplete.*tagger\.mean"):
            adsift.load(tmp_path / "accurate")
