from __future__ import annotations

import numpy as np
import pytest

from adsift.document import Paragraph
from adsift.model.context import CONTEXT_FEATURES
from adsift.model.transformer.tagger import FIRST, LAST, UNKNOWN, Tagger, word_pieces

PIECES, SIZE, MEANS, UNITS, WIDTH = 120, 6, 2, 8, 3
INNER = MEANS * SIZE + SIZE + CONTEXT_FEATURES


def encode(texts: list[str]) -> list[list[int]]:
    """A piece a letter."""
    return [[ord(letter) % PIECES for letter in text] for text in texts]


@pytest.fixture
def arrays() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    shapes = {
        "vectors": (PIECES, SIZE),
        "weights": (PIECES, MEANS),
        "mean": (CONTEXT_FEATURES,),
        "scale": (CONTEXT_FEATURES,),
        "inner": (INNER, UNITS),
        "inner_bias": (UNITS,),
        "page": (2 * UNITS, UNITS),
        "page_bias": (UNITS,),
        "near": (WIDTH, UNITS, UNITS),
        "near_bias": (UNITS,),
        "far": (WIDTH, UNITS, UNITS),
        "far_bias": (UNITS,),
        "norm": (UNITS,),
        "norm_bias": (UNITS,),
        "output": (UNITS, 4),
        "output_bias": (4,),
    }
    made = {name: rng.normal(0, 0.3, shape).astype(np.float32) for name, shape in shapes.items()}
    made["weights"] = np.exp(made["weights"])
    made["scale"] = np.abs(made["scale"]) + 0.5
    return {f"tagger.{name}": array for name, array in made.items()}


def scores(arrays: dict[str, np.ndarray], *texts: str) -> np.ndarray:
    document = [Paragraph(text) for text in texts]
    features = np.zeros((len(document), CONTEXT_FEATURES), np.float32)
    return Tagger.of(arrays).scores(document, features, encode)


def test_a_paragraph_is_judged_by_its_words_its_neighbours_and_its_page(
    arrays: dict[str, np.ndarray],
) -> None:
    texts = ["lamps", "bridges", "gloves", "votes", "lamps", "roads", "hats", "pets"]
    found = scores(arrays, *texts)
    assert found.shape == (8, 4)
    assert not np.allclose(found[0], found[4]), "the same words elsewhere"
    other = scores(arrays, "bulbs", *texts[1:])
    assert not np.allclose(found[1], other[1])
    assert not np.allclose(found[7], other[7]), "out of the convolutions' reach, but on the page"


@pytest.mark.parametrize("text", ["a", "word " * 5000, "\ud800", "É"])
def test_takes_odd_paragraphs(arrays: dict[str, np.ndarray], text: str) -> None:
    assert np.isfinite(scores(arrays, text)).all()


def test_reads_the_start_and_the_end_of_a_long_paragraph() -> None:
    (pieces,) = word_pieces([Paragraph("a" * 500 + "b" * 500)], encode)
    assert pieces == [ord("a")] * FIRST + [ord("b")] * LAST


def test_a_paragraph_without_pieces_is_unknown_to_it(arrays: dict[str, np.ndarray]) -> None:
    assert word_pieces([Paragraph("x")], lambda texts: [[] for _ in texts]) == [[UNKNOWN]]
    # A piece beyond the vocabulary, as another tokenizer would give it, is as good as that.
    document, features = [Paragraph("x")], np.zeros((1, CONTEXT_FEATURES), np.float32)
    tagger = Tagger.of(arrays)
    beyond = tagger.scores(document, features, lambda _: [[PIECES + 7]])
    assert np.array_equal(beyond, tagger.scores(document, features, lambda _: [[UNKNOWN]]))


@pytest.mark.parametrize("name", ["vectors", "inner", "near", "output_bias"])
def test_arrays_that_do_not_fit_are_refused(arrays: dict[str, np.ndarray], name: str) -> None:
    arrays[f"tagger.{name}"] = arrays[f"tagger.{name}"][:-1]
    with pytest.raises(ValueError, match="shapes"):
        Tagger.of(arrays)


def test_arrays_that_are_not_there_are_missed(arrays: dict[str, np.ndarray]) -> None:
    del arrays["tagger.norm"]
    with pytest.raises(KeyError, match="norm"):
        Tagger.of(arrays)
