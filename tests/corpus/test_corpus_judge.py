"""Stored tags are applied to the text that they are of, and to no other."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adsift.corpus.attributes import attribute_line, read_attributes
from adsift.corpus.judge import Judged, judge
from adsift.corpus.options import CleanOptions
from adsift.corpus.record import Record, Rejected, Tag, text_digest
from adsift.document import Document, Format, Label, TaggedParagraph
from adsift.errors import PolicyWarning
from adsift.segment import segment
from adsift.separator import Separator

PAGE = "<p>The ferry runs again.</p><p>Buy a mug today.</p>"
OTHER = "<p>Buy a mug today.</p><p>The ferry runs again.</p>"
APPLY = CleanOptions(mode="apply")


def tags_of(source: str, form: Format) -> tuple[Tag, ...]:
    """Tags of a document whose paragraphs are offers if they say so."""
    labels = (
        (part, Label.COMMERCE if "Buy" in part.text else Label.NEWS)
        for part in segment(Document(source, form)).paragraphs
    )
    return tuple(
        Tag.of(index, TaggedParagraph(part, label, None, {label: 0.9}))
        for index, (part, label) in enumerate(labels)
    )


def applied(source: str, form: Format, tags: tuple[Tag, ...]) -> Judged | Rejected:
    (found,) = judge([Record(0, Document(source, form), tags)], APPLY)
    return found


def test_tags_fit_the_page_that_they_are_of() -> None:
    found = applied(PAGE, "html", tags_of(PAGE, "html"))
    assert isinstance(found, Judged)
    assert found.text is not None
    assert "ferry" in found.text
    assert "mug" not in found.text


@pytest.mark.parametrize(
    ("source", "other", "form"),
    [
        (PAGE, OTHER, "html"),
        (PAGE, PAGE.replace("mug", "cap"), "html"),
        (PAGE, PAGE + "<p>More.</p>", "html"),
        ("It rains.\n\nBuy one.", "It pours.\n\nBuy two.", "text"),
    ],
)
def test_tags_of_another_text_are_rejected(source: str, other: str, form: Format) -> None:
    tags = tags_of(source, form)
    (stored,) = read_attributes(BytesIO(attribute_line(Record(0, Document(source)), tags)))
    for known in (tags, stored.tags):
        found = applied(other, form, known)
        assert isinstance(found, Rejected)
        assert "was it changed since?" in found.reason


def test_tags_without_digests_go_by_their_spans() -> None:
    text = "It rains.\n\nBuy one."
    old = tuple(replace(tag, digest=None) for tag in tags_of(text, "text"))
    assert isinstance(applied(text, "text", old), Judged)
    assert isinstance(applied("It is dry.\n\nBuy one.", "text", old), Rejected)


@settings(max_examples=30)
@given(st.text(max_size=20))
def test_a_digest_is_short_and_of_the_text(text: str) -> None:
    digest = text_digest(text)
    assert len(digest) == 8
    assert digest == text_digest(text) != text_digest(text + ".")
    assert set(digest) <= set("0123456789abcdef")


def test_a_surrogate_that_a_table_cannot_hold_is_no_change() -> None:
    assert text_digest("a\ud800") == text_digest("a?")


@pytest.mark.parametrize(
    ("mode", "options"),
    [
        ("tag", CleanOptions(mode="tag")),
        ("strip", CleanOptions()),
        ("strip", CleanOptions(max_content_loss=0.01)),
    ],
)
def test_what_stands_before_a_bad_document_is_judged_once(
    mode: str, options: CleanOptions, bundle_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str | None]] = []
    judged = getattr(Separator, f"{mode}_many")

    def noted(sift: Separator, documents: Sequence[Document], *rest: Any) -> Any:
        asked.append([document.id for document in documents])
        return judged(sift, documents, *rest)

    monkeypatch.setattr(Separator, f"{mode}_many", noted)
    sources = {"a": PAGE, "b": OTHER, "bad": b"%PDF-1.4 \x00\x01", "c": PAGE}
    records = [Record(n, Document(sources[id], id=id)) for n, id in enumerate(sources)]
    with warnings.catch_warnings():
        warnings.simplefilter("error", PolicyWarning)
        found = [*judge(records, replace(options, model=str(bundle_folder)))]
    assert [type(one) for one in found] == [Judged, Judged, Rejected, Judged]
    assert asked == [["a", "b", "bad", "c"], ["bad"], ["c"]]
