"""What ``prodigy db-out`` writes: JSON lines with ``text``, ``answer`` and what was annotated.

That is ``spans`` (``start``, ``end``, ``label``), or for a whole text a ``label`` that was
accepted, or ``options`` of which those in ``accept`` were chosen.
"""

from __future__ import annotations

from typing import Any

from adsift.labelled.exports import annotated, only_one, read_span
from adsift.labelled.fields import Fields, get_list, get_object, get_text
from adsift.labelled.files import Record
from adsift.labelled.labels import Vocabulary
from adsift.labelled.text import AnnotatedText

_MARKS = ("_input_hash", "_task_hash", "answer", "_view_id")


def is_prodigy(fields: Fields) -> bool:
    """Whether a record looks like one of Prodigy."""
    return any(name in fields for name in _MARKS)


def is_accepted(fields: Fields) -> bool:
    """Whether the annotator said yes to a record, or was not asked."""
    return bool(fields.get("answer", "accept") == "accept")


def read_prodigy(record: Record, names: Vocabulary) -> list[AnnotatedText]:
    """A record; nothing if it was rejected, ignored or not labelled: to reject one label
    does not say which of the others it is.

    Raises:
        LabelledDataError: it has another shape.
    """
    place, fields = record
    if not is_accepted(fields):
        return []
    text = get_text(fields, "text", place)
    spans = []
    for item in get_list(fields, "spans", place):
        span = get_object(item, "a span", place)
        start, end = span.get("start"), span.get("end")
        spans.append(read_span(place, start, end, span.get("label"), span.get("text"), names))
    if spans:
        labels = []
    elif "accept" in fields:
        labels = [_chosen(choice, fields, names) for choice in get_list(fields, "accept", place)]
    else:
        labels = [fields.get("label")]
    if not spans and labels in ([], [None]):
        return []
    meta = fields.get("meta")
    known = {**meta, **fields} if isinstance(meta, dict) else fields
    whole = only_one(labels, place, names)
    # Not the hash of the input: that is the same where one label after the other was asked for.
    return [annotated(place, text, known, spans, whole, fields.get("_task_hash"))]


def _chosen(choice: Any, fields: Fields, names: Vocabulary) -> Any:
    """What was chosen: the id of an option, or its text where only that is a label. Ids may be
    numbers."""
    if names.knows(str(choice)):
        return choice
    options = fields.get("options")
    texts = [
        option.get("text")
        for option in (options if isinstance(options, list) else [])
        if isinstance(option, dict) and option.get("id") == choice
    ]
    return next((text for text in texts if names.knows(text)), choice)
