"""What restoring refuses, and what it says of inputs that cannot come back whole."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from corpora import contents, texts, write_files, write_jsonl, write_parquet, write_warc

from adsift.corpus import CleanOptions, Incomplete, Limits, Restored, RunOptions, clean, restore
from adsift.corpus.losses import unkept_records
from adsift.errors import CorpusError, CorpusStartError, DocumentError

SMALL = Limits(chunk_bytes=4_000, chunk_records=5, document_bytes=200_000)
HUGE = b'{"text": "' + b"x" * 300_000 + b'"}\n'


@pytest.fixture
def options(bundle_folder: Path) -> CleanOptions:
    return CleanOptions(model=str(bundle_folder), limits=SMALL)


def test_nothing_is_written_over(tmp_path: Path, options: CleanOptions) -> None:
    source, out = tmp_path / "in/a.jsonl", str(tmp_path / "out")
    write_jsonl(source, texts(6))
    source.write_bytes(source.read_bytes() + HUGE)
    before = source.read_bytes()
    clean([str(source)], out, options)
    with pytest.raises(CorpusStartError, match=r"is not empty.*choose another"):
        restore(out, str(source.parent))
    with pytest.raises(CorpusStartError, match=r"cannot restore to .*Not a directory"):
        restore(out, str(source))
    assert source.read_bytes() == before
    (tmp_path / "empty").mkdir()
    assert restore(out, str(tmp_path / "empty")).inputs == 1


def test_a_remote_target(
    tmp_path: Path, options: CleanOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    import fsspec

    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    write_jsonl(tmp_path / "a.jsonl", texts(6))
    out = str(tmp_path / "out")
    clean([str(tmp_path / "a.jsonl")], out, options)
    assert restore(out, "memory://restored-there") == Restored(1)
    found = fsspec.filesystem("memory").cat("/restored-there/a.jsonl")
    assert found == (tmp_path / "a.jsonl").read_bytes()
    assert not list(here.iterdir())
    with pytest.raises(CorpusStartError, match="is not empty"):
        restore(out, "memory://restored-there/")


def test_records_that_were_not_kept_are_told(tmp_path: Path, options: CleanOptions) -> None:
    write_jsonl(tmp_path / "in/a.jsonl", texts(6))
    write_jsonl(tmp_path / "in/b.jsonl", texts(6))
    path = tmp_path / "in/a.jsonl"
    good = path.read_bytes()
    path.write_bytes(HUGE + b"not json\n" + good + HUGE)
    clean([str(tmp_path / "in")], str(tmp_path / "out"), options)
    restored = restore(str(tmp_path / "out"), str(tmp_path / "back"))
    (lost,) = restored.incomplete
    assert (restored.inputs, lost.input) == (2, str(path))
    assert lost.reason.startswith("lacks 2 records that the run has not kept; the first, record 0")
    assert "200,000 bytes" in lost.reason
    assert (tmp_path / "back/a.jsonl").read_bytes() == b"not json\n" + good


def test_files_that_were_not_kept_are_told(tmp_path: Path, options: CleanOptions) -> None:
    write_files(tmp_path / "in", texts(4))
    (tmp_path / "in/huge.md").write_text("x" * 300_000)
    (tmp_path / "in/gone.md").symlink_to(tmp_path / "nowhere.md")
    (tmp_path / "in/bytes.txt").write_bytes(b"\0" * 100)
    (tmp_path / "in/empty.txt").write_bytes(b"")
    clean([str(tmp_path / "in")], str(tmp_path / "out"), options)
    restored = restore(str(tmp_path / "out"), str(tmp_path / "back"))
    back = {path.name for path in (tmp_path / "back").iterdir()}
    assert {"bytes.txt", "empty.txt"} <= back
    assert not {"huge.md", "gone.md"} & back
    assert [one.reason.partition(" that")[0] for one in restored.incomplete] == ["lacks 1 record"]
    assert "huge.md, is larger than" in restored.incomplete[0].reason


def test_without_the_rejects_nobody_knows(tmp_path: Path, options: CleanOptions) -> None:
    path, out = tmp_path / "a.jsonl", tmp_path / "out"
    path.write_bytes(b'{"text": "The ferry will run."}\nnot json\n')
    clean([str(path)], str(out), options)
    assert restore(str(out), str(tmp_path / "whole")) == Restored(1)
    (out / "_adsift/rejects.jsonl").unlink()
    (lost,) = restore(str(out), str(tmp_path / "unknown")).incomplete
    assert "may lack records" in lost.reason
    (out / "_adsift/rejects.jsonl").write_text('{"inp')
    (lost,) = restore(str(out), str(tmp_path / "damaged")).incomplete
    assert "damaged" in lost.reason
    assert contents(tmp_path / "damaged") == {"a.jsonl": path.read_bytes()}


def test_damaged_inputs_are_told(tmp_path: Path, options: CleanOptions) -> None:
    write_jsonl(tmp_path / "in/a.jsonl.gz", texts(40))
    write_jsonl(tmp_path / "in/b.jsonl", texts(3))
    (tmp_path / "in/c.jsonl").write_bytes('{"text": "UTF-16"}\n'.encode("utf-16"))
    data = (tmp_path / "in/a.jsonl.gz").read_bytes()
    (tmp_path / "in/a.jsonl.gz").write_bytes(data[: len(data) // 2])
    clean([str(tmp_path / "in")], str(tmp_path / "out"), options)
    restored = restore(str(tmp_path / "out"), str(tmp_path / "back"))
    end, nothing = restored.incomplete
    assert restored.inputs == 2
    assert end.reason.startswith("lacks its end, which could not be read: ")
    assert nothing == Incomplete(
        str(tmp_path / "in/c.jsonl"),
        "is not restored, since it could not be read: is UTF-16: convert it to UTF-8 first "
        "(iconv -f utf-16 -t utf-8)",
    )
    assert contents(tmp_path / "back").keys() == {"a.jsonl.gz", "b.jsonl"}


def test_an_output_that_was_never_written_is_passed_over(
    tmp_path: Path, options: CleanOptions
) -> None:
    write_jsonl(tmp_path / "a.jsonl", texts(3))
    out = tmp_path / "out"
    clean([str(tmp_path / "a.jsonl")], str(out), options)
    # As an earlier version wrote it of an input that failed at once.
    manifest = out / "_adsift/manifest.jsonl"
    header = manifest.read_bytes().splitlines(keepends=True)[0]
    finished = {"input": 0, "output": "a.jsonl", "parts": 0, "problem": "no luck"}
    manifest.write_bytes(header + json.dumps({"finished": finished}).encode() + b"\n")
    (out / "a.jsonl").unlink()
    restored = restore(str(out), str(tmp_path / "back"))
    assert (restored.inputs, len(restored.incomplete)) == (0, 1)
    assert "no luck" in restored.incomplete[0].reason


@pytest.mark.parametrize("tags_in", ["auto", "column"])
def test_columns_of_tags_are_taken_back(
    tags_in: str, tmp_path: Path, options: CleanOptions
) -> None:
    path, out = tmp_path / "a.jsonl", tmp_path / "out"
    write_jsonl(path, texts(6))
    clean([str(path)], str(out), replace(options, mode="tag", tags_in=tags_in))  # type: ignore[arg-type]
    assert restore(str(out), str(tmp_path / "back")) == Restored(1)
    assert (tmp_path / "back/a.jsonl").read_bytes() == path.read_bytes()


def test_what_was_only_tagged_beside_is_told(tmp_path: Path, options: CleanOptions) -> None:
    write_warc(tmp_path / "in/b.warc.gz", texts(3))
    tag = replace(options, mode="tag")
    clean([str(tmp_path / "in")], str(tmp_path / "out"), tag)
    with pytest.raises(CorpusStartError, match="only tagged"):
        restore(str(tmp_path / "out"), str(tmp_path / "back"))
    write_jsonl(tmp_path / "in/a.jsonl", texts(3))
    write_files(tmp_path / "in", texts(3))
    clean([str(tmp_path / "in")], str(tmp_path / "mixed"), tag)
    restored = restore(str(tmp_path / "mixed"), str(tmp_path / "back"))
    assert restored.inputs == 1
    assert len(restored.incomplete) == 2
    assert all("only tagged it" in one.reason for one in restored.incomplete)
    assert contents(tmp_path / "back").keys() == {"a.jsonl"}


def test_tables_that_were_made_anew_are_told(tmp_path: Path, options: CleanOptions) -> None:
    pytest.importorskip("pyarrow")
    write_parquet(tmp_path / "in/b.parquet", texts(3))
    convert = replace(options, output_format="jsonl")
    clean([str(tmp_path / "in")], str(tmp_path / "out"), convert)
    with pytest.raises(CorpusStartError, match="other tables of tables"):
        restore(str(tmp_path / "out"), str(tmp_path / "back"))
    write_jsonl(tmp_path / "in/a.jsonl", texts(3))
    clean([str(tmp_path / "in")], str(tmp_path / "mixed"), convert)
    restored = restore(str(tmp_path / "mixed"), str(tmp_path / "back"))
    assert restored.inputs == 1
    (lost,) = restored.incomplete
    assert lost.input.endswith("b.parquet")
    assert contents(tmp_path / "back") == {"a.jsonl": (tmp_path / "in/a.jsonl").read_bytes()}


def test_a_run_that_is_not_complete_restores_nothing(tmp_path: Path, options: CleanOptions) -> None:
    for name in ("a", "b"):
        write_jsonl(tmp_path / f"in/{name}.jsonl", texts(3))
    out = tmp_path / "out"
    with pytest.raises(CorpusStartError, match="holds no finished run"):
        restore(str(out), str(tmp_path / "back"))
    clean([str(tmp_path / "in")], str(out), options)
    manifest = out / "_adsift/manifest.jsonl"
    manifest.write_bytes(b"".join(manifest.read_bytes().splitlines(keepends=True)[:-1]))
    with pytest.raises(CorpusStartError, match=r"1 of 2 inputs are done.*--resume"):
        restore(str(out), str(tmp_path / "back"))
    assert not (tmp_path / "back").exists()


def test_a_table_goes_to_no_stream_whatever_it_is_called(
    tmp_path: Path, options: CleanOptions
) -> None:
    write_parquet(tmp_path / "table.data", texts(3))
    write_jsonl(tmp_path / "lines.parquet", texts(3))
    work = str(tmp_path / "work")
    with (tmp_path / "stream").open("w+b") as stream:
        run = RunOptions(stream=stream)
        with pytest.raises(CorpusStartError, match="Parquet cannot be written to a stream"):
            clean([str(tmp_path / "table.data")], work, options, run)
        lines = replace(options, input_format="jsonl")
        clean([str(tmp_path / "lines.parquet")], work, lines, run)
        stream.seek(0)
        assert len(stream.readlines()) == 3


def test_streams_refuse_what_could_not_be_told_apart(tmp_path: Path, options: CleanOptions) -> None:
    write_files(tmp_path / "pages", texts(3))
    write_warc(tmp_path / "b.warc", texts(3))
    work = str(tmp_path / "work")
    with (tmp_path / "stream").open("w+b") as stream:
        run = RunOptions(stream=stream)
        tag = replace(options, mode="tag")
        for source in ("b.warc", "pages/0.txt"):
            with pytest.raises(CorpusStartError, match=r"tags of .*--output-format"):
                clean([str(tmp_path / source)], work, tag, run)
        with pytest.raises(CorpusStartError, match="3 documents in one stream"):
            clean([str(tmp_path / "pages")], work, options, run)
        with pytest.raises(CorpusStartError, match="nothing to clean"):
            clean([str(tmp_path / "gone.jsonl")], work, options, run)
        assert stream.tell() == 0
        clean([str(tmp_path / "pages")], work, replace(options, output_format="jsonl"), run)
        stream.seek(0)
        assert len(stream.readlines()) == 3


def test_rows_of_rejects() -> None:
    def row(record: int | None, size: int, raw: str, name: str = "a") -> bytes:
        told = {"input": name, "record": record, "id": None, "reason": "is bad", "size": size}
        return json.dumps({**told, "encoding": "utf-8", "raw": raw}).encode()

    kept = [row(None, 0, ""), row(1, 3, "abc"), row(2, 0, "")]
    assert unkept_records(kept) == {}
    assert unkept_records([*kept, row(7, 9, ""), row(8, 9, "")]) == {
        "a": "lacks 2 records that the run has not kept; the first, record 7, is bad"
    }
    assert unkept_records(kept, frozenset("a")).keys() == {"a"}
    with pytest.raises(DocumentError):
        unkept_records([b"[]\n"])


def test_a_changed_output_stops_restoring(tmp_path: Path, options: CleanOptions) -> None:
    write_jsonl(tmp_path / "a.jsonl", texts(6))
    out = tmp_path / "out"
    clean([str(tmp_path / "a.jsonl")], str(out), options)
    (out / "a.jsonl").unlink()
    with pytest.raises(CorpusError, match=r"cannot read .*a\.jsonl"):
        restore(str(out), str(tmp_path / "back"))


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        ({"options": ...}, "has no options"),
        ({"inputs": ...}, "has no inputs"),
        ({"options": {}}, r"has no options\.mode"),
        ({"options": [1]}, "has no options"),
        ({"options": {"fields": {"text": "text", "colour": "red"}}}, r"has no options\.fields"),
        ({"options": {"fields": {"text": 1}}}, r"has no options\.fields"),
        ({"options": {"fields": None}}, r"has no options\.fields"),
        ({"options": {"output_format": ["same"]}}, r"has no options\.output_format"),
        ({"options": {"keep_patches": "yes"}}, r"has no options\.keep_patches"),
        ({"inputs": {"0": {}}}, "has no inputs"),
        ({"inputs": ["a.jsonl"]}, "has no inputs"),
        ({"inputs": [{"shown": "a", "name": "a"}]}, "has no inputs"),
        ({"inputs": []}, "an input that it does not name"),
    ],
)
def test_a_damaged_header_restores_nothing(
    damage: dict[str, object], told: str, tmp_path: Path, options: CleanOptions
) -> None:
    write_jsonl(tmp_path / "a.jsonl", texts(3))
    out = tmp_path / "out"
    clean([str(tmp_path / "a.jsonl")], str(out), options)
    manifest = out / "_adsift/manifest.jsonl"
    first, *rest = manifest.read_bytes().splitlines(keepends=True)
    header = json.loads(first)
    for key, value in damage.items():
        if value is ...:
            del header[key]
        elif isinstance(value, dict) and value and key == "options":
            header[key] |= value
        else:
            header[key] = value
    manifest.write_bytes(json.dumps(header).encode() + b"\n" + b"".join(rest))
    with pytest.raises(CorpusStartError, match=f"manifest of .* is damaged.*{told}"):
        restore(str(out), str(tmp_path / "back"))
    assert not (tmp_path / "back").exists()
    with pytest.raises(CorpusStartError, match="holds a run with other"):
        clean([str(tmp_path / "a.jsonl")], str(out), options, RunOptions(resume=True))


@pytest.mark.parametrize("line", [{"input": "0"}, {"parts": None}, {"output": 7}, {"input": -1}])
def test_a_damaged_line_counts_for_nothing(
    line: dict[str, object], tmp_path: Path, options: CleanOptions
) -> None:
    write_jsonl(tmp_path / "a.jsonl", texts(3))
    out = tmp_path / "out"
    clean([str(tmp_path / "a.jsonl")], str(out), options)
    manifest = out / "_adsift/manifest.jsonl"
    *rest, last = manifest.read_bytes().splitlines(keepends=True)
    finished = {"finished": json.loads(last)["finished"] | line}
    manifest.write_bytes(b"".join(rest) + json.dumps(finished).encode() + b"\n")
    with pytest.raises(CorpusStartError, match="0 of 1 inputs are done"):
        restore(str(out), str(tmp_path / "back"))


def test_an_input_that_nobody_named_is_not_gone_on_with(
    tmp_path: Path, options: CleanOptions
) -> None:
    write_jsonl(tmp_path / "a.jsonl", texts(3))
    out = tmp_path / "out"
    clean([str(tmp_path / "a.jsonl")], str(out), options)
    manifest = out / "_adsift/manifest.jsonl"
    finished = {"finished": {"input": 7, "output": "a.jsonl", "parts": 1}}
    manifest.write_bytes(manifest.read_bytes() + json.dumps(finished).encode() + b"\n")
    with pytest.raises(CorpusStartError, match=r"is damaged: .*--overwrite"):
        clean([str(tmp_path / "a.jsonl")], str(out), options, RunOptions(resume=True))
