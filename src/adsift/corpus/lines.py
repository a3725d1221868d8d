"""JSON lines as a corpus run writes them beside its outputs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

# JSON allows these inside strings, but readers that use str.splitlines() break lines there.
_ODD_BREAKS = {ord(char): f"\\u{ord(char):04x}" for char in "\x85\u2028\u2029"}


def dump_line(record: Mapping[str, Any]) -> bytes:
    """One record as a line of UTF-8, without needless spaces."""
    line = json.dumps(record, ensure_ascii=False, separators=(",", ":")).translate(_ODD_BREAKS)
    try:
        return line.encode() + b"\n"
    except UnicodeEncodeError:  # half of a surrogate pair: UTF-8 has no bytes for it, JSON has
        return json.dumps(record, separators=(",", ":")).encode() + b"\n"
