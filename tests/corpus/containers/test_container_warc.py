"""WARC and WET: pages are found and replaced, and everything else keeps its bytes."""

from __future__ import annotations

import base64
import gzip
import hashlib
import zlib
from io import BytesIO, RawIOBase

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adsift.compression import Codec, compress, open_decompressed
from adsift.corpus.containers.base import Kept
from adsift.corpus.containers.warc import Warc, Wet
from adsift.corpus.containers.warc_frames import Frame, TooLarge, read_frames
from adsift.corpus.patch import make_patch
from adsift.corpus.record import Chunk, Fields, Limits, Outcome, Record, Rejected, Tag
from adsift.decode import decode
from adsift.document import Label
from adsift.errors import DocumentError

pytest.importorskip("fastwarc", reason="fastwarc is not installed")

FIELDS = Fields()
PAGE = "<html><body><p>The café opens on Monday.</p><p>Buy a mug today.</p></body></html>"
CLEAN = "<html><body><p>The café opens on Monday.</p></body></html>"
BODY = PAGE.encode()
HTML = "text/html; charset=utf-8"


def record(
    content: bytes,
    *fields: str,
    kind: str = "response",
    mime: str = "application/http; msgtype=response",
    nl: str = "\r\n",
    length: int | None = None,
    tail: bytes | None = None,
) -> bytes:
    lines = [
        "WARC/1.0",
        f"WARC-Type: {kind}",
        "WARC-Record-ID: <urn:uuid:1>",
        "WARC-Target-URI: http://paper.example/1",
        f"Content-Type: {mime}",
        *fields,
        f"Content-Length: {len(content) if length is None else length}",
    ]
    end = nl.encode()
    head = nl.join(lines).encode() + 2 * end
    return head + content + (2 * end if tail is None else tail)


def http(
    body: bytes, *fields: str, mime: str | None = HTML, status: str = "200 OK", nl: str = "\r\n"
) -> bytes:
    lines = [f"HTTP/1.1 {status}", *fields]
    if mime is not None:
        lines.insert(1, f"Content-Type: {mime}")
    return nl.join(lines).encode() + 2 * nl.encode() + body


def response(text: str = PAGE, *fields: str) -> bytes:
    return record(http(text.encode(), f"Content-Length: {len(text.encode())}"), *fields)


REQUEST = record(b"GET /1 HTTP/1.1\r\n\r\n", kind="request", mime="application/http")


def chunked(data: bytes, size: int = 20, extension: bytes = b"") -> bytes:
    cuts = [data[i : i + size] for i in range(0, len(data), size)]
    return b"".join(b"%x%s\r\n%s\r\n" % (len(cut), extension, cut) for cut in [*cuts, b""])


def chunks(data: bytes, limits: Limits | None = None, container: Warc | Wet | None = None):
    return list((container or Warc()).chunks(BytesIO(data), limits or Limits()))


def only(data: bytes) -> Chunk:
    (chunk,) = chunks(data)
    return chunk


def documents(data: bytes, container: Warc | Wet | None = None) -> list[Record | Rejected]:
    container = container or Warc()
    return [
        found
        for chunk in chunks(data, container=container)
        for found in container.parse(chunk, FIELDS)
    ]


def text_of(found: Record | Rejected) -> str:
    assert isinstance(found, Record), found
    source = found.document.source
    assert isinstance(source, bytes)
    return decode(source, found.document.charset)


def rewritten(data: bytes, text: str, container: Warc | Wet | None = None) -> bytes:
    """The only record of a file with another text."""
    container = container or Warc()
    (chunk,) = chunks(data, container=container)
    (piece,) = container.render(chunk, FIELDS, Outcome({0: text}))
    return piece


def field(raw: bytes, name: str) -> str | None:
    for line in raw.split(b"\n"):
        key, _, value = line.partition(b":")
        if key.lower() == name.lower().encode():
            return value.strip().decode()
    return None


def sha1(data: bytes) -> str:
    return "sha1:" + base64.b32encode(hashlib.sha1(data).digest()).decode()


class Pipe(RawIOBase):
    """A stream that cannot seek and gives few bytes at a time."""

    def __init__(self, data: bytes, step: int = 7) -> None:
        self._stream, self._step = BytesIO(data), step

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        data = self._stream.read(min(len(buffer), self._step))
        buffer[: len(data)] = data
        return len(data)


# --- which records are documents


def test_a_page_has_its_address_id_charset_and_format() -> None:
    body = PAGE.encode("latin-1")
    data = REQUEST + record(http(body, mime="text/html; charset=ISO-8859-1"))
    (found,) = documents(data)
    assert isinstance(found, Record)
    assert found.number == 1
    document = found.document
    assert (document.url, document.id) == ("http://paper.example/1", "<urn:uuid:1>")
    assert document.format == "html"
    assert document.source == body
    assert text_of(found) == PAGE


def test_the_charset_may_stand_in_quotes() -> None:
    (found,) = documents(record(http(PAGE.encode("cp1252"), mime='text/html;charset="cp1252"')))
    assert text_of(found) == PAGE


def test_plain_text_and_xhtml_are_documents_too() -> None:
    data = record(http(b"Words.", mime="text/plain")) + record(
        http(PAGE.encode(), mime="application/xhtml+xml")
    )
    assert [f.document.format for f in documents(data) if isinstance(f, Record)] == ["text", "html"]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(record(http(PAGE.encode(), status="404 Not Found")), id="status"),
        pytest.param(record(http(b"%PDF-1.7 words")), id="no page, whatever it is called"),
        pytest.param(record(http(PAGE.encode(), mime="application/json")), id="mime"),
        pytest.param(record(http(b"\x89PNG" + bytes(99))), id="image-called-html"),
        pytest.param(record(http(b"")), id="empty"),
        pytest.param(record(http(PAGE.encode()), kind="revisit"), id="revisit"),
        pytest.param(record(http(PAGE.encode()), "WARC-Segment-Number: 1"), id="segment"),
        pytest.param(record(b"software: me\r\n", kind="warcinfo", mime="text/plain"), id="info"),
        pytest.param(record(b"no header at all"), id="no-http"),
        pytest.param(record(http(b"just words", mime=None)), id="no-mime-no-html"),
        pytest.param(record(PAGE.encode(), mime="text/html"), id="not-http"),
    ],
)
def test_other_records_pass_untouched(other: bytes) -> None:
    chunk = only(REQUEST + other)
    assert Warc().parse(chunk, FIELDS) == []
    assert Warc().render(chunk, FIELDS, Outcome()) == [REQUEST, other]


def test_a_page_without_content_type_is_known_by_its_content() -> None:
    (found,) = documents(record(http(PAGE.encode(), mime=None)))
    assert text_of(found) == PAGE


def test_the_format_can_be_set() -> None:
    (found,) = Warc().parse(only(response()), Fields(format="markdown"))
    assert isinstance(found, Record)
    assert found.document.format == "markdown"


LONG = ["X-Long: " + "y" * 100_000]
COOKIES = ["Set-Cookie: a=b"] * 6_000


@pytest.mark.parametrize("fields", [LONG, COOKIES], ids=["one line", "many lines"])
def test_a_page_whose_header_is_too_large_is_rejected(fields: list[str]) -> None:
    for data in (record(http(BODY, *fields)), record(http(BODY), *fields)):
        (found, _) = documents(REQUEST + data + response())
        assert isinstance(found, Rejected)
        assert (found.number, found.id, found.raw) == (1, "<urn:uuid:1>", data)
        assert "header" in found.reason
    data = record(BODY, *fields, kind="conversion", mime="text/plain")
    (found,) = documents(data, Wet())
    assert isinstance(found, Rejected)
    assert "header" in found.reason


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(record(http(BODY, *LONG, status="404 Not Found")), id="status"),
        pytest.param(record(http(BODY, *LONG, mime="image/png")), id="mime"),
        pytest.param(record(http(BODY, *LONG), "WARC-Segment-Number: 1"), id="segment"),
        pytest.param(record(http(BODY), *LONG, kind="revisit"), id="revisit"),
        pytest.param(
            record(b"GET / HTTP/1.1\r\n" + LONG[0].encode() + b"\r\n\r\n", kind="request"),
            id="request",
        ),
        pytest.param(record(BODY, *LONG, mime="text/html"), id="not-http"),
    ],
)
def test_other_records_may_have_large_headers(other: bytes) -> None:
    for container in (Warc(), Wet()):
        chunk = only(other)
        assert container.parse(chunk, FIELDS) == []
        assert container.render(chunk, FIELDS, Outcome()) == [other]


# --- what is coded


def _raw_deflate(data: bytes) -> bytes:
    deflate = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return deflate.compress(data) + deflate.flush()


CODED = {
    "gzip": http(gzip.compress(BODY), "Content-Encoding: gzip"),
    "x-gzip": http(gzip.compress(BODY), "Content-Encoding: x-gzip"),
    "deflate": http(zlib.compress(BODY), "Content-Encoding: deflate"),
    "raw deflate": http(_raw_deflate(BODY), "Content-Encoding: deflate"),
    "chunked": http(chunked(BODY), "Transfer-Encoding: chunked"),
    "both": http(
        chunked(gzip.compress(BODY)), "Transfer-Encoding: chunked", "Content-Encoding: gzip"
    ),
    "chunks with extensions": http(
        chunked(BODY, extension=b' ;a=b;c="d"'), "Transfer-Encoding: chunked"
    ),
    "chunks with trailers": http(
        chunked(BODY).removesuffix(b"\r\n") + b"X-One: a\r\nExpires: b\r\n\r\n",
        "Transfer-Encoding: chunked",
    ),
    "both, with extensions": http(
        chunked(gzip.compress(BODY), extension=b";a"),
        "Transfer-Encoding: chunked",
        "Content-Encoding: gzip",
    ),
    "gzip of the transfer, with extensions": http(
        chunked(gzip.compress(BODY), extension=b";a"), "Transfer-Encoding: gzip, chunked"
    ),
    "extensions, and gzip undone by the crawler": http(
        chunked(BODY, extension=b";a"), "Transfer-Encoding: chunked", "Content-Encoding: gzip"
    ),
    "gzip undone by the crawler": http(BODY, "Content-Encoding: gzip"),
    "chunks undone by the crawler": http(BODY, "Transfer-Encoding: chunked"),
    "all undone by the crawler": http(
        BODY, "Content-Encoding: br", "Transfer-Encoding: chunked", "Content-Length: 12"
    ),
    "bare line feeds": http(BODY, nl="\n"),
}


@pytest.mark.parametrize("content", CODED.values(), ids=CODED)
def test_codings_are_undone_and_left_out_of_a_changed_page(content: bytes) -> None:
    data = record(content)
    (found,) = documents(data)
    assert text_of(found) == PAGE
    changed = rewritten(data, CLEAN)
    assert b"-Encoding:" not in changed
    assert changed.count(CLEAN.encode()) == 1
    (again,) = documents(changed)
    assert text_of(again) == CLEAN


def test_brotli_is_undone() -> None:
    brotli = pytest.importorskip("brotli", reason="brotli is not installed")
    (found,) = documents(record(http(brotli.compress(BODY), "Content-Encoding: br")))
    assert text_of(found) == PAGE


@pytest.mark.parametrize(
    "content",
    [
        http(b"\x1f\x8b" + bytes(range(256)), "Content-Encoding: gzip"),
        http(chunked(BODY)[:70] + chunked(BODY), "Transfer-Encoding: chunked"),
        http(chunked(BODY)[:70] + b"\r\nno chunk\r\n", "Transfer-Encoding: chunked"),
        http(bytes(range(1, 256)), "Content-Encoding: br"),
    ],
)
def test_a_damaged_payload_is_rejected_with_its_bytes(content: bytes) -> None:
    data = record(content)
    (found,) = documents(REQUEST + data)
    assert isinstance(found, Rejected)
    assert (found.number, found.raw, found.size) == (1, data, len(data))
    assert found.id == "<urn:uuid:1>"
    assert "cannot be unpacked" in found.reason


def test_a_payload_that_the_crawler_cut_is_read_as_far_as_it_goes() -> None:
    content = http(chunked(BODY)[:70], "Transfer-Encoding: chunked")
    data = record(content, "WARC-Truncated: length")
    (found,) = documents(data)
    text = text_of(found)
    assert text
    assert PAGE.startswith(text)
    assert field(rewritten(data, "<p>Less</p>"), "WARC-Truncated") == "length"


@pytest.mark.parametrize("size", [10, 46, 47, 48, 49, 50, 51, 52, 70])
@pytest.mark.parametrize("extension", [b"", b";a=b"])
def test_a_body_in_chunks_that_is_cut_off_is_read_as_far_as_it_goes(
    size: int, extension: bytes
) -> None:
    content = http(chunked(BODY, extension=extension)[:size], "Transfer-Encoding: chunked")
    (found,) = documents(record(content))
    text = text_of(found)
    assert text
    assert PAGE.startswith(text)
    (again,) = documents(rewritten(record(content), "<p>Less</p>"))
    assert text_of(again) == "<p>Less</p>"


@pytest.mark.parametrize("size", [b"f" * 15, b"f" * 16, b"f" * 5_000])
def test_a_chunk_may_call_itself_as_large_as_it_likes(size: bytes) -> None:
    content = http(chunked(BODY[:20])[:-5] + size + b"\r\n" + BODY, "Transfer-Encoding: chunked")
    (found,) = documents(record(content))
    if len(size) > 15:
        assert isinstance(found, Rejected)
    else:
        assert text_of(found) == PAGE[:20] + PAGE


def test_of_a_page_in_gzip_and_chunks_that_is_cut_off_there_is_the_start() -> None:
    packed = chunked(gzip.compress(BODY * 50))
    content = http(packed[:-40], "Transfer-Encoding: chunked", "Content-Encoding: gzip")
    (found,) = documents(record(content))
    assert text_of(found).startswith(PAGE)


def test_a_payload_may_not_unpack_to_more_than_a_document_may_have() -> None:
    data = record(http(gzip.compress(b"<p>" + b"a" * 100_000), "Content-Encoding: gzip"))
    (chunk,) = chunks(data, Limits(document_bytes=10_000))
    (found,) = Warc().parse(chunk, FIELDS)
    assert isinstance(found, Rejected)
    assert "--max-document-bytes" in found.reason


# --- changed records


def test_a_changed_record_has_right_lengths_digests_and_type() -> None:
    content = http(PAGE.encode("latin-1"), "ETag: x", mime="text/html;charset=latin-1; a=b")
    data = record(content, "WARC-Payload-Digest: sha1:AA", "WARC-Block-Digest: sha1:AA")
    changed = rewritten(data, CLEAN)
    head, block = changed.split(b"\r\n\r\n", 1)
    block = block.removesuffix(b"\r\n\r\n")
    message, body = block.split(b"\r\n\r\n", 1)
    assert body == CLEAN.encode()
    assert field(head, "Content-Length") == str(len(block))
    assert field(head, "WARC-Block-Digest") == sha1(block)
    assert field(head, "WARC-Payload-Digest") == sha1(body)
    assert field(message, "Content-Length") == str(len(body))
    assert field(message, "Content-Type") == "text/html; a=b; charset=utf-8"
    assert field(message, "ETag") == "x"


def test_digests_keep_algorithm_and_notation_and_none_is_added() -> None:
    content = http(BODY)
    old = hashlib.sha256(content).hexdigest()
    changed = rewritten(record(content, f"WARC-Block-Digest: sha256:{old}"), CLEAN)
    block = changed.split(b"\r\n\r\n", 1)[1].removesuffix(b"\r\n\r\n")
    assert field(changed, "WARC-Block-Digest") == f"sha256:{hashlib.sha256(block).hexdigest()}"
    assert field(changed, "WARC-Payload-Digest") is None


@pytest.mark.parametrize("declared", ["iso-8859-1", "utf-8", "utf-16", "koi8-r", "nonsense"])
@pytest.mark.parametrize("charset", [None, "windows-1252"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_changed_page_decodes_to_its_text_whatever_it_declares(
    declared: str, charset: str | None, mark: bytes
) -> None:
    page = f'<html><head><meta charset="{declared}"></head><body><p>Café – 5 €</p></body></html>'
    mime = f"text/html; charset={charset}" if charset else "text/html"
    changed = rewritten(record(http(mark + b"<p>Old</p>", mime=mime)), page)
    (found,) = documents(changed)
    assert text_of(found) == page
    body = changed.split(b"\r\n\r\n", 2)[2].removesuffix(b"\r\n\r\n")
    assert decode(body) == page  # without the HTTP header


def test_a_text_that_is_what_it_was_changes_nothing() -> None:
    data = record(http(PAGE.encode("latin-1"), mime="text/html; charset=latin-1"))
    assert rewritten(data, PAGE) == data


def test_rejected_records_are_left_out_and_others_keep_their_bytes() -> None:
    data = [REQUEST, response(), response("<p>Two</p>"), response("<p>Three</p>")]
    chunk = only(b"".join(data))
    pieces = Warc().render(chunk, FIELDS, Outcome({2: "<p>2</p>"}, rejected=frozenset({1})))
    assert len(pieces) == 3
    assert (pieces[0], pieces[2]) == (data[0], data[3])
    assert b"<p>2</p>" in pieces[1]


def test_folded_and_odd_header_lines_survive() -> None:
    content = http(BODY, "X-Long: one", "  two", "no colon", "x-other:\tthree")
    changed = rewritten(record(content, "WARC-IP-Address:\t1.2.3.4", " folded"), CLEAN)
    for line in ("X-Long: one\r\n  two\r\n", "no colon\r\n", "x-other:\tthree\r\n"):
        assert line.encode() in changed
    assert b"WARC-IP-Address:\t1.2.3.4\r\n folded\r\n" in changed


def test_tags_cannot_be_stored() -> None:
    tag = Tag(0, None, None, Label.NEWS, None, 0.9)
    for outcome in (Outcome(tags={0: (tag,)}), Outcome(tagging=True)):
        with pytest.raises(DocumentError, match="attributes"):
            Warc().render(only(response()), FIELDS, outcome)


# --- cutting


def test_a_chunk_ends_where_the_limits_say() -> None:
    data = [response(f"<p>{n}</p>") for n in range(5)]
    cut = chunks(b"".join(data), Limits(chunk_records=2))
    assert [(c.first, c.count) for c in cut] == [(0, 2), (2, 2), (4, 1)]
    assert len(chunks(b"".join(data), Limits(chunk_bytes=1))) == 5
    (found,) = Warc().parse(cut[2], FIELDS)
    assert found.number == 4


def test_a_large_record_is_passed_over_and_reported() -> None:
    large = response("<p>" + "a" * 5000 + "</p>")
    data = REQUEST + large + response("<p>Small</p>")
    (chunk,) = chunks(data, Limits(document_bytes=1000))
    (passed,) = chunk.oversize
    assert (passed.number, passed.size, passed.raw) == (1, len(large), b"")
    assert passed.id == "<urn:uuid:1>"
    assert chunk.data == REQUEST + response("<p>Small</p>")
    (found,) = Warc().parse(chunk, FIELDS)
    assert found.number == 2
    changed = Warc().render(chunk, FIELDS, Outcome({2: "<p>New</p>"}))
    assert changed[0] == REQUEST
    assert b"<p>New</p>" in changed[1]


def test_a_stream_need_not_seek_nor_give_all_at_once() -> None:
    data = REQUEST + response() + response("<p>Two</p>")
    pipe = Pipe(data)
    (chunk,) = Warc().chunks(pipe, Limits())
    assert chunk.data == data
    assert not pipe.closed


def test_bare_line_feeds_and_blank_lines_are_kept() -> None:
    data = b"\n\n" + record(http(BODY, nl="\n"), nl="\n") + record(http(BODY), tail=b"\r\n" * 5)
    chunk = only(data)
    assert [text_of(f) for f in Warc().parse(chunk, FIELDS)] == [PAGE, PAGE]
    assert b"".join(Warc().render(chunk, FIELDS, Outcome())) == data
    first, _ = Warc().render(chunk, FIELDS, Outcome({0: CLEAN}))
    assert b"\r" not in first
    assert [text_of(f) for f in documents(first)] == [CLEAN]


def test_missing_line_ends_at_the_end_are_no_damage() -> None:
    data = REQUEST + record(http(BODY), tail=b"")
    assert [text_of(f) for f in documents(data)] == [PAGE]
    assert only(data).data == data


GOOD = response("<p>Good</p>")
DAMAGED = {
    "cut in the content": (GOOD + response()[:-40], 1, "missing"),
    "cut in the header": (GOOD + response()[:40], 1, "header"),
    "junk after a record": (GOOD + b"junk\r\n\r\n" + response(), 1, "no WARC record at byte"),
    "too short a length": (GOOD + record(http(BODY), length=60) + GOOD, 1, "Content-Length"),
    "too long a length": (GOOD + record(http(BODY), length=9999), 1, "missing"),
    "no length": (GOOD + GOOD.replace(b"Content-Length", b"Content-Size"), 1, "Content-Length"),
    "no WARC file": (b"<html></html>\n", 0, "no WARC record at byte 0"),
}


@pytest.mark.parametrize(("data", "good", "message"), DAMAGED.values(), ids=DAMAGED)
def test_what_lies_before_the_damage_is_read(data: bytes, good: int, message: str) -> None:
    found = []
    with pytest.raises(DocumentError, match=message):
        found.extend(Warc().chunks(BytesIO(data), Limits()))
    assert [chunk.data for chunk in found] == [GOOD] * good


@pytest.mark.parametrize("count", [10, 30, 60, 9_000])
def test_of_an_archive_that_is_cut_off_all_whole_records_are_read(count: int) -> None:
    records = [record(b"%d" % number, kind="request") for number in range(count)]
    packed = b"".join(compress(one, Codec.GZIP) for one in records)[:-5]
    found: list[Frame | TooLarge] = []
    with pytest.raises(DocumentError, match="cut off"):
        found.extend(read_frames(open_decompressed(BytesIO(packed))[0], 50_000_000))
    assert [frame.raw for frame in found if isinstance(frame, Frame)] == records[:-1]


def test_cutting_an_archive_leaves_its_stream_open() -> None:
    stream = BytesIO(GOOD)
    assert len([*read_frames(stream, 50_000_000)]) == 1
    assert not stream.closed


def test_a_large_record_that_is_cut_off_is_damage_too() -> None:
    data = response("<p>" + "a" * 5000)[:-2000]
    with pytest.raises(DocumentError, match="cut off"):
        chunks(data, Limits(document_bytes=1000))


# --- WET


def conversion(text: str, *fields: str) -> bytes:
    return record(text.encode(), *fields, kind="conversion", mime="text/plain")


def test_wet_holds_texts() -> None:
    data = (
        record(b"software: me\r\n", kind="warcinfo", mime="application/warc-fields")
        + conversion("Das Café öffnet.\n# 1\n# 2\n", f"WARC-Block-Digest: {sha1(b'')}")
        + response()
    )
    chunk = only(data)
    (found,) = Wet().parse(chunk, FIELDS)
    assert isinstance(found, Record)
    assert text_of(found) == "Das Café öffnet.\n# 1\n# 2\n"
    assert (found.number, found.document.format) == (1, "text")
    assert found.document.url == "http://paper.example/1"
    pieces = Wet().render(chunk, FIELDS, Outcome({1: "Das Café."}))
    (again,) = documents(pieces[1], Wet())
    assert text_of(again) == "Das Café."
    assert field(pieces[1], "Content-Length") == "10"
    assert field(pieces[1], "Content-Type") == "text/plain"
    assert field(pieces[1], "WARC-Block-Digest") == sha1("Das Café.".encode())
    assert (pieces[0], pieces[2]) == tuple(
        piece for n, piece in enumerate(Wet().render(chunk, FIELDS, Outcome())) if n != 1
    )


def plainly(data: bytes, text: str, container: Warc | Wet | None = None) -> bytes:
    container = container or Warc()
    (chunk,) = chunks(data, container=container)
    (piece,) = container.render(chunk, FIELDS, Outcome({0: text}, plain=True))
    return piece


def test_plain_text_of_a_page_says_so() -> None:
    text = "The café opens on Monday."
    raw = plainly(response(PAGE, "WARC-Identified-Payload-Type: text/html"), text)
    assert raw.count(b"Content-Type: text/plain; charset=utf-8\r\n") == 1
    assert field(raw, "WARC-Identified-Payload-Type") == "text/plain"
    assert b"text/html" not in raw
    assert field(raw, "Content-Type") == "application/http; msgtype=response"
    (found,) = documents(raw)
    assert isinstance(found, Record)
    assert (found.document.format, text_of(found)) == ("text", text)
    assert field(plainly(response(), text), "WARC-Identified-Payload-Type") is None


def test_a_page_of_words_alone_becomes_plain_text_all_the_same() -> None:
    raw = plainly(response("It rained."), "It rained.")
    assert b"Content-Type: text/plain; charset=utf-8\r\n" in raw
    plain = record(http(b"It rained.", mime="Text/Plain; charset=utf-8"))
    assert plainly(plain, "It rained.") == plain
    text = record(b"It rained.", kind="conversion", mime="text/plain")
    assert plainly(text, "It rained.", Wet()) == text


# --- laws

# A page with NUL characters is no text but something binary, and rejected as such.
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
RECORDS = st.lists(
    st.one_of(
        TEXTS.map(lambda text: response(f"<p>{text}</p>")),
        TEXTS.map(
            lambda text: record(http(gzip.compress(text.encode()), "Content-Encoding: gzip"))
        ),
        st.binary(max_size=60).map(lambda data: record(data, kind="resource", mime="image/png")),
        st.just(REQUEST),
    ),
    max_size=6,
)
LIMITS = st.builds(Limits, chunk_bytes=st.integers(1, 2000), chunk_records=st.integers(1, 4))


@settings(max_examples=40)
@given(RECORDS, LIMITS)
def test_chunks_hold_the_input_and_an_empty_outcome_gives_it_back(
    records: list[bytes], limits: Limits
) -> None:
    data = b"".join(records)
    cut = chunks(data, limits)
    assert b"".join(chunk.data for chunk in cut) == data
    pieces = [piece for chunk in cut for piece in Warc().render(chunk, FIELDS, Outcome())]
    assert pieces == records


@settings(max_examples=40)
@given(RECORDS, LIMITS, st.data())
def test_restoring_gives_back_the_original(
    records: list[bytes], limits: Limits, data: st.DataObject
) -> None:
    warc, kept, parts = Warc(), [], []
    numbers = st.sampled_from(range(max(len(records), 1)))
    outcome = Outcome(
        data.draw(st.dictionaries(numbers, TEXTS)), rejected=data.draw(st.frozensets(numbers))
    )
    for chunk in chunks(b"".join(records), limits):
        pieces = warc.render(chunk, FIELDS, outcome)
        size, now = warc.basis(pieces, FIELDS)
        kept.append(Kept(size, make_patch(warc.original(chunk, FIELDS), now)))
        parts.append(BytesIO(b"".join(pieces)))
    output, restored = BytesIO(), BytesIO()
    warc.join(parts, output)
    warc.restore(BytesIO(output.getvalue()), kept, FIELDS, restored)
    assert restored.getvalue() == b"".join(records)


@settings(max_examples=40)
@given(TEXTS, TEXTS)
def test_a_changed_page_decodes_to_its_new_text(before: str, after: str) -> None:
    page = f"<p>{after}</p>"
    (found,) = documents(rewritten(response(f"<i>{before}</i>"), page))
    assert text_of(found) == page


def test_an_output_that_was_changed_is_not_restored() -> None:
    warc = Warc()
    chunk = only(response())
    pieces = warc.render(chunk, FIELDS, Outcome({0: CLEAN}))
    size, now = warc.basis(pieces, FIELDS)
    kept = [Kept(size, make_patch(warc.original(chunk, FIELDS), now))]
    for damaged in (now[:-1], now + b"\n", now.replace(b"Monday", b"Friday")):
        with pytest.raises(DocumentError, match="what the run wrote"):
            warc.restore(BytesIO(damaged), kept, FIELDS, BytesIO())
