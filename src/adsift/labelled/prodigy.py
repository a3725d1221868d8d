"""What ``prodigy db-out`` writes: JSON lines with ``text``, ``answer`` and what was annotated.

That is ``spans`` (``start``, ``end``, ``label``), or for a whole text a ``label`` that was
accepted, or ``options`` of which those in ``accept`` were chosen. Beside the latter two there may
be spans without a label of ours: what a pattern has found, or names of people.
"""

from __future__ import annotations

from typing import Any

from adsift.errors import LabelledDataError
from adsift.labelled.exports import annotated, only_one, read_span, with_meta
from adsift.labelled.fields import Fields, get_list, get_object, get_text
from adsift.labelled.files import Record
from adsift.labelled.labels import Vocabulary
from adsift.labelled.offsets import WrittenSpan
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
    items = [get_object(item, "a span", place) for item in get_list(fields, "spans", place)]
    spans = [
        read_span(place, i.get("start"), i.get("end"), i.get("label"), i.get("text"), names)
        for i in items
    ]
    labels = _labels_of_all(fields, place, names)
    if not labels and all(item.get("label") in (None, "") for item in items):
        return []  # spans alone may be what a pattern had found
    if any(span.mark.label for span in spans):
        _check_whole(labels, spans, place, names)
        labels = []
    whole = only_one(labels, place, names)
    # Not the hash of the input: that is the same where one label after the other was asked for.
    return [annotated(place, text, with_meta(fields), spans, whole, fields.get("_task_hash"))]


def _labels_of_all(fields: Fields, place: str, names: Vocabulary) -> list[Any]:
    """What the annotator said of the whole text."""
    if "accept" in fields:
        return [_chosen(choice, fields, names) for choice in get_list(fields, "accept", place)]
    return [label] if (label := fields.get("label")) is not None else []


def _check_whole(
    labels: list[Any], spans: list[WrittenSpan], place: str, names: Vocabulary
) -> None:
    """See that the whole text has no label beside those of its spans, which count alone. Whether
    it is meant for what they leave, or for something else, only the user knows.

    Raises:
        LabelledDataError: it has another one.
    """
    # Names without a meaning need none here.
    own = names.copy()
    others = {own.read(label, place).label for label in labels} - {s.mark.label for s in spans}
    if listed := ", ".join(sorted(label for label in others if label)):
        raise LabelledDataError(
            f"{place}: spans have labels, and the whole text has another ({listed}); take either "
            "out, or let its names stand for nothing by a label map"
        )


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
