"""A text with labelled spans becomes a labelled document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, cast

from adsift.document import CommerceKind, Document, Format, Label, Paragraph
from adsift.errors import DocumentError, LabelledDataError
from adsift.labelled.labels import NO_MARK, Mark
from adsift.model.labelled_document import LabelledDocument
from adsift.model.links import read_target
from adsift.segment import segment
from adsift.segment.whitespace import collapse


class Span(NamedTuple):
    """Characters of a text, from ``start`` up to ``end``, with their label."""

    start: int
    end: int
    mark: Mark


@dataclass(frozen=True, slots=True)
class AnnotatedText:
    """A text as somebody labelled it.

    Attributes:
        place: file and line.
        text: the document.
        spans: what is labelled of it, in any order.
        paragraphs: texts of paragraphs with their labels, in reading order; for HTML, whose
            paragraphs have no spans.
        whole: the label of all of it, where it was labelled as one piece.
        format, url: as for :class:`adsift.Document`.
        site: what must not be on both sides of a split.
        weight: how much the document counts.
        task: what the tool calls that which was annotated; several annotators may have been at it.
    """

    place: str
    text: str
    spans: list[Span] = field(default_factory=list)
    paragraphs: list[tuple[str, Mark]] = field(default_factory=list)
    whole: Mark = NO_MARK
    format: str = "auto"
    url: str | None = None
    site: str | None = None
    weight: float = 1.0
    task: str | int | None = None


def label_text(source: AnnotatedText) -> tuple[LabelledDocument, int]:
    """Cut a text into paragraphs and label them.

    Returns:
        The document, and how many spans are less than half of every paragraph they touch.

    Raises:
        LabelledDataError: a span is not within the text, or two of them overlap with different
            labels; a labelled paragraph is not in the text; HTML has labelled spans.
    """
    try:
        document = Document(source.text, cast(Format, source.format), source.url)
        paragraphs = segment(document).paragraphs
    except DocumentError as error:
        raise LabelledDataError(f"{source.place}: {error}") from None
    spans = [span for span in spans_apart(source) if span.mark.label]
    if spans and any(paragraph.start is None for paragraph in paragraphs):
        raise LabelledDataError(
            f"{source.place}: HTML has no spans to label; give the labels as "
            '"paragraphs":[{"text","label"}], or "format":"text" if it is no HTML'
        )
    marks = [source.whole] * len(paragraphs)
    unused = 0
    if spans:
        marks, unused = _label_by_spans(paragraphs, spans)
    if source.paragraphs:
        marks = _label_by_texts(paragraphs, source, marks)
    site = group_of(source.site, source.url) or ""
    labelled = LabelledDocument(
        paragraphs,
        [mark.label for mark in marks],
        [mark.kind for mark in marks],
        site or source.place,
        source.url,
        source.weight,
        id="" if source.task is None else str(source.task),
        site=site,
    )
    return labelled, unused


def group_of(site: str | None, url: str | None) -> str | None:
    """What a document must not be parted from: its site, by name or by address."""
    return site or (read_target(url).host if url else "") or None


def spans_apart(source: AnnotatedText) -> list[Span]:
    """The spans in order. Of those that overlap, two of one label become one, and one without a
    label gives way.

    Raises:
        LabelledDataError: a span is empty or not within the text, or two of them overlap with
            different labels.
    """
    apart: list[Span] = []
    for span in sorted(source.spans, key=lambda span: span[:2]):
        if not 0 <= span.start < span.end <= len(source.text):
            outside = f"is not within the text, which has {len(source.text)} characters"
            problem = "is empty" if span.start == span.end else outside
            raise LabelledDataError(
                f"{source.place}: the span {span.start} to {span.end} {problem}"
            )
        last = apart[-1] if apart else None
        if last is None or span.start >= last.end:
            apart.append(span)
        elif span.mark.label == last.mark.label:
            apart[-1] = last._replace(end=max(last.end, span.end))
        elif last.mark.label is None:
            apart[-1] = span
        elif span.mark.label is not None:
            raise LabelledDataError(
                f"{source.place}: spans overlap with different labels: {last.start} to "
                f"{last.end} is {last.mark.label}, {span.start} to {span.end} is "
                f"{span.mark.label}"
            )
    return apart


def _label_by_spans(
    paragraphs: Sequence[Paragraph], spans: Sequence[Span]
) -> tuple[list[Mark], int]:
    """A paragraph takes the label that most of its characters have, at least half of them."""
    marks = []
    used: set[int] = set()
    first = 0
    for paragraph in paragraphs:
        start, end = paragraph.start or 0, paragraph.end or 0
        while first < len(spans) and spans[first].end <= start:
            first += 1
        labels: Counter[Label | None] = Counter()
        kinds: Counter[tuple[Label | None, CommerceKind | None]] = Counter()
        touching = []
        for index in range(first, len(spans)):
            span = spans[index]
            if span.start >= end:
                break
            size = min(span.end, end) - max(span.start, start)
            labels[span.mark.label] += size
            kinds[span.mark] += size
            touching.append(index)
        label, count = max(labels.items(), key=lambda item: item[1], default=(None, 0))
        if 2 * count < end - start:
            label = None
        used.update(index for index in touching if label and spans[index].mark.label == label)
        kind = max(
            (mark for mark in kinds if mark[0] == label), key=kinds.__getitem__, default=NO_MARK
        )[1]
        marks.append(Mark(label, kind if label else None))
    return marks, len(spans) - len(used)


def _label_by_texts(
    paragraphs: Sequence[Paragraph], source: AnnotatedText, marks: Sequence[Mark]
) -> list[Mark]:
    """Each given text labels the next paragraph that reads like it."""
    out = list(marks)
    places: dict[str, list[int]] = {}
    for index in range(len(paragraphs) - 1, -1, -1):
        places.setdefault(paragraphs[index].text, []).append(index)
    last = -1
    for number, (text, mark) in enumerate(source.paragraphs, 1):
        text = collapse(text)
        waiting = places.get(text, [])
        while waiting and waiting[-1] <= last:
            waiting.pop()
        if not waiting:
            raise LabelledDataError(
                f"{source.place}: paragraph {number} ({text[:40]!r}) is none of the document's "
                "that come after the one before; give them in reading order, as `adsift tag` "
                "cuts them"
            )
        last = waiting.pop()
        out[last] = mark
    return out
