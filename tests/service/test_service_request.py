from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adsift.service.refusal import RefusalError
from adsift.service.request import Batch, read_request, split_batch

JSON = "application/json"
LINES = "application/x-ndjson"


def read(record: Any, query: str = "", task: str = "strip") -> Any:
    return read_request(task, JSON, json.dumps(record).encode(), query)


def test_a_json_body() -> None:
    request = read({"text": "One.", "url": "https://a.example/", "id": "x", "kept": True})
    assert (request.document.source, request.document.format) == ("One.", "text")
    assert (request.document.url, request.document.id) == ("https://a.example/", "x")
    assert request.stripping.drop == ("commerce",)
    assert request.kept


def test_html_is_html_whatever_it_looks_like() -> None:
    assert read({"html": "One."}).document.format == "html"
    assert read({"html": "One.", "format": "auto"}).document.format == "html"


def test_text_is_what_it_looks_like_unless_told() -> None:
    assert read({"text": "<p>One.</p><p>Two.</p>" * 5}).document.format == "html"
    assert read({"text": "# One\n\n- [two](x)"}).document.format == "markdown"
    assert read({"text": "# One\n\n- [two](x)", "format": "text"}).document.format == "text"


def test_a_raw_body_is_what_its_type_says_unless_the_query_does() -> None:
    body = b"# One\n\n- [two](x)"
    assert read_request("tag", "text/plain", body).document.format == "text"
    assert read_request("tag", "text/markdown", body).document.format == "markdown"
    assert read_request("tag", "text/plain", body, "format=auto").document.format == "markdown"


def test_a_raw_body_keeps_its_bytes_and_charset() -> None:
    request = read_request("tag", "text/html", b"<p>\xe9", charset="latin-1")
    assert (request.document.source, request.document.charset) == (b"<p>\xe9", "latin-1")


def test_the_body_counts_more_than_the_query() -> None:
    request = read({"text": "One.", "drop": ["news"]}, "drop=commerce&min_probability=0.5")
    assert request.stripping.drop == ("news",)
    assert request.stripping.min_probability == 0.5


def test_options_of_a_query() -> None:
    request = read({"text": "One."}, "drop=commerce,boilerplate&drop=news&kept=true&url=&id=7")
    assert request.stripping.drop == ("news", "boilerplate", "commerce")
    assert request.kept
    assert (request.document.url, request.document.id) == (None, "7")
    bounded = read({"text": "One."}, "max_content_loss=0.02&confidence=0.9").stripping
    assert (bounded.max_content_loss, bounded.confidence) == (0.02, 0.9)


def test_null_is_as_good_as_nothing() -> None:
    assert read({"text": "One.", "html": None, "drop": None}).stripping.drop == ("commerce",)


@pytest.mark.parametrize(
    ("record", "query", "message"),
    [
        ({}, "", "either text or html"),
        ({"text": "a", "html": "b"}, "", "either text or html"),
        ({"text": 1}, "", "text must be a string"),
        ({"text": "a", "txt": "b"}, "", "'txt'"),
        ({"text": "a", "format": "pdf"}, "", "'pdf'"),
        ({"html": "a", "format": "text"}, "", "'text'"),
        ({"text": "a", "drop": "commerce"}, "", "drop must be an array of strings"),
        ({"text": "a", "drop": ["news"] * 5}, "", "drop has at most 4 items"),
        ({"text": "a"}, "drop=news,news,news&drop=news,news", "drop has at most 4 items"),
        ({"text": "a", "drop": [1]}, "", "drop must be an array of strings"),
        ({"text": "a", "drop": ["adverts"]}, "", "adverts"),
        ({"text": "a", "min_probability": True}, "", "min_probability must be a number"),
        ({"text": "a", "min_probability": 2}, "", "from 0 to 1"),
        ({"text": "a", "min_probability": float("nan")}, "", "from 0 to 1"),
        ({"text": "a", "max_content_loss": 1}, "", "between 0 and 1"),
        ({"text": "a", "max_content_loss": 0.1, "drop": ["news"]}, "", "not news"),
        ({"text": "a", "max_content_loss": 0.1, "min_probability": 0.5}, "", "together"),
        ({"text": "a", "confidence": 0.9}, "", "max_content_loss, which is missing"),
        ({"text": "a", "kept": 1}, "", "kept must be a boolean"),
        ({"text": "a"}, "min_probability=high", "min_probability must be a number"),
        ({"text": "a"}, "kept=yes", "kept must be a boolean"),
        ({"text": "a"}, "text=b", "'text'"),
        ({"text": "a"}, "url=b&url=c", "more than once"),
        ([], "", "object"),
        ("text", "", "object"),
    ],
)
def test_nonsense_is_refused(record: Any, query: str, message: str) -> None:
    with pytest.raises(RefusalError, match=message) as caught:
        read(record, query)
    assert (caught.value.status, caught.value.code) in {
        (422, "invalid_field"),
        (422, "unknown_field"),
    }


def test_what_strips_is_unknown_to_tagging() -> None:
    with pytest.raises(RefusalError, match="drop"):
        read({"text": "a", "drop": ["news"]}, task="tag")


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff", b"[" * 200_000, b'{"text": "a"} {}', b"1" * 10_000]
)
def test_what_is_no_json_is_refused(body: bytes) -> None:
    with pytest.raises(RefusalError) as caught:
        read_request("tag", JSON, body)
    assert caught.value.status in (400, 422)


def test_a_file_that_is_no_text_is_refused() -> None:
    with pytest.raises(RefusalError, match="a PDF file") as caught:
        read_request("tag", "text/plain", b"%PDF-1.7 ...")
    assert caught.value.code == "not_text"


@given(
    st.lists(
        st.one_of(
            st.integers(),
            st.dictionaries(st.sampled_from(["text", "id", "drop"]), st.text(), max_size=3),
        ),
        max_size=5,
    )
)
def test_a_batch_is_taken_apart(documents: list[Any]) -> None:
    body = json.dumps({"documents": documents, "min_probability": 0.5}).encode()
    names = [doc.get("id") if isinstance(doc, dict) else None for doc in documents]
    lines = b"\n \n".join(json.dumps(document).encode() for document in documents)
    for batch, shared in (
        (split_batch("strip", JSON, body, 5), {"min_probability": 0.5}),
        (split_batch("strip", LINES, lines, 5), {}),
    ):
        there = Batch.unpack(batch.pack())
        assert there == batch
        assert [json.loads(document) for document in there.documents] == documents
        assert (there.ids, there.shared) == (names, shared)


def test_a_lone_surrogate_survives() -> None:
    body = b'{"documents": [{"text": "\\ud800", "id": "\\udfff"}]}'
    batch = Batch.unpack(split_batch("tag", JSON, body, 1).pack())
    assert json.loads(batch.documents[0]) == {"text": "\ud800", "id": "\udfff"}
    assert batch.ids == ["\udfff"]


def test_what_a_batch_says_counts_more_than_the_query_and_less_than_the_document() -> None:
    shared = {"drop": ["news"], "min_probability": 0.25}

    def drop(record: Any) -> Any:
        body = json.dumps({"text": "One.", **record}).encode()
        stripping = read_request("strip", JSON, body, "drop=boilerplate", None, shared).stripping
        assert stripping.min_probability == 0.25
        return stripping.drop

    assert drop({}) == ("news",)
    assert drop({"drop": None, "min_probability": None}) == ("news",)
    assert drop({"drop": ["commerce"]}) == ("commerce",)


def test_the_options_of_a_batch_are_not_multiplied() -> None:
    body = json.dumps({"documents": [{"text": "a"}] * 1000, "drop": ["commerce"] * 4}).encode()
    assert len(split_batch("strip", JSON, body, 1000).pack()) < 2 * len(body)
    long = json.dumps({"documents": [], "drop": ["commerce"] * 5}).encode()
    with pytest.raises(RefusalError, match="at most 4 items"):
        split_batch("strip", JSON, long, 1000)


def test_a_batch_does_not_grow() -> None:
    text = json.dumps({"documents": [{"text": "\u00e9\u4e00\ud800" * 1000}]}, ensure_ascii=False)
    body = text.encode("utf-8", "surrogatepass")
    assert len(split_batch("tag", JSON, body, 1).documents[0]) < len(body)
    numbers = b'{"documents": [[' + b",".join([b"1e15"] * 1000) + b"]]}"
    with pytest.raises(RefusalError) as caught:
        split_batch("tag", JSON, numbers, 1)
    assert caught.value.code == "too_large"


def test_lines_without_end_are_not_all_looked_at() -> None:
    assert split_batch("tag", LINES, b"\n" * 100_000 + b"{}\r\n", 1).documents == [b"{}"]
    with pytest.raises(RefusalError) as caught:
        split_batch("tag", LINES, b"[\n" * 100_000, 5)
    assert caught.value.code == "too_many_documents"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"[]", 422),
        (b"{}", 422),
        (b'{"documents": {}}', 422),
        (b'{"documents": [], "dorp": []}', 422),
        (b'{"documents": [], "min_probability": 2}', 422),
        (b'{"documents": [1, 2]}', 413),
        (b'{"documents": [', 400),
    ],
)
def test_a_batch_that_makes_no_sense_is_refused(body: bytes, status: int) -> None:
    with pytest.raises(RefusalError) as caught:
        split_batch("strip", JSON, body, 1)
    assert caught.value.status == status
