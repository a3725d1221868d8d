"""Exports of doccano: JSON lines of sequence labelling or of text classification.

A record has ``text`` (in some versions ``data``) and ``label`` or ``labels``: spans as
``[start, end, label]``, or names for the whole text; with relations the spans are ``entities`` with
``start_offset`` and ``end_offset``.
"""

from __future__ import annotations

from typing import Any

from adsift.errors import LabelledDataError
from adsift.labelled.exports import annotated, only_one, read_span, with_meta
from adsift.labelled.fields import Fields, get_text
from adsift.labelled.files import Record
from adsift.labelled.labels import Vocabulary
from adsift.labelled.offsets import WrittenSpan
from adsift.labelled.text import AnnotatedText

SPANS = ("entities", "label", "labels", "annotations")
"""Where labels may stand, of spans or of the whole text."""


def is_doccano(fields: Fields) -> bool:
    """Whether a record looks like one of doccano."""
    return any(isinstance(fields.get(name), list) for name in SPANS)


def read_doccano(record: Record, names: Vocabulary) -> list[AnnotatedText]:
    """A record; nothing if nobody has labelled it.

    Raises:
        LabelledDataError: it has another shape.
    """
    place, fields = record
    text = get_text(fields, "text" if "text" in fields else "data", place)
    items = [item for name in SPANS for item in _items(fields.get(name))]
    spans: list[WrittenSpan] = []
    labels: list[Any] = []
    for item in items:
        if isinstance(item, dict) and "start_offset" in item:
            start, end = item["start_offset"], item.get("end_offset")
            spans.append(read_span(place, start, end, item.get("label"), None, names))
        elif isinstance(item, list):
            if len(item) not in (3, 4):
                raise LabelledDataError(f"{place}: a span must be [start, end, label]")
            quoted = item[3] if len(item) == 4 else None
            spans.append(read_span(place, item[0], item[1], item[2], quoted, names))
        else:
            labels.append(item.get("label") if isinstance(item, dict) else item)
    if not items:
        return []
    whole = only_one(labels, place, names)
    return [annotated(place, text, with_meta(fields), spans, whole, fields.get("id"))]


def _items(value: object) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
