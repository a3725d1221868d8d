"""What the exports of annotation tools have in common."""

from __future__ import annotations

from typing import Any

from adsift.errors import LabelledDataError
from adsift.labelled.fields import Fields, get_name, get_offset
from adsift.labelled.labels import NO_MARK, Mark, Vocabulary
from adsift.labelled.text import AnnotatedText, Span, at_code_points


def annotated(
    place: str, text: str, meta: Fields, spans: list[Span], whole: Mark = NO_MARK
) -> AnnotatedText:
    """A text of an export; ``format``, ``url`` and ``site`` may stand in what the user had
    imported with it."""
    return AnnotatedText(
        place,
        text,
        spans,
        whole=whole,
        format=get_name(meta, "format", place) or "auto",
        url=get_name(meta, "url", place),
        site=get_name(meta, "site", place),
    )


def read_span(
    place: str,
    text: str,
    start: object,
    end: object,
    label: object,
    quoted: object,
    names: Vocabulary,
) -> Span:
    """A labelled span; ``quoted`` is the text that the tool says is there, if it does.

    Raises:
        LabelledDataError: a value has the wrong type.
    """
    first, last = get_offset(start, place), get_offset(end, place)
    return Span(*at_code_points(text, first, last, quoted), names.read(label, place))


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
