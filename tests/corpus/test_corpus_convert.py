"""Documents of any container as JSON lines and as Parquet."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adsift.corpus.containers.parquet import Parquet
from adsift.corpus.convert import ToJsonl, ToParquet, conversion
from adsift.corpus.record import Fields, Limits, Outcome, Record, Rejected, Tag
from adsift.document import CommerceKind, Document, Label

pq = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")

FIELDS = Fields()
TAGS = (Tag(0, 0, 3, Label.COMMERCE, CommerceKind.SPONSORED, 0.5, "0a1b2c3d"),)
RECORDS: list[Record | Rejected] = [
    Record(3, Document("One", id="a", url="http://paper.example/1")),
    Record(4, Document("Café".encode("latin-1"), "html", charset="latin-1")),
    Rejected(5, "no text", b"", 0),
    Record(6, Document("Gone", id="c")),
]
OUTCOME = Outcome({3: "Line\u2028break"}, rejected=frozenset({6}))
ROWS = [
    {"id": "a", "url": "http://paper.example/1", "text": "Line\u2028break"},
    {"id": "pages.warc.gz:4", "url": None, "text": "Café"},
]


def joined(name: Any, parts: list[list[bytes]]) -> bytes:
    target = BytesIO()
    conversion(name).join([BytesIO(b"".join(pieces)) for pieces in parts], target)
    return target.getvalue()


def rows_of(name: str, data: bytes) -> list[dict[str, Any]]:
    if name == "parquet":
        rows: list[dict[str, Any]] = pq.read_table(BytesIO(data)).to_pylist()
        return rows
    return [json.loads(line) for line in data.decode().splitlines()]


@pytest.mark.parametrize("name", ["jsonl", "parquet"])
def test_rows_have_id_url_and_text_and_nothing_else(name: Any) -> None:
    to = conversion(name)
    assert to.name == name
    assert to.suffix == f".{name}"
    one = to.render("pages.warc.gz", RECORDS, FIELDS, OUTCOME)
    none = to.render("pages.warc.gz", [], FIELDS, OUTCOME)
    assert rows_of(name, joined(name, [one, none, one])) == ROWS * 2
    assert rows_of(name, joined(name, [none])) == []


@pytest.mark.parametrize("name", ["jsonl", "parquet"])
def test_a_run_that_tags_adds_its_column(name: Any) -> None:
    outcome = Outcome(tags={3: TAGS}, tagging=True)
    parts = [
        conversion(name).render("in", [record], Fields(tags="ads"), outcome)
        for record in RECORDS[:2]
    ]
    first, second = rows_of(name, joined(name, parts))
    assert list(first) == ["id", "url", "text", "ads"]
    assert first["text"] == "One"
    assert first["ads"] == [
        {
            "index": 0,
            "start": 0,
            "end": 3,
            "label": "commerce",
            "kind": "sponsored",
            "probability": 0.5,
            "digest": "0a1b2c3d",
        }
    ]
    assert second["ads"] is None


def test_a_converted_table_is_an_input_with_its_tags() -> None:
    outcome = Outcome(tags={3: TAGS}, tagging=True)
    data = joined("parquet", [ToParquet().render("in", RECORDS, FIELDS, outcome)])
    (chunk,) = Parquet().chunks(BytesIO(data), Limits())
    first, *_ = Parquet().parse(chunk, FIELDS)
    assert isinstance(first, Record)
    assert first.tags == TAGS
    assert first.document.id == "a"


def test_half_a_surrogate_pair_is_shown_in_a_table_as_what_it_is() -> None:
    records = [Record(0, Document("Wow \ud83d! Really?", id="\ude00"))]
    (piece,) = ToParquet().render("in", records, FIELDS, Outcome())
    row = {"id": "\ufffd", "url": None, "text": "Wow \ufffd! Really?"}
    assert rows_of("parquet", piece) == [row]


@settings(max_examples=40)
@given(st.lists(st.tuples(st.none() | st.text(min_size=1), st.text()), max_size=5))
def test_any_text_makes_valid_rows(documents: list[tuple[str | None, str]]) -> None:
    records = [Record(n, Document(text, id=id)) for n, (id, text) in enumerate(documents)]
    lines = rows_of("jsonl", joined("jsonl", [ToJsonl().render("in", records, FIELDS, Outcome())]))
    assert [(row["id"], row["text"]) for row in lines] == [
        (id or f"in:{n}", text) for n, (id, text) in enumerate(documents)
    ]
    (piece,) = ToParquet().render("in", records, FIELDS, Outcome())
    assert piece == ToParquet().render("in", records, FIELDS, Outcome())[0]
    assert len(rows_of("parquet", piece)) == len(records)
