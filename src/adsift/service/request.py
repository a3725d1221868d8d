"""From the bytes of a request to a document and what is to be done with it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from itertools import islice
from typing import Any, cast

from adsift.decode import decode, not_text
from adsift.document import DOCUMENT_FORMATS, Document, Format
from adsift.engines.documents import Stripping
from adsift.errors import PolicyError
from adsift.policy import CONFIDENCE
from adsift.records import Record
from adsift.segment.detect import settle_format
from adsift.service.fields import ABOUT_DOCUMENT, DOCUMENT, OPTIONS, checked, from_query
from adsift.service.media import FORMATS, JSON, LINES
from adsift.service.refusal import RefusalError

_GROWTH = 2
"""How many times as long as a batch its documents can be."""


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


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch, taken apart.

    Attributes:
        documents: each as the body of a request of its own.
        ids: the name of each, if it has one.
        shared: the options that hold for all documents which have no others. Only once: with each
            document they would be a small body's way to a large batch.
    """

    documents: list[bytes]
    ids: list[str | None]
    shared: Record = field(default_factory=dict)

    def pack(self) -> bytes:
        """All of it as lines."""
        head = _dump({"ids": self.ids, "shared": self.shared})
        return b"\n".join([head, *self.documents])

    @classmethod
    def unpack(cls, lines: bytes) -> Batch:
        """What :meth:`pack` gave."""
        head, *documents = lines.split(b"\n")
        return cls(documents, **json.loads(head))


def read_request(
    task: str,
    kind: str,
    body: bytes,
    query: str = "",
    charset: str | None = None,
    shared: Mapping[str, Any] | None = None,
) -> Request:
    """Read a request for one document.

    Args:
        task: ``tag`` or ``strip``.
        kind: media type of the body: JSON, or that of a document.
        body: the bytes.
        query: of the address. What a JSON body says counts more.
        charset: of the ``Content-Type``.
        shared: what the batch that it is of says; it counts more than the query, and less than
            what the document says itself.

    Raises:
        RefusalError: it makes no sense.
    """
    options = OPTIONS[task]
    said = from_query(query, {**ABOUT_DOCUMENT, **options})
    if kind != JSON:
        if found := not_text(body):
            raise RefusalError(422, "not_text", f"the body is {found}, not text")
        return _request(body, {"format": FORMATS[kind], **said}, charset)
    said |= {**(shared or {}), **checked(parse_object(body), {**DOCUMENT, **options})}
    texts = [name for name in ("text", "html") if name in said]
    if len(texts) != 1:
        raise RefusalError(422, "invalid_field", "a document has either text or html")
    if texts == ["html"] and said.setdefault("format", "html") not in ("auto", "html"):
        raise RefusalError(422, "invalid_field", f"html cannot have the format {said['format']!r}")
    source = said.pop(texts[0])
    return _request(source, said | ({"format": "html"} if texts == ["html"] else {}))


def split_batch(task: str, kind: str, body: bytes, most: int, query: str = "") -> Batch:
    """Take a batch apart.

    Args:
        task: ``tag`` or ``strip``.
        kind: media type of the body: lines with a document each, or JSON: an object with
            ``documents``, and options that hold for all which have no others.
        body: the bytes.
        most: documents that there may be.
        query: of the address.

    Raises:
        RefusalError: it makes no sense, or there are too many.
    """
    if kind == LINES:
        check_shared(task, query)
        # No more than that of a body that is all ends of lines.
        lines = [*islice(filter(None, map(bytes.strip, BytesIO(body))), most + 1)]
        check_count(len(lines), most)
        return Batch(lines, [name_of(line) for line in lines])
    batch = parse_object(body)
    documents = batch.pop("documents", None)
    if not isinstance(documents, list):
        raise RefusalError(422, "invalid_field", "a batch has an array of documents")
    check_count(len(documents), most)
    shared = checked(batch, OPTIONS[task])
    check_shared(task, query, shared)
    parts = [_dump(document) for document in documents]
    # Numbers can become longer: 1e15 has four characters here, and 18 there.
    if sum(map(len, parts)) > _GROWTH * len(body):
        raise RefusalError(413, "too_large", "the documents of the batch are too large")
    return Batch(parts, [*map(_id, documents)], shared)


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


def name_of(body: bytes) -> str | None:
    """The ``id`` in a JSON document, whatever else may be wrong with it."""
    try:
        return _id(json.loads(body))
    except (ValueError, RecursionError):
        return None


def _id(document: object) -> str | None:
    name = document.get("id") if isinstance(document, dict) else None
    return name if isinstance(name, str) else None


def _dump(value: Any) -> bytes:
    # As short as it can be. Halves of surrogate pairs pass, as they do where JSON is read.
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")


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
    if form not in DOCUMENT_FORMATS:
        raise RefusalError(
            422, "invalid_field", f"unknown format {form[:80]!r}: use {', '.join(DOCUMENT_FORMATS)}"
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
