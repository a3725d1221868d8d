"""The document in a WARC record, and the record around another text."""

from __future__ import annotations

import base64
import codecs
import hashlib
import re
import zlib
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Literal

from adsift.corpus.containers.warc_chunks import CHUNK, join_chunks
from adsift.corpus.containers.warc_frames import Frame
from adsift.corpus.containers.warc_head import Head, with_utf8
from adsift.corpus.extras import load_extra
from adsift.decode import decode, encode, not_text
from adsift.document import Document, Format
from adsift.errors import DocumentError
from adsift.segment.detect import detect_format

_HTML = ("text/html", "application/xhtml+xml")
_PLAIN = b"text/plain"
_BLANKS = (b"\r\n\r\n", b"\n\n")

_CONTROLS = bytes(set(range(32)) - set(b"\t\n\f\r"))
_OK = re.compile(rb"HTTP/\S+[ \t]+200\b")

Coded = Literal["all", "transfer", "none"]

_LESS: tuple[Coded, ...] = ("transfer", "none")


@dataclass(frozen=True, slots=True)
class PageRules:
    """What is a document in a kind of WARC file.

    Attributes:
        format: as for :class:`adsift.Document`; ``auto`` goes by the ``Content-Type``.
        limit: the most bytes that a payload may have when it is unpacked.
    """

    format: Format
    limit: int


def read_response(frame: Frame, rules: PageRules) -> Document | None:
    """The page that a server sent, if the record is one: an HTTP response of status 200 with
    HTML or plain text.

    Raises:
        DocumentError: a header cannot be read, or the payload cannot be unpacked.
    """
    try:
        record = _parsed(frame, "none")
    except OSError as error:
        if _is_called_page(frame):
            raise _unread(error) from error
        return None
    if not record.is_http_parsed:
        return None
    # The rest of a segmented page is in other records, often in other files.
    if "WARC-Segment-Number" in record.headers or record.http_headers.status_code != 200:
        return None
    mime = record.http_content_type or record.headers.get("WARC-Identified-Payload-Type")
    mime = mime.partition(";")[0].strip().lower() if mime else None
    if mime not in (None, *_HTML, "text/plain"):
        return None
    payload = _payload(frame, rules.limit)
    if not payload or not_text(payload):
        return None
    charset = (record.http_charset or "").strip("\"' ") or None
    if mime is None and detect_format(decode(payload, charset)) != "html":
        return None
    form: Format = "text" if mime == "text/plain" else "html"
    return _document(record, payload, rules.format if rules.format != "auto" else form, charset)


def read_conversion(frame: Frame, rules: PageRules) -> Document | None:
    """The text that was made of a page, if the record is one: a conversion to plain text.

    Raises:
        DocumentError: the header cannot be read.
    """
    try:
        record = _parsed(frame, None)
    except OSError as error:
        if _is_called_conversion(frame):
            raise _unread(error) from error
        return None
    if record.record_type != _types().conversion:
        return None
    mime = record.headers.get("Content-Type") or "text/plain"
    payload = frame.raw[frame.block : frame.end]
    if not mime.strip().lower().startswith("text/plain") or not payload:
        return None
    if "WARC-Segment-Number" in record.headers or not_text(payload):
        return None
    charset = mime.partition("charset=")[2].partition(";")[0].strip("\"' ") or "utf-8"
    form = rules.format if rules.format != "auto" else "text"
    return _document(record, payload, form, charset)


def says_plain(frame: Frame) -> bool:
    """Whether the HTTP header of a page calls it plain text."""
    http, _ = _split(frame.raw[frame.block : frame.end])
    mime = Head.read(http).get("Content-Type") or b""
    return mime.partition(b";")[0].strip().lower() == _PLAIN


def write_response(frame: Frame, text: str, plain: bool = False) -> bytes:
    """The record around another page, in UTF-8 and with neither content nor transfer coded.

    The page gets a byte order mark if it declares another charset, for those who save it
    without the HTTP header.

    Args:
        frame: the record.
        text: the page.
        plain: whether it is plain text now; both headers then say so.
    """
    content = frame.raw[frame.block : frame.end]
    http, old = _split(content)
    body = encode(text, old.startswith(codecs.BOM_UTF8))
    head = Head.read(http)
    head.drop("Content-Encoding", "Transfer-Encoding", "Content-MD5")
    mime = _PLAIN if plain else head.get("Content-Type") or b"text/html"
    head.set("Content-Type", with_utf8(mime))
    head.set("Content-Length", b"%d" % len(body))
    return _write(frame, bytes(head) + body, body, plain)


def write_conversion(frame: Frame, text: str) -> bytes:
    """The record around another text, in UTF-8."""
    body = text.encode("utf-8", "replace")
    if decode(body, "utf-8") != text or frame.raw.startswith(codecs.BOM_UTF8, frame.block):
        body = codecs.BOM_UTF8 + body
    return _write(frame, body, body)


def _types() -> Any:
    return load_extra("fastwarc.warc", "reading and writing WARC").WarcRecordType


def _parsed(frame: Frame, coded: Coded | None) -> Any:
    """The record as fastwarc reads it.

    Args:
        frame: the record.
        coded: which codings to undo as the payload of a response is read; ``None`` leaves HTTP
            alone.

    Raises:
        OSError: a header is too large, or that of HTTP tells of a coding that is unknown.
    """
    warc = load_extra("fastwarc.warc", "reading and writing WARC")
    record = warc.WarcRecord.from_reader(BytesIO(frame.raw.lstrip(b"\r\n")), True)
    if coded and record.is_http and record.record_type == warc.WarcRecordType.response:
        # Lenient, because crawlers store what servers send: bare line feeds, lines with no colon.
        record.parse_http(auto_decode=coded, quirks_mode=True, strict_mode=False)
    return record


def _is_called_page(frame: Frame) -> bool:
    """Whether a record that fastwarc cannot read says that it holds a page."""
    head, (http, _) = frame.raw[: frame.block], _split(frame.raw[frame.block : frame.end])
    mime = _told(http, "content-type") or _told(head, "warc-identified-payload-type")
    return (
        _told(head, "warc-type") == "response"
        and _told(head, "content-type") == "application/http"
        and not _told(head, "warc-segment-number")
        and _OK.match(http) is not None
        and mime in ("", *_HTML, "text/plain")
    )


def _is_called_conversion(frame: Frame) -> bool:
    """The same of plain text."""
    head = frame.raw[: frame.block]
    return (
        _told(head, "warc-type") == "conversion"
        and _told(head, "content-type") in ("", "text/plain")
        and not _told(head, "warc-segment-number")
    )


def _told(head: bytes, name: str) -> str:
    """The first word of a field in a header that may have a hundred thousand of them."""
    found = re.search(rb"^%s[ \t]*:[ \t]*([^\s;]*)" % name.encode(), head, re.I | re.M)
    return found[1].decode("latin-1").lower() if found else ""


def _unread(error: OSError) -> DocumentError:
    return DocumentError(f"a header of the record cannot be read: {_problem(error)}")


def _problem(error: OSError) -> str:
    return " ".join(str(error).split())[:100] or type(error).__name__


def _document(record: Any, payload: bytes, form: Format, charset: str | None) -> Document:
    url = record.headers.get("WARC-Target-URI")
    # Some crawlers write the address between angle brackets, as an early standard had it.
    return Document(
        payload,
        form,
        url=url.strip("<> ") if url else None,
        id=record.record_id,
        charset=charset,
    )


def _payload(frame: Frame, limit: int) -> bytes:
    """What the server meant to send.

    Archives are full of headers that tell of codings which the crawler has undone already. So a
    payload that cannot be unpacked, but looks like text, is taken as it is.
    """
    data, problem = _unpacked(frame, "all", limit)
    if problem and (joined := _without_chunks(frame)) is not None:
        # Put together, it may still be packed by another coding of its transfer.
        frame = joined
        data, problem = _unpacked(frame, "all", limit)
        data = data if _is_text(data) else _inflated(data, limit)
        if not problem and not _is_text(data):
            problem = "unknown coding"
    if not problem:
        return data
    if Head.read(frame.raw[: frame.block]).get("WARC-Truncated") is not None:
        # Cut by the crawler. In small steps, since what a failing step has read is lost.
        data, _ = _unpacked(frame, "all", limit, step=16)
        if data:
            return data
    for coded in _LESS:
        data, other = _unpacked(frame, coded, limit)
        data = data if _is_text(data) else _inflated(data, limit)
        if not other and _is_text(data):
            return data
    raise DocumentError(f"the payload cannot be unpacked: {problem}")


def _without_chunks(frame: Frame) -> Frame | None:
    """The record with the body that is in chunks there; ``None`` if it is in none."""
    http, body = _split(frame.raw[frame.block : frame.end])
    head = Head.read(http)
    if b"chunked" not in (head.get("Transfer-Encoding") or b"").lower():
        return None
    joined = join_chunks(body)
    if joined is None:
        return None
    head.drop("Transfer-Encoding")
    content = bytes(head) + joined
    whole = Head.read(frame.raw[: frame.block])
    whole.set("Content-Length", b"%d" % len(content))
    start = bytes(whole)
    return Frame(start + content, len(start), len(start) + len(content))


def _unpacked(frame: Frame, coded: Coded, limit: int, step: int = 1 << 16) -> tuple[bytes, str]:
    """What can be read of the payload, and what was wrong with the rest."""
    pieces: list[bytes] = []
    try:
        reader = _parsed(frame, coded).reader
        size = 0
        while piece := reader.read(step):
            pieces.append(piece)
            size += len(piece)
            _check_size(size, limit)
    except OSError as error:
        return b"".join(pieces), _problem(error)
    return b"".join(pieces), ""


def _is_text(data: bytes) -> bool:
    """Whether bytes are neither compressed nor in chunks. Text has hardly a control character in
    any charset; every ninth byte of compressed data is one."""
    head = data[:4096]
    controls = len(head) - len(head.translate(None, _CONTROLS))
    return controls * 50 <= len(head) and not CHUNK.match(head)


def _inflated(data: bytes, limit: int) -> bytes:
    """What a server sends that says ``deflate`` and means a stream without header, or gzip by an
    old name; other data as they are."""
    for bits in (zlib.MAX_WBITS | 32, -zlib.MAX_WBITS):
        inflate = zlib.decompressobj(bits)
        try:
            found = inflate.decompress(data, limit + 1)
        except zlib.error:
            continue
        _check_size(len(found), limit)
        if inflate.eof and _is_text(found):
            return found
    return data


def _check_size(size: int, limit: int) -> None:
    if size > limit:
        raise DocumentError(
            f"the payload unpacks to more than the {limit} bytes allowed (see --max-document-bytes)"
        )


def _split(content: bytes) -> tuple[bytes, bytes]:
    """HTTP header with its blank line, and body."""
    ends = [at + len(blank) for blank in _BLANKS if (at := content.find(blank)) >= 0]
    end = min(ends, default=len(content))
    return content[:end], content[end:]


def _write(frame: Frame, content: bytes, payload: bytes, plain: bool = False) -> bytes:
    head = Head.read(frame.raw[: frame.block])
    if plain and head.get("WARC-Identified-Payload-Type") is not None:
        head.set("WARC-Identified-Payload-Type", _PLAIN)
    mime = head.get("Content-Type")
    if mime and b"charset" in mime.lower():
        head.set("Content-Type", with_utf8(mime))
    for name, data in (("WARC-Block-Digest", content), ("WARC-Payload-Digest", payload)):
        if (old := head.get(name)) is not None:
            head.set(name, _digest(old, data))
    head.set("Content-Length", b"%d" % len(content))
    return b"".join((bytes(head), content, frame.raw[frame.end :]))


def _digest(old: bytes, data: bytes) -> bytes:
    """A digest by the same algorithm and in the same notation as the old one; SHA-1 in base 32,
    as is usual, where that is not known."""
    label, _, value = old.partition(b":")
    name = label.decode("ascii", "replace").lower().replace("-", "")
    if name not in ("md5", "sha1", "sha256", "sha384", "sha512"):
        label, name, value = b"sha1", "sha1", b""
    digest = hashlib.new(name, data, usedforsecurity=False)
    if len(value) == 2 * digest.digest_size:
        return label + b":" + digest.hexdigest().encode()
    return label + b":" + base64.b32encode(digest.digest())
