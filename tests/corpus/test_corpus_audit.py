from __future__ import annotations

import base64
import io
import json
import sys
from typing import get_args

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from adsift.corpus.audit import (
    Removal,
    RemovedFormat,
    bound_rule,
    encode_rejects,
    encode_removed,
    join_removed,
    rule,
)
from adsift.corpus.record import Record, Rejected
from adsift.document import CommerceKind, Document, Label, Paragraph, TaggedParagraph
from adsift.errors import AdsiftError
from adsift.records import dump_line

FORMATS = get_args(RemovedFormat)
FEW = settings(max_examples=25)

RECORD = Record(7, Document("…", id="tent", url="https://shop.example/tent"))


def removal(text: str = "Buy the tent now", index: int = 0) -> Removal:
    paragraph = TaggedParagraph(
        Paragraph(text, 3, 20), Label.COMMERCE, CommerceKind.PRODUCT, {Label.COMMERCE: 0.9123456789}
    )
    return Removal(index, paragraph, rule(Label.COMMERCE, 0.5))


def encode(format: RemovedFormat, *removals: Removal) -> bytes:
    return encode_removed("in/a.jsonl", [(RECORD, removals)], format)


def read(data: bytes, format: str) -> list[dict[str, object]]:
    if format == "jsonl":
        text = zstandard.ZstdDecompressor().stream_reader(data, read_across_frames=True).read()
        return [json.loads(line) for line in text.decode().splitlines()]
    parquet = pytest.importorskip("pyarrow.parquet")
    rows: list[dict[str, object]] = parquet.read_table(io.BytesIO(data)).to_pylist()
    return rows


def join(parts: list[bytes], format: RemovedFormat) -> bytes:
    target = io.BytesIO()
    join_removed(map(io.BytesIO, parts), target, format)
    return target.getvalue()


@pytest.mark.parametrize("format", FORMATS)
def test_a_row_tells_where_and_why(format: RemovedFormat) -> None:
    assert read(encode(format, removal()), format) == [
        {
            "input": "in/a.jsonl",
            "record": 7,
            "id": "tent",
            "url": "https://shop.example/tent",
            "index": 0,
            "start": 3,
            "end": 20,
            "text": "Buy the tent now",
            "label": "commerce",
            "kind": "product",
            "probability": 0.912346,
            "rule": "commerce >= 0.5",
        }
    ]


texts = st.text(max_size=5) | st.sampled_from(['"\\', "\u2028", "ä\x85"])
numbers = st.none() | st.integers(0, 9)
records = st.builds(
    lambda number, *named: Record(number, Document("…", "auto", *named)),
    st.integers(0, 10**12),
    st.none() | texts,
    st.none() | texts,
)
paragraphs = st.builds(
    lambda label, kind, probability, *of: TaggedParagraph(
        Paragraph(*of), label, kind, {label: probability}
    ),
    st.sampled_from(Label),
    st.none() | st.sampled_from(CommerceKind),
    st.floats(0, 1),
    texts | st.just("\udc00"),
    numbers,
    numbers,
)
removals = st.lists(st.builds(Removal, st.integers(0, 99), paragraphs, texts), max_size=3)


@given(texts, st.lists(st.tuples(records, removals), max_size=3))
def test_json_lines_are_as_json_writes_them(
    input: str, removed: list[tuple[Record, list[Removal]]]
) -> None:
    expected = [
        {
            "input": input,
            "record": record.number,
            "id": record.document.id,
            "url": record.document.url,
            "index": removal.index,
            "start": removal.paragraph.start,
            "end": removal.paragraph.end,
            "text": removal.paragraph.text,
            "label": removal.paragraph.label,
            "kind": removal.paragraph.kind,
            "probability": round(removal.paragraph.probability, 6),
            "rule": removal.rule,
        }
        for record, removals in removed
        for removal in removals
    ]
    lines = zstandard.decompress(encode_removed(input, removed, "jsonl"))
    assert lines == b"".join(map(dump_line, expected))


@pytest.mark.parametrize("format", FORMATS)
@FEW
@given(parts=st.lists(st.lists(st.text(max_size=4), max_size=3), max_size=4))
def test_joined_parts_have_all_rows_in_order(format: RemovedFormat, parts: list[list[str]]) -> None:
    encoded = [
        encode(format, *(removal(text, index) for index, text in enumerate(part))) for part in parts
    ]
    joined = join(encoded, format)
    assert joined == join(encoded, format)
    assert [row["text"] for row in read(joined, format)] == [t for part in parts for t in part]


@pytest.mark.parametrize("format", FORMATS)
def test_nothing_removed_is_a_valid_file(format: RemovedFormat) -> None:
    joined = join([], format)
    assert joined
    assert read(joined, format) == []


@pytest.mark.parametrize(("format", "kept"), [("jsonl", "\ud800!"), ("parquet", "\ufffd!")])
def test_half_a_surrogate_pair_does_not_stop_the_account(format: RemovedFormat, kept: str) -> None:
    assert read(encode(format, removal("\ud800!")), format)[0]["text"] == kept


def test_many_small_parts_share_a_row_group() -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    part = encode("parquet", removal())
    assert parquet.ParquetFile(io.BytesIO(join([part] * 5, "parquet"))).num_row_groups == 1


def test_parquet_without_pyarrow_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(AdsiftError, match=r"pip install '\.\[corpus\]'"):
        encode("parquet", removal())


def test_rules_read_as_they_were_given() -> None:
    assert rule(Label.COMMERCE, 0.0) == "commerce >= 0.0"
    assert rule(Label.BOILERPLATE, 0.5, applied=True) == "apply: boilerplate >= 0.5"
    assert bound_rule(0.01, 0.83) == "bound 0.01: threshold 0.83"


@FEW
@given(st.binary(max_size=20))
def test_a_rejected_record_can_be_had_back(raw: bytes) -> None:
    line = encode_rejects("a.jsonl", [Rejected(3, "not JSON", raw, len(raw), "x")])
    assert line.count(b"\n") == 1
    row = json.loads(line)
    back = row["raw"].encode() if row["encoding"] == "utf-8" else base64.b64decode(row["raw"])
    assert back == raw
    assert [row[name] for name in ("input", "record", "id", "reason", "size")] == [
        "a.jsonl",
        3,
        "x",
        "not JSON",
        len(raw),
    ]
