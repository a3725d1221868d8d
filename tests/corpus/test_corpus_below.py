"""Names that a manifest or a patch tells never lead out of their folder."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from corpora import contents, texts, write_files, write_jsonl

from adsift.corpus import CleanOptions, Limits, RunOptions, clean, restore
from adsift.corpus.below import below
from adsift.corpus.containers.packs import Packed, pack
from adsift.corpus.layout import Layout
from adsift.corpus.patch import make_patch
from adsift.errors import CorpusStartError

REFUSED = "is not one that adsift wrote"
OVERWRITE = RunOptions(overwrite=True)


@pytest.fixture
def options(bundle_folder: Path) -> CleanOptions:
    return CleanOptions(model=str(bundle_folder), limits=Limits(chunk_bytes=4_000, chunk_records=5))


def change_manifest(out: Path, change: Callable[[list[dict[str, Any]]], None]) -> None:
    """Change the lines of a manifest, the header first."""
    manifest = out / "_adsift/manifest.jsonl"
    lines = [json.loads(line) for line in manifest.read_bytes().splitlines()]
    change(lines)
    manifest.write_text("".join(json.dumps(line) + "\n" for line in lines))


def parts_of(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [line["part"] for line in lines if "part" in line]


def finished_of(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [line["finished"] for line in lines if "finished" in line]


@pytest.mark.parametrize("folder", ["out", "/somewhere/out", "memory://out"])
@pytest.mark.parametrize(
    "name",
    ["/etc/passwd", "../x", "a/../../x", "..", "a/..", "", ".", "./", "a\0b", None, 7, ["a"]],
)
def test_names_that_lead_out(folder: str, name: Any) -> None:
    for windows in (False, True):
        with pytest.raises(CorpusStartError, match=REFUSED):
            below(folder, name, windows)


@pytest.mark.parametrize(
    "name", ["C:/x", "C:x", "c:", "\\x", "\\\\host\\share\\x", "a\\..\\..\\x", "..\\x", "a/.. /x"]
)
def test_names_that_lead_out_on_windows(name: str) -> None:
    with pytest.raises(CorpusStartError, match=REFUSED):
        below("out", name, windows=True)
    assert below("out", name, windows=False) == f"out/{name}"


def test_backslashes_may_part_folders_on_a_server() -> None:
    with pytest.raises(CorpusStartError, match=REFUSED):
        below("smb://host/out", "a\\..\\..\\x", windows=False)


@pytest.mark.parametrize(
    "name", ["a..b", "..a/b..", "...", ". .", "a b.jsonl.gz", ".hidden", "a/b/c", "\udcff.txt"]
)
def test_names_that_are_below(name: str) -> None:
    assert below("out", name, windows=False) == f"out/{name}"
    assert below("memory://out", name, windows=False) == f"memory://out/{name}"


def test_names_with_dots_are_cleaned_and_restored(tmp_path: Path, options: CleanOptions) -> None:
    write_jsonl(tmp_path / "in/a..b/c...jsonl", texts(3))
    (tmp_path / "in/d ..").mkdir()
    (tmp_path / "in/d ../e..f.txt").write_text(texts(1)[0])
    for _ in range(2):
        clean([str(tmp_path / "in")], str(tmp_path / "out"), options, OVERWRITE)
    restore(str(tmp_path / "out"), str(tmp_path / "back"))
    assert contents(tmp_path / "back") == contents(tmp_path / "in")


@pytest.mark.parametrize("place", ["absolute", "up"])
def test_restore_writes_nothing_outside(place: str, tmp_path: Path, options: CleanOptions) -> None:
    write_jsonl(tmp_path / "a.jsonl", texts(3))
    out, outside = tmp_path / "out", tmp_path / "outside"
    clean([str(tmp_path / "a.jsonl")], str(out), options)
    name = str(outside) if place == "absolute" else "../outside"
    change_manifest(out, lambda lines: lines[0]["inputs"][0].update(name=name))
    with pytest.raises(CorpusStartError, match=f"outside.*{REFUSED}"):
        restore(str(out), str(tmp_path / "back"))
    assert not outside.exists()
    assert not (tmp_path / "back").exists()


def test_restore_reads_nothing_outside(tmp_path: Path, options: CleanOptions) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text(texts(1)[0])
    write_jsonl(tmp_path / "in/a.jsonl", texts(3))
    clean([str(tmp_path / "in")], str(tmp_path / "out"), options)
    write_files(tmp_path / "files", texts(3))
    clean([str(tmp_path / "files")], str(tmp_path / "many"), options)
    change_manifest(
        tmp_path / "out", lambda lines: finished_of(lines)[0].update(output=str(secret))
    )
    change_manifest(
        tmp_path / "many", lambda lines: parts_of(lines)[0]["files"].insert(0, "../secret.txt")
    )
    for out in ("out", "many"):
        with pytest.raises(CorpusStartError, match=f"secret.txt.*{REFUSED}"):
            restore(str(tmp_path / out), str(tmp_path / "back"))


def test_a_pack_writes_nothing_outside(tmp_path: Path, options: CleanOptions) -> None:
    (tmp_path / "in").mkdir()
    for name in ("a.txt", "b.txt"):
        (tmp_path / "in" / name).write_bytes(b"\0" * 100)  # no output, so all is in the patch
    out, outside = tmp_path / "out", tmp_path / "outside"
    clean([str(tmp_path / "in")], str(out), options)
    patch = make_patch(pack(Packed(str(outside), b"mine")), b"")
    (out / "_adsift/patches/documents.patch").write_bytes(patch)
    change_manifest(out, lambda lines: parts_of(lines)[0].update(patch=len(patch)))
    with pytest.raises(CorpusStartError, match=f"outside.*{REFUSED}"):
        restore(str(out), str(tmp_path / "back"))
    assert not outside.exists()


@pytest.mark.parametrize("field", ["output", "attributes"])
def test_overwriting_deletes_nothing_outside(
    field: str, tmp_path: Path, options: CleanOptions
) -> None:
    source, out, outside = tmp_path / "a.jsonl", tmp_path / "out", tmp_path / "outside"
    write_jsonl(source, texts(3))
    clean([str(source)], str(out), options)
    outside.write_text("mine")
    before = contents(out)
    for name in (str(outside), "../outside"):
        change_manifest(out, lambda lines: finished_of(lines)[0].update({field: name}))  # noqa: B023
        for _ in range(2):  # which leaves the folder as it was
            with pytest.raises(CorpusStartError, match=f"outside.*{REFUSED}"):
                clean([str(source)], str(out), options, OVERWRITE)
        assert contents(out).items() >= before.items()
        assert outside.read_text() == "mine"


def test_overwriting_deletes_no_file_of_a_part_outside(
    tmp_path: Path, options: CleanOptions
) -> None:
    write_files(tmp_path / "in", texts(3))
    out, outside = tmp_path / "out", tmp_path / "outside"
    clean([str(tmp_path / "in")], str(out), options)
    outside.write_text("mine")
    change_manifest(out, lambda lines: parts_of(lines)[0]["files"].append(str(outside)))
    with pytest.raises(CorpusStartError, match=f"outside.*{REFUSED}"):
        clean([str(tmp_path / "in")], str(out), options, OVERWRITE)
    assert outside.read_text() == "mine"
    assert (out / "0.txt").exists()


def test_overwriting_follows_no_link_outside(tmp_path: Path, options: CleanOptions) -> None:
    source, out, elsewhere = tmp_path / "a.jsonl", tmp_path / "out", tmp_path / "elsewhere"
    write_jsonl(source, texts(3))
    clean([str(source)], str(out), options)
    elsewhere.mkdir()
    (elsewhere / "file").write_text("mine")
    (out / "link").symlink_to(elsewhere)
    change_manifest(out, lambda lines: finished_of(lines)[0].update(output="link/file"))
    with pytest.raises(CorpusStartError, match="a link leads from"):
        clean([str(source)], str(out), options, OVERWRITE)
    assert (elsewhere / "file").read_text() == "mine"


def test_what_grew_when_a_run_was_killed_is_not_outside(tmp_path: Path) -> None:
    layout, outside = Layout(str(tmp_path / "out")), tmp_path / ".outside.adsift"
    layout.parts.mkdir(parents=True)
    (layout.parts / "coming").write_text('{"output": "", "names": {"../outside": true}}')
    outside.write_text("mine")
    for delete in (layout.check_clear, layout.clear):
        with pytest.raises(CorpusStartError, match=REFUSED):
            delete()
    assert outside.read_text() == "mine"


def test_a_remote_output_is_left_by_no_name(tmp_path: Path) -> None:
    import fsspec

    system = fsspec.filesystem("memory")
    system.pipe("/left/mine", b"mine")
    system.pipe("/left/out/a.jsonl", b"{}")
    layout = Layout("memory://left/out", work_dir=str(tmp_path))
    for name in ("../mine", "/mine", ".", ""):
        for delete in (layout.check_clear, layout.clear):
            with pytest.raises(CorpusStartError, match=REFUSED):
                delete([name])
        with pytest.raises(CorpusStartError, match=REFUSED):
            layout.new_file(name).__enter__()
    assert system.cat("/left/mine") == b"mine"
    assert system.exists("/left/out/a.jsonl")
