from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import adsift
from adsift.document import Label, Paragraph, TaggedParagraph
from adsift.policy import Bound, BoundedPolicy, Policy

PROBABILITY = st.floats(0, 1)


def tagged(label: Label, probability: float) -> TaggedParagraph:
    return TaggedParagraph(Paragraph("x"), label, None, {label: probability})


TAGGED = st.lists(st.builds(tagged, st.sampled_from(Label), PROBABILITY), max_size=9)


class TestOf:
    def test_one_name_or_many(self) -> None:
        assert Policy.of("news").drop == {Label.NEWS}
        assert Policy.of(["news", "commerce", Label.NEWS]).drop == {Label.NEWS, Label.COMMERCE}
        assert Policy.of(label for label in Label).drop == {*Label}
        assert Policy.of(()).drop == set()

    @pytest.mark.parametrize("drop", ["advert", ["commerce", "advert"], "Commerce", [""], [None]])
    def test_an_unknown_label(self, drop: Any) -> None:
        with pytest.raises(
            adsift.PolicyError, match=r"no such label .* news, analysis, boilerplate"
        ):
            Policy.of(drop)

    @pytest.mark.parametrize("probability", [-0.1, 1.1, float("nan"), float("inf")])
    def test_a_number_that_is_no_probability(self, probability: float) -> None:
        with pytest.raises(adsift.PolicyError, match="from 0 to 1"):
            Policy.of("news", probability)

    @pytest.mark.parametrize("number", ["0.5", None, [0.5]])
    def test_what_is_no_number(self, number: Any) -> None:
        with pytest.raises(adsift.PolicyError, match="from 0 to 1, not"):
            Policy.of("news", number)
        with pytest.raises(adsift.PolicyError, match="bound on lost content must be between"):
            Bound.of("commerce", number)

    @pytest.mark.parametrize("number", [np.float32(0.5), Fraction(1, 2), Decimal("0.5"), True])
    def test_a_number_may_be_of_any_type(self, number: Any) -> None:
        assert Policy.of("news", number).min_probability == number

    @pytest.mark.parametrize(
        ("drop", "words"), [(None, "not NoneType"), (5, "not int"), ([[]], "no such label")]
    )
    def test_what_names_no_labels(self, drop: Any, words: str) -> None:
        with pytest.raises(adsift.PolicyError, match=words):
            Policy.of(drop)

    def test_the_error_is_a_value_error_too(self) -> None:
        with pytest.raises(ValueError, match="no such label"):
            Policy.of("advert")


class TestChoose:
    def test_by_label_and_probability(self) -> None:
        paragraphs = [
            tagged(Label.COMMERCE, 0.9),
            tagged(Label.NEWS, 0.9),
            tagged(Label.COMMERCE, 0.4),
            tagged(Label.COMMERCE, 0.5),
        ]
        assert Policy.of("commerce").choose(paragraphs) == [0, 2, 3]
        assert Policy.of("commerce", 0.5).choose(paragraphs) == [0, 3]
        assert Policy.of(()).choose(paragraphs) == []

    @given(TAGGED, st.sets(st.sampled_from(Label)), PROBABILITY, PROBABILITY)
    def test_who_must_be_surer_drops_no_more(
        self, paragraphs: list[TaggedParagraph], drop: set[Label], one: float, other: float
    ) -> None:
        low, high = sorted((one, other))
        chosen = Policy.of(drop, low).choose(paragraphs)
        assert {*Policy.of(drop, high).choose(paragraphs)} <= {*chosen}

    @given(TAGGED, st.sets(st.sampled_from(Label)), st.sets(st.sampled_from(Label)))
    def test_more_labels_drop_no_less(
        self, paragraphs: list[TaggedParagraph], drop: set[Label], more: set[Label]
    ) -> None:
        chosen = Policy.of(drop).choose(paragraphs)
        assert {*chosen} <= {*Policy.of(drop | more).choose(paragraphs)}


class TestBound:
    def test_of_names(self) -> None:
        bound = Bound.of("commerce", 0.01)
        assert bound.drop == {Label.COMMERCE}
        assert (bound.max_content_loss, bound.confidence) == (0.01, 0.95)
        both = Bound.of(["boilerplate", Label.COMMERCE], 0.01, 0.9)
        assert both == Bound.of(("commerce", "boilerplate"), 0.01, 0.9)

    @pytest.mark.parametrize("drop", ["news", ["commerce", "analysis"], [], [*Label]])
    def test_labels_that_no_bound_is_for(self, drop: Any) -> None:
        with pytest.raises(adsift.PolicyError, match="dropping commerce, boilerplate or both, not"):
            Bound.of(drop, 0.01)

    @pytest.mark.parametrize("number", [0.0, 1.0, -0.1, 2, float("nan")])
    def test_numbers_that_are_no_shares(self, number: float) -> None:
        with pytest.raises(adsift.PolicyError, match="bound on lost content must be between"):
            Bound.of("commerce", number)
        with pytest.raises(adsift.PolicyError, match="confidence must be between"):
            Bound.of("commerce", 0.01, number)


class TestBoundedPolicy:
    def test_without_a_threshold_nothing_goes(self) -> None:
        policy = BoundedPolicy(frozenset({Label.COMMERCE}), lambda _: None)
        assert policy.choose([tagged(Label.COMMERCE, 1.0)]) == []

    def test_a_sum_that_is_the_threshold_is_enough(self) -> None:
        paragraph = TaggedParagraph(
            Paragraph("x"), Label.NEWS, None, {Label.COMMERCE: 0.1, Label.BOILERPLATE: 0.7}
        )
        assert 0.1 + 0.7 < 0.8
        policy = BoundedPolicy(frozenset({Label.COMMERCE, Label.BOILERPLATE}), lambda _: 0.8)
        assert policy.choose([paragraph]) == [0]

    @given(TAGGED, PROBABILITY, PROBABILITY)
    def test_a_higher_threshold_drops_no_more(
        self, paragraphs: list[TaggedParagraph], one: float, other: float
    ) -> None:
        low, high = (
            BoundedPolicy(frozenset({Label.COMMERCE}), lambda _, least=least: least)
            for least in sorted((one, other))
        )
        assert {*high.choose(paragraphs)} <= {*low.choose(paragraphs)}
