from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from shutil import copytree

import numpy as np
import pytest
from seed_articles import SEEDS

import adsift
from adsift.document import Document, Label
from adsift.errors import BundleError
from adsift.model.bundle import find_bundle, read_bundle, write_bundle
from adsift.model.load import load_model
from adsift.model.shared import load_shared, share_model
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

    def test_mapped_it_is_the_same(self, accurate: adsift.Separator, tmp_path: Path) -> None:
        share_model("accurate", tmp_path)
        shared = load_shared(tmp_path)
        assert all(isinstance(array, np.memmap) for array in shared.bundle.arrays.values())
        assert list(adsift.Separator(shared).tag_many(FEW)) == list(accurate.tag_many(FEW))

    def test_explains_the_fast_model_behind_it(
        self, accurate: adsift.Separator, shipped: adsift.Separator
    ) -> None:
        assert accurate.explain(FEW[0], 0, "news") == shipped.explain(FEW[0], 0, "news")


@pytest.mark.usefixtures("accurate")
class TestErrors:
    @pytest.mark.parametrize("package", ["onnxruntime", "tokenizers"])
    def test_without_a_package(self, monkeypatch: pytest.MonkeyPatch, package: str) -> None:
        monkeypatch.setitem(sys.modules, package, None)
        with pytest.raises(BundleError, match=rf"package {package}, .*adsift\[accurate\]"):
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

    def test_a_bundle_without_its_tagger(self, tmp_path: Path) -> None:
        whole = read_bundle(find_bundle("accurate"))
        arrays = {name: a for name, a in whole.arrays.items() if not name.startswith("tagger.")}
        write_bundle(tmp_path / "accurate", replace(whole, arrays=arrays))
        copytree(find_bundle("default"), tmp_path / "default")
        with pytest.raises(BundleError, match=r"incomplete.*tagger\.mean"):
            adsift.load(tmp_path / "accurate")
