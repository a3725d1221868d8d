from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from seed_articles import SEEDS

from adsift.document import Paragraph
from adsift.model.features import (
    FEATURES,
    MAX_WORDS,
    class_words,
    hash_rows,
    paragraph_words,
    tokens,
)

# What segmenting gives: never empty, no white space around it.
TEXTS = st.text(min_size=1).map(lambda text: " ".join(text.split())).filter(bool)


class TestTokens:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("The Bridge isn’t open.", ["the", "bridge", "isn’t", "open"]),
            ("Now $39.99 – save 25%!", ["now", "$", "02", "02", "–", "save", "02", "%", "!"]),
            ("© 2025 Post", ["©", "04", "post"]),
            ("Öl für Łódź 東京", ["öl", "für", "łódź", "東京"]),
            ("snake_case", ["snake", "case"]),
            ("…", []),
        ],
    )
    def test_words_numbers_and_marks(self, text: str, expected: list[str]) -> None:
        assert tokens(text) == expected

    def test_a_long_text_is_read_at_both_ends(self) -> None:
        words = [f"{chr(97 + i // 26)}{chr(97 + i % 26)}" for i in range(300)]
        found = tokens(" ".join(words))
        assert len(found) == MAX_WORDS
        assert found[0] == words[0]
        assert found[-1] == words[-1]

    @given(st.text())
    def test_any_text(self, text: str) -> None:
        assert all(tokens(text))


class TestParagraphWords:
    def test_plain_text_has_no_markup_features(self) -> None:
        text = "See https://amzn.to/x for the lamp."
        rich = Paragraph(
            text, link_share=0.5, links=("https://amzn.to/x",), rels=("nofollow",),
            ancestors=("html", "div.promo"),
        )  # fmt: skip
        assert paragraph_words(rich, "") == paragraph_words(Paragraph(text), "")
        needs_markup = {feature.name for feature in FEATURES if feature.needs_markup}
        names = {word.split("=", 1)[0] for word in paragraph_words(rich, "")}
        assert names.isdisjoint(needs_markup | {"markup"})

    def test_markup_is_seen_where_there_is_some(self) -> None:
        paragraph = Paragraph(
            "Lamp", tag="li", links=("https://amzn.to/x",), rels=("sponsored",),
            ancestors=("html", "body", "div.relatedPosts#more-1", "ul", "li"),
        )  # fmt: skip
        assert {
            *("markup", "h=li", "a=paid:affiliate", "a=rel:sponsored", "a=to:foreign"),
            *("n=related", "o=posts", "e=body div ul li"),
        } <= {*paragraph_words(paragraph, "post.example")}

    def test_class_words(self) -> None:
        assert class_words("div.relatedPosts#more-1") == ("div", "related", "posts", "more")

    @given(TEXTS, st.sampled_from(["", "p", "h2"]), st.lists(st.text(), max_size=3))
    def test_any_paragraph(self, text: str, tag: str, links: list[str]) -> None:
        assert paragraph_words(Paragraph(text, tag=tag, links=(*links,)), "a.example")


class TestHashRows:
    def test_shape_and_type(self) -> None:
        matrix = hash_rows([["a", "b"], [], ["c"]], 2**10)
        assert matrix.shape == (3, 2**10)
        assert matrix.dtype == np.float32
        assert matrix[1].nnz == 0

    def test_no_rows(self) -> None:
        assert hash_rows([], 2**10).shape == (0, 2**10)

    def test_a_row_of_different_words_has_length_1(self) -> None:
        rows = [[f"w={i}" for i in range(size)] for size in (1, 5, 40)]
        matrix = hash_rows(rows, 2**20)
        assert matrix.nnz == 46  # no two share a column
        assert np.sqrt(matrix.power(2).sum(axis=1)) == pytest.approx(1, abs=1e-6)

    @given(st.lists(st.lists(st.text() | st.just("\ud800"), max_size=8), max_size=5))
    def test_a_row_does_not_depend_on_the_others(self, rows: list[list[str]]) -> None:
        together = hash_rows(rows, 2**12).toarray()
        alone = [hash_rows([row], 2**12).toarray() for row in rows]
        assert np.array_equal(together, np.concatenate([np.zeros((0, 2**12)), *alone]))


SCRIPT = """
import hashlib, sys
import adsift
from adsift.model.features import hash_rows, paragraph_words

page = sys.stdin.read()
tagged = adsift.load(sys.argv[1]).tag(page, format="html")
rows = hash_rows([paragraph_words(p.paragraph, "post.example") for p in tagged], 2**12)
print(hashlib.sha256(rows.data.tobytes() + rows.indices.tobytes()).hexdigest())
print([(p.label, p.kind, p.probabilities) for p in tagged])
"""


def test_nothing_depends_on_the_hash_seed_of_the_process(bundle_folder: Path) -> None:
    page = next(seed.source for seed in SEEDS if seed.format == "html")
    outputs = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT, str(bundle_folder)],
            input=page.encode(),
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONUTF8": "1"},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(outputs) == 1
    assert b"commerce" in outputs.pop()
