from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adsift.errors import DocumentError
from adsift.records import dump_line, get_field, parse_line, with_field


@pytest.mark.parametrize(
    ("record", "name", "value"),
    [
        ({"text": "a"}, "text", "a"),
        ({"content": {"text": "a"}}, "content.text", "a"),
        ({"content.text": "a", "content": {"text": "b"}}, "content.text", "a"),
        ({"a": {"b.c": "x"}}, "a.b.c", "x"),
        ({"a": {"b": {"c": "x"}}}, "a.b.c", "x"),
        ({"a": "flat"}, "a.b", None),
        ({}, "text", None),
        ({}, "content.text", None),
    ],
)
def test_fields_are_found(record: dict[str, Any], name: str, value: object) -> None:
    assert get_field(record, name) == value


@pytest.mark.parametrize(
    ("record", "name"),
    [
        ({"id": 1, "text": "a", "z": 2}, "text"),
        ({"id": 1, "content": {"lang": "en", "text": "a", "n": 1}, "z": 2}, "content.text"),
        ({"content.text": "a", "content": {"text": "b"}}, "content.text"),
        ({"a": {"b.c": "x", "d": 1}}, "a.b.c"),
    ],
)
def test_a_field_is_replaced_in_its_place(record: dict[str, Any], name: str) -> None:
    before = json.dumps(record)
    after = with_field(record, name, "new")
    assert get_field(after, name) == "new"
    assert json.dumps(with_field(after, name, get_field(record, name))) == before
    assert json.dumps(record) == before


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"{", "not valid JSON"),
        (b"\xff\xfe\xfd", "not valid JSON"),
        (b"[" * 100_000, "not valid JSON"),
        (b'{"n": ' + b"9" * 5000 + b"}", "not valid JSON"),
        (b'["text"]', "not a JSON object"),
        (b"null", "not a JSON object"),
    ],
)
def test_a_bad_line_is_told(line: bytes, message: str) -> None:
    with pytest.raises(DocumentError, match=message):
        parse_line(line)


def test_a_byte_order_mark_is_no_mistake() -> None:
    assert parse_line(b'\xef\xbb\xbf{"a": 1}\r\n') == {"a": 1}


@given(st.dictionaries(st.text(st.characters(codec=None)), st.text(st.characters(codec=None))))
def test_every_record_stays_one_line_and_reads_back(record: dict[str, str]) -> None:
    line = dump_line(record)
    assert json.loads(line) == record
    assert line.decode().splitlines(keepends=True) == [line.decode()]
