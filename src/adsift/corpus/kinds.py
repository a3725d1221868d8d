"""Which format an input has: told by its content first, and by its name second."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator

from adsift.errors import DocumentError
from adsift.paths import DOCUMENTS, PAGES, bare_name, is_searched, suffix

HEAD = 65_536
"""How much of an input is looked at, in bytes, decompressed."""

_RECORDS = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".csv": "csv",
    ".tsv": "tsv",
    ".parquet": "parquet",
    ".warc": "warc",
    ".wet": "wet",
}
_ENDINGS = frozenset({*DOCUMENTS, *_RECORDS})

_WARC = re.compile(rb"[\r\n]*(WARC/\d+\.\d+\r?\n(?:[^\r\n]+\r?\n)*)\r?\n", re.I)
_WARC_START = re.compile(rb"[\r\n]*WARC/\d+\.\d+\r?\n")
_WARC_TYPE = re.compile(rb"^WARC-Type:[ \t]*(\w+)", re.I | re.M)
_WARC_LENGTH = re.compile(rb"^Content-Length:[ \t]*(\d+)", re.I | re.M)
_MEMBER = re.compile(rb'\{\s*"')


def is_wanted(name: str) -> bool:
    """Whether a folder is searched for files that are called so."""
    return is_searched(name, _ENDINGS)


def is_file_name(name: str) -> bool:
    """Whether a name has an ending of a format or of compression, which a folder rarely has."""
    return suffix(name) in _ENDINGS or bare_name(name) != name


def is_page(name: str) -> bool:
    """Whether a name alone tells of a single document."""
    # A folder may hold millions of these, perhaps far away: they are not opened before their turn.
    return suffix(name) in PAGES


def ending(kind: str) -> str:
    """The ending of names of this kind."""
    return next((ending for ending, of in _RECORDS.items() if of == kind), ".txt")


def without_endings(name: str) -> str:
    """A name without the endings of its format and of its compression."""
    bare = bare_name(name)
    kind = suffix(bare)
    return bare[: -len(kind)] if kind in _ENDINGS else bare


def tell_kind(head: bytes, name: str) -> str:
    """Tell a format, as :func:`adsift.corpus.containers.container` knows it.

    Args:
        head: the first :data:`HEAD` bytes, decompressed; fewer if there are no more.
        name: of the file.

    Raises:
        DocumentError: it is JSON of a shape that cannot be read.
    """
    by_name = _RECORDS.get(suffix(name), "files")
    if head.startswith(b"PAR1"):
        return "parquet"
    if _WARC_START.match(head):
        return "wet" if by_name == "wet" or _first_content(head) == b"conversion" else "warc"
    if _is_json_lines(head):
        return "jsonl"
    if suffix(name) == ".json" and head.strip():
        raise DocumentError("is JSON, but not one object a line: convert it first (jq -c '.[]')")
    return by_name


def _first_content(head: bytes) -> bytes:
    return next((kind for kind in _warc_types(head) if kind != b"warcinfo"), b"")


def _warc_types(head: bytes) -> Iterator[bytes]:
    position = 0
    while record := _WARC.match(head, position):
        kind, length = _WARC_TYPE.search(record[1]), _WARC_LENGTH.search(record[1])
        if kind:
            yield kind[1].lower()
        position = record.end() + (int(length[1]) if length else 0)


def _is_json_lines(head: bytes) -> bool:
    text = head.removeprefix(codecs.BOM_UTF8).lstrip()
    if not text.startswith(b"{"):
        return False
    line, end, _ = text.partition(b"\n")
    if not end and len(head) >= HEAD:  # the line goes on, so no parser can tell
        return _MEMBER.match(line) is not None
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False
