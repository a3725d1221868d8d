"""A single document from standard input: cleaned, and restored compressed as it came."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from corpora import contents, texts

from adsift.compression import Codec, compress
from adsift.corpus import CleanOptions, Limits, clean, restore


@pytest.mark.parametrize("codec", [Codec.NONE, Codec.GZIP])
@pytest.mark.parametrize("strip", [True, False])
def test_a_document_from_standard_input_is_restored(
    codec: Codec,
    strip: bool,
    tmp_path: Path,
    bundle_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = compress("\n\n".join(texts(5)).encode(), codec)
    buffer = io.BufferedReader(io.BytesIO(data))
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=buffer))
    drop = ("commerce", "boilerplate") if strip else ("analysis",)
    options = CleanOptions(model=str(bundle_folder), drop=drop, min_probability=0.5 * strip)
    clean(["-"], str(tmp_path / "out"), options)
    (name,) = (path.name for path in (tmp_path / "out").iterdir() if path.name != "_adsift")
    restore(str(tmp_path / "out"), str(tmp_path / "back"))
    assert contents(tmp_path / "back") == {name: data}


def test_what_has_come_of_a_damaged_stream_is_cleaned(
    tmp_path: Path, bundle_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [json.dumps({"text": text}).encode() + b"\n" for text in texts(200)]
    data = compress(b"".join(lines), Codec.GZIP)
    buffer = io.BufferedReader(io.BytesIO(data[: len(data) * 3 // 4]))
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=buffer))
    options = CleanOptions(model=str(bundle_folder), limits=Limits(chunk_records=10))
    summary = clean(["-"], str(tmp_path), options)
    assert summary.documents > 50
    (reject,) = (tmp_path / "_adsift/rejects.jsonl").read_text().splitlines()
    assert "cut off" in json.loads(reject)["reason"]
    (output,) = tmp_path.glob("*.gz")
    assert len(gzip.decompress(output.read_bytes()).splitlines()) == summary.documents
