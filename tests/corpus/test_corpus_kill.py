"""Runs that are killed at random moments, and go on."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from corpora import contents, texts, write_files, write_jsonl, write_parquet

import adsift
from adsift.corpus import CleanOptions, Limits, clean

KILLS = int(os.environ.get("ADSIFT_KILLS", "4"))
LIMITS = Limits(chunk_bytes=3_000, chunk_records=4)

SCRIPT = """
import sys
from adsift.corpus import CleanOptions, Limits, RunOptions, clean
from test_corpus_kill import LIMITS
source, output, model, workers = sys.argv[1:]
run = RunOptions(workers=int(workers), resume=True)
clean([source], output, CleanOptions(model=model, limits=LIMITS), run)
"""


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="needs POSIX process groups")
@pytest.mark.parametrize("workers", [1, 2])
def test_killed_at_any_moment(workers: int, tmp_path: Path, bundle_folder: Path) -> None:
    source, out = tmp_path / "in", tmp_path / "out"
    many = 160 * KILLS  # so that the run is not done before it was killed so often
    write_jsonl(source / "a.jsonl.gz", texts(2 * many))
    write_parquet(source / "b.parquet", texts(many, seed=1))
    write_files(source / "c", texts(many, seed=2))
    clean(
        [str(source)],
        str(tmp_path / "once"),
        CleanOptions(model=str(bundle_folder), limits=LIMITS),
    )
    rng = random.Random(workers)
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(
            [str(Path(adsift.__file__).parents[1]), *(path for path in sys.path if path)]
        ),
    }
    kills = 0
    while True:
        arguments = [str(source), str(out), str(bundle_folder), str(workers)]
        process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, *arguments], env=environment, start_new_session=True
        )
        if kills == KILLS:
            assert process.wait(120) == 0
            break
        _wait_for_work(out, process, rng)
        os.killpg(process.pid, signal.SIGKILL)
        if process.wait() == 0:
            break  # it was faster
        kills += 1
    assert kills > KILLS // 2
    assert contents(out) == contents(tmp_path / "once")


def _wait_for_work(out: Path, process: subprocess.Popen[bytes], rng: random.Random) -> None:
    """Until the run has done something since it began, and then a random moment longer."""
    manifest = out / "_adsift" / "manifest.jsonl"
    before = manifest.stat().st_size if manifest.exists() else 0
    wanted = rng.randint(0, 2)  # sometimes before the first part
    for _ in range(1_000):
        if process.poll() is not None:
            return
        grown = manifest.exists() and manifest.stat().st_size > before
        if grown or not wanted:
            break
        time.sleep(0.01)
    time.sleep(rng.random() * 0.3 + (0.8 if not wanted else 0))
