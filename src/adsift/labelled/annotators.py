"""Several annotations of one text: which of them counts."""

from __future__ import annotations

from collections.abc import Iterable

from adsift.document import Label
from adsift.errors import LabelledDataError
from adsift.labelled.data import LabelledData
from adsift.labelled.text import AnnotatedText, label_text


def add_annotated(data: LabelledData, sources: Iterable[AnnotatedText]) -> None:
    """Add each text to the data once. Of several annotations the last counts.

    Args:
        data: what they are added to.
        sources: annotations that somebody has filled in.

    Raises:
        LabelledDataError: the annotation that counts contradicts itself or its text.
    """
    tasks: dict[tuple[object, str], list[AnnotatedText]] = {}
    for source in sources:
        # The text too: ids of exports that were put together may be the same by chance.
        key = (source.place if source.task is None else (source.task,), source.text)
        tasks.setdefault(key, []).append(source)
    for *others, source in tasks.values():
        document, unused = label_text(source)
        data.add(document, [source.place] * len(document.paragraphs))
        data.unused_spans += unused
        data.disputed += any(_labels(other) not in ([], document.labels) for other in others)


def _labels(source: AnnotatedText) -> list[Label | None]:
    """None if the annotation cannot be read: it was replaced by another, perhaps for that."""
    try:
        return label_text(source)[0].labels
    except LabelledDataError:
        return []
