from __future__ import annotations

import io
import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adsift.corpus.attributes import attribute_line, attribute_paths, read_attributes
from adsift.corpus.record import Record, Tag
from adsift.document import CommerceKind, Document, Label
from adsift.errors import DocumentError

FEW = settings(max_examples=50)

PLACES = st.none() | st.integers(0, 2**40)
KINDS = st.none() | st.sampled_from(CommerceKind)
PROBABILITIES = st.floats(0, 1).map(lambda number: round(number, 6))
ANY_TAG = st.builds(
    Tag, st.integers(0, 9), PLACES, PLACES, st.sampled_from(Label), KINDS, PROBABILITIES
)
DIGESTS = st.text("0123456789abcdef", min_size=8, max_size=8)
PARAGRAPHS = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 9), st.sampled_from(Label), KINDS, PROBABILITIES)
)


def in_order(paragraphs: list[tuple[int, int, Label, CommerceKind | None, float]]) -> list[Tag]:
    """Tags as a text has them: one after the other, with a span each."""
    tags: list[Tag] = []
    place = 0
    for index, (gap, length, label, kind, probability) in enumerate(paragraphs):
        start = place + gap
        place = start + length + 1
        tags.append(Tag(index, start, place, label, kind, probability))
    return tags


def record(id: str | None = "a1", number: int = 7) -> Record:
    return Record(number, Document("…", id=id))


TAGS = [
    Tag(0, 0, 10, Label.NEWS, None, 0.75, "0a1b2c3d"),
    Tag(1, 12, 20, Label.COMMERCE, CommerceKind.PRODUCT, 1.0, "ffffffff"),
]


@FEW
@given(
    tags=st.lists(ANY_TAG, max_size=5) | PARAGRAPHS.map(in_order),
    id=st.none() | st.text(max_size=5),
    number=st.integers(0, 2**40),
    digests=st.none() | st.lists(DIGESTS, min_size=50, max_size=50),
)
def test_labels_come_back_as_they_were_stored(
    tags: list[Tag], id: str | None, number: int, digests: list[str] | None
) -> None:
    tags = tags[:50]
    if digests is not None or not tags:
        tags = [replace(tag, digest=d) for tag, d in zip(tags, digests or (), strict=False)]
    line = attribute_line(record(id, number), tags)
    assert line.count(b"\n") == 1
    assert list(read_attributes(io.BytesIO(line * 2))) == [(number, tuple(tags))] * 2


@FEW
@given(PARAGRAPHS)
def test_a_text_is_told_by_its_spans(
    paragraphs: list[tuple[int, int, Label, CommerceKind | None, float]],
) -> None:
    assert "tags" not in json.loads(attribute_line(record(), in_order(paragraphs)))


def test_a_line_is_as_dolma_reads_it() -> None:
    assert json.loads(attribute_line(record(), TAGS)) == {
        "id": "a1",
        "attributes": {
            "adsift__label__news": [[0, 10, 0.75]],
            "adsift__label__analysis": [],
            "adsift__label__boilerplate": [],
            "adsift__label__commerce": [[12, 20, 1.0]],
            "adsift__kind__product": [[12, 20, 1.0]],
            "adsift__kind__disclosure": [],
            "adsift__kind__sponsored": [],
            "adsift__kind__membership": [],
        },
        "record": 7,
        "digest": "0a1b2c3dffffffff",
    }


def test_paragraphs_of_html_are_kept_from_dolma() -> None:
    tags = [Tag(0, None, None, Label.COMMERCE, CommerceKind.SPONSORED, 0.5)]
    line = json.loads(attribute_line(record(), tags))
    assert not any(line["attributes"].values())
    assert line["tags"] == [[0, None, None, "commerce", "sponsored", 0.5]]


def test_a_document_without_paragraphs_has_a_line() -> None:
    assert list(read_attributes(io.BytesIO(attribute_line(record(None), [])))) == [(7, ())]


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{",
        b"[]",
        b'{"id": "a", "attributes": {}}',
        b'{"id": "a", "record": "x", "attributes": {}}',
        b'{"id": "a", "record": 0, "attributes": {}}',
        b'{"id": "a", "record": 0, "attributes": {}, "tags": [[0, 1]]}',
        b'{"id": "a", "record": 0, "attributes": {}, "tags": [[0, 1, 2, "spam", null, 0.5]]}',
        b'{"id": "a", "record": 0, "attributes": {}, "tags": [[-3, 1, 2, "news", null, 0.5]]}',
        b'{"id": "a", "record": 0, "attributes": {}, "tags": [[0, 1, 2, "news", null, 7.0]]}',
        attribute_line(record(), TAGS[:1]).replace(b"0.75", b"7.0"),
        attribute_line(record(), TAGS[:1]).replace(b"[[0,", b"[[-1,"),
        b'{"id": "a", "record": 0, "attributes": {}, "tags": [], "digest": "0a1b2c3d"}',
        b'{"id": "a", "record": 0, "attributes": {}, "tags": [], "digest": 7}',
        b"[" * 100_000,
    ],
)
def test_a_line_of_somebody_else_is_told_by_its_number(line: bytes) -> None:
    stored = read_attributes(io.BytesIO(attribute_line(record(), TAGS) + line + b"\n"))
    assert next(stored).tags == tuple(TAGS)
    with pytest.raises(DocumentError, match=r"^line 2 of the attributes"):
        next(stored)


def test_attributes_lie_where_dolma_looks_for_them() -> None:
    assert attribute_paths(
        [
            "documents/2024/a.jsonl.gz",
            "b.json.zst",
            "documents/c.jsonl",
            "pages.warc.gz",
            "table.parquet",
            "documents",
        ]
    ) == [
        "attributes/adsift/2024/a.jsonl.gz",
        "attributes/adsift/b.json.zst",
        "attributes/adsift/c.jsonl",
        "attributes/adsift/pages.warc.gz.jsonl.gz",
        "attributes/adsift/table.parquet.jsonl.gz",
        "attributes/adsift/documents.jsonl.gz",
    ]


def test_two_inputs_never_share_their_attributes() -> None:
    with pytest.raises(DocumentError, match=r"a\.txt and of a\.txt\.jsonl\.gz"):
        attribute_paths(["a.txt", "a.txt.jsonl.gz"])
