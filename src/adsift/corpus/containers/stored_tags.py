"""Tags as JSON, in a record of JSON lines or in a column of a table."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from adsift.corpus.record import Tag
from adsift.document import CommerceKind, Label


def dump_tags(tags: Sequence[Tag]) -> str:
    """Tags as a JSON array in ASCII."""
    return json.dumps([tag_fields(tag) for tag in tags], separators=(",", ":"))


def read_tags(value: Any) -> tuple[Tag, ...] | None:
    """Tags from what JSON gave; ``None`` if these are no tags of ours."""
    if not isinstance(value, list):
        return None
    try:
        return tuple(_tag(item) for item in value)
    except (KeyError, TypeError, ValueError):
        return None


def tag_fields(tag: Tag) -> dict[str, Any]:
    """A tag as JSON has it."""
    return {
        "start": tag.start,
        "end": tag.end,
        "label": tag.label,
        "kind": tag.kind,
        "probability": tag.probability,
        "index": tag.index,
        "digest": tag.digest,
    }


def _tag(item: dict[str, Any]) -> Tag:
    start, end, kind = item["start"], item["end"], item["kind"]
    return Tag(
        _count(item["index"]),
        None if start is None else _count(start),
        None if end is None else _count(end),
        Label(item["label"]),
        None if kind is None else CommerceKind(kind),
        _share(item["probability"]),
        _digest(item.get("digest")),
    )


def _digest(value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise ValueError(value)
    return value


def _count(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(value)
    return value


def _share(value: Any) -> float:
    if isinstance(value, bool) or not 0 <= value <= 1:
        raise ValueError(value)
    return float(value)
