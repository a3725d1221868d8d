"""What the exports of annotation tools have in common."""

from __future__ import annotations

from typing import Any

from adsift.errors import LabelledDataError
from adsift.labelled.fields import Fields, get_name, get_offset
from adsift.labelled.labels import NO_MARK, Mark, Vocabulary
from adsift.labelled.offsets import WrittenSpan, find_spans
from adsift.labelled.text import AnnotatedText


def annotated(
    place: str,
    text: str,
    meta: Fields,
    spans: list[WrittenSpan],
    whole: Mark = NO_MARK,
    task: object = None,
) -> AnnotatedText:
    """A text of an export; ``format``, ``url`` and ``site`` may stand in what the user had
    imported with it. ``task`` is the id that all annotations of this text have.

    Raises:
        LabelledDataError: one of these is no text, or a span does not hold what it quotes.
    """
    return AnnotatedText(
        place,
        text,
        find_spans(place, text, spans),
        whole=whole,
        format=get_name(meta, "format", place) or "auto",
        url=get_name(meta, "url", place),
        site=get_name(meta, "site", place),
        task=task if isinstance(task, (str, int)) else None,
    )


def read_span(
    place: str, start: object, end: object, label: object, quoted: object, names: Vocabulary
) -> WrittenSpan:
    """A labelled span; ``quoted`` is the text that the tool says is there, if it does.

    Raises:
        LabelledDataError: a value has the wrong type.
    """
    return WrittenSpan(
        get_offset(start, place),
        get_offset(end, place),
        names.read(label, place),
        quoted if isinstance(quoted, str) else "",
    )


def with_meta(fields: Fields) -> Fields:
    """The fields of a record and, where it has none of that name, those under ``meta``."""
    meta = fields.get("meta")
    return {**meta, **fields} if isinstance(meta, dict) else fields


def only_one(labels: list[Any], place: str, names: Vocabulary) -> Mark:
    """The label of a text that was labelled as one piece.

    Raises:
        LabelledDataError: it has several.
    """
    marks = {names.read(label, place) for label in labels} - {NO_MARK}
    if len(marks) > 1:
        listed = ", ".join(sorted(str(label) for label in labels))
        raise LabelledDataError(f"{place}: one text with several labels ({listed[:200]})")
    return next(iter(marks), NO_MARK)
