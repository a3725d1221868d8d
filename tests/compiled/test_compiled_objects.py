"""Objects that the compiled core makes are those that the classes themselves make."""

from __future__ import annotations

import copy
import gc
import pickle
from dataclasses import FrozenInstanceError, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


def at_span(tagged: TaggedParagraph, span: tuple[int, int] | None) -> TaggedParagraph:
    if span is None:
        return tagged
    return replace(tagged, paragraph=replace(tagged.paragraph, start=span[0], end=span[1]))


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
        spans = [span for _, span in pairs]
        found = compiled("objects").at_spans(tagged, spans)
        assert found == [at_span(*pair) for pair in pairs]
        assert [hash(p) for p in found] == [hash(at_span(*pair)) for pair in pairs]
        assert all(
            new is old
            for new, (old, span) in zip(found, pairs, strict=True)
            if span is None or span == (old.start, old.end)
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
            assert found == at_span(tagged, (1, 5))
            assert type(found) is type(tagged)
            assert type(found.text) is type(tagged.text)

    def test_refuses_lists_of_two_lengths(self) -> None:
        with pytest.raises(ValueError, match="zip"):
            compiled("objects").at_spans([], [(0, 1)])


class TestOriginalSpans:
    @given(
        st.lists(st.sampled_from(["rain", "\n", "\n\n", "- sun", "\r\n", " ", "é"]), max_size=40),
        st.lists(st.sets(st.integers(0, 9)), max_size=4),
    )
    def test_are_those_of_pure_python(self, pieces: list[str], rounds: list[set[int]]) -> None:
        rest = segment_text("".join(pieces))
        for numbers in [set[int](), *rounds]:
            rest = rest.without({n for n in numbers if n < len(rest.paragraphs)})
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(spans, "_objects", None)
                expected = rest.originals
            assert rest.originals == expected

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
