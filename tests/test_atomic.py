"""Files that are there whole or not at all."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from adsift.atomic import new_file, sync_files, write_file, write_files


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def break_off(path: Path) -> None:
    with new_file(path) as file:
        file.write(b"half")
        raise KeyboardInterrupt


def test_a_file_has_its_name_only_when_all_of_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file"
    with new_file(path) as file:
        file.write(b"half")
        assert not path.exists()
    assert content(path.parent) == {"file": b"half"}


def test_what_breaks_off_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    write_file(tmp_path / "file", b"old")
    with pytest.raises(KeyboardInterrupt):
        break_off(tmp_path / "file")
    assert content(tmp_path) == {"file": b"old"}


def test_files_that_belong_together_are_all_new(tmp_path: Path) -> None:
    write_files(tmp_path / "folder", {"a": b"1", "b": b"2"})
    write_files(tmp_path / "folder", {"a": b"3", "b": b"4"})
    assert content(tmp_path / "folder") == {"a": b"3", "b": b"4"}


@pytest.mark.parametrize("failing", [0, 1, 2])
def test_if_one_of_them_cannot_be_written_all_are_as_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    old = {"a": b"1", "b": b"2", "c": b"3"}
    write_files(tmp_path, old)
    calls = []

    def full(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) > failing:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_files(tmp_path, dict.fromkeys(old, b"new"))
    assert content(tmp_path) == old


def test_the_last_of_them_gets_its_name_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = []
    replace = Path.replace

    def noted(self: Path, target: Path) -> Path:
        named.append(target.name)
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", noted)
    write_files(tmp_path, {"weights": b"1", "card": b"2", "config": b"3"})
    assert named == ["weights", "card", "config"]


def test_what_a_kill_has_left_is_written_over(tmp_path: Path) -> None:
    (tmp_path / ".a.tmp").write_bytes(b"left")
    write_files(tmp_path, {"a": b"1"})
    assert content(tmp_path) == {"a": b"1"}


def test_files_that_did_not_wait_for_the_disk_are_seen_to_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [tmp_path / "a" / "1", tmp_path / "b" / "2"]
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda one: synced.append(os.fstat(one).st_ino))
    for path in paths:
        write_file(path, b"data", sync=False)
    assert not synced
    sync_files([*paths, tmp_path / "a" / "missing"])
    wanted = {*paths, *(path.parent for path in paths)}
    assert {path.stat().st_ino for path in wanted} <= {*synced}


def test_a_disk_that_takes_no_more_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    write_file(tmp_path / "file", b"data")
    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space"):
        sync_files([tmp_path / "file"])


@pytest.mark.skipif(os.name != "posix", reason="elsewhere a name may hold it")
@pytest.mark.parametrize(
    ("encoding", "why"),
    [("utf-8", "no name that a file can have: "), ("ascii", "set PYTHONUTF8=1, or a locale")],
)
def test_a_name_that_cannot_be_encoded_is_told_with_what_helps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str, why: str
) -> None:
    monkeypatch.setattr(sys, "getfilesystemencoding", lambda: encoding)
    with pytest.raises(OSError, match=why):
        write_file(tmp_path / "half \ud800", b"")
