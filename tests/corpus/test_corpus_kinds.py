"""Formats are told by content first and by name second."""

from __future__ import annotations

import pytest

from adsift.corpus.kinds import HEAD, ending, is_page, is_wanted, tell_kind
from adsift.errors import DocumentError


def warc(*kinds: str, line_end: str = "\r\n") -> bytes:
    """Records with a body that looks like a header."""
    body = "WARC-Type: conversion\r\n"
    return "".join(
        line_end.join(
            ["WARC/1.0", f"WARC-Type: {kind}", f"Content-Length: {len(body)}", "", body, "", ""]
        )
        for kind in kinds
    ).encode()


@pytest.mark.parametrize(
    ("head", "name", "kind"),
    [
        (b"PAR1\x15\x04", "a.txt", "parquet"),
        (b"", "a.parquet", "parquet"),
        (warc("warcinfo", "request", "response"), "a.gz", "warc"),
        (warc("warcinfo", "conversion"), "a.warc.gz", "wet"),
        (warc("warcinfo", "conversion", line_end="\n"), "a", "wet"),
        (warc("warcinfo"), "a.warc.wet.gz", "wet"),
        (warc("warcinfo"), "a", "warc"),
        (b"WARC/1.0\r\n", "a", "warc"),
        (b"WARC/1.0 is a format.\n", "a.txt", "files"),
        (b'{"text": "a"}\n{]\n', "a.txt", "jsonl"),
        (b'\xef\xbb\xbf\n {"text": "a"}\r\n', "a", "jsonl"),
        (b'{"text": "a"}', "a.json", "jsonl"),
        (b'{"text": "' + b"a" * HEAD, "a.csv", "jsonl"),
        (b"{curly} braces\n", "a.txt", "files"),
        (b"{curly} braces\n", "a.jsonl.zst", "jsonl"),
        (b"[" * 5000, "a.ndjson", "jsonl"),
        (b"", "a.json", "jsonl"),
        (b"id,text\n", "a.csv.bz2", "csv"),
        (b"id\ttext\n", "a.TSV", "tsv"),
        (b"id,text\n", "a.txt", "files"),
        (b"It rained.", "README", "files"),
        (b"", "a.txt", "files"),
    ],
)
def test_a_format_is_told(head: bytes, name: str, kind: str) -> None:
    assert tell_kind(head[:HEAD], name) == kind


@pytest.mark.parametrize("head", [b'[{"text": "a"}]', b'{\n "text": "a"\n}'])
def test_json_of_another_shape_is_told(head: bytes) -> None:
    with pytest.raises(DocumentError, match="not one object a line"):
        tell_kind(head, "a.json")


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("a.txt", True),
        ("A.HTML.ZST", True),
        ("a.warc.wet.gz", True),
        ("a.parquet", True),
        (".a.txt", False),
        ("a.labels.jsonl", False),
        ("a.labels.jsonl.bz2", False),
        ("a.png", False),
        ("a.gz", False),
    ],
)
def test_folders_are_searched_for_documents(name: str, wanted: bool) -> None:
    assert is_wanted(name) == wanted


def test_pages_are_known_by_name() -> None:
    assert is_page("a.md.gz")
    assert not is_page("a.txt")


def test_each_format_has_an_ending() -> None:
    kinds = ["jsonl", "csv", "tsv", "parquet", "warc", "wet", "files"]
    assert [tell_kind(b"", "a" + ending(kind)) for kind in kinds] == kinds
