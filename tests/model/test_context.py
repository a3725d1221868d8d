from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from adsift.document import Paragraph
from adsift.model.context import (
    CONTEXT_FEATURES,
    FACTS,
    SIGNALS,
    VIEWS,
    context_features,
    facts,
    is_heading,
    read_layout,
)
from adsift.model.probabilities import GRID

Floats = NDArray[np.float32]

PARAGRAPHS = st.builds(
    Paragraph,
    text=st.sampled_from(["Short", "A sentence.", "x" * 500]),
    tag=st.sampled_from(["", "p", "h2", "li"]),
    ancestors=st.sampled_from([(), ("body", "p"), ("body", "div.promo", "p")]),
)
DOCUMENTS = st.lists(st.lists(PARAGRAPHS, max_size=30), max_size=6)


def random_signals(rows: int, seed: int) -> Floats:
    """Signals as the classifier makes them: between 0 and 1, on its grid."""
    steps = np.random.default_rng(seed).integers(0, int(GRID), (rows, SIGNALS), endpoint=True)
    return (steps / GRID).astype(np.float32)


def see(name: str, values: Sequence[float], documents: list[list[Paragraph]]) -> list[float]:
    """What a view makes of paragraphs whose first signal has these values."""
    signals = np.zeros((len(values), SIGNALS), np.float32)
    signals[:, 0] = values
    return [float(row[0]) for row in dict(VIEWS)[name](signals, read_layout(documents))]


class TestIndependence:
    @given(DOCUMENTS, st.integers(0, 2**32))
    def test_a_document_alone_has_the_features_that_it_has_in_a_batch(
        self, documents: list[list[Paragraph]], seed: int
    ) -> None:
        signals = random_signals(sum(map(len, documents)), seed)
        together = context_features(signals, read_layout(documents))
        start = 0
        for document in documents:
            end = start + len(document)
            alone = context_features(signals[start:end], read_layout([document]))
            assert alone.tobytes() == together[start:end].tobytes()
            start = end

    @given(st.lists(PARAGRAPHS, min_size=1, max_size=9), st.integers(0, 2**32))
    def test_no_view_reaches_into_another_document(
        self, document: list[Paragraph], seed: int
    ) -> None:
        size = len(document)
        layout = read_layout([document] * 3)
        signals = random_signals(3 * size, seed)
        changed = signals.copy()
        changed[size : 2 * size] = 1 - changed[size : 2 * size]
        before, after = context_features(signals, layout), context_features(changed, layout)
        assert np.array_equal(before[:size], after[:size])
        assert np.array_equal(before[2 * size :], after[2 * size :])

    @pytest.mark.parametrize("documents", [[], [[]], [[], [Paragraph("a")], [], []]])
    @pytest.mark.filterwarnings("error")
    def test_empty_documents(self, documents: list[list[Paragraph]]) -> None:
        rows = sum(map(len, documents))
        features = context_features(random_signals(rows, 0), read_layout(documents))
        assert features.shape == (rows, CONTEXT_FEATURES)
        assert features.dtype == np.float32
        assert np.isfinite(features).all()


class TestViews:
    DOCUMENTS = (
        [Paragraph("Title", tag="h1"), Paragraph("One.", tag="p"), Paragraph("Two.", tag="p")],
        [Paragraph("Item.", tag="li"), Paragraph("Next", tag="h2"), Paragraph("End.", tag="p")],
    )

    @pytest.mark.parametrize(
        ("view", "expected"),
        [
            ("own", [8, 16, 32, 64, 128, 256]),
            ("1 before", [0, 8, 16, 0, 64, 128]),
            ("2 before", [0, 8, 12, 0, 64, 96]),
            ("1 after", [16, 32, 0, 128, 256, 0]),
            ("20 after", [24, 32, 0, 192, 256, 0]),
            ("heading above", [8, 8, 8, 64, 128, 128]),
            ("section", [56 / 3] * 3 + [64, 192, 192]),
            ("same build", [8, 24, 24, 64, 128, 256]),
            ("document", [56 / 3] * 3 + [448 / 3] * 3),
        ],
    )
    def test_means(self, view: str, expected: list[float]) -> None:
        seen = see(view, [8, 16, 32, 64, 128, 256], [*self.DOCUMENTS])
        assert seen == pytest.approx(expected)

    def test_long_paragraphs_count_more_in_the_mean_by_words(self) -> None:
        document = [Paragraph("x" * 354), Paragraph("x" * 114), Paragraph("x" * 10_000)]
        assert see("document by words", [1, 0, 0], [document]) == pytest.approx([360 / 846] * 3)

    def test_the_ancestors_part_blocks_of_one_tag(self) -> None:
        document = [
            Paragraph("One.", tag="p", ancestors=("body", "p")),
            Paragraph("Two.", tag="p", ancestors=("body", "div.promo", "p")),
        ]
        assert see("same build", [1, 0], [document]) == [1, 0]

    def test_a_lone_paragraph_has_no_neighbours(self) -> None:
        document = [[Paragraph("Alone.")]]
        for name, _ in VIEWS:
            if name.endswith(("before", "after")):
                assert see(name, [1], document) == [0]
        assert see("document", [1], document) == [1]


class TestHeadings:
    @pytest.mark.parametrize(
        ("paragraph", "expected"),
        [
            (Paragraph("What we know", tag="h3"), True),
            (Paragraph("What we know", tag="p"), False),
            (Paragraph("What we know"), True),
            (Paragraph("It is known."), False),
            (Paragraph("x" * 80), False),
        ],
    )
    def test_is_heading(self, paragraph: Paragraph, expected: bool) -> None:
        assert is_heading(paragraph) is expected


class TestFacts:
    def test_of_a_pitch(self) -> None:
        pitch = Paragraph(
            "The lamp, now $20", tag="li", link_share=0.5, links=("https://amzn.to/x", "/lamps")
        )
        (row,) = facts([pitch], "post.example")
        assert dict(zip(FACTS, row.tolist(), strict=True)) == {
            **{"paid": 1, "foreign": 1, "price": 1, "linked": 0.5},
            **{"short": 1, "heading": 0, "item": 1, "sentence": 0},
        }

    def test_of_a_sentence(self) -> None:
        sentence = Paragraph("The harbour master asked for time until the end of March.", tag="p")
        (row,) = facts([sentence], "post.example")
        assert [name for name, value in zip(FACTS, row, strict=True) if value] == ["sentence"]

    def test_plain_text_has_no_links(self) -> None:
        plain = Paragraph("Go to https://amzn.to/x.", link_share=0.7, links=("https://amzn.to/x",))
        (row,) = facts([plain], "")
        seen = dict(zip(FACTS, row.tolist(), strict=True))
        assert (seen["paid"], seen["foreign"], seen["linked"]) == (0, 0, 0)

    @pytest.mark.parametrize("price", ["$5", "€ 30", "20 EUR", "5 €", "15% off"])
    def test_prices(self, price: str) -> None:
        (row,) = facts([Paragraph(f"Lamps from {price} here")], "")
        assert row[FACTS.index("price")] == 1

    @given(st.lists(PARAGRAPHS, max_size=4))
    def test_each_is_between_0_and_1(self, paragraphs: list[Paragraph]) -> None:
        known = facts(paragraphs, "")
        assert known.shape == (len(paragraphs), len(FACTS))
        assert ((known >= 0) & (known <= 1)).all()
