"""Single documents: many files as one input, and back to files."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import BinaryIO

import pytest
from helpers_bytes import FIELDS, TAGS, cut, reasons, rendered, round_trip, texts
from hypothesis import given, settings
from hypothesis import strategies as st

from adsift.compression import Codec, compress, decompress
from adsift.corpus.containers.base import Kept
from adsift.corpus.containers.files import Files, output_names, restore_files, unpack
from adsift.corpus.containers.packs import packed
from adsift.corpus.patch import make_patch
from adsift.corpus.record import Chunk, Limits, Outcome, Record, Rejected
from adsift.errors import DocumentError

FILES = Files()

PAGE = b"It rained all night.\n\nBuy these boots!\n"


def opener(data: bytes) -> Callable[[], BinaryIO]:
    return lambda: io.BytesIO(data)


def chunks_of(files: dict[str, bytes], limits: Limits | None = None) -> list[Chunk]:
    openers = ((name, opener(data)) for name, data in files.items())
    return [*FILES.chunks_of(openers, limits or Limits())]


def parsed(chunks: list[Chunk]) -> list[Record | Rejected]:
    return [record for chunk in chunks for record in FILES.parse(chunk, FIELDS)]


def outputs(chunks: list[Chunk], outcome: Outcome) -> dict[str, bytes]:
    pieces = [piece for chunk in chunks for piece in FILES.render(chunk, FIELDS, outcome)]
    return {name: data for piece in pieces for name, data in unpack(piece)}


contents = st.sampled_from(
    [PAGE, b"", b"\xef\xbb\xbf" + PAGE, "Zurück".encode("utf-16"), b"%PDF-1.7", bytes(99), b"\xe4"]
)
folders = st.dictionaries(
    st.sampled_from(["a.txt", "b/c.html", "d.md", "\udce4.txt", "e"]),
    st.builds(compress, contents, st.sampled_from(Codec)),
)
limits = st.builds(Limits, st.integers(1, 300), st.integers(1, 4))


@settings(max_examples=50)
@given(folders, limits)
def test_unchanged_files_are_the_same(files: dict[str, bytes], limits: Limits) -> None:
    chunks = chunks_of(files, limits)
    assert outputs(chunks, Outcome()) == files
    for chunk in chunks:
        assert b"".join(FILES.render(chunk, FIELDS, Outcome())) == chunk.data
    same = {r.number: r.document for r in parsed(chunks) if isinstance(r, Record)}
    assert [document.name for document in same.values()] == [d.id for d in same.values()]


@settings(max_examples=50)
@given(folders, limits, st.sampled_from(["", "It rained.", "BZh91AY&SY", "\ud800"]))
def test_restoring_gives_back_the_files(files: dict[str, bytes], limits: Limits, text: str) -> None:
    chunks = chunks_of(files, limits)
    records = parsed(chunks)
    outcome = Outcome(dict.fromkeys(texts(records), text), {}, frozenset(reasons(records)))
    written: dict[str, bytes] = {}
    parts = []
    for chunk in chunks:
        pieces = FILES.render(chunk, FIELDS, outcome)
        size, now = FILES.basis(pieces, FIELDS)
        written.update(file for piece in pieces for file in unpack(piece))
        names = [name for piece in pieces for name in output_names(piece)]
        parts.append((Kept(size, make_patch(FILES.original(chunk, FIELDS), now)), names))
    restored: dict[str, bytes] = {}
    restore_files(written.__getitem__, parts, restored.__setitem__)
    assert restored == files


def test_a_changed_file_keeps_its_compression_and_mark() -> None:
    files = {
        "a.txt.gz": compress(PAGE, Codec.GZIP),
        "b.txt": b"\xef\xbb\xbf" + PAGE,
        "c.txt": PAGE.decode().encode("utf-16"),
    }
    out = outputs(chunks_of(files), Outcome(dict.fromkeys(range(3), "It rained.")))
    assert out == {
        "a.txt.gz": compress(b"It rained.", Codec.GZIP),
        "b.txt": b"\xef\xbb\xbfIt rained.",
        "c.txt": b"\xef\xbb\xbfIt rained.",
    }


def test_documents_are_named_after_their_files() -> None:
    (record,) = parsed(chunks_of({"b/page.html.zst": compress(b"<p>a", Codec.ZSTD)}))
    assert isinstance(record, Record)
    assert (record.document.id, record.document.name) == ("b/page.html.zst", "b/page.html.zst")
    assert record.document.source == b"<p>a"


def test_what_cannot_be_read_is_rejected_with_its_reason() -> None:
    def missing() -> BinaryIO:
        raise FileNotFoundError(2, "No such file or directory")

    cut_off = compress(PAGE * 9, Codec.GZIP)[:-3]
    openers = [
        ("gone.txt", missing),
        ("image.txt", opener(b"\x89PNG\r\n")),
        ("noise.txt", opener(bytes(200))),
        ("cut.txt.gz", opener(cut_off)),
        ("good.txt", opener(PAGE)),
    ]
    (chunk,) = FILES.chunks_of(openers, Limits())
    records = FILES.parse(chunk, FIELDS)
    assert texts(records) == {4: PAGE}
    found = reasons(records)
    assert found.pop(3).startswith("the gzip data is cut off after")
    assert found == {
        0: "cannot be read: No such file or directory",
        1: "is a PNG image, not text",
        2: "is binary, not text",
    }
    outcome = Outcome(rejected=frozenset(range(4)))
    assert outputs([chunk], outcome) == {"good.txt": PAGE}
    now = FILES.basis(FILES.render(chunk, FIELDS, outcome), FIELDS)
    kept = Kept(now[0], make_patch(chunk.data, now[1]))
    restored: dict[str, bytes] = {}
    restore_files(lambda _: PAGE, [(kept, ["good.txt"])], restored.__setitem__)
    assert [*restored] == ["image.txt", "noise.txt", "cut.txt.gz", "good.txt"]
    assert restored["cut.txt.gz"] == cut_off


@pytest.mark.parametrize("codec", Codec)
def test_a_large_file_is_passed_over(codec: Codec) -> None:
    files = {"a.txt": b"a" * 10, "b.txt": compress(b"b" * 5000, codec), "c.txt": b""}
    (chunk,) = chunks_of(files, Limits(document_bytes=1000))
    assert [file.name for file in packed(chunk.data)] == ["a.txt", "c.txt"]
    (passed,) = chunk.oversize
    assert (passed.number, passed.id) == (1, "b.txt")
    assert passed.size == (5000 if codec == Codec.NONE else 1001)
    assert texts(parsed([chunk])) == {0: b"a" * 10, 2: b""}


def test_tags_have_no_place_in_a_file() -> None:
    (chunk,) = chunks_of({"a.txt": PAGE})
    with pytest.raises(DocumentError, match="--tags-in attributes"):
        FILES.render(chunk, FIELDS, Outcome(tags={0: TAGS}))


def test_another_file_is_not_restored() -> None:
    (chunk,) = chunks_of({"a.txt": PAGE})
    size, now = FILES.basis(FILES.render(chunk, FIELDS, Outcome({0: "It rained."})), FIELDS)
    kept = Kept(size, make_patch(chunk.data, now))
    with pytest.raises(DocumentError, match="not what the run wrote"):
        restore_files(lambda _: b"other", [(kept, ["a.txt"])], lambda *_: None)
    with pytest.raises(DocumentError, match="names of the output files"):
        restore_files(lambda _: b"other", [(kept, [])], lambda *_: None)


def test_a_stream_is_one_document() -> None:
    assert texts(parsed(cut(FILES, PAGE))) == {0: PAGE}
    output = io.BytesIO()
    FILES.join([io.BytesIO(rendered(FILES, PAGE, Outcome({0: "It rained."})))], output)
    assert output.getvalue() == b"It rained."
    assert round_trip(FILES, PAGE, Limits(), Outcome({0: "It rained."})) == PAGE


@pytest.mark.parametrize("codec", Codec)
@pytest.mark.parametrize("texts", [{}, {0: "It rained."}])
def test_a_compressed_stream_is_restored(codec: Codec, texts: dict[int, str]) -> None:
    packed_page = compress(PAGE, codec)
    (chunk,) = chunks_of({"stdin.txt": packed_page})
    pieces = FILES.render(chunk, FIELDS, Outcome(texts))
    size, now = FILES.basis(pieces, FIELDS)
    kept = [Kept(size, make_patch(FILES.original(chunk, FIELDS), now))]
    output, restored = io.BytesIO(), io.BytesIO()
    FILES.join(map(io.BytesIO, pieces), output)
    # As the runner hands it on: with the compression undone.
    content = io.BytesIO(decompress(output.getvalue()))
    FILES.restore(content, kept, FIELDS, restored)
    assert restored.getvalue() == packed_page


def test_a_rejected_stream_is_restored() -> None:
    packed_page = compress(b"%PDF-1.7", Codec.ZSTD)
    (chunk,) = chunks_of({"stdin.txt.zst": packed_page})
    pieces = FILES.render(chunk, FIELDS, Outcome(rejected=frozenset({0})))
    size, now = FILES.basis(pieces, FIELDS)
    kept = Kept(size, make_patch(chunk.data, now))
    restored = io.BytesIO()
    FILES.restore(io.BytesIO(), [kept], FIELDS, restored)
    assert (size, restored.getvalue()) == (0, packed_page)
    with pytest.raises(DocumentError, match="longer than what the run wrote"):
        FILES.restore(io.BytesIO(PAGE), [kept], FIELDS, io.BytesIO())


def test_a_damaged_pack_is_told() -> None:
    (chunk,) = chunks_of({"a.txt": PAGE})
    for size in (3, 20, len(chunk.data) - 1):
        with pytest.raises(DocumentError, match="cut off"):
            list(packed(chunk.data[:size]))
