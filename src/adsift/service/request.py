"""From the bytes of a request to a document and what is to be done with it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from adsift.decode import decode, not_text
from adsift.document import Document, Format
from adsift.engines.documents import Stripping
from adsift.errors import PolicyError
from adsift.policy import CONFIDENCE
from adsift.records import Record
from adsift.segment.detect import settle_format
from adsift.service.fields import ABOUT_DOCUMENT, DOCUMENT, OPTIONS, checked, from_query
from adsift.service.media import FORMATS, JSON
from adsift.service.refusal import RefusalError


@dataclass(frozen=True, slots=True)
class Request:
    """One document to work on.

    Attributes:
        document: itself, with its format settled.
        stripping: what goes, of a strip.
        kept: whether the client wants to see what is left.
    """

    document: Document
    stripping: Stripping
    kept: bool = False


def read_request(
    task: str, kind: str, body: bytes, query: str = "", charset: str | None = None
) -> Request:
    """Read a request for one document.

    Args:
        task: ``tag`` or ``strip``.
        kind: media type of the body: JSON, or that of a document.
        body: the bytes.
        query: of the address. What a JSON body says counts more.
        charset: of the ``Content-Type``.

    Raises:
        RefusalError: it makes no sense.
    """
    options = OPTIONS[task]
    said = from_query(query, {**ABOUT_DOCUMENT, **options})
    if kind != JSON:
        if found := not_text(body):
            raise RefusalError(422, "not_text", f"the body is {found}, not text")
        return _request(body, {"format": FORMATS[kind], **said}, charset)
    said |= checked(parse_object(body), {**DOCUMENT, **options})
    texts = [name for name in ("text", "html") if name in said]
    if len(texts) != 1:
        raise RefusalError(422, "invalid_field", "a document has either text or html")
    if texts == ["html"] and said.setdefault("format", "html") not in ("auto", "html"):
        raise RefusalError(422, "invalid_field", f"html cannot have the format {said['format']!r}")
    source = said.pop(texts[0])
    return _request(source, said | ({"format": "html"} if texts == ["html"] else {}))


def split_batch(task: str, body: bytes, most: int, query: str = "") -> list[bytes]:
    """The documents of a JSON batch, each as the body of a request of its own.

    Args:
        task: ``tag`` or ``strip``.
        body: an object with ``documents``, and options that hold for all which have no others.
        most: documents that there may be.
        query: of the address.

    Raises:
        RefusalError: it makes no sense, or there are too many.
    """
    batch = parse_object(body)
    documents = batch.pop("documents", None)
    if not isinstance(documents, list):
        raise RefusalError(422, "invalid_field", "a batch has an array of documents")
    check_count(len(documents), most)
    shared = checked(batch, OPTIONS[task])
    check_shared(task, query, shared)
    # Strings are not escaped twice by this: what is not ASCII would be, at six bytes each.
    return [
        _dump({**shared, **document} if isinstance(document, dict) else document)
        for document in documents
    ]


def check_shared(task: str, query: str, shared: Mapping[str, Any] | None = None) -> None:
    """See that what is said of all documents of a batch makes sense by itself.

    Args:
        task: ``tag`` or ``strip``.
        query: of the address.
        shared: what the batch itself says.

    Raises:
        RefusalError: it does not.
    """
    said = {**from_query(query, {**ABOUT_DOCUMENT, **OPTIONS[task]}), **(shared or {})}
    _format(said)
    _stripping(said)


def check_count(count: int, most: int) -> None:
    """See that a batch is not too long.

    Raises:
        RefusalError: it is.
    """
    if count > most:
        raise RefusalError(413, "too_many_documents", f"a batch has at most {most} documents")


def parse_object(body: bytes) -> Record:
    """A JSON object.

    Raises:
        RefusalError: it is none.
    """
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        detail = str(error) if isinstance(error, json.JSONDecodeError) else type(error).__name__
        raise RefusalError(400, "invalid_json", f"the body is not valid JSON ({detail})") from None
    if not isinstance(value, dict):
        raise RefusalError(422, "invalid_field", "a JSON object is expected")
    return value


def _dump(value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=False)
    try:
        return text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair: only an escape can write it
        return json.dumps(value).encode()


def _request(source: str | bytes, said: Mapping[str, Any], charset: str | None = None) -> Request:
    form = _format(said)
    if form == "auto":
        if isinstance(source, bytes):
            source = decode(source, charset)
        form = settle_format(source)
    document = Document(source, form, said.get("url"), said.get("id"), charset=charset)
    return Request(document, _stripping(said), said.get("kept", False))


def _format(said: Mapping[str, Any]) -> Format:
    form = said.get("format", "auto")
    if form not in ("auto", "text", "markdown", "html"):
        raise RefusalError(
            422, "invalid_field", f"unknown format {form[:80]!r}: use auto, text, markdown or html"
        )
    return cast("Format", form)


def _stripping(said: Mapping[str, Any]) -> Stripping:
    bound = said.get("max_content_loss")
    if bound is not None and said.get("min_probability"):
        raise RefusalError(
            422, "invalid_field", "min_probability and max_content_loss cannot be used together"
        )
    if bound is None and "confidence" in said:
        raise RefusalError(
            422, "invalid_field", "confidence is that of max_content_loss, which is missing"
        )
    try:
        return Stripping(
            tuple(said.get("drop", ("commerce",))),
            said.get("min_probability", 0.0),
            bound,
            said.get("confidence", CONFIDENCE),
        )
    except PolicyError as error:
        raise RefusalError(422, "invalid_field", str(error)) from None
