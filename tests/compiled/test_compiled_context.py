from __future__ import annotations

import gc
import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from remembered import Rounds, rounds

import adsift
from adsift.compiled import compiled
from adsift.document import Document, Paragraph
from adsift.model import context, decisions, memory, networks, probabilities, tagging
from adsift.model.blocks import ROWS
from adsift.model.context import (
    CONTEXT_FEATURES,
    FACTS,
    SIGNALS,
    context_features,
    read_layout,
)
from adsift.model.decisions import tag_paragraphs
from adsift.model.heads import HEADS
from adsift.model.memory import same_places
from adsift.model.networks import BLOCKS, Networks
from adsift.model.probabilities import LABELS, in_millionths, make_signals, softmax
from adsift.model.tagging import output_scores
from adsift.segment import segment

pytestmark = pytest.mark.skipif(
    compiled("context") is None, reason="the compiled core was not built"
)

paragraphs = st.builds(
    Paragraph,
    st.sampled_from(
        ["a", "Über uns", "Buy now!", "x" * 90, "long " * 2_000, "日本…", "\ud800", "\0", "𝒜"]
    ),
    tag=st.sampled_from(["", "p", "h2", "li"]),
    ancestors=st.sampled_from([(), ("div",), ("div", "p"), ("div", "li.card")]),
)
documents = st.lists(st.lists(paragraphs, max_size=30), max_size=4)
NETWORKS = Networks(
    *(
        np.random.default_rng(0).normal(size=shape).astype(np.float32)
        for shape in ((201,), (201,), (201, 24), (24,), (3, 8, 4), (3, 4))
    )
)._replace(scale=np.linspace(0.1, 1, 201, dtype=np.float32))


class OwnString(str):
    """A text of a class of its own, as parsers of pages give them."""


@contextmanager
def in_python() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for module in (context, decisions, networks, probabilities, tagging):
            patch.setattr(module, "_compiled", None)
        yield


def signals_of(rows: int) -> np.ndarray:
    numbers = np.random.default_rng(rows).random((rows, SIGNALS)).astype(np.float32)
    return make_signals(numbers[:, :4], numbers[:, 4:])


@given(documents)
def test_as_in_python(pages: list[list[Paragraph]]) -> None:
    signals = signals_of(sum(map(len, pages)))
    layout = read_layout(pages)
    features = context_features(signals, layout)
    opinions = NETWORKS.probabilities(features, layout.document) if len(signals) else signals[:, :4]
    rounded = in_millionths(opinions)
    with in_python():
        expected = read_layout(pages)
        for name, ours, theirs in zip(layout._fields, layout, expected, strict=True):
            assert np.array_equal(ours, theirs), name
            assert ours.dtype == theirs.dtype
        assert features.shape == (len(signals), CONTEXT_FEATURES)
        assert np.array_equal(features, context_features(signals, expected))
        if len(signals):
            assert np.array_equal(opinions, NETWORKS.probabilities(features, expected.document))
        assert np.array_equal(rounded, in_millionths(opinions))


@given(st.integers(0, 23), st.integers(1, 110), st.integers(0, 2**32))
def test_scores_as_in_python(rows: int, units: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    hidden, output, bias = (
        rng.normal(0, 3, shape).astype(np.float32) for shape in ((rows, units), (units, 4), (4,))
    )
    found = output_scores(hidden, output, bias)
    with in_python():
        assert found.tobytes() == output_scores(hidden, output, bias).tobytes()
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, hidden @ output + bias, rtol=1e-3, atol=1e-3)
    for row in range(rows):
        alone = output_scores(hidden[row : row + 1], output, bias)
        assert alone.tobytes() == found[row : row + 1].tobytes()


@pytest.mark.parametrize("shapes", [((3, 5), (4, 4), 4), ((3, 5), (5, 3), 4), ((3, 5), (5, 4), 3)])
def test_output_layers_that_do_not_fit(
    shapes: tuple[tuple[int, int], tuple[int, int], int],
) -> None:
    with pytest.raises(ValueError, match="output layer"):
        output_scores(*(np.zeros(shape, np.float32) for shape in shapes))


def test_long_documents() -> None:
    test_as_in_python.hypothesis.inner_test([[Paragraph("word", tag="p")] * 20_000])


@given(
    st.lists(st.lists(st.integers(0, 3), min_size=4, max_size=4), max_size=20),
    st.lists(st.sampled_from([0.5, 1.0, 1.5]), min_size=4, max_size=4),
)
def test_tags_as_in_python(numbers: list[list[int]], costs: list[float]) -> None:
    probabilities = np.array(numbers, np.float64).reshape(-1, len(LABELS))
    kinds = np.arange(len(numbers)) % 4
    by_head = {name: np.array(costs, np.float32) for name in HEADS}
    document = [Paragraph(str(n), tag="p") for n in range(len(numbers))]
    tagged = tag_paragraphs(document, probabilities, kinds, by_head)
    with in_python():
        expected = tag_paragraphs(document, probabilities, kinds, by_head)
    assert tagged == expected
    assert [list(one.probabilities) for one in tagged] == [list(LABELS)] * len(tagged)
    assert all(type(number) is float for one in tagged for number in one.probabilities.values())


@given(
    arrays(
        np.float32, st.tuples(st.integers(0, 9), st.just(8)), elements=st.floats(-90, 90, width=32)
    ),
    arrays(np.float32, (9, SIGNALS - 4), elements=st.floats(0, 1, width=32)),
)
def test_signals_as_in_python(scores: np.ndarray, facts: np.ndarray) -> None:
    known = facts[: len(scores)]
    shares = softmax(scores[:, :4])
    signals = make_signals(shares, known)
    with in_python():
        assert shares.tobytes() == softmax(scores[:, :4]).tobytes()
        assert signals.tobytes() == make_signals(shares, known).tobytes()


@pytest.mark.parametrize("sizes", [[BLOCKS * ROWS], [1, BLOCKS * ROWS], [300, 7, 700, 1]])
def test_documents_that_span_several_pieces(sizes: list[int]) -> None:
    document = np.repeat(np.arange(len(sizes)), sizes)
    features = np.random.default_rng(1).normal(size=(len(document), CONTEXT_FEATURES))
    features = (features * 9).astype(np.float32)
    opinions = NETWORKS.probabilities(features, document)
    with in_python():
        assert opinions.tobytes() == NETWORKS.probabilities(features, document).tobytes()


def test_texts_of_a_class_of_their_own() -> None:
    page = [Paragraph(OwnString("About us"), tag=OwnString("h2")), Paragraph(OwnString("More"))]
    layout = read_layout([page])
    with in_python():
        for ours, theirs in zip(layout, read_layout([page]), strict=True):
            assert np.array_equal(ours, theirs)


class Rows(NamedTuple):
    outer: str
    inner: str


def test_ancestors_of_a_class_of_their_own() -> None:
    rows = [Rows("div", "p"), ("div", "p"), Rows("div", "li"), ("div",), ()]
    page = [Paragraph("About us", tag="p", ancestors=row) for row in rows]
    layout = read_layout([page])
    assert layout.build.tolist() == [0, 0, 1, 2, 3]
    with in_python():
        assert read_layout([page]).build.tolist() == [0, 0, 1, 2, 3]


@given(
    st.lists(st.tuples(*[st.floats(-2, 2, width=32)] * 4), min_size=1),
    st.floats(-1, 1, width=32),
)
def test_signals_and_millionths_as_in_python(rows: list[tuple[float, ...]], fact: float) -> None:
    numbers = np.array(rows, np.float32)
    known = np.full((len(rows), len(FACTS)), fact, np.float32)
    found = make_signals(numbers, known).tobytes(), in_millionths(numbers).tobytes()
    with in_python():
        assert found == (make_signals(numbers, known).tobytes(), in_millionths(numbers).tobytes())


def test_a_paragraph_without_text() -> None:
    with pytest.raises(IndexError):
        read_layout([[Paragraph("")]])
    with in_python(), pytest.raises(IndexError):
        read_layout([[Paragraph("")]])


@pytest.mark.parametrize("rows", [0, 1, 3])
def test_tags_of_another_document_are_refused(rows: int) -> None:
    costs = {name: np.ones(4, np.float32) for name in HEADS}
    document = [Paragraph("One.", tag="p"), Paragraph("Two.", tag="p")]
    with pytest.raises(ValueError, match="as many"):
        tag_paragraphs(document, np.full((rows, 4), 0.25), np.zeros(2, np.intp), costs)
    with pytest.raises(ValueError, match="as many"):
        tag_paragraphs(document, np.full((2, 4), 0.25), np.zeros(rows, np.intp), costs)


def test_an_unknown_kind_is_refused() -> None:
    costs = {name: np.ones(4, np.float32) for name in HEADS}
    for kind in (-1, 4):
        with pytest.raises(IndexError):
            tag_paragraphs(
                [Paragraph("Buy.", tag="p")], np.array([[0, 0, 0, 1.0]]), np.array([kind]), costs
            )


def test_networks_for_other_features_are_refused() -> None:
    with pytest.raises(ValueError, match="features"):
        NETWORKS.probabilities(np.zeros((2, 7), np.float32), np.zeros(2, np.int64))


def test_tags_are_not_the_collectors_business() -> None:
    costs = {name: np.ones(4, np.float32) for name in HEADS}
    (tagged,) = tag_paragraphs(
        [Paragraph("One.", tag="p")], np.array([[1.0, 0, 0, 0]]), np.array([0]), costs
    )
    assert not gc.is_tracked(tagged)
    assert not gc.is_tracked(tagged.probabilities)


def test_real_pages(shared: Path) -> None:
    sift = adsift.load()
    paths = sorted((shared / "data" / "pages").glob("*.gz"))[::40]
    pages = [segment(Document(gzip.decompress(path.read_bytes()))).paragraphs for path in paths]
    urls = [None] * len(pages)
    tagged, judged = sift.classifier.classify(pages, urls), sift.classifier.fast.judge(pages, urls)
    with in_python():
        assert tagged == sift.classifier.classify(pages, urls)
        for ours, theirs in zip(judged, sift.classifier.fast.judge(pages, urls), strict=True):
            assert (ours is None) == (theirs is None)
            for one, other in zip(ours or (), theirs or (), strict=True):
                assert one.dtype == other.dtype
                assert np.array_equal(one, other)
    # The same alone as in a batch.
    assert tagged == [sift.classifier.classify([page], [None])[0] for page in pages]


@pytest.mark.parametrize(
    ("name", "shape", "message"),
    [
        ("mean", (3,), "not of 4 features"),
        ("scale", (5,), "not of 4 features"),
        ("blocks", (16, 5), "not of 4 features"),
        ("places", (2,), "one place"),
        ("blocks", (1, 4), "outside"),
    ],
)
def test_blocks_that_do_not_fit(name: str, shape: tuple[int, ...], message: str) -> None:
    shapes = {"features": (3, 4), "mean": (4,), "scale": (4,), "blocks": (16, 4), "places": (3,)}
    arrays = {
        own: np.full(size, 1, np.int64 if own == "places" else np.float32)
        for own, size in {**shapes, name: shape}.items()
    }
    with pytest.raises(ValueError, match=message):
        compiled("context").fill_blocks(clip=5.0, **arrays)


@given(rounds())
def test_paragraphs_that_are_as_they_were(document: Rounds) -> None:
    for before, after, left in zip(
        document.paragraphs, document.paragraphs[1:], document.left, strict=False
    ):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(memory, "_compiled", None)
            expected = same_places(before, after, left)
        found = same_places(before, after, left)
        assert (found.dtype, found.tolist()) == (expected.dtype, expected.tolist())
