"""What a record looks like, and whether all records of a file can be read as one format."""

from __future__ import annotations

from collections.abc import Sequence

from adsift.errors import LabelledDataError
from adsift.labelled.doccano import SPANS, is_doccano
from adsift.labelled.fields import Fields
from adsift.labelled.files import Record
from adsift.labelled.label_studio import holds_annotations, is_label_studio
from adsift.labelled.prodigy import is_accepted, is_prodigy

_LABELLED = {
    "documents": ("spans", "paragraphs"),
    "paragraphs": ("label",),
    "label-studio": ("label",),
    "doccano": SPANS,
    "prodigy": ("spans", "accept", "label"),
}
"""Where each format has its labels; Label Studio has them under names of the user's, too."""


def format_of(fields: Fields) -> str | None:
    """The format that a record has; ``None`` if nothing tells."""
    if is_label_studio(fields):
        return "label-studio"
    if is_prodigy(fields):
        return "prodigy"
    if isinstance(fields.get("spans"), list) or isinstance(fields.get("paragraphs"), list):
        return "documents"
    if is_doccano(fields):
        return "doccano"
    return "paragraphs" if "text" in fields and "label" in fields else None


def require_one_format(format: str, records: Sequence[Record]) -> None:
    """See that no record is of another format and has labels that would be passed over.

    Most tools leave fields out where nobody has annotated, so that to look like another format
    alone is no mistake.

    Raises:
        LabelledDataError: naming the first such record.
    """
    for place, fields in records:
        other = format_of(fields)
        if other not in (None, format) and _loses(format, str(other), fields):
            raise LabelledDataError(
                f"{place}: this record is of the format {other}, and the file is read as {format}, "
                "as which its labels would be lost; put the records of each into a file of their "
                "own, or if all are of one format, name it"
            )


def _loses(format: str, other: str, fields: Fields) -> bool:
    """Whether reading a record of one format as another would pass over labels."""
    if other == "label-studio" and holds_annotations(fields):
        return True
    if other == "prodigy" and not is_accepted(fields):
        return False
    labelled = [name for name in _LABELLED[other] if _holds_labels(name, fields.get(name))]
    if format == "label-studio":
        # One name is read there as the choice for the whole text.
        return any(isinstance(fields[name], list) for name in labelled)
    return any(name not in _LABELLED[format] for name in labelled)


def _holds_labels(name: str, value: object) -> bool:
    """Whether a field has spans or paragraphs with labels, or labels alone."""
    if isinstance(value, list):
        return any(_is_label(i.get("label") if isinstance(i, dict) else i) for i in value)
    # In a table every cell is text, and its columns may have any name.
    return name == "label" and _is_label(value)


def _is_label(value: object) -> bool:
    """Whether it may be the name of a label, or a span as doccano writes it."""
    if isinstance(value, (str, list)):
        return bool(value.strip() if isinstance(value, str) else value)
    return isinstance(value, int) and not isinstance(value, bool)
