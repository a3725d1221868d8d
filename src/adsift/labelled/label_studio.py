"""Exports of Label Studio, JSON and JSON-MIN.

A task has ``data`` (what was imported) and ``annotations``, each with a list ``result``: regions
of type ``labels`` (with ``start``, ``end``, ``labels``) and ``choices`` for the whole text.
JSON-MIN has the imported fields at the top and, under the name of the control, the values alone.
"""

from __future__ import annotations

from typing import Any

from adsift.errors import LabelledDataError
from adsift.labelled.exports import annotated, only_one, read_span
from adsift.labelled.fields import Fields, get_list, get_object
from adsift.labelled.files import Record
from adsift.labelled.labels import NO_MARK, Mark, Vocabulary
from adsift.labelled.offsets import WrittenSpan
from adsift.labelled.text import AnnotatedText

_CHOICES = ("choice", "choices", "label", "class", "category")


def is_label_studio(fields: Fields) -> bool:
    """Whether a record looks like a task."""
    if isinstance(fields.get("data"), dict):
        return True
    return "annotation_id" in fields and "annotator" in fields


def read_label_studio(record: Record, names: Vocabulary) -> list[AnnotatedText]:
    """The annotations of a task that have labels, the one that is marked as ground truth last;
    cancelled ones and predictions do not count.

    Raises:
        LabelledDataError: the task has another shape, or regions other than of text.
    """
    place, fields = record
    if not isinstance(fields.get("data"), dict):
        return _read_small(record, names)
    items = get_list(fields, "annotations", place) or get_list(fields, "completions", place)
    kept = [
        annotation
        for item in items
        if not (annotation := get_object(item, "an annotation", place)).get("was_cancelled")
        and not annotation.get("skipped")
    ]
    kept.sort(key=lambda annotation: bool(annotation.get("ground_truth")))
    found = [_read_annotation(place, fields["data"], annotation, names) for annotation in kept]
    return [annotation for annotation in found if annotation is not None]


def _read_annotation(
    place: str, data: Fields, annotation: Fields, names: Vocabulary
) -> AnnotatedText | None:
    text = _text_of(data, place)
    spans: list[WrittenSpan] = []
    choices: list[Any] = []
    for item in get_list(annotation, "result", place):
        region = get_object(item, "a result", place)
        kind = region.get("type")
        value = region.get("value")
        if kind == "labels":
            spans += _spans(place, value, names)
        elif kind == "choices" and isinstance(value, dict) and "start" not in value:
            choices += get_list(value, "choices", place)
        elif isinstance(kind, str) and kind.endswith("labels"):
            raise LabelledDataError(
                f"{place}: regions of the type {kind!r} are not of plain text; label a Text with "
                "Labels, or export paragraphs"
            )
    if not spans and not choices:
        return None
    return annotated(place, text, data, spans, only_one(choices, place, names))


def _text_of(data: Fields, place: str) -> str:
    """The text that was imported, whatever the user called it."""
    if isinstance(data.get("text"), str):
        return str(data["text"])
    texts = [value for name, value in data.items() if isinstance(value, str) and name not in _META]
    if len(texts) != 1:
        raise LabelledDataError(f"{place}: the task's data has no field 'text'")
    return texts[0]


_META = ("url", "site", "format", "id")


def _spans(place: str, value: object, names: Vocabulary) -> list[WrittenSpan]:
    fields = get_object(value, "a region's value", place)
    labels = get_list(fields, "labels", place)
    return [
        read_span(place, fields.get("start"), fields.get("end"), label, fields.get("text"), names)
        for label in labels
    ]


def _read_small(record: Record, names: Vocabulary) -> list[AnnotatedText]:
    place, fields = record
    text = _text_of(fields, place)
    spans: list[WrittenSpan] = []
    for value in fields.values():
        if isinstance(value, list):
            regions = [item for item in value if isinstance(item, dict) and "labels" in item]
            spans += [span for region in regions for span in _spans(place, region, names)]
    whole = NO_MARK if spans else _choice(fields, place, names)
    if not spans and whole == NO_MARK:
        return []
    return [annotated(place, text, fields, spans, whole, fields.get("id"))]


def _choice(fields: Fields, place: str, names: Vocabulary) -> Mark:
    for name in _CHOICES:
        value = fields.get(name)
        if isinstance(value, dict):
            return only_one(get_list(value, "choices", place), place, names)
        if isinstance(value, str):
            return only_one([value], place, names)
    return NO_MARK
