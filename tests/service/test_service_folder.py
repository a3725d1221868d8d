"""Where the model lies for the workers."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import pytest

import adsift
from adsift.service.folder import ModelFolder


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="there is no /dev/shm")
def test_without_a_temporary_folder_the_model_lies_in_shared_memory(
    bundle_folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    folder = ModelFolder(str(bundle_folder))
    assert folder.path.is_relative_to("/dev/shm")
    folder.remove()
    assert not folder.path.parent.exists()


def test_a_model_that_is_missing_leaves_nothing_behind(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(adsift.AdsiftError):
        ModelFolder("no/bundle")
    assert list(tmp_path.iterdir()) == []


def test_what_was_taken_away_is_laid_out_again(
    bundle_folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    folder = ModelFolder(str(bundle_folder))
    first = folder.path
    folder.restore()
    assert folder.path == first
    next(path for path in first.rglob("*") if path.is_file()).unlink()
    folder.restore()
    assert folder.path != first
    assert [*tmp_path.iterdir()] == [folder.path.parent]
    folder.remove()
    assert [*tmp_path.iterdir()] == []


@pytest.mark.skipif(sys.platform == "win32", reason="there are no locks on folders")
def test_only_what_was_left_behind_is_swept_away(
    bundle_folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    in_use = ModelFolder(str(bundle_folder))
    new, left, other = (tmp_path / f"adsift-{name}" for name in ("serve-a", "serve-b", "other"))
    for folder in (new, left, other):
        folder.mkdir()
    for folder in (in_use.path.parent, left, other):
        os.utime(folder, (0, 0))
    last = ModelFolder(str(bundle_folder))
    assert {*tmp_path.iterdir()} == {in_use.path.parent, last.path.parent, new, other}
    in_use.remove()
    last.remove()
