from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adsift.compiled import compiled
from adsift.document import Document, Paragraph
from adsift.model import pieces as pure
from adsift.model.bundle import find_bundle, read_bundle
from adsift.model.classifier import has_tagger
from adsift.model.pieces import Pieces
from adsift.segment import segment

pytestmark = pytest.mark.skipif(
    compiled("pieces") is None, reason="the compiled core was not built"
)

WORDS = [
    *("Tactical", "gloves", "–", "don't", "l’été", "Straße", "İstanbul", "ΣΟΦΟΣ", "²", "½", "٣٤"),
    *("Ⅷ", "12", "$", "5 % off", "…", "™", "_", "\ud800", "🧀", "\0", "\u200b", "\x1c", "\u3000"),
    *("日本語", "한국어", "e\u0301", "\u0301", "ﬁ", "word " * 90, "x" * 41, "x" * 40, "𝒜", "ǅ", "ͅ"),
]
texts = st.one_of(
    st.lists(st.sampled_from(WORDS), max_size=40).map("".join),
    st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join),
    st.text(),
)


class OwnString(str):
    """A text of a class of its own, as parsers of pages give them."""


@pytest.fixture(scope="module")
def both() -> tuple[Pieces, Pieces]:
    """The shipped bundle's pieces, compiled and in Python."""
    bundle = read_bundle(find_bundle())
    assert has_tagger(bundle)
    arrays = [bundle.arrays[f"pieces.{name}"] for name in ("hashes", "vectors", "weights")]
    ours = Pieces(*arrays)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pure, "_compiled", None)
        return ours, Pieces(*arrays)


@given(texts)
@example("a" * 1499 + "\U0010ffff" * 3)
def test_cut_as_in_python(both: tuple[Pieces, Pieces], text: str) -> None:
    assert both[0].cut(text) == both[1].cut(text)


@pytest.mark.parametrize(("size", "weights"), [(1, 1), (5, 2), (64, 2), (100, 3), (256, 8)])
def test_vectors_of_any_size(size: int, weights: int, monkeypatch: pytest.MonkeyPatch) -> None:
    words, rng = ["[UNK]", *"abcdefgh"], np.random.default_rng(size)
    arrays = (
        np.array([pure.hash_piece(word) for word in words], np.uint32),
        rng.integers(-127, 128, (len(words), size)).astype(np.float32),
        rng.integers(1, 512, (len(words), weights)).astype(np.float32),
    )
    documents = [[Paragraph(" ".join(rng.choice(words, count))) for count in (1, 2, 40, 200)]]
    found = Pieces(*arrays).means(documents)
    monkeypatch.setattr(pure, "_compiled", None)
    assert found.tobytes() == Pieces(*arrays).means(documents).tobytes()


@given(st.lists(st.lists(texts.map(Paragraph), max_size=4), max_size=3))
def test_means_as_in_python(both: tuple[Pieces, Pieces], documents: list[list[Paragraph]]) -> None:
    assert both[0].means(documents).tobytes() == both[1].means(documents).tobytes()


def test_every_sign_is_read_as_in_python(both: tuple[Pieces, Pieces]) -> None:
    for start in range(0, 0x110000, 60):  # so few that all of their pieces are read
        text = " ".join(map(chr, range(start, min(start + 60, 0x110000))))
        assert both[0].cut(text) == both[1].cut(text)


def test_texts_of_other_classes(both: tuple[Pieces, Pieces]) -> None:
    assert both[0].cut(OwnString("Two lamps")) == both[1].cut("Two lamps")
    with pytest.raises(TypeError):
        both[0].cut(None)  # type: ignore[arg-type]


def test_documents_that_change_while_they_are_read(both: tuple[Pieces, Pieces]) -> None:
    class Growing(list[Paragraph]):
        def __len__(self) -> int:
            return super().__len__() - 1

    with pytest.raises(ValueError, match="more paragraphs"):
        both[0].means([Growing([Paragraph("a"), Paragraph("b")])])


def test_on_real_pages(both: tuple[Pieces, Pieces]) -> None:
    pages = Path(__file__).parents[3] / "shared" / "data" / "pages"
    if not pages.is_dir():
        pytest.skip("the labelled pages in ../shared are not there")
    for path in sorted(pages.iterdir())[::40]:
        form = "markdown" if ".md" in path.suffixes else "html"
        document = segment(Document(gzip.decompress(path.read_bytes()), format=form)).paragraphs
        ours, theirs = (pieces.means([document]) for pieces in both)
        assert ours.tobytes() == theirs.tobytes(), path.name
