from __future__ import annotations

import pickle
from random import Random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from remembered import Rounds, rounds
from tagging import PIECES, VECTOR, tagger_arrays

from adsift.document import Paragraph
from adsift.errors import BundleError
from adsift.model.memory import Memory
from adsift.model.pieces import FIRST, LAST, LONGEST, Pieces

HEAD = object()


@pytest.fixture
def arrays() -> list[np.ndarray]:
    made = tagger_arrays()
    return [made[f"pieces.{name}"] for name in ("hashes", "vectors", "weights")]


@pytest.fixture
def pieces(arrays: list[np.ndarray]) -> Pieces:
    return Pieces(*arrays)


def cut(pieces: Pieces, text: str) -> list[str]:
    return [PIECES[row] for row in pieces.cut(text)]


class TestCut:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("The bridges", ["the", "bridge", "##s"]),
            ("LAMPPOSTS!", ["lamp", "##post", "##s", "!"]),
            ("Lamp–post", ["lamp", "–", "[UNK]"]),
            ("Café CAFE\u0301", ["cafe", "cafe"]),
            ("€500", ["€", "5", "##0", "##0"]),
            ("bbb lampx", ["b", "##b", "##b", "[UNK]"]),
            ("日本 Σ", ["日", "##本", "σ"]),
            ("la\u00admp", ["lamp"]),
            ("", ["[UNK]"]),
            (" \n\u200b", ["[UNK]"]),
            ("\ud800a", ["a"]),
            ("b" * LONGEST, ["b", *["##b"] * (LONGEST - 1)]),
            ("b" * (LONGEST + 1) + " a", ["[UNK]", "a"]),
        ],
    )
    def test_into_the_longest_parts(self, pieces: Pieces, text: str, expected: list[str]) -> None:
        assert cut(pieces, text) == expected

    def test_reads_the_start_and_the_end_of_a_long_text(self, pieces: Pieces) -> None:
        assert cut(pieces, "a " * 300 + "b " * 300) == ["a"] * FIRST + ["b"] * LAST

    def test_words_have_the_same_pieces(self, pieces: Pieces) -> None:
        text = "Lampposts–€500 votes " * 40
        assert [row for _, row in pieces.words(text)] == pieces.cut(text)
        assert pieces.words("Lampposts")[0][0] == "lampposts"


class TestMeans:
    def test_are_weighted_means_and_maximum(self, pieces: Pieces, arrays: list[np.ndarray]) -> None:
        _, vectors, weights = arrays
        (found,) = pieces.means([[Paragraph("The lamp! The bridge")]])
        rows = [PIECES.index(piece) for piece in ("the", "lamp", "!", "the", "bridge")]
        first, second = (
            np.average(vectors[rows], axis=0, weights=weights[rows, head]) for head in (0, 1)
        )
        np.testing.assert_allclose(found[:VECTOR], first, rtol=1e-5)
        np.testing.assert_allclose(found[VECTOR:-VECTOR], second, rtol=1e-5)
        np.testing.assert_array_equal(found[-VECTOR:], vectors[rows].max(axis=0))

    def test_of_the_order_of_words_are_the_same_to_the_last_bit(self, pieces: Pieces) -> None:
        words = "the lamp vote council bridge buy a b cafe 5 the the".split()
        one, other = pieces.means([[Paragraph(" ".join(words)), Paragraph(" ".join(words[::-1]))]])
        assert one.tobytes() == other.tobytes()

    def test_of_zeros_with_a_sign_are_the_same_to_the_last_bit(
        self, arrays: list[np.ndarray]
    ) -> None:
        arrays[1][:] = 0
        plain = Pieces(*arrays).means([[Paragraph("The lamp!")]])
        arrays[1][::2] = -0.0
        assert Pieces(*arrays).means([[Paragraph("The lamp!")]]).tobytes() == plain.tobytes()

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.lists(rounds(), min_size=1, max_size=3), st.randoms())
    def test_a_memory_changes_no_number(
        self, pieces: Pieces, documents: list[Rounds], random: Random
    ) -> None:
        memories = [Memory() for _ in documents]
        for number in range(min(len(document.paragraphs) for document in documents)):
            pages = [document.paragraphs[number] for document in documents]
            for document, page, memory in zip(documents, pages, memories, strict=True):
                if number:
                    memory.cut(document.left[number - 1])
                memory.look(HEAD, page)
            read = np.array([random.random() < 0.7 for page in pages for _ in page])
            found = pieces.means(pages, read, memories)
            assert found.tobytes() == pieces.means(pages, read).tobytes()

    def test_of_what_was_read_before_are_not_made_again(self, pieces: Pieces) -> None:
        memory, page = Memory(), [Paragraph("The lamp"), Paragraph("a vote")]
        memory.look(HEAD, page)
        pieces.means([page], np.array([True, False]), [memory])
        assert memory.now.meant is not None
        memory.now.meant.means[:] = 7
        memory.cut([0, 1])
        memory.look(HEAD, page)
        known, new = pieces.means([page], None, [memory])
        assert (known == 7).all()
        assert new.tobytes() == pieces.means([page])[1].tobytes()

    def test_of_no_documents(self, pieces: Pieces) -> None:
        assert pieces.means([]).shape == (0, pieces.width)
        assert pieces.means([[], []]).shape == (0, pieces.width)

    def test_after_pickling(self, pieces: Pieces) -> None:
        document = [[Paragraph("The lamp")]]
        again = pickle.loads(pickle.dumps(pieces))
        assert again.means(document).tobytes() == pieces.means(document).tobytes()


class TestErrors:
    @pytest.mark.parametrize(
        ("which", "change"),
        [
            (0, lambda a: a.astype(np.float32)),
            (0, lambda a: a[:-1]),
            (0, lambda a: a[0]),
            (0, lambda a: a[:, None]),
            (0, lambda a: a[:0]),
            (1, lambda a: a[0, 0]),
            (1, lambda a: a + 0.5),
            (1, lambda a: a * 2 + 127),
            (1, lambda a: a[:, :0]),
            (1, lambda a: a * np.nan),
            (1, lambda a: np.tile(a, 60)),
            (2, lambda a: np.tile(a, 5)),
            (2, lambda a: a * 0),
            (2, lambda a: a + 511),
            (2, lambda a: a[:, 0]),
        ],
    )
    def test_no_vocabulary(self, arrays: list[np.ndarray], which: int, change: object) -> None:
        assert callable(change)
        arrays[which] = change(arrays[which])
        with pytest.raises(BundleError, match="no vocabulary"):
            Pieces(*arrays)

    def test_two_pieces_with_one_hash(self, arrays: list[np.ndarray]) -> None:
        arrays[0][3] = arrays[0][4]
        with pytest.raises(BundleError, match="same hash"):
            Pieces(*arrays)
