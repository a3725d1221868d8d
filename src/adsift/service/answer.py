"""From a result to the bytes of an answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from adsift.document import TaggedParagraph, plain_text
from adsift.records import Record, dump_value, paragraph_fields
from adsift.service.media import FORMATS, JSON
from adsift.service.refusal import RefusalError
from adsift.service.request import Request
from adsift.stripping import StripResult

Counts = dict[str, int]


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back.

    Attributes:
        body: its bytes.
        status: of HTTP.
        type: media type of the body.
        paragraphs: of the document, by label.
        removed: of those, the ones that went.
        retry_after: seconds, where a refusal has them.
    """

    body: bytes
    status: int = 200
    type: str = JSON
    paragraphs: Counts = field(default_factory=dict)
    removed: Counts = field(default_factory=dict)
    retry_after: int | None = None

    @classmethod
    def of(cls, refusal: RefusalError, id: str | None = None) -> Answer:
        """A refusal as an answer.

        Args:
            refusal: it.
            id: of the document, if it has one.
        """
        named = {"id": id} if id is not None else {}
        return cls(
            dump_value({**named, **refusal.as_json()}),
            refusal.status,
            retry_after=refusal.retry_after,
        )


def tagged_answer(request: Request, paragraphs: Sequence[TaggedParagraph]) -> Answer:
    """The paragraphs of a document with their labels, as JSON."""
    return Answer(
        dump_value(
            {
                **_about(request),
                "paragraphs": [paragraph_fields(paragraph) for paragraph in paragraphs],
            }
        ),
        paragraphs=_count(paragraphs),
    )


def stripped_answer(
    request: Request, result: StripResult, notes: Sequence[str], wanted: Sequence[str]
) -> Answer:
    """A document without what was dropped, as JSON or as itself.

    Args:
        request: what was asked.
        result: what came of it.
        notes: what the client should know beside.
        wanted: media types that the client accepts, the most wanted first.

    Raises:
        RefusalError: this document has none of these types.
    """
    form = request.document.format
    for kind in wanted:
        # HTML and Markdown can be read as text, but nothing can become them.
        if kind in (JSON, "text/plain") or FORMATS[kind] == form:
            break
    else:
        raise RefusalError(406, "not_acceptable", f"the document is {form}: accept that, or JSON")
    removed = _count(result.removed)
    return Answer(
        _document(kind, request, result) if kind != JSON else _json(request, result, notes),
        type=kind if kind == JSON else f"{kind}; charset=utf-8",
        paragraphs=dict(Counter(_count(result.kept)) + Counter(removed)),
        removed=removed,
    )


def _document(kind: str, request: Request, result: StripResult) -> bytes:
    if FORMATS[kind] == request.document.format:
        text = result.text
    else:
        text = plain_text(result.kept)
        text += "\n" if text else ""
    return text.encode("utf-8", "replace")


def _json(request: Request, result: StripResult, notes: Sequence[str]) -> bytes:
    record: Record = {**_about(request), "text": result.text}
    if request.kept:
        record["kept"] = [paragraph_fields(paragraph) for paragraph in result.kept]
    record["removed"] = [
        {"index": index, **paragraph_fields(paragraph)}
        for index, paragraph in zip(result.removed_indices, result.removed, strict=True)
    ]
    return dump_value({**record, "notes": list(notes)})


def _about(request: Request) -> Record:
    named = {"id": request.document.id} if request.document.id is not None else {}
    return {**named, "format": request.document.format}


def _count(paragraphs: Iterable[TaggedParagraph]) -> Counts:
    return dict(Counter(str(paragraph.label) for paragraph in paragraphs))
