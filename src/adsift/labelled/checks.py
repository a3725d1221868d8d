"""Whether labelled data is fit to train on, and to score with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from adsift.document import Label
from adsift.errors import LabelledDataError
from adsift.labelled.data import LabelledData

LONG = 8
"""A paragraph of so many words is no stock phrase: found in two places, it was copied."""


class Contradiction(NamedTuple):
    """A text with several labels; for each of them the first place."""

    text: str
    places: dict[Label, str]


def require_two_labels(data: LabelledData) -> None:
    """See that there is something to tell apart.

    Raises:
        LabelledDataError: all paragraphs have the same label.
    """
    present = [label for label, count in data.counts.items() if count]
    if len(present) < 2:
        which = f"the label {present[0]}" if present else "no label"
        raise LabelledDataError(
            f"all {sum(data.counts.values())} labelled paragraphs have {which}: a model learns "
            "from examples of at least two labels"
        )


class Shared(NamedTuple):
    """The first places of a text that is in two sets of data; of a document the first paragraph."""

    training: str
    validation: str
    text: str


def contradictions(data: LabelledData) -> list[Contradiction]:
    """Texts that have one label here and another there, white space and case aside. On
    different pages that may be right, so it is for the user to judge."""
    found: dict[str, Contradiction] = {}
    for text, label, place in _labelled(data):
        contradiction = found.setdefault(_normal(text), Contradiction(text, {}))
        contradiction.places.setdefault(label, place)
    return [item for item in found.values() if len(item.places) > 1]


def shared_texts(training: LabelledData, validation: LabelledData) -> list[Shared]:
    """The texts of the validation data that are in the training data too, in the order of the
    validation data.

    A text is a paragraph of at least :data:`LONG` words, or a whole document. Shorter paragraphs
    of longer documents do not count: every page has its "Share this article".
    """
    known: dict[str, str] = {}
    for text, place, _ in _texts(training):
        known.setdefault(text, place)
    found: dict[str, Shared] = {}
    for text, place, shown in _texts(validation):
        if text in known:
            found.setdefault(text, Shared(known[text], place, shown))
    return [*found.values()]


def without_shared(training: LabelledData, validation: LabelledData) -> LabelledData:
    """The validation data without the labels of its :func:`shared_texts`, and without the
    documents that have no other labels."""
    known = {text for text, *_ in _texts(training)}
    left = LabelledData()
    for document, places in zip(validation.documents, validation.places, strict=True):
        texts = [_normal(paragraph.text) for paragraph in document.paragraphs]
        if "\n".join(texts) in known:
            continue
        labels = [
            None if _is_long(text) and text in known else label
            for text, label in zip(texts, document.labels, strict=True)
        ]
        if any(labels):
            left.add(replace(document, labels=labels), places)
    return left


def _texts(data: LabelledData) -> Iterator[tuple[str, str, str]]:
    """Each text as it is compared, its place, and what to show of it."""
    for document, places in zip(data.documents, data.places, strict=True):
        if not document.paragraphs:
            continue
        written = [paragraph.text for paragraph in document.paragraphs]
        texts = [*map(_normal, written)]
        yield "\n".join(texts), places[0], written[0]
        if len(texts) > 1:
            items = zip(texts, places, written, strict=True)
            yield from (item for item in items if _is_long(item[0]))


def _is_long(text: str) -> bool:
    return len(text.split()) >= LONG


def _labelled(data: LabelledData) -> Iterator[tuple[str, Label, str]]:
    for document, places in zip(data.documents, data.places, strict=True):
        for paragraph, label, place in zip(
            document.paragraphs, document.labels, places, strict=True
        ):
            if label is not None:
                yield paragraph.text, label, place


def _normal(text: str) -> str:
    return " ".join(text.lower().split())
