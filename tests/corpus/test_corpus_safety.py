"""What a run must never do: lose what is done, or touch what is not its own."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from corpora import WRITERS, contents, texts, write_csv, write_files, write_jsonl

from adsift.corpus import CleanOptions, Limits, RunOptions, clean, restore
from adsift.corpus import run as run_module
from adsift.corpus.containers.jsonl import Jsonl
from adsift.corpus.layout import Layout
from adsift.corpus.manifest import Manifest, Part, read_manifest
from adsift.corpus.options import Status
from adsift.corpus.record import Chunk
from adsift.errors import CorpusError, CorpusStartError, DocumentError

SMALL = Limits(chunk_bytes=4_000, chunk_records=5)
RESUME = RunOptions(resume=True)


@pytest.fixture
def options(bundle_folder: Path) -> CleanOptions:
    return CleanOptions(model=str(bundle_folder), limits=SMALL)


def fail_after(monkeypatch: pytest.MonkeyPatch, chunks: int, error: Exception) -> None:
    whole = Jsonl.chunks

    def broken(self: Jsonl, stream: object, limits: Limits) -> Iterator[Chunk]:
        for number, chunk in enumerate(whole(self, stream, limits)):  # type: ignore[arg-type]
            if number == chunks:
                raise error
            yield chunk

    monkeypatch.setattr(Jsonl, "chunks", broken)


def test_a_disk_that_fails_in_the_middle_costs_nothing(
    tmp_path: Path, options: CleanOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, out = tmp_path / "a.jsonl", tmp_path / "out"
    write_jsonl(source, texts(30))
    clean([str(source)], str(tmp_path / "once"), options)
    for chunks in (3, 1):  # the second time it fails before it has come to where it was
        with monkeypatch.context() as patch:
            fail_after(patch, chunks, OSError(5, "Input/output error"))
            with pytest.raises(CorpusError, match=r"Input/output error.*--resume"):
                clean([str(source)], str(out), options, RESUME)
        assert [path.name for path in out.iterdir()] == ["_adsift"]  # nothing that is not whole
    clean([str(source)], str(out), options, RESUME)
    assert contents(out) == contents(tmp_path / "once")


def part(number: int) -> Part:
    return Part(input=0, chunk=number, count=1, size=1, read=1, patch=0)


@pytest.mark.parametrize("left", ["", "nothing", "half a line"])
def test_a_manifest_that_is_resumed_again_and_again_knows_all_parts(
    left: str, tmp_path: Path
) -> None:
    path = tmp_path / "manifest.jsonl"
    if left:
        begun = Manifest(path, {"output": "out"})
        begun.begin(lambda _: None)
        begun.close()
        path.write_bytes(b"" if left == "nothing" else path.read_bytes()[:9])
    for number in range(4):
        manifest = Manifest(path, {"output": "out"})
        assert [*manifest.resume()] == [part(n) for n in range(number)]
        assert manifest.parts == ({0: number} if number else {})
        manifest.add(part(number))
        manifest.flush()
        manifest.close()
        if number == 2:  # the fourth time the last line is one that was cut short
            path.write_bytes(path.read_bytes() + b'{"part":')
    header, lines = read_manifest(path.open("rb"))
    assert header["output"] == "out"
    assert [*lines] == [part(n) for n in range(4)]


def test_what_the_disk_did_not_take_does_not_come_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "manifest.jsonl"
    manifest = Manifest(path, {"output": "out"})
    manifest.begin(lambda _: None)
    manifest.add(part(0))

    def fail(_: int) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        with pytest.raises(OSError, match="Input/output error"):
            manifest.flush()
    manifest.flush()
    manifest.close()
    assert [*read_manifest(path.open("rb"))[1]] == [part(0)]


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs the names of open files")
@pytest.mark.parametrize("refused", range(3))
def test_what_a_disk_has_once_refused_is_made_again(
    refused: int, tmp_path: Path, options: CleanOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, out = tmp_path / "a.jsonl", tmp_path / "out"
    write_jsonl(source, texts(30))
    clean([str(source)], str(tmp_path / "once"), options)
    sync, left = os.fsync, refused

    def lose(descriptor: int) -> None:
        nonlocal left
        name = Path(f"/proc/self/fd/{descriptor}").resolve()
        if name.suffix in (".output", ".patch"):
            left -= 1
            if left == -1:  # a system tells of it once, and forgets the data
                name.write_bytes(b"\0" * name.stat().st_size)
                raise OSError(5, "Input/output error")
        sync(descriptor)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", lose)
        with pytest.raises(CorpusError, match="Input/output error"):
            clean([str(source)], str(out), options)
    clean([str(source)], str(out), options, RESUME)
    assert contents(out) == contents(tmp_path / "once")


def test_a_run_that_is_interrupted_while_it_waits_keeps_all(
    tmp_path: Path, options: CleanOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, out = tmp_path / "a.jsonl", tmp_path / "out"
    write_jsonl(source, texts(30))
    sync, calls = run_module.Delivery.sync, 0

    def interrupted(self: object, parts: Sequence[Part]) -> None:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise KeyboardInterrupt
        sync(self, parts)  # type: ignore[arg-type]

    monkeypatch.setattr(run_module.Delivery, "sync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        clean([str(source)], str(out), options)
    _, lines = read_manifest((out / "_adsift/manifest.jsonl").open("rb"))
    assert sum(line.count for line in lines if isinstance(line, Part)) == 30


def test_a_run_that_is_interrupted_keeps_all_that_it_has_shown(
    tmp_path: Path, options: CleanOptions
) -> None:
    source, out = tmp_path / "a.jsonl", tmp_path / "out"
    write_jsonl(source, texts(30))
    shown = 0

    def interrupt(status: Status) -> None:
        nonlocal shown
        shown = status.documents
        if shown > 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        clean([str(source)], str(out), options, on_status=interrupt)
    _, lines = read_manifest((out / "_adsift/manifest.jsonl").open("rb"))
    assert sum(line.count for line in lines if isinstance(line, Part)) == shown


def test_half_a_count_of_sites_is_not_kept(
    tmp_path: Path, options: CleanOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, out = tmp_path / "a.jsonl", tmp_path / "out"
    write_jsonl(source, texts(30))
    remembering = replace(options, site_memory=True)
    with monkeypatch.context() as patch:
        fail_after(patch, 3, OSError(5, "Input/output error"))
        with pytest.raises(CorpusError, match=r"Input/output error.*--resume"):
            clean([str(source)], str(out), remembering)
    clean([str(source)], str(out), remembering, RESUME)
    clean([str(source)], str(tmp_path / "once"), remembering)
    assert contents(out) == contents(tmp_path / "once")


def test_damage_that_shows_earlier_the_second_time(
    tmp_path: Path, options: CleanOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, out = tmp_path / "a.jsonl", tmp_path / "out"
    write_jsonl(source, texts(30))
    with monkeypatch.context() as patch:
        fail_after(patch, 3, OSError(5, "Input/output error"))
        with pytest.raises(CorpusError):
            clean([str(source)], str(out), options, RESUME)
    fail_after(monkeypatch, 1, DocumentError("is damaged"))
    summary = clean([str(source)], str(out), options, RESUME)
    assert len((out / "a.jsonl").read_bytes().splitlines()) == summary.documents > 10


@pytest.mark.parametrize("error", [AssertionError, OSError])
def test_a_mistake_of_a_library_costs_its_chunk(
    error: type[Exception], tmp_path: Path, options: CleanOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, out = tmp_path / "a.jsonl", tmp_path / "out"
    write_jsonl(source, texts(30))
    parse = Jsonl.parse

    def broken(self: Jsonl, chunk: Chunk, fields: object) -> object:
        if chunk.first == 0:
            raise error("a library's")
        return parse(self, chunk, fields)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(Jsonl, "parse", broken)
        summary = clean([str(source)], str(out), options)
    assert summary.rejected == 1
    (row,) = map(json.loads, (out / "_adsift/rejects.jsonl").read_text().splitlines())
    assert "a library's" in row["reason"]
    assert f"({30 - summary.documents} records)" in row["reason"]
    restore(str(out), str(tmp_path / "back"))
    assert (tmp_path / "back/a.jsonl").read_bytes() == source.read_bytes()


def test_parts_that_are_gone_are_missed(
    tmp_path: Path, options: CleanOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, out = tmp_path / "a.jsonl", tmp_path / "out"
    write_jsonl(source, texts(30))
    with monkeypatch.context() as patch:
        fail_after(patch, 3, OSError(5, "Input/output error"))
        with pytest.raises(CorpusError):
            clean([str(source)], str(out), options)
    next((out / "_adsift/parts/000000").glob("*.output")).unlink()
    with pytest.raises(CorpusStartError, match=r"gone.*--overwrite"):
        clean([str(source)], str(out), options, RESUME)


@pytest.mark.parametrize("gone", ["a.jsonl", "0.txt"])
def test_a_finished_run_misses_its_outputs(
    gone: str, tmp_path: Path, options: CleanOptions
) -> None:
    write_jsonl(tmp_path / "in/a.jsonl", texts(6))
    write_files(tmp_path / "in", texts(4))
    arguments = [str(tmp_path / "in")], str(tmp_path / "out"), options
    clean(*arguments)
    clean(*arguments, RESUME)
    (tmp_path / "out" / gone).unlink()
    with pytest.raises(CorpusStartError, match=rf"{gone} is gone.*--overwrite"):
        clean(*arguments, RESUME)
    clean(*arguments, RunOptions(overwrite=True))
    assert (tmp_path / "out" / gone).exists()


def test_outputs_do_not_meet(tmp_path: Path, options: CleanOptions) -> None:
    write_jsonl(tmp_path / "in/a.jsonl", texts(3))
    write_csv(tmp_path / "in/a.csv", texts(3))
    with pytest.raises(CorpusStartError, match=r"a\.csv and .*a\.jsonl would both"):
        clean([str(tmp_path / "in")], str(tmp_path / "o"), replace(options, output_format="jsonl"))


def test_a_folder_called_documents(tmp_path: Path, options: CleanOptions) -> None:
    write_jsonl(tmp_path / "in/documents/x.jsonl", texts(9))
    write_files(tmp_path / "in", texts(8, seed=1))
    out = tmp_path / "out"
    assert clean([str(tmp_path / "in")], str(out), options).documents == 17
    restore(str(out), str(tmp_path / "back"))
    assert contents(tmp_path / "back") == contents(tmp_path / "in")


def test_inputs_are_never_written(tmp_path: Path, options: CleanOptions) -> None:
    write_jsonl(tmp_path / "d/in/x.jsonl", texts(3))
    write_jsonl(tmp_path / "d/in/in/x.jsonl", texts(4))
    before = contents(tmp_path / "d")
    with pytest.raises(CorpusStartError, match="would be overwritten"):
        clean([str(tmp_path / "d/in")], str(tmp_path / "d"), options)
    assert contents(tmp_path / "d") == before


def test_a_work_folder_keeps_what_is_the_users(tmp_path: Path, options: CleanOptions) -> None:
    write_jsonl(tmp_path / "a.jsonl", texts(3))
    work = tmp_path / "work"
    for name in ("parts/mine.txt", "summary.json", "manifest.jsonl"):
        (work / name).parent.mkdir(parents=True, exist_ok=True)
        (work / name).write_text("mine")
    run = RunOptions(work_dir=str(work))
    clean([str(tmp_path / "a.jsonl")], str(tmp_path / "out"), options, run)
    assert (work / "parts/mine.txt").read_text() == "mine"
    assert (work / "manifest.jsonl").read_text() == "mine"
    again = replace(run, resume=True)
    with pytest.raises(CorpusStartError, match="another output"):
        clean([str(tmp_path / "a.jsonl")], str(tmp_path / "other"), options, again)
    elsewhere = RunOptions(work_dir=str(tmp_path / "work2"))
    with pytest.raises(CorpusStartError, match="--overwrite"):
        clean([str(tmp_path / "a.jsonl")], str(tmp_path / "out"), options, elsewhere)


def test_overwriting_leaves_nothing_of_the_old_run(tmp_path: Path, options: CleanOptions) -> None:
    write_files(tmp_path / "in", texts(6))
    out = tmp_path / "out"
    clean([str(tmp_path / "in")], str(out), options)
    (tmp_path / "in/0.txt").write_bytes(b"\0" * 100)  # not text any more
    clean([str(tmp_path / "in")], str(out), options, RunOptions(overwrite=True))
    assert not (out / "0.txt").exists()
    fresh = tmp_path / "fresh"
    clean([str(tmp_path / "in")], str(fresh), options)
    assert contents(out) == contents(fresh)


def test_overwriting_leaves_no_attributes_of_the_old_run(
    tmp_path: Path, options: CleanOptions
) -> None:
    for name in ("a.jsonl", "b.jsonl"):
        write_jsonl(tmp_path / "in" / name, texts(3))
    out, tagging = tmp_path / "out", replace(options, mode="tag", tags_in="attributes")
    clean([str(tmp_path / "in")], str(out), tagging)
    clean([str(tmp_path / "in/b.jsonl")], str(out), tagging, RunOptions(overwrite=True))
    assert [path.name for path in out.glob("attributes/*/*")] == ["b.jsonl"]
    (out / "attributes/adsift/b.jsonl").unlink()
    with pytest.raises(CorpusStartError, match="is gone"):
        clean([str(tmp_path / "in/b.jsonl")], str(out), tagging, RESUME)


KILLED = """
import os, sys
from adsift.corpus import CleanOptions, Limits, RunOptions, clean
source, output, model, workers = sys.argv[1:]
options = CleanOptions(model=model, limits=Limits(chunk_bytes=400_000, chunk_records=5))
run = RunOptions(workers=int(workers), overwrite=True)
clean([source], output, options, run, lambda status: status.documents > 5 and os._exit(9))
"""


@pytest.mark.parametrize("workers", [1, 2])
def test_overwriting_leaves_nothing_of_a_run_that_was_killed(
    workers: int, tmp_path: Path, options: CleanOptions
) -> None:
    out = tmp_path / "out"
    write_jsonl(tmp_path / "in/a.jsonl", [text + " " * 300_000 for text in texts(30)])
    arguments = [str(tmp_path / "in"), str(out), str(options.model), str(workers)]
    assert subprocess.run([sys.executable, "-c", KILLED, *arguments], check=False).returncode == 9
    assert (out / ".a.jsonl.adsift").exists()
    write_jsonl(tmp_path / "b.jsonl", texts(3))
    clean([str(tmp_path / "b.jsonl")], str(out), options, RunOptions(overwrite=True))
    clean([str(tmp_path / "b.jsonl")], str(tmp_path / "fresh"), options)
    assert contents(out) == contents(tmp_path / "fresh")
    assert [path.name for path in out.glob(".*")] == []


@pytest.mark.parametrize("again", [RunOptions(overwrite=True), RunOptions(), RESUME])
def test_overwriting_may_be_stopped_at_any_moment(
    again: RunOptions, tmp_path: Path, options: CleanOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_jsonl(tmp_path / "in/a.jsonl", texts(2))
    write_files(tmp_path / "in", texts(3))
    write_jsonl(tmp_path / "b.jsonl", texts(2))
    clean([str(tmp_path / "in")], str(tmp_path / "old"), options)
    clean([str(tmp_path / "b.jsonl")], str(tmp_path / "fresh"), options)
    moments = 0
    while True:
        out = tmp_path / f"out{moments}"
        shutil.copytree(tmp_path / "old", out)
        with monkeypatch.context() as patch:
            stop_after(patch, moments)
            with pytest.raises(KeyboardInterrupt):
                clean([str(tmp_path / "b.jsonl")], str(out), options, RunOptions(overwrite=True))
        manifest = (out / "_adsift/manifest.jsonl").read_bytes()
        if b"b.jsonl" in manifest:
            break
        if manifest and not again.overwrite:  # the old run, of which nothing is gone
            with pytest.raises(CorpusStartError):
                clean([str(tmp_path / "b.jsonl")], str(out), options, again)
            assert contents(out).items() >= contents(tmp_path / "old").items()
        else:
            clean([str(tmp_path / "b.jsonl")], str(out), options, again)
            assert contents(out) == contents(tmp_path / "fresh")
        moments += 1
    assert moments > 8


def test_what_was_stopped_is_no_reason_to_delete_from_another_output(
    tmp_path: Path, options: CleanOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_jsonl(tmp_path / "in/a.jsonl", texts(2))
    write_jsonl(tmp_path / "b.jsonl", texts(2))
    here = RunOptions(work_dir=str(tmp_path / "work"))
    anew = replace(here, overwrite=True)
    clean([str(tmp_path / "in")], str(tmp_path / "one"), options, here)
    with monkeypatch.context() as patch:
        patch.setattr(Layout, "clear", stop)
        with pytest.raises(KeyboardInterrupt):
            clean([str(tmp_path / "in")], str(tmp_path / "one"), options, anew)
    write_jsonl(tmp_path / "two/a.jsonl", texts(1))
    before = (tmp_path / "two/a.jsonl").read_bytes()
    clean([str(tmp_path / "b.jsonl")], str(tmp_path / "two"), options, here)
    assert (tmp_path / "two/a.jsonl").read_bytes() == before


@pytest.mark.parametrize("kind", ["pages", "records"])
def test_overwriting_leaves_nothing_of_outputs_that_no_manifest_tells_of(
    kind: str, tmp_path: Path, options: CleanOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, out = tmp_path / "in", tmp_path / "out"
    if kind == "pages":
        write_files(source, texts(30))
    else:
        for name in "abc":
            write_jsonl(source / f"{name}.jsonl", texts(4))
    clean([str(source)], str(tmp_path / "all"), options)
    names = sorted(path.name for path in (tmp_path / "all").iterdir() if path.is_file())
    out.mkdir()
    (out / "note").write_text("mine")
    (out / names[-1]).write_text("mine")
    other = tmp_path / "other.jsonl"
    write_jsonl(other, texts(1))
    left: set[str] = set()
    for moment in range(0, 120, 7):
        with monkeypatch.context() as patch:
            stop_after(patch, moment)
            with suppress(KeyboardInterrupt):
                clean([str(source)], str(out), options, RunOptions(overwrite=True))
        left |= {path.name for path in out.iterdir()}
        clean([str(other)], str(out), options, RunOptions(overwrite=True))
        there = {path.name for path in out.iterdir()}
        assert there <= {"_adsift", "note", other.name, names[-1]}
        assert (out / "note").read_text() == "mine"
    assert left > {"_adsift", "note", names[0], names[-1]}


def stop(*_: object) -> None:
    raise KeyboardInterrupt


def stop_after(monkeypatch: pytest.MonkeyPatch, moments: int) -> None:
    """Stop when so much has been done to the disk."""
    left = moments

    def stopping(whole: Callable[..., Any]) -> Callable[..., Any]:
        def do(*arguments: Any, **named: Any) -> Any:
            nonlocal left
            if left <= 0:  # what cleans up behind it is not done either
                raise KeyboardInterrupt
            left -= 1
            return whole(*arguments, **named)

        return do

    for name in ("unlink", "replace", "mkdir", "touch"):
        monkeypatch.setattr(Path, name, stopping(getattr(Path, name)))
    for module, name in ((os, "fsync"), (shutil, "rmtree")):
        monkeypatch.setattr(module, name, stopping(getattr(module, name)))


def test_what_stops_a_run_is_what_it_says(
    tmp_path: Path, options: CleanOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def full(*_: object) -> Iterator[BinaryIO]:
        try:
            yield BytesIO()
        finally:
            raise CorpusError("No space left on device")

    write_jsonl(tmp_path / "a.jsonl", texts(30))

    def interrupt(status: Status) -> None:
        if status.documents > 5:
            raise KeyboardInterrupt

    monkeypatch.setattr(Layout, "new_file", full)
    with pytest.raises(KeyboardInterrupt):
        clean([str(tmp_path / "a.jsonl")], str(tmp_path / "out"), options, on_status=interrupt)


def test_an_output_without_records_is_still_a_gzip_file(
    tmp_path: Path, options: CleanOptions
) -> None:
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(b"not json\n"))
    clean([str(tmp_path / "a.jsonl.gz")], str(tmp_path / "out"), options)
    assert gzip.decompress((tmp_path / "out/a.jsonl.gz").read_bytes()) == b""


def test_names_that_are_no_unicode(tmp_path: Path, options: CleanOptions) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    try:
        Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.md")).write_text(
            "Buy it, only $39!\n" * 3
        )
    except OSError:
        pytest.skip("this file system takes no such names")
    (folder / "b.txt").write_text("The ferry will run.\n")
    out = tmp_path / "out"
    everything = replace(options, drop=("news", "analysis", "boilerplate", "commerce"))
    assert clean([str(folder)], str(out), everything).documents == 2
    json.loads((out / "_adsift/summary.json").read_text())
    restore(str(out), str(tmp_path / "back"))
    assert contents(tmp_path / "back") == contents(folder)


def test_names_as_long_as_can_be(tmp_path: Path, options: CleanOptions) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    pages = ["字" * 82 + ".html", "𝄞" * 62 + ".md"]
    tables = [f"{'x' * 249}{number}.csv" for number in (1, 2)] + ["é" * 124 + ".jsonl"]
    folder.mkdir()
    try:
        for number, name in enumerate(pages):
            (folder / name).write_text(texts(2)[number])
    except OSError:
        pytest.skip("this file system takes no such names")
    write_csv(folder / tables[0], texts(9, seed=1))
    write_csv(folder / tables[1], texts(9, seed=2))
    write_jsonl(folder / tables[2], texts(9, seed=3))
    assert clean([str(folder)], str(out), options).rejected == 0
    assert {path.name for path in out.iterdir()} == {"_adsift", *pages, *tables}
    assert len([*(out / "_adsift/removed").iterdir()]) == len({"documents", *tables})
    restore(str(out), str(tmp_path / "back"))
    assert contents(tmp_path / "back") == contents(folder)


@pytest.mark.parametrize("ending", [".csv", ".jsonl"])
def test_long_names_beside_tags_and_of_other_formats(
    ending: str, tmp_path: Path, options: CleanOptions
) -> None:
    source = tmp_path / "in" / ("é" * ((255 - len(ending)) // 2) + ending)
    try:
        WRITERS[f"corpus{ending}"](source, texts(9))
    except OSError:
        pytest.skip("this file system takes no such names")
    names = ("tags", "out", "converted", "back")
    tags, out, converted, back = (str(tmp_path / name) for name in names)
    clean([str(source)], tags, replace(options, mode="tag", tags_in="attributes"))
    apply = replace(options, mode="apply", tags_in="attributes", tags_from=tags)
    assert clean([str(source)], out, apply).rejected == 0
    assert [*(tmp_path / "out/_adsift/removed").iterdir()]
    clean([str(source)], converted, replace(options, output_format="parquet"))
    (made,) = (tmp_path / "converted").glob("*.parquet")
    assert made.name.startswith("é" * 80)
    restore(converted, back)
    assert contents(tmp_path / "back") == contents(source.parent)


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="needs /dev/fd")
def test_streams_are_not_resumed(tmp_path: Path, options: CleanOptions) -> None:
    reader, writer = os.pipe()
    os.write(writer, b'{"text": "The ferry will run."}\n')
    os.close(writer)
    with pytest.raises(CorpusStartError, match="stream"):
        clean([f"/dev/fd/{reader}"], str(tmp_path / "out"), options, RESUME)
    os.close(reader)


def after(documents: int, act: Callable[[], object]) -> Callable[[Status], None]:
    acts = [act]

    def told(status: Status) -> None:
        if acts and status.documents >= documents:
            acts.pop()()

    return told


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv"])
def test_an_input_that_is_written_to_during_the_run_is_a_reject(
    name: str, tmp_path: Path, options: CleanOptions
) -> None:
    source, out = tmp_path / name, tmp_path / "out"
    WRITERS[f"corpus{source.suffix}"](source, texts(30))

    def grow() -> None:
        with source.open("ab") as file:
            file.write(b"\n")

    summary = clean([str(source)], str(out), options, on_status=after(5, grow))
    (reject,) = map(json.loads, (out / "_adsift/rejects.jsonl").read_bytes().splitlines())
    assert (summary.rejected, reject["record"]) == (1, None)
    assert "was written to during the run" in reject["reason"]


def test_a_page_that_is_written_to_after_it_was_found_is_a_reject(
    tmp_path: Path, options: CleanOptions
) -> None:
    source, out = tmp_path / "in", tmp_path / "out"
    write_files(source, texts(30))
    last = max(path for path in source.rglob("*") if path.is_file())

    def grow() -> None:
        with last.open("ab") as file:
            file.write(b"half a page")

    summary = clean([str(source)], str(out), options, on_status=after(5, grow))
    (reject,) = map(json.loads, (out / "_adsift/rejects.jsonl").read_bytes().splitlines())
    assert (summary.documents, summary.rejected) == (29, 1)
    assert "was written to during the run" in reject["reason"]
    assert not (out / last.relative_to(source)).exists()


def test_an_input_that_is_exchanged_before_it_is_read_is_a_reject(
    tmp_path: Path, options: CleanOptions
) -> None:
    write_jsonl(tmp_path / "in/a.jsonl", texts(30))
    write_jsonl(tmp_path / "in/b.jsonl", texts(30))
    write_jsonl(tmp_path / "new.jsonl", texts(10, seed=1))

    def exchange() -> None:
        (tmp_path / "new.jsonl").replace(tmp_path / "in/b.jsonl")

    told = after(5, exchange)
    assert clean([str(tmp_path / "in")], str(tmp_path / "out"), options, on_status=told).rejected


def test_an_input_whose_name_goes_while_it_is_read_is_done(
    tmp_path: Path, options: CleanOptions
) -> None:
    source = tmp_path / "a.jsonl"
    write_jsonl(source, texts(30))
    told = after(5, source.unlink)
    summary = clean([str(source)], str(tmp_path / "out"), options, on_status=told)
    assert (summary.documents, summary.rejected) == (30, 0)
