"""How fast a corpus is cleaned, in which memory, and whether all formats give the same.

    python benchmarks/corpus_run.py --pages ../shared/data/pages --gigabytes 2 --work /tmp/corpus

The corpus is made of the pages in a folder, repeated, each time at another address and with a
comment of its own in the markup. It is written as WARC.gz, as JSON lines in gzip and in Zstandard,
as CSV and as Parquet, and each is cleaned by one worker and by two, each run in a process of its
own.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import hashlib
import io
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from adsift.compression import open_decompressed
from adsift.corpus.containers import container
from adsift.corpus.record import Fields, Limits, Record
from adsift.decode import decode

FORMATS = {
    "corpus.warc.gz": "warc",
    "corpus.jsonl.gz": "jsonl",
    "corpus.jsonl.zst": "jsonl",
    "corpus.csv": "csv",
    "corpus.parquet": "parquet",
}

RUN = """
import json, sys, time
from adsift.corpus import CleanOptions, RunOptions, clean
source, output, workers = sys.argv[1:]
start = time.perf_counter()
summary = clean([source], output, CleanOptions(), RunOptions(workers=int(workers), overwrite=True))
found = {"seconds": time.perf_counter() - start, **summary.as_json()}
print(json.dumps(found))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--pages", type=Path, required=True, help="folder of .html.gz files")
    parser.add_argument("--gigabytes", type=float, default=2.0, help="of pages, decompressed")
    parser.add_argument("--work", type=Path, required=True, help="folder for corpus and outputs")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2], help="rounds of so many")
    arguments = parser.parse_args()
    count, size = write_corpus(arguments.pages, arguments.work, arguments.gigabytes * 1e9)
    print(f"{count:,} pages, {size / 1e9:.2f} GB decompressed\n")
    print("| format | workers | seconds | documents/s | MB/s | peak memory, MB |")
    print("|---|---|---|---|---|---|")
    digests: dict[str, str] = {}
    for name in FORMATS:
        for workers in arguments.workers:
            out = arguments.work / f"out-{name}-{workers}"
            found = run(arguments.work / name, out, workers)
            seconds = found["seconds"]
            memory = (found["peak_memory_bytes"] or 0) / 1e6
            print(
                f"| {name} | {workers} | {seconds:.0f} | {found['documents'] / seconds:.1f} | "
                f"{size / seconds / 1e6:.1f} | {memory:.0f} |",
                flush=True,
            )
            digests[f"{name}, {workers}"] = digest(out / name, FORMATS[name])
    same = len(set(digests.values())) == 1
    print(f"\nThe texts of all outputs are {'the same' if same else f'not the same: {digests}'}.")


def run(source: Path, output: Path, workers: int) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(source), str(output), str(workers)],
        check=True,
        stdout=subprocess.PIPE,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def varied(folder: Path, size: float) -> Iterator[tuple[str, str]]:
    """Addresses and pages, until they are so many characters."""
    paths = sorted(folder.glob("*.html.gz"))
    pages = [decode(gzip.decompress(path.read_bytes())) for path in paths]
    made = number = 0
    while made < size:
        page = f"{pages[number % len(pages)]}<!-- copy {number} -->\n"
        yield f"https://site{number % 500}.example/{number}", page
        made += len(page)
        number += 1


def write_corpus(folder: Path, work: Path, size: float) -> tuple[int, int]:
    """Write the corpus in all formats; how many pages, and bytes of them."""
    import pyarrow as pa
    import pyarrow.parquet as pq
    import zstandard
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    work.mkdir(parents=True, exist_ok=True)
    schema = pa.schema([("id", pa.string()), ("url", pa.string()), ("text", pa.string())])
    count = total = 0
    rows: list[dict[str, str]] = []
    warc_file, zipped, packed, table_file, parquet = (work / name for name in FORMATS)
    with (
        warc_file.open("wb") as pages,
        gzip.open(zipped, "wb", 6) as zipped_lines,
        zstandard.open(packed, "wb") as packed_lines,
        table_file.open("w", newline="", encoding="utf-8") as csv_file,
        pq.ParquetWriter(parquet, schema, compression="zstd") as table,
    ):
        warc = WARCWriter(pages, gzip=True)
        csv_table = csv.DictWriter(csv_file, schema.names)
        csv_table.writeheader()
        for url, page in varied(folder, size):
            data = page.encode("utf-8", "replace")
            page = data.decode()
            row = {
                "id": f"<urn:uuid:00000000-0000-4000-8000-{count:012d}>",
                "url": url,
                "text": page,
            }
            headers = StatusAndHeaders(
                "200 OK", [("Content-Type", "text/html; charset=utf-8")], protocol="HTTP/1.1"
            )
            warc.write_record(
                warc.create_warc_record(
                    url,
                    "response",
                    payload=io.BytesIO(data),
                    http_headers=headers,
                    warc_headers_dict={"WARC-Record-ID": row["id"]},
                )
            )
            csv_table.writerow(row)
            for lines in (zipped_lines, packed_lines):
                lines.write(json.dumps(row).encode() + b"\n")
            rows.append(row)
            if len(rows) == 500:
                table.write_table(pa.Table.from_pylist(rows, schema))
                rows.clear()
            count += 1
            total += len(data)
        if rows:
            table.write_table(pa.Table.from_pylist(rows, schema))
    return count, total


def digest(path: Path, kind: str) -> str:
    """Of the texts of all documents of an output, in order."""
    found = hashlib.sha256()
    reader = container(kind)
    with path.open("rb") as file:
        for chunk in reader.chunks(open_decompressed(file)[0], Limits()):
            for entry in reader.parse(chunk, Fields()):
                assert isinstance(entry, Record), entry
                source = entry.document.source
                text = (
                    decode(source, entry.document.charset) if isinstance(source, bytes) else source
                )
                found.update(hashlib.sha256(str(text).encode()).digest())
    return found.hexdigest()


if __name__ == "__main__":
    started = time.perf_counter()
    main()
    print(f"{time.perf_counter() - started:.0f} s in all", file=sys.stderr)
