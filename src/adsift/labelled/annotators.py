"""Several annotations of one text: which of them counts."""

from __future__ import annotations

from collections.abc import Iterable

from adsift.labelled.data import LabelledData
from adsift.labelled.text import AnnotatedText, label_text


def add_annotated(data: LabelledData, sources: Iterable[AnnotatedText]) -> None:
    """Add each text to the data once. Of several annotations the last counts that has labels.

    Raises:
        LabelledDataError: an annotation contradicts itself or its text.
    """
    tasks: dict[tuple[object, str], list[AnnotatedText]] = {}
    for source in sources:
        # The text too: ids of exports that were put together may be the same by chance.
        key = (source.place if source.task is None else (source.task,), source.text)
        tasks.setdefault(key, []).append(source)
    for found in tasks.values():
        read = [(source, *label_text(source)) for source in found]
        filled = [item for item in read if any(item[1].labels)] or read[-1:]
        source, document, unused = filled[-1]
        data.add(document, [source.place] * len(document.paragraphs))
        data.unused_spans += unused
        data.disputed += any(other.labels != document.labels for _, other, _ in filled)
