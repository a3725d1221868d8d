"""What the arguments of a corpus run stand for."""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import fsspec
import pytest

from adsift.compression import Codec, compress
from adsift.corpus.options import CleanOptions
from adsift.corpus.record import Limits, Record
from adsift.corpus.sources import Source, find_sources
from adsift.errors import CorpusStartError, DocumentError

LINES = b'{"text": "It rained."}\n' * 3


def write(folder: Path, files: dict[str, bytes]) -> None:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def found(*arguments: str | Path, output: str | Path | None = None) -> list[Source]:
    sources, problems = find_sources(
        map(str, arguments), CleanOptions(), None if output is None else str(output)
    )
    assert problems == []
    return sources


def problem(*arguments: str | Path, options: CleanOptions | None = None) -> str:
    sources, problems = find_sources(map(str, arguments), options or CleanOptions())
    assert sources == []
    ((_, reason),) = problems
    return reason


def summary(sources: list[Source]) -> list[tuple[str, str, str]]:
    return [(source.name, source.container.name, source.codec) for source in sources]


def sources_texts(source: Source, limits: Limits | None = None) -> list[object]:
    options = CleanOptions()
    return [
        record.document.source
        for chunk in source.chunks(limits or Limits())
        for record in source.container.parse(chunk, options.fields)
        if isinstance(record, Record)
    ]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def memory() -> Iterator[fsspec.AbstractFileSystem]:
    system = fsspec.filesystem("memory")
    system.store.clear()
    yield system
    system.store.clear()


def test_a_folder_is_searched(here: Path) -> None:
    write(
        here / "in",
        {
            "z.jsonl.zst": compress(LINES, Codec.ZSTD),
            "b/page.html": b"<p>It rained.",
            "b/note.md.gz": compress(b"It rained.", Codec.GZIP),
            "b/table.csv": b"id,text\n1,a\n",
            "a.txt": b"It rained.",
            ".hidden.txt": b"no",
            ".git/a.txt": b"no",
            "_temporary/a.txt": b"no",
            "out/a.txt": b"no",
            "image.png": b"no",
            "page.labels.jsonl": LINES,
        },
    )
    sources = found("in", output=here / "in" / "out")
    assert summary(sources) == [
        ("documents", "files", "none"),
        ("z.jsonl.zst", "jsonl", "zstd"),
        ("b/table.csv", "csv", "none"),
    ]
    names = [file.name for file in sources[0].files]
    assert names == ["a.txt", "b/note.md.gz", "b/page.html"]
    assert sources[1].shown == str(Path("in", "z.jsonl.zst"))
    assert sources_texts(sources[1]) == ["It rained."] * 3
    assert sources_texts(sources[0]) == [b"It rained.", b"It rained.", b"<p>It rained."]


def test_outputs_mirror_the_deepest_common_folder(here: Path) -> None:
    write(here, {"x/a/1.jsonl": LINES, "x/b/c/2.jsonl": LINES, "x/b/3.jsonl": LINES})
    assert [s.name for s in found("x/a/1.jsonl", "x/b")] == [
        "a/1.jsonl",
        "b/3.jsonl",
        "b/c/2.jsonl",
    ]
    assert [s.name for s in found("x/b/c/2.jsonl")] == ["2.jsonl"]
    assert [s.name for s in found("x/*/*.jsonl")] == ["a/1.jsonl", "b/3.jsonl"]
    assert [s.name for s in found("x/**/2.jsonl")] == ["b/c/2.jsonl"]


def test_a_file_counts_once(here: Path) -> None:
    write(here, {"a/1.jsonl": LINES})
    (here / "link").symlink_to("a")
    assert len(found("a/1.jsonl", "a", "a/*", "link/1.jsonl", "./a/../a/1.jsonl")) == 1


def test_content_counts_more_than_the_name(here: Path) -> None:
    write(here, {"a.txt": compress(LINES, Codec.BZ2), "b.csv.gz": b"id,text\n"})
    assert summary(found("a.txt", "b.csv.gz")) == [
        ("a.txt", "jsonl", "bz2"),
        ("b.csv.gz", "csv", "none"),
    ]


def test_the_format_can_be_forced(here: Path) -> None:
    write(here, {"a.txt": b"id,text\n1,a\n", "b.md": b"id,text\n"})
    sources, problems = find_sources(["a.txt", "b.md"], CleanOptions(input_format="csv"))
    assert (summary(sources), problems) == (
        [("a.txt", "csv", "none"), ("b.md", "csv", "none")],
        [],
    )


def test_one_document_has_its_own_name(here: Path) -> None:
    write(here, {"a/page.html": b"<p>a"})
    (source,) = found("a")
    assert (source.name, source.shown) == ("page.html", str(Path("a", "page.html")))


def test_the_name_for_all_documents_is_free(here: Path) -> None:
    write(here, {"a.txt": b"a", "b.txt": b"b", "documents": LINES})
    assert [s.name for s in found("a.txt", "b.txt", "documents")] == ["documents_", "documents"]


@pytest.mark.parametrize(
    ("files", "argument", "reason"),
    [
        ({}, "gone.txt", "No such file"),
        ({"a.txt": b""}, "", "is empty"),
        ({}, "*.txt", "matches no file"),
        ({"in/a.png": b""}, "in", "holds no documents"),
        ({"a.json": b"[1]"}, "a.json", "not one object a line"),
        ({"a.gz": compress(b"PAR1", Codec.GZIP)}, "a.gz", "Parquet in gzip"),
        ({"_adsift/a.txt": b"", "x": b""}, "*/a.txt", "its output would lie in _adsift"),
    ],
)
def test_arguments_that_stand_for_nothing_are_told(
    here: Path, files: dict[str, bytes], argument: str, reason: str
) -> None:
    write(here, files)
    assert reason in problem(argument)


def test_the_rest_is_found_beside_a_problem(here: Path) -> None:
    write(here, {"a.jsonl": LINES, "b.json": b"[1]"})
    sources, problems = find_sources(["gone", "a.jsonl", "b.json"], CleanOptions())
    assert [s.name for s in sources] == ["a.jsonl"]
    assert [p.shown for p in problems] == ["gone", "b.json"]


def test_an_input_is_not_overwritten(here: Path) -> None:
    write(here, {"in/b/a.jsonl": LINES})
    for output in ("in", "./in/../in", str(here / "in")):
        with pytest.raises(CorpusStartError, match=r"a.jsonl would be overwritten"):
            find_sources(["in"], CleanOptions(), output)


@pytest.mark.parametrize("codec", [Codec.GZIP, Codec.ZSTD, Codec.BZ2, Codec.XZ])
@pytest.mark.parametrize(
    ("name", "start", "row", "rows"),
    [("a.jsonl", b"", b'{"text": "It rained."}\n', 999), ("a.csv", b"text\n", b"It rained.\n", 20)],
)
def test_what_comes_before_damage_is_read(
    here: Path, name: str, start: bytes, row: bytes, rows: int, codec: Codec
) -> None:
    sound = compress(start + row * rows, codec)
    write(here, {name: sound + compress(row * rows, codec)[:-9]})
    (source,) = found(name)
    assert source.codec == codec
    chunks: list[bytes] = []
    with pytest.raises(DocumentError, match=f"the {codec} data is cut off"):
        chunks.extend(chunk.data for chunk in source.chunks(Limits()))
    assert b"".join(chunks).startswith(start + row * rows)


def test_sizes_and_stamps_tell_of_changes(here: Path) -> None:
    write(here, {"a.txt": b"a", "b.txt": b"b", "c.jsonl": LINES})
    before = [(s.size, s.stamp) for s in found("a.txt", "b.txt", "c.jsonl")]
    assert [size for size, _ in before] == [2, len(LINES)]
    os.utime(here / "b.txt", ns=(1, 1))
    os.utime(here / "c.jsonl", ns=(1, 1))
    after = [(s.size, s.stamp) for s in found("a.txt", "b.txt", "c.jsonl")]
    assert before[0] != after[0]
    assert before[1] != after[1]
    assert after[1][1] == "1"


def test_chunks_tell_how_far_the_input_is_read(here: Path) -> None:
    write(here, {"a.jsonl.gz": compress(LINES, Codec.GZIP), "b.txt": b"a", "c.txt": b"b"})
    one = Limits(chunk_records=1)
    lines, documents = found("a.jsonl.gz", "b.txt", "c.txt")
    assert [chunk.position for chunk in documents.chunks(one)] == [0.5, 1.0]
    positions = [chunk.position for chunk in lines.chunks(one)]
    assert len(positions) == 3
    assert positions[-1] == 1.0


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (LINES, ("stdin.jsonl", "jsonl", "none")),
        (compress(LINES, Codec.ZSTD), ("stdin.jsonl.zst", "jsonl", "zstd")),
        (b"It rained.", ("stdin.txt", "files", "none")),
        (b"", ("stdin.txt", "files", "none")),
    ],
)
def test_standard_input_is_read_once(
    monkeypatch: pytest.MonkeyPatch, data: bytes, expected: tuple[str, str, str]
) -> None:
    buffer = io.BufferedReader(io.BytesIO(data))
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=buffer))
    (source,) = found("-", "-")
    assert summary([source]) == [expected]
    assert (source.size, source.is_stream) == (None, True)
    assert sources_texts(source) == (["It rained."] * 3 if data[:1] in (b"{", b"(") else [data])
    with pytest.raises(DocumentError, match="cannot be read twice"):
        source.files[0].open()


def test_a_long_stream_is_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    data = LINES * 30_000
    buffer = io.BufferedReader(io.BytesIO(data))
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=buffer))
    (source,) = found("-")
    assert b"".join(chunk.data for chunk in source.chunks(Limits())) == data


def test_parquet_is_not_read_from_a_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(b"PAR1")))
    assert "save it to a file" in problem("-")


def test_there_may_be_no_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)
    assert problem("-") == "there is no standard input"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_named_pipe_is_a_stream(here: Path) -> None:
    os.mkfifo(here / "pipe.jsonl")
    writer = threading.Thread(target=(here / "pipe.jsonl").write_bytes, args=(LINES,))
    writer.start()
    (source,) = found("pipe.jsonl")
    writer.join()
    assert summary([source]) == [("pipe.jsonl", "jsonl", "none")]
    assert sources_texts(source) == ["It rained."] * 3


def test_addresses_are_read(memory: fsspec.AbstractFileSystem) -> None:
    memory.pipe(
        {
            "/crawl/a/1.jsonl.gz": compress(LINES, Codec.GZIP),
            "/crawl/b/2.csv": b"id,text\n1,a\n",
            "/crawl/b/page.html": b"<p>a",
            "/crawl/_old/3.jsonl": LINES,
            "/crawl/.x/4.jsonl": LINES,
            "/crawl/out/5.jsonl": LINES,
            "/crawl/image.png": b"",
        }
    )
    sources = found("memory://crawl", output="memory://crawl/out")
    assert summary(sources) == [
        ("a/1.jsonl.gz", "jsonl", "gzip"),
        ("b/2.csv", "csv", "none"),
        ("b/page.html", "files", "none"),
    ]
    assert sources[0].shown == "memory:///crawl/a/1.jsonl.gz"
    assert sources[0].size == len(compress(LINES, Codec.GZIP))
    assert sources[0].stamp
    assert sources_texts(sources[0]) == ["It rained."] * 3
    assert sources_texts(sources[2]) == [b"<p>a"]
    assert [s.name for s in found("memory://crawl/b/2.csv")] == ["2.csv"]
    assert [s.name for s in found("memory://crawl/*/*.jsonl*", "memory://crawl/a")] == [
        "_old/3.jsonl",
        "a/1.jsonl.gz",
        "out/5.jsonl",
    ]
    assert next(s.name for s in found("memory://")) == "crawl/a/1.jsonl.gz"


def test_addresses_that_stand_for_nothing_are_told(memory: fsspec.AbstractFileSystem) -> None:
    memory.pipe("/crawl/image.png", b"")
    assert "No such file" in problem("memory://gone")
    assert "matches no file" in problem("memory://crawl/*.jsonl")
    assert "holds no documents" in problem("memory://crawl")
    with pytest.raises(CorpusStartError, match="cannot reach nonsense://x"):
        find_sources(["nonsense://x"], CleanOptions())


def test_outputs_do_not_collide(here: Path, memory: fsspec.AbstractFileSystem) -> None:
    memory.pipe("/crawl/a.jsonl", LINES)
    write(here, {"a.jsonl": LINES})
    sources, problems = find_sources(["a.jsonl", "memory://crawl/a.jsonl"], CleanOptions())
    assert [s.shown for s in sources] == ["a.jsonl"]
    assert problems[0].reason == "its output a.jsonl is that of a.jsonl: use another -o for it"
