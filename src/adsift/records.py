"""JSON lines: reading and writing records, finding fields in them, and paragraphs as records."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from adsift.document import TaggedParagraph
from adsift.errors import DocumentError

Record = dict[str, Any]

# JSON allows these inside strings, but readers that use str.splitlines() break lines there.
_ODD_BREAKS = {char: f"\\u{ord(char):04x}" for char in "\x85\u2028\u2029"}

_SURROGATES = re.compile(r"[\ud800-\udfff]")

# json.dumps makes an encoder for every call that asks for more than the defaults.
_encode = json.JSONEncoder(ensure_ascii=False).encode

dump_string: Callable[[str], str] = _encode
"""A string as JSON. What is put together of such strings is for :func:`in_utf8`."""


def parse_line(line: bytes | str) -> Record:
    """Read one line.

    Raises:
        DocumentError: it is not JSON, or not an object.
    """
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        detail = error.msg if isinstance(error, json.JSONDecodeError) else type(error).__name__
        raise DocumentError(f"not valid JSON ({detail})") from None
    if not isinstance(record, dict):
        raise DocumentError("not a JSON object")
    return record


def encodable(text: str) -> str:
    """A text that UTF-8 has bytes for: each half of a surrogate pair becomes U+FFFD."""
    return _SURROGATES.sub("\ufffd", text)


def dump_line(record: Record) -> bytes:
    """One record as a line of UTF-8."""
    return dump_value(record) + b"\n"


def dump_value(value: Any) -> bytes:
    """A value as JSON in UTF-8, on one line for every reader."""
    try:
        return in_utf8(_encode(value))
    except UnicodeEncodeError:  # half of a surrogate pair: UTF-8 has no bytes for it, JSON has
        return json.dumps(value).encode()


def in_utf8(text: str) -> bytes:
    """JSON in UTF-8 whose lines are the same for every reader.

    Raises:
        UnicodeEncodeError: there is half of a surrogate pair.
    """
    # Looking for three characters costs far less than translating all of them.
    if any(char in text for char in _ODD_BREAKS):
        for char, escape in _ODD_BREAKS.items():
            text = text.replace(char, escape)
    return text.encode()


def get_field(record: Record, name: str, missing: Any = None) -> Any:
    """The value of a field, or ``missing`` if there is no such field.

    ``content.text`` is the field of that very name if there is one, else ``text`` in ``content``.
    """
    value: Any = record
    for key in _path(record, name):
        value = value.get(key, missing) if isinstance(value, dict) else missing
    return value


def with_field(record: Record, name: str, value: Any) -> Record:
    """A copy of the record in which an existing field has another value, in its old place."""
    key, *rest = _path(record, name)
    return {**record, key: with_field(record[key], ".".join(rest), value) if rest else value}


def paragraph_fields(paragraph: TaggedParagraph) -> Record:
    """A tagged paragraph as JSON."""
    return {
        "text": paragraph.text,
        "start": paragraph.start,
        "end": paragraph.end,
        "tag": paragraph.tag,
        "links": list(paragraph.links),
        "label": paragraph.label,
        "kind": paragraph.kind,
        "probabilities": paragraph.probabilities,
    }


def _path(record: Record, name: str) -> list[str]:
    if name in record or "." not in name:
        return [name]
    first, _, rest = name.partition(".")
    inner = record.get(first)
    return [first, *(_path(inner, rest) if isinstance(inner, dict) else [rest])]
