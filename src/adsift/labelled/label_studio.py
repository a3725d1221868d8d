"""Exports of Label Studio, JSON and JSON-MIN.

A task has ``data`` (what was imported) and ``annotations``, each with a list ``result``: regions
of type ``labels`` (with ``start``, ``end``, ``labels``) and ``choices`` for the whole text.
JSON-MIN has the imported fields at the top and, under the name of the control, the values alone.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from typing import Any

from adsift.errors import LabelledDataError
from adsift.labelled.exports import annotated, only_one, read_span
from adsift.labelled.fields import Fields, get_list, get_object
from adsift.labelled.files import Record
from adsift.labelled.labels import NO_MARK, Mark, Vocabulary
from adsift.labelled.offsets import WrittenSpan
from adsift.labelled.text import AnnotatedText

_CHOICES = ("choice", "choices", "label", "class", "category")
_META = (
    *("url", "site", "format", "id", "annotator", "annotation_id", "created_at", "updated_at"),
    *("lead_time", "agreement", "file_upload"),
)


def is_label_studio(fields: Fields) -> bool:
    """Whether a record looks like a task."""
    if isinstance(fields.get("data"), dict):
        return True
    # Regions alone tell too: older versions name no annotator, and whoever tidies up drops him.
    named = "annotation_id" in fields and "annotator" in fields
    return named or any("start" in region for region in _regions(fields))


def holds_annotations(fields: Fields) -> bool:
    """Whether somebody has filled in a task, or marked regions in a record of JSON-MIN."""
    items = [item for name in ("annotations", "completions") for item in _items(fields.get(name))]
    return bool(_regions(fields)) or any(_is_filled(item) for item in items)


def _items(value: object) -> list[Fields]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def choice_fields(records: Sequence[Record], names: Vocabulary) -> Sequence[str]:
    """The field of JSON-MIN in which the label of a whole text may stand: one with a usual name,
    or the one that holds a label somewhere. If there are regions, only those with choices.

    All records together tell: in a single one, what was imported may look like a label too, and
    may have a usual name.

    Raises:
        LabelledDataError: there are several such fields.
    """
    small = [record for record in records if not isinstance(record.fields.get("data"), dict)]
    if any(_regions(fields) for _, fields in small):
        # Beside regions a name may be one that was imported; choices in their own form are none.
        return [*dict.fromkeys(name for _, f in small for name in f if _is_chosen(f[name]))]
    found: dict[str, str] = {}
    for place, fields in small:
        usual = next((name for name in _CHOICES if _is_choice(fields.get(name))), None)
        for name, value in fields.items():
            holds = name == usual or _is_chosen(value) or names.knows(value)
            if name not in ("text", *_META) and holds:
                found.setdefault(name, place)
    if len(found) > 1:
        raise LabelledDataError(
            f"{next(iter(found.values()))}: the labels could be in any of the fields "
            f"{', '.join(found)[:200]}; take out all but the one that holds them"
        )
    return [*found]


def read_label_studio(
    record: Record, names: Vocabulary, choices: Sequence[str] = _CHOICES
) -> list[AnnotatedText]:
    """The annotations of a task that are filled in, the one that is marked as ground truth last;
    cancelled ones and predictions do not count. Of the others but the last, those that can be read.

    Args:
        record: the task.
        names: reads the labels.
        choices: in JSON-MIN, the field that may hold the label, see :func:`choice_fields`.

    Raises:
        LabelledDataError: the task has another shape, or regions other than of text.
    """
    place, fields = record
    if not isinstance(fields.get("data"), dict):
        return _read_small(record, names, choices)
    data = fields["data"]
    text = _text_of(data, place, _META)
    items = get_list(fields, "annotations", place) or get_list(fields, "completions", place)
    kept = [
        annotation
        for item in items
        if not (annotation := get_object(item, "an annotation", place)).get("was_cancelled")
        and not annotation.get("skipped")
        and _is_filled(annotation)
    ]
    kept.sort(key=lambda annotation: bool(annotation.get("ground_truth")))
    found = []
    for annotation in kept[:-1]:
        # What was corrected by another may have been wrong.
        with suppress(LabelledDataError):
            found.append(_read_annotation(place, text, data, annotation, names.copy()))
    found += [_read_annotation(place, text, data, annotation, names) for annotation in kept[-1:]]
    return found


def _is_filled(annotation: Fields) -> bool:
    kinds = [item.get("type") for item in _items(annotation.get("result"))]
    return any(kind == "choices" or str(kind).endswith("labels") for kind in kinds)


def _read_annotation(
    place: str, text: str, data: Fields, annotation: Fields, names: Vocabulary
) -> AnnotatedText:
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
            raise _not_plain(place, f"regions of the type {kind!r}")
    return annotated(place, text, data, spans, only_one(choices, place, names))


def _text_of(data: Fields, place: str, others: Collection[str]) -> str:
    """The text that was imported, whatever the user called it; ``others`` it cannot be."""
    if isinstance(data.get("text"), str):
        return str(data["text"])
    texts = [name for name, value in data.items() if isinstance(value, str) and name not in others]
    if len(texts) == 1:
        return str(data[texts[0]])
    if not texts:
        raise LabelledDataError(f"{place}: the task's data has no field 'text'")
    raise LabelledDataError(
        f"{place}: the text could be in any of the fields {', '.join(texts)[:200]}; rename the one "
        "that holds it to 'text'"
    )


def _spans(place: str, value: object, names: Vocabulary) -> list[WrittenSpan]:
    fields = get_object(value, "a region's value", place)
    labels = get_list(fields, "labels", place)
    if _is_of_elements(fields):
        raise _not_plain(place, "regions of HyperText or Paragraphs")
    return [
        read_span(place, fields.get("start"), fields.get("end"), label, fields.get("text"), names)
        for label in labels
    ]


def _is_of_elements(value: Fields) -> bool:
    """Whether a region says in which elements it begins and ends, and not at which characters."""
    start = value.get("start")
    if isinstance(start, str) and not start.isdigit():
        return True
    return not isinstance(start, int) and not {"startOffset", "globalOffsets"}.isdisjoint(value)


def _not_plain(place: str, what: str) -> LabelledDataError:
    return LabelledDataError(
        f"{place}: {what} are not of plain text; label a Text with Labels, or export paragraphs"
    )


def _read_small(record: Record, names: Vocabulary, choices: Sequence[str]) -> list[AnnotatedText]:
    place, fields = record
    text = _text_of(fields, place, (*_META, *_CHOICES, *choices))
    spans = [span for region in _regions(fields) for span in _spans(place, region, names)]
    whole = NO_MARK if spans else _choice(fields, place, names, choices)
    if not spans and whole == NO_MARK:
        return []
    return [annotated(place, text, fields, spans, whole, fields.get("id"))]


def _regions(fields: Fields) -> list[Fields]:
    items = [item for value in fields.values() if isinstance(value, list) for item in value]
    return [item for item in items if isinstance(item, dict) and "labels" in item]


def _choice(fields: Fields, place: str, names: Vocabulary, choices: Sequence[str]) -> Mark:
    value = next((fields[name] for name in choices if _is_choice(fields.get(name))), None)
    if isinstance(value, dict):
        return only_one(get_list(value, "choices", place), place, names)
    return only_one([value], place, names)


def _is_chosen(value: object) -> bool:
    return isinstance(value, dict) and "choices" in value


def _is_choice(value: object) -> bool:
    return isinstance(value, (str, dict))
