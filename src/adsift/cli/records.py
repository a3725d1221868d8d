"""The shape of the records that go out."""

from __future__ import annotations

from adsift.document import TaggedParagraph
from adsift.records import Record


def paragraph_fields(paragraph: TaggedParagraph) -> Record:
    """A tagged paragraph as JSON."""
    return {
        "text": paragraph.text,
        "start": paragraph.start,
        "end": paragraph.end,
        "tag": paragraph.tag,
        "links": list(paragraph.links),
        "label": paragraph.label,
        "kind": paragraph.kind,
        "probabilities": paragraph.probabilities,
    }
