from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adsift.compiled import compiled
from adsift.document import Paragraph
from adsift.model import classifier, context
from adsift.model.classifier import LABELS, Networks, in_millionths, make_signals, tag_paragraphs
from adsift.model.context import CONTEXT_FEATURES, SIGNALS, context_features, read_layout

pytestmark = pytest.mark.skipif(
    compiled("context") is None, reason="the compiled core was not built"
)

paragraphs = st.builds(
    Paragraph,
    st.sampled_from(["a", "Über uns", "Buy now!", "x" * 90, "long " * 2_000, "日本…", "\ud800"]),
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
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(context, "_compiled", None)
        patch.setattr(classifier, "_compiled", None)
        expected = read_layout(pages)
        for name, ours, theirs in zip(layout._fields, layout, expected, strict=True):
            assert np.array_equal(ours, theirs), name
            assert ours.dtype == theirs.dtype
        assert features.shape == (len(signals), CONTEXT_FEATURES)
        assert np.array_equal(features, context_features(signals, expected))
        if len(signals):
            assert np.array_equal(opinions, NETWORKS.probabilities(features, expected.document))
        assert np.array_equal(rounded, in_millionths(opinions))


def test_long_documents() -> None:
    test_as_in_python.hypothesis.inner_test([[Paragraph("word", tag="p")] * 20_000])


@given(
    st.lists(st.lists(st.integers(0, 3), min_size=4, max_size=4), max_size=20),
    st.lists(st.sampled_from([0.5, 1.0, 1.5]), min_size=4, max_size=4),
)
def test_tags_as_in_python(numbers: list[list[int]], costs: list[float]) -> None:
    probabilities = np.array(numbers, np.float64).reshape(-1, len(LABELS))
    kinds = np.arange(len(numbers)) % 4
    by_head = {name: np.array(costs, np.float32) for name in classifier.HEADS}
    document = [Paragraph(str(n), tag="p") for n in range(len(numbers))]
    tagged = tag_paragraphs(document, probabilities, kinds, by_head)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(classifier, "_compiled", None)
        expected = tag_paragraphs(document, probabilities, kinds, by_head)
    assert tagged == expected
    assert [list(one.probabilities) for one in tagged] == [list(LABELS)] * len(tagged)
    assert all(type(number) is float for one in tagged for number in one.probabilities.values())
