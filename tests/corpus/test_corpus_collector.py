"""What the garbage collector is spared while a run is under way."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from corpora import texts, write_jsonl

from adsift.corpus import CleanOptions, Limits, clean
from adsift.corpus.options import Status


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    gc.unfreeze()
    yield
    gc.unfreeze()


def frozen_during(tmp_path: Path, bundle_folder: Path) -> int:
    """The most objects that the collector passed over in a run of one worker."""
    write_jsonl(tmp_path / "a.jsonl", texts(6))
    found: list[int] = []

    def look(_: Status) -> None:
        found.append(gc.get_freeze_count())

    options = CleanOptions(model=str(bundle_folder), limits=Limits(chunk_records=2))
    clean([str(tmp_path / "a.jsonl")], str(tmp_path / "out"), options, on_status=look)
    return max(found)


def test_what_is_loaded_is_spared_and_looked_through_again_after_the_run(
    tmp_path: Path, bundle_folder: Path
) -> None:
    assert frozen_during(tmp_path, bundle_folder) > 1_000
    assert gc.get_freeze_count() == 0


def test_what_a_process_spares_itself_stays_spared(tmp_path: Path, bundle_folder: Path) -> None:
    gc.freeze()
    before = gc.get_freeze_count()
    assert frozen_during(tmp_path, bundle_folder) <= before
    # Frozen objects that are freed are counted no more.
    assert before / 2 < gc.get_freeze_count() <= before


def test_a_run_that_is_stopped_leaves_nothing_spared(tmp_path: Path, bundle_folder: Path) -> None:
    write_jsonl(tmp_path / "a.jsonl", texts(6))

    def stop(status: Status) -> None:
        if status.documents:
            raise KeyboardInterrupt

    options = CleanOptions(model=str(bundle_folder))
    with pytest.raises(KeyboardInterrupt):
        clean([str(tmp_path / "a.jsonl")], str(tmp_path / "out"), options, on_status=stop)
    gc.collect()
    assert gc.get_freeze_count() == 0
