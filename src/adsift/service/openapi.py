"""The description of the service, as OpenAPI 3.1 has it. The tables of ``fields.py`` are in it."""

from __future__ import annotations

from collections.abc import Mapping

from adsift import __version__
from adsift.document import CommerceKind, Label
from adsift.records import Record
from adsift.service.fields import ABOUT_DOCUMENT, DOCUMENT, OPTIONS, Field
from adsift.service.media import FORMATS, JSON, LINES, STRIPPED
from adsift.service.settings import ServiceSettings

_EXAMPLE = (
    "The ferry will run again on Monday, the harbour office said after divers had found no "
    "further cracks in the pier.",
    "The council voted 7 to 2 on Tuesday to pay for the repairs, which are to take until October.",
    "Get 25% off our storm-proof deck shoes, now only $39.99 – free shipping this week!",
)
EXAMPLE_TEXT = "\n\n".join(_EXAMPLE) + "\n"
EXAMPLE_PAGE = (
    "<!DOCTYPE html><html><body>"
    + "".join(f"<p>{paragraph}</p>" for paragraph in _EXAMPLE)
    + "</body></html>"
)
_DOCUMENT_EXAMPLES: Mapping[str, str] = {
    "text/html": EXAMPLE_PAGE,
    "application/xhtml+xml": EXAMPLE_PAGE,
    "text/markdown": EXAMPLE_TEXT,
    "text/plain": EXAMPLE_TEXT,
}
_ABOUT = (
    "Labels each paragraph of an article as news, analysis, boilerplate or commerce, and strips "
    "or tags it. Bodies are JSON, or the document itself; what a JSON body says counts more "
    "than the query. No address is ever fetched."
)
_REFUSALS = {
    400: "The body is not valid JSON.",
    406: "`Accept` asks for nothing that the answer can be.",
    408: "The body did not arrive in time.",
    413: "The body is too large, or the batch too long.",
    415: "The media type or the encoding of the body is not one of these.",
    422: "A field is unknown or has a wrong value, or the document is no text.",
    500: "The service made a mistake, or the worker died of the document.",
    503: "Too many requests wait already, or the service is ending. `Retry-After` has seconds.",
    504: "The document was in work for too long.",
}


def describe(settings: ServiceSettings) -> Record:
    """The description of a service with these settings."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "adsift", "version": __version__, "description": _ABOUT},
        "paths": {
            "/v1/tag": {"post": _one("tag", "Label each paragraph of a document")},
            "/v1/strip": {"post": _one("strip", "Take the paragraphs of some labels out")},
            "/v1/tag/batch": {"post": _batch("tag", "Label many documents", settings)},
            "/v1/strip/batch": {"post": _batch("strip", "Strip many documents", settings)},
            "/healthz": {"get": _probe("healthz", "Whether the server answers", {"ok"})},
            "/readyz": {
                "get": _probe(
                    "readyz",
                    "Whether it would work on a document now",
                    {"ready"},
                    {"not_started", "loading", "draining"},
                )
            },
            "/metrics": {
                "get": {
                    "operationId": "metrics",
                    "summary": "Counters for Prometheus",
                    "responses": {
                        "200": {
                            "description": "In its text format.",
                            "content": {"text/plain": {"schema": {"type": "string"}}},
                        }
                    },
                }
            },
            "/openapi.json": {
                "get": {
                    "operationId": "openapi",
                    "summary": "This description",
                    "responses": {"200": {"description": "It.", "content": {JSON: {}}}},
                }
            },
        },
        "components": {
            "schemas": {
                "Error": _ERROR,
                "Paragraph": _PARAGRAPH,
                "Tagged": _TAGGED,
                "Stripped": _STRIPPED,
                **{f"{task.title()}Request": _document(task) for task in OPTIONS},
                **{f"{task.title()}Batch": _batch_schema(task, settings) for task in OPTIONS},
            },
            "responses": {
                str(status): {
                    "description": about,
                    "content": {JSON: {"schema": _ref("Error")}},
                    **({"headers": _RETRY_AFTER} if status == 503 else {}),
                }
                for status, about in _REFUSALS.items()
            },
        },
    }


def _ref(name: str) -> Record:
    return {"$ref": f"#/components/schemas/{name}"}


def _refusals() -> Record:
    return {str(status): {"$ref": f"#/components/responses/{status}"} for status in _REFUSALS}


def _one(task: str, summary: str) -> Record:
    result = "Tagged" if task == "tag" else "Stripped"
    content: Record = {JSON: {"schema": _ref(result)}}
    if task == "strip":
        content |= {kind: {"schema": {"type": "string"}} for kind in STRIPPED[1:]}
    return {
        "operationId": task,
        "summary": summary,
        "parameters": _parameters({**ABOUT_DOCUMENT, **OPTIONS[task]}),
        "requestBody": {
            "required": True,
            "content": {
                JSON: {
                    "schema": _ref(f"{task.title()}Request"),
                    "examples": {
                        "text": {"value": {"text": EXAMPLE_TEXT, **_example_options(task)}},
                        "html": {
                            "value": {"html": EXAMPLE_PAGE, "url": "https://news.example/ferry"}
                        },
                    },
                },
                **{
                    kind: {
                        "schema": {"type": "string"},
                        "examples": {"document": {"value": _DOCUMENT_EXAMPLES[kind]}},
                    }
                    for kind in FORMATS
                },
            },
        },
        "responses": {
            "200": {
                "description": "The result; of a strip the document itself, if `Accept` asks.",
                "headers": _COUNTS,
                "content": content,
            },
            **_refusals(),
        },
    }


def _batch(task: str, summary: str, settings: ServiceSettings) -> Record:
    result = "Tagged" if task == "tag" else "Stripped"
    answer = {"anyOf": [_ref(result), _ref("Error")]}
    lines = '{"text": "One."}\n{"text": "Two.", "id": "b"}\n'
    return {
        "operationId": f"{task}_batch",
        "summary": summary,
        "description": "A result or an error for each document, in their order. JSON, or a "
        f"document a line. At most {settings.max_documents} documents.",
        "parameters": _parameters({**ABOUT_DOCUMENT, **OPTIONS[task]}),
        "requestBody": {
            "required": True,
            "content": {
                JSON: {
                    "schema": _ref(f"{task.title()}Batch"),
                    "examples": {
                        "two": {
                            "value": {
                                "documents": [
                                    {"text": EXAMPLE_TEXT, "id": "a"},
                                    {"html": EXAMPLE_PAGE, "id": "b"},
                                ],
                                **_example_options(task),
                            }
                        }
                    },
                },
                LINES: {"schema": {"type": "string"}, "examples": {"two": {"value": lines}}},
            },
        },
        "responses": {
            "200": {
                "description": "A result or an error for each document.",
                "content": {
                    JSON: {
                        "schema": {
                            "type": "object",
                            "required": ["results"],
                            "properties": {"results": {"type": "array", "items": answer}},
                        }
                    },
                    LINES: {"schema": {"type": "string"}},
                },
            },
            **_refusals(),
        },
    }


def _probe(name: str, summary: str, good: set[str], bad: set[str] | None = None) -> Record:
    def answer(about: str, states: set[str]) -> Record:
        schema = {
            "type": "object",
            "required": ["status"],
            "properties": {"status": {"type": "string", "enum": sorted(states)}},
        }
        return {"description": about, "content": {JSON: {"schema": schema}}}

    responses = {"200": answer("Yes.", good)}
    if bad:
        responses["503"] = answer("No.", bad)
    return {"operationId": name, "summary": summary, "responses": responses}


def _parameters(fields: Mapping[str, Field]) -> list[Record]:
    return [
        {
            "name": name,
            "in": "query",
            "description": field.about,
            "schema": field.schema,
            # With commas between.
            **({"style": "form", "explode": False} if field.schema["type"] == "array" else {}),
        }
        for name, field in fields.items()
    ]


def _properties(fields: Mapping[str, Field]) -> Record:
    return {
        name: {**_nullable(field.schema), "description": field.about}
        for name, field in fields.items()
    }


def _nullable(schema: Record) -> Record:
    nullable = {**schema, "type": [schema["type"], "null"]}
    if "enum" in schema:
        nullable["enum"] = [*schema["enum"], None]
    return nullable


def _document(task: str) -> Record:
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": _properties({**DOCUMENT, **OPTIONS[task]}),
        "oneOf": [
            {"required": [name], "properties": {name: {"type": "string"}}}
            for name in ("text", "html")
        ],
    }


def _batch_schema(task: str, settings: ServiceSettings) -> Record:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["documents"],
        "properties": {
            "documents": {
                "type": "array",
                "maxItems": settings.max_documents,
                "items": _ref(f"{task.title()}Request"),
            },
            **_properties(OPTIONS[task]),
        },
    }


def _example_options(task: str) -> Record:
    return {"drop": ["commerce", "boilerplate"]} if task == "strip" else {}


_COUNTS = {
    "Adsift-Paragraphs": {
        "description": "Paragraphs of the document.",
        "schema": {"type": "integer"},
    },
    "Adsift-Removed": {"description": "Of those, removed.", "schema": {"type": "integer"}},
}
_RETRY_AFTER = {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}}
_ERROR: Record = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "id": DOCUMENT["id"].schema,
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {
                "code": {"type": "string", "description": "For programs."},
                "message": {"type": "string", "description": "For people."},
            },
        },
    },
}
_PARAGRAPH: Record = {
    "type": "object",
    "required": ["text", "start", "end", "tag", "links", "label", "kind", "probabilities"],
    "properties": {
        "index": {
            "type": "integer",
            "description": "Of a removed one: its place among all paragraphs, from 0.",
        },
        "text": {"type": "string", "description": "The words as a reader sees them."},
        "start": {
            "type": ["integer", "null"],
            "description": "Where it starts in text or Markdown, in characters.",
        },
        "end": {"type": ["integer", "null"], "description": "Where it ends."},
        "tag": {"type": "string", "description": "The HTML tag that it comes from."},
        "links": {"type": "array", "items": {"type": "string"}, "description": "Targets."},
        "label": {"type": "string", "enum": [*map(str, Label)]},
        "kind": {
            "type": ["string", "null"],
            "enum": [*map(str, CommerceKind), None],
            "description": "Of commerce: what it sells.",
        },
        "probabilities": {
            "type": "object",
            "description": "One for each label; they sum to 1.",
            "properties": {str(label): {"type": "number"} for label in Label},
        },
    },
}
_FORMAT = {"type": "string", "enum": ["text", "markdown", "html"]}
_TAGGED: Record = {
    "type": "object",
    "required": ["format", "paragraphs"],
    "properties": {
        "id": DOCUMENT["id"].schema,
        "format": _FORMAT,
        "paragraphs": {"type": "array", "items": _ref("Paragraph")},
    },
}
_STRIPPED: Record = {
    "type": "object",
    "required": ["format", "text", "removed", "notes"],
    "properties": {
        "id": DOCUMENT["id"].schema,
        "format": _FORMAT,
        "text": {"type": "string", "description": "The document without what was dropped."},
        "kept": {"type": "array", "items": _ref("Paragraph")},
        "removed": {"type": "array", "items": _ref("Paragraph")},
        "notes": {
            "type": "array",
            "items": {"type": "string"},
            "description": "Such as that a bound is too small for anything to go.",
        },
    },
}
