"""Tags as JSON, in a record of JSON lines or in a column of a table, and how any are checked."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
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
        return tuple(map(parse_tag, value))
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


def parse_tag(item: Mapping[str, Any]) -> Tag:
    """A tag from what :func:`tag_fields` gave; one of an earlier version has no digest.

    Raises:
        KeyError, TypeError, ValueError: it is none.
    """
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
        raise ValueError(f"{value!r} is no digest")
    return value


def _count(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"{value!r} is no number of a paragraph or character")
    return value


def _share(value: Any) -> float:
    if isinstance(value, bool) or not 0 <= value <= 1:
        raise ValueError(f"{value!r} is no probability")
    return float(value)
