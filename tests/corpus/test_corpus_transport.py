"""A chunk gets to its worker whole, whether it is sent or read again where it lies."""

from __future__ import annotations

import gzip
import pickle
from collections.abc import Callable
from pathlib import Path

import pytest
from corpora import texts, write_csv, write_jsonl

from adsift.corpus.options import CleanOptions
from adsift.corpus.record import Chunk, Limits
from adsift.corpus.sources import find_sources
from adsift.corpus.transport import pack, unpack
from adsift.errors import CorpusError

SMALL = Limits(chunk_bytes=500)


def chunks_of(path: Path, limits: Limits = SMALL) -> list[Chunk]:
    (source,), problems = find_sources([str(path)], CleanOptions())
    assert problems == []
    return list(source.chunks(limits))


@pytest.mark.parametrize("write", [write_jsonl, write_csv])
def test_a_chunk_of_a_plain_file_travels_as_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Callable[[Path, list[str]], None]
) -> None:
    path = tmp_path / ("a.csv" if write is write_csv else "a.jsonl")
    write(path, texts(20))
    monkeypatch.chdir(tmp_path)
    chunks = chunks_of(Path(path.name))
    packed = [pack(chunk) for chunk in chunks]
    assert len(chunks) > 3
    assert {chunk.data for chunk in packed} == {b""}
    monkeypatch.chdir(tmp_path.parent)
    assert [unpack(pickle.loads(pickle.dumps(chunk))) for chunk in packed] == chunks
    assert b"".join(chunk.data for chunk in chunks) == path.read_bytes()


def test_other_chunks_are_sent(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "a.jsonl", texts(3))
    packed = tmp_path / "a.jsonl.gz"
    packed.write_bytes(gzip.compress((tmp_path / "a.jsonl").read_bytes()))
    chunks = chunks_of(packed)
    assert [pack(chunk) for chunk in chunks] == chunks
    assert [unpack(chunk) for chunk in chunks] == chunks


def test_behind_a_record_that_was_passed_over_chunks_are_sent(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    line = b'{"text": "It rained."}\n'
    path.write_bytes(line * 2 + b'{"text": "%b"}\n' % (b"a" * 500) + line * 3)
    chunks = chunks_of(path, Limits(chunk_records=2, document_bytes=100))
    assert [chunk.part is not None for chunk in chunks] == [True, False, False]
    assert [unpack(pack(chunk)) for chunk in chunks] == chunks
    assert b"".join(chunk.data for chunk in chunks) == line * 5


@pytest.mark.parametrize("change", ["other", "shorter", "gone"])
def test_a_file_that_has_changed_is_told(tmp_path: Path, change: str) -> None:
    path = tmp_path / "a.jsonl"
    write_jsonl(path, texts(3))
    chunk = pack(chunks_of(path)[-1])
    data = path.read_bytes()
    if change == "gone":
        path.unlink()
    else:
        path.write_bytes(data[:-1] + b" " if change == "other" else data[:-1])
    message = "cannot read .* any more" if change == "gone" else "a.jsonl was changed while"
    with pytest.raises(CorpusError, match=message):
        unpack(chunk)
