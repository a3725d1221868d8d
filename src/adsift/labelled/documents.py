"""JSON lines: a document with labelled spans, or with its labelled paragraphs."""

from __future__ import annotations

from adsift.labelled.fields import (
    get_list,
    get_name,
    get_number,
    get_object,
    get_offset,
    get_text,
)
from adsift.labelled.files import Record
from adsift.labelled.labels import Vocabulary
from adsift.labelled.rows import HEAVIEST
from adsift.labelled.text import AnnotatedText, Span


def read_document(record: Record, names: Vocabulary) -> list[AnnotatedText]:
    """A record with ``text``, and ``spans`` (each ``start``, ``end``, ``label``, ``kind``) or
    ``paragraphs`` (each ``text``, ``label``, ``kind``), and if known ``format``, ``url``,
    ``site`` and ``weight``.

    Raises:
        LabelledDataError: a field has the wrong type.
    """
    place, fields = record
    spans = [get_object(item, "a span", place) for item in get_list(fields, "spans", place)]
    paragraphs = [
        get_object(item, "a paragraph", place) for item in get_list(fields, "paragraphs", place)
    ]
    weight = get_number(fields, "weight", place, HEAVIEST)
    found = AnnotatedText(
        place,
        get_text(fields, "text", place),
        [
            Span(
                get_offset(span.get("start"), place),
                get_offset(span.get("end"), place),
                names.read(span.get("label"), place, span.get("kind")),
            )
            for span in spans
        ],
        [
            (
                get_text(paragraph, "text", place),
                names.read(paragraph.get("label"), place, paragraph.get("kind")),
            )
            for paragraph in paragraphs
        ],
        format=get_name(fields, "format", place) or "auto",
        url=get_name(fields, "url", place),
        site=get_name(fields, "site", place),
        weight=1.0 if weight is None else weight,
    )
    return [found]
