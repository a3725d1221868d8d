"""What a client can say of a document: one table, for reading requests and for describing them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from adsift.document import DOCUMENT_FORMATS, Label
from adsift.policy import CONFIDENCE
from adsift.records import Record
from adsift.service.refusal import RefusalError


@dataclass(frozen=True, slots=True)
class Field:
    """One of them.

    Attributes:
        schema: what it is in JSON, as OpenAPI has it; its ``type`` is what is checked here, and
            the separator checks the rest.
        about: a sentence for the documentation.
    """

    schema: Record
    about: str


TEXT = Field({"type": "string"}, "The document as text, Markdown or HTML; see `format`.")
HTML = Field({"type": "string"}, "The document as HTML, in place of `text`.")
FORMAT = Field(
    {"type": "string", "enum": [*DOCUMENT_FORMATS]},
    "What the document is. `auto`, the default of JSON bodies, tells by its content.",
)
URL = Field(
    {"type": "string"},
    "Address of the page: tells its own links from foreign ones. It is never fetched.",
)
ID = Field({"type": "string"}, "The client's own name for the document; the answer repeats it.")
DROP = Field(
    {
        "type": "array",
        "items": {"type": "string", "enum": [*map(str, Label)]},
        "maxItems": len(Label),
    },
    'The labels to take out; `["commerce"]` if left out. In a query with commas between.',
)
MIN_PROBABILITY = Field(
    {"type": "number", "minimum": 0, "maximum": 1},
    "Take a paragraph out only if its label is this probable.",
)
MAX_CONTENT_LOSS = Field(
    {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
    "Take out what can be, such that at most this share of all news and analysis is lost. Not "
    "together with `min_probability`.",
)
CONFIDENCE_OF_BOUND = Field(
    {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
    f"How sure the bound of `max_content_loss` must be; {CONFIDENCE} if left out.",
)
KEPT = Field({"type": "boolean"}, "Whether the answer has the paragraphs that are left, too.")

STRIP_OPTIONS: Mapping[str, Field] = {
    "drop": DROP,
    "min_probability": MIN_PROBABILITY,
    "max_content_loss": MAX_CONTENT_LOSS,
    "confidence": CONFIDENCE_OF_BOUND,
    "kept": KEPT,
}
ABOUT_DOCUMENT: Mapping[str, Field] = {"format": FORMAT, "url": URL, "id": ID}
DOCUMENT: Mapping[str, Field] = {"text": TEXT, "html": HTML, **ABOUT_DOCUMENT}

OPTIONS: Mapping[str, Mapping[str, Field]] = {"tag": {}, "strip": STRIP_OPTIONS}
"""What there is to say of each task, beside the document."""


def checked(values: Mapping[str, Any], known: Mapping[str, Field]) -> Record:
    """The fields of a JSON object; those that are null count as left out.

    Raises:
        RefusalError: there is one that is not known, or that has the wrong type.
    """
    for name, value in values.items():
        if name not in known:
            raise _unknown(name, known)
        if value is not None and not _fits(value, known[name].schema):
            raise _wrong(name, known[name])
        if isinstance(value, list):
            _check_length(name, value, known[name])
    return {name: value for name, value in values.items() if value is not None}


def from_query(query: str, known: Mapping[str, Field]) -> Record:
    """The fields of a query string; those that are empty count as left out.

    Raises:
        RefusalError: as for :func:`checked`.
    """
    values: Record = {}
    for name, text in parse_qsl(query, keep_blank_values=True):
        if name not in known:
            raise _unknown(name, known)
        if not text:
            continue
        kind = known[name].schema["type"]
        if kind == "array":
            words = [word.strip() for word in text.split(",")]
            values.setdefault(name, []).extend(word for word in words if word)
            _check_length(name, values[name], known[name])
            continue
        if name in values:
            raise RefusalError(422, "invalid_field", f"{name} stands more than once in the query")
        if kind == "number":
            try:
                values[name] = float(text)
            except ValueError:
                raise _wrong(name, known[name]) from None
        elif kind == "boolean":
            if text not in ("true", "false"):
                raise _wrong(name, known[name])
            values[name] = text == "true"
        else:
            values[name] = text
    return values


def _fits(value: object, schema: Record) -> bool:
    match schema["type"]:
        case "string":
            return isinstance(value, str)
        case "number":
            return isinstance(value, (int, float)) and not isinstance(value, bool)
        case "boolean":
            return isinstance(value, bool)
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _check_length(name: str, values: list[Any], field: Field) -> None:
    most = field.schema["maxItems"]
    if len(values) > most:
        raise RefusalError(422, "invalid_field", f"{name} has at most {most} items")


def _unknown(name: str, known: Mapping[str, Field]) -> RefusalError:
    fields = f"the fields are {', '.join(known)}" if known else "there are none"
    return RefusalError(422, "unknown_field", f"there is no field {name[:80]!r}; {fields}")


def _wrong(name: str, field: Field) -> RefusalError:
    kind = field.schema["type"]
    of = " of strings" if kind == "array" else ""
    article = "an" if kind == "array" else "a"
    return RefusalError(422, "invalid_field", f"{name} must be {article} {kind}{of}")
