"""Objects that the compiled core makes are those that the classes themselves make."""

from __future__ import annotations

import copy
import gc
import pickle
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import FrozenInstanceError, replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adsift import stripping
from adsift.compiled import compiled
from adsift.document import CommerceKind, Label, Paragraph, TaggedParagraph
from adsift.segment import spans
from adsift.segment.text import segment_text

pytestmark = pytest.mark.skipif(
    compiled("objects") is None, reason="adsift.compiled.objects was not built, or is turned off"
)

WORDS = st.text(max_size=5)
TUPLES = st.lists(WORDS, max_size=3).map(tuple)
SPANS = st.none() | st.tuples(st.integers(0, 9), st.integers(0, 2**70))
PARAGRAPHS = st.builds(
    Paragraph, WORDS, st.none() | st.integers(0, 9), st.none() | st.integers(0, 9), WORDS,
    st.floats(0, 1), TUPLES, TUPLES, TUPLES,
)  # fmt: skip
TAGGED = st.builds(
    TaggedParagraph,
    PARAGRAPHS,
    st.sampled_from(Label),
    st.none() | st.sampled_from(CommerceKind),
    st.fixed_dictionaries(dict.fromkeys(Label, st.floats(0, 1))),
)


@contextmanager
def pure() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spans, "_objects", None)
        patch.setattr(stripping, "_objects", None)
        yield


def purely_at(
    tagged: list[TaggedParagraph], places: Sequence[tuple[int, int] | None]
) -> list[TaggedParagraph]:
    with pure():
        return stripping._at_spans(tagged, places)


def an_object() -> TaggedParagraph:
    tagged = TaggedParagraph(Paragraph("rain", 0, 4), Label.NEWS, None, dict.fromkeys(Label, 0.25))
    moved: TaggedParagraph = compiled("objects").at_spans([tagged], [(2, 6)])[0]
    return moved


class TestAtSpans:
    @given(st.lists(st.tuples(TAGGED, SPANS), max_size=5))
    def test_only_spans_change(
        self, pairs: list[tuple[TaggedParagraph, tuple[int, int] | None]]
    ) -> None:
        tagged = [paragraph for paragraph, _ in pairs]
        places = [place for _, place in pairs]
        found = compiled("objects").at_spans(tagged, places)
        expected = purely_at(tagged, places)
        assert found == expected
        assert [hash(p) for p in found] == [hash(p) for p in expected]
        for made in (found, expected):
            assert all(
                new is old
                for new, (old, place) in zip(made, pairs, strict=True)
                if place is None or place == (old.start, old.end)
            )

    def test_other_classes_stay_what_they_are(self) -> None:
        class Own(str):
            __slots__ = ()

        class OwnTagged(TaggedParagraph):
            __slots__ = ()

        numbers = dict.fromkeys(Label, 0.25)
        for tagged in (
            TaggedParagraph(Paragraph(Own("rain"), 0, 4), Label.NEWS, None, numbers),
            OwnTagged(Paragraph("rain", 0, 4), Label.NEWS, None, numbers),
            TaggedParagraph(Paragraph("rain", links=["a"]), Label.NEWS, None, numbers),  # type: ignore[arg-type]
        ):
            (found,) = compiled("objects").at_spans([tagged], [(1, 5)])
            assert [found] == purely_at([tagged], [(1, 5)])
            assert type(found) is type(tagged)
            assert type(found.text) is type(tagged.text)

    def test_refuses_lists_of_two_lengths(self) -> None:
        with pytest.raises(ValueError, match="zip"):
            compiled("objects").at_spans([], [(0, 1)])
        with pytest.raises(ValueError, match="zip"):
            purely_at([], [(0, 1)])


class TestOriginalSpans:
    @given(
        st.lists(st.sampled_from(["rain", "\n", "\n\n", "- sun", "\r\n", " ", "é"]), max_size=40),
        st.lists(st.sets(st.integers(0, 9)), max_size=4),
    )
    def test_are_those_of_pure_python(self, pieces: list[str], rounds: list[set[int]]) -> None:
        rest = segment_text("".join(pieces))
        for numbers in [set[int](), *rounds]:
            rest = rest.without({n for n in numbers if n < len(rest.paragraphs)})
            with pure():
                expected = rest.originals
            assert rest.originals == expected

    @given(
        st.lists(st.tuples(st.integers(1, 5), st.integers(0, 4)), min_size=1, max_size=8),
        st.lists(st.none() | st.tuples(st.integers(0, 4), st.integers(1, 9)), max_size=12),
    )
    def test_wherever_pieces_and_paragraphs_begin(
        self, pieces: list[tuple[int, int]], places: list[tuple[int, int] | None]
    ) -> None:
        starts, origins = [0], [pieces[0][1]]
        for (length, _), (_, gap) in pairwise(pieces):
            starts.append(starts[-1] + length)
            origins.append(origins[-1] + length + gap)
        paragraphs, end = [], 0
        for place in places:  # in order and not overlapping; one in HTML would have no span
            start = end + place[0] if place else None
            end = end + sum(place) if place else end
            paragraphs.append(Paragraph("rain", start, end if place else None))
        text = segment_text("")
        cut = replace(text, paragraphs=paragraphs, origin=spans._Origin(starts, origins))
        with pure():
            expected = cut.originals
        assert cut.originals == expected
        assert len(expected) == sum(place is not None for place in places)

    def test_paragraphs_without_a_span_have_none(self) -> None:
        paragraphs = [Paragraph("rain"), Paragraph("sun", 5, 8)]
        found = compiled("objects").original_spans(paragraphs, [0, 4], [2, 10])
        assert found == [(11, 14)]


class TestTheObjects:
    def test_can_be_copied_pickled_and_printed(self) -> None:
        made = an_object()
        for other in (copy.copy(made), copy.deepcopy(made), pickle.loads(pickle.dumps(made))):
            assert other == made
        assert "start=2, end=6" in repr(made)

    def test_are_frozen(self) -> None:
        with pytest.raises(FrozenInstanceError):
            an_object().paragraph.text = "sun"  # type: ignore[misc]

    def test_outlive_a_collection_and_what_a_caller_puts_into_them(self) -> None:
        many = [an_object() for _ in range(1000)]
        for made in many:
            made.probabilities["cycle"] = made  # type: ignore[index, assignment]
        gc.collect()
        assert {made.text for made in many} == {"rain"}
        del many
        gc.collect()
