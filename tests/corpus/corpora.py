"""Small corpora of the project's own sentences, in the formats that a run reads."""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
from collections.abc import Callable
from pathlib import Path

import zstandard
from seed_articles import SEEDS, SENTENCES


def texts(count: int, seed: int = 0) -> list[str]:
    """Documents of a few paragraphs, some of which sell."""
    rng = random.Random(seed)
    articles = [one.source for one in SEEDS if one.format == "text"]
    made = []
    for number in range(count):
        if number % 7 == 3:
            made.append(rng.choice(articles))
        else:
            chosen = rng.sample(SENTENCES, rng.randint(2, 8))
            made.append("\n\n".join([f"Report {number} from the harbour.", *chosen]) + "\n")
    return made


def write_jsonl(path: Path, documents: list[str]) -> None:
    lines = [
        json.dumps({"id": f"d{n}", "url": f"https://site{n % 3}.example/{n}", "text": text, "n": n})
        for n, text in enumerate(documents)
    ]
    _write(path, "".join(line + "\n" for line in lines).encode())


def write_csv(path: Path, documents: list[str]) -> None:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(["id", "url", "text", "n"])
    writer.writerows(
        [f"d{n}", f"https://site{n % 3}.example/{n}", text, n] for n, text in enumerate(documents)
    )
    _write(path, buffer.getvalue().encode())


def write_parquet(path: Path, documents: list[str]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    numbers = range(len(documents))
    table = pa.table(
        {
            "id": [f"d{n}" for n in numbers],
            "url": [f"https://site{n % 3}.example/{n}" for n in numbers],
            "text": documents,
            "n": pa.array(numbers, pa.int32()),
        }
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path)


def page(text: str) -> str:
    """A text as an HTML page."""
    body = "".join(f"<p>{part}</p>\n" for part in text.split("\n\n"))
    return f"<!DOCTYPE html><html><head><title>A page</title></head><body>{body}</body></html>\n"


def write_warc(path: Path, documents: list[str]) -> None:
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    buffer = io.BytesIO()
    writer = WARCWriter(buffer, gzip=path.suffix == ".gz")
    for number, text in enumerate(documents):
        headers = StatusAndHeaders(
            "200 OK", [("Content-Type", "text/html; charset=utf-8")], protocol="HTTP/1.1"
        )
        record = writer.create_warc_record(
            f"https://site{number % 3}.example/{number}",
            "response",
            payload=io.BytesIO(page(text).encode()),
            http_headers=headers,
            warc_headers_dict={
                "WARC-Record-ID": f"<urn:uuid:00000000-0000-4000-8000-{number:012d}>",
                "WARC-Date": "2026-01-01T00:00:00Z",
            },
        )
        writer.write_record(record)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(buffer.getvalue())


def write_files(folder: Path, documents: list[str]) -> None:
    for number, text in enumerate(documents):
        if number % 3 == 2:
            _write(folder / "pages" / f"{number}.html", page(text).encode())
        else:
            _write(folder / f"{number}.{('txt', 'md')[number % 2]}", text.encode())


WRITERS: dict[str, Callable[[Path, list[str]], None]] = {
    "corpus.jsonl": write_jsonl,
    "corpus.jsonl.gz": write_jsonl,
    "corpus.jsonl.zst": write_jsonl,
    "corpus.csv": write_csv,
    "corpus.parquet": write_parquet,
    "corpus.warc": write_warc,
    "corpus.warc.gz": write_warc,
    "files": write_files,
}
"""Who writes what."""


def contents(folder: Path) -> dict[str, bytes]:
    """All files of a folder, but for the manifest and for what a summary says of memory."""
    return {
        str(path.relative_to(folder)): _lasting(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "manifest.jsonl"
    }


def _lasting(path: Path) -> bytes:
    if path.name != "summary.json":
        return path.read_bytes()
    return json.dumps({**json.loads(path.read_bytes()), "peak_memory_bytes": None}).encode()


def decompressed(data: bytes) -> bytes:
    """Content of a gzip or Zstandard file, others as they are."""
    if data[:2] == b"\x1f\x8b":
        return gzip.decompress(data)
    if data[:4] == b"\x28\xb5\x2f\xfd":
        reader = zstandard.ZstdDecompressor().stream_reader(data, read_across_frames=True)
        return reader.read()
    return data


def _write(path: Path, data: bytes) -> None:
    if path.suffix == ".gz":
        data = gzip.compress(data, mtime=0)
    elif path.suffix == ".zst":
        data = zstandard.compress(data)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
