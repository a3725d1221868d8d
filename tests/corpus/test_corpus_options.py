"""Options that nobody understands are refused when they are made."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from corpora import contents, texts, write_jsonl

from adsift.corpus import CleanOptions, Fields, Limits, RunOptions, clean, restore
from adsift.corpus.options import MOST_WORKERS
from adsift.errors import BundleError, CorpusStartError, PolicyError


@pytest.mark.parametrize(
    ("make", "name", "value", "allowed"),
    [
        (CleanOptions, "mode", "Tag", "strip, tag, apply"),
        (CleanOptions, "mode", None, "strip, tag, apply"),
        (CleanOptions, "output_format", "json", "same, jsonl, parquet"),
        (CleanOptions, "text_form", "plain", "same, text"),
        (CleanOptions, "tags_in", "columns", "auto, column, attributes"),
        (CleanOptions, "removed_format", "csv", "jsonl, parquet"),
        (CleanOptions, "removed_format", ["jsonl"], "jsonl, parquet"),
        (Fields, "format", "bogus", "auto, text, markdown, html"),
    ],
)
def test_values_that_do_not_exist(
    make: Callable[..., object], name: str, value: object, allowed: str
) -> None:
    told = re.escape(f"no {name} {value!r}: choose one of {allowed}")
    with pytest.raises(CorpusStartError, match=told):
        make(**{name: value})
    changed: Any = make()
    with pytest.raises(CorpusStartError, match=told):
        replace(changed, **{name: value})


@pytest.mark.parametrize(
    ("make", "name", "value", "least"),
    [
        (Limits, "chunk_bytes", 0, 1),
        (Limits, "chunk_records", 0, 1),
        (Limits, "chunk_records", None, 1),
        (Limits, "document_bytes", -1, 1),
        (Limits, "document_bytes", 1.5, 1),
    ],
)
def test_numbers_that_make_no_sense(
    make: Callable[..., object], name: str, value: object, least: int
) -> None:
    told = re.escape(f"{name} must be a whole number from {least} on, not {value!r}")
    with pytest.raises(PolicyError, match=told):
        make(**{name: value})
    make(**{name: least})


@pytest.mark.parametrize("value", [-1, "2", MOST_WORKERS + 1])
def test_numbers_of_workers_that_make_no_sense(value: Any) -> None:
    told = re.escape(f"workers must be a whole number from 0 to {MOST_WORKERS}, not {value!r}")
    with pytest.raises(PolicyError, match=told):
        RunOptions(workers=value)
    RunOptions(workers=MOST_WORKERS)


def test_apply_knows_no_bound(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "a.jsonl", texts(2))
    with pytest.raises(PolicyError, match=r"apply does not ask.*max_content_loss"):
        clean(
            [str(tmp_path / "a.jsonl")],
            str(tmp_path / "out"),
            CleanOptions(mode="apply", max_content_loss=0.1),
        )
    assert not (tmp_path / "out").exists()


def test_paths_are_as_good_as_strings(
    tmp_path: Path, bundle_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    source = tmp_path / "a.jsonl"
    write_jsonl(source, texts(6))
    options = CleanOptions(model=bundle_folder)
    assert options == CleanOptions(model=str(bundle_folder))
    with pytest.raises(BundleError):  # no folder is called so, though a shipped bundle is
        clean([source], tmp_path / "out", CleanOptions(model=Path("default")))
    clean([source], tmp_path / "paths", options)
    clean([str(source)], str(tmp_path / "strings"), options)
    assert contents(tmp_path / "paths") == contents(tmp_path / "strings")
    restore(tmp_path / "paths", tmp_path / "back")
    assert contents(tmp_path / "back") == {"a.jsonl": source.read_bytes()}


def test_an_output_without_a_name(
    tmp_path: Path, bundle_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_jsonl(tmp_path / "in/a.jsonl", texts(2))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    with pytest.raises(CorpusStartError, match="the output has no name"):
        clean([str(tmp_path / "in")], "", CleanOptions(model=bundle_folder))
    assert not list((tmp_path / "here").iterdir())


def hide(monkeypatch: pytest.MonkeyPatch, *modules: str) -> None:
    for module in modules:
        monkeypatch.setitem(sys.modules, module, None)


@pytest.mark.parametrize(
    ("wanted", "package"),
    [
        ({"output_format": "parquet"}, "pyarrow"),
        ({"removed_format": "parquet"}, "pyarrow"),
        ({"site_memory": True}, "datasketches"),
    ],
)
def test_a_missing_package_is_told_before_anything_is_written(
    tmp_path: Path,
    bundle_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    wanted: dict[str, Any],
    package: str,
) -> None:
    hide(monkeypatch, package, f"{package}.parquet")
    write_jsonl(tmp_path / "a.jsonl", texts(2))
    options = CleanOptions(model=bundle_folder, **wanted)
    with pytest.raises(CorpusStartError, match=rf"'{package}': pip install '\.\[corpus\]'"):
        clean([tmp_path / "a.jsonl"], tmp_path / "out", options)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("name", "content", "package"),
    [
        ("a.parquet", b"PAR1", "pyarrow"),
        ("a.warc", b"WARC/1.0\r\n", "fastwarc"),
        ("a.wet", b"WARC/1.0\r\n", "fastwarc"),
    ],
)
def test_what_has_no_package_to_read_it_is_no_input(
    tmp_path: Path,
    bundle_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    content: bytes,
    package: str,
) -> None:
    hide(monkeypatch, package, f"{package}.parquet", f"{package}.warc")
    (tmp_path / name).write_bytes(content)
    with pytest.raises(CorpusStartError, match=rf"{name}: .* needs the package '{package}'"):
        clean([tmp_path / name], tmp_path / "out", CleanOptions(model=bundle_folder))
    assert not (tmp_path / "out").exists()
