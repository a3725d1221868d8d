"""What becomes of workers when the process that started them is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from test_corpus_pool import make_task

import adsift
from adsift import orphans
from adsift.corpus.pool import run_tasks
from adsift.corpus.record import Chunk
from adsift.corpus.work import Task, give_up, work

SCRIPT = """
import sys
from test_corpus_orphans import coordinate
coordinate(*sys.argv[1:])
"""
MINUTES = 600


def stay(task: Task) -> int:
    say("at work")
    time.sleep(MINUTES)
    return task.chunk_number


def pass_on(task: Task) -> int:
    time.sleep(0.1)  # so that both workers get some
    return task.chunk_number


def say(what: str) -> None:
    os.write(1, f"{what}\n".encode())


def coordinate(state: str, folder: str) -> None:
    """Have two workers that are in the midst of a task, or that wait for one."""
    tasks = [make_task(Path(folder), n, Chunk(n, 1, b"{}\n")) for n in range(6)]
    function = stay if state == "busy" else pass_on
    for _ in run_tasks(function, lambda: iter([*tasks]), 2, function):
        pass
    say("idle")
    time.sleep(MINUTES)


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX processes")
@pytest.mark.parametrize(("state", "signs"), [("busy", 2), ("idle", 1)])
def test_workers_end_when_their_coordinator_is_killed(
    state: str, signs: int, tmp_path: Path
) -> None:
    paths = [str(Path(adsift.__file__).parents[1]), *(path for path in sys.path if path)]
    coordinator = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, state, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        assert coordinator.stdout is not None
        for _ in range(signs):
            assert coordinator.stdout.readline()
        coordinator.kill()
        # The workers hold its standard output open for as long as they live.
        coordinator.communicate(timeout=60)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(coordinator.pid, signal.SIGKILL)


LATE_WORKER = """
import os, sys, time
from adsift import orphans
coordinator, tells = int(sys.argv[1]), sys.argv[2] == "tells"
while os.getppid() == coordinator:
    time.sleep(0.01)
if not tells:
    orphans._is_zombie = lambda process: False
os.write(1, b"began, ")
orphans.end_with(coordinator)
os.write(1, b"watches")
time.sleep(6)
os.write(1, b", still")
"""
SHORT_LIVED = """
import os, subprocess, sys
subprocess.Popen([sys.executable, "-c", sys.argv[1], str(os.getpid()), sys.argv[2]])
os.kill(os.getpid(), 9)
"""


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs Linux")
@pytest.mark.parametrize("system", ["tells", "does not tell"])
def test_a_worker_ends_that_starts_when_its_coordinator_is_dead_but_not_buried(system: str) -> None:
    """Which is a zombie until somebody waits for it, and not all systems tell of that."""
    coordinator = subprocess.Popen(
        [sys.executable, "-c", SHORT_LIVED, LATE_WORKER, system],
        env={**os.environ, "PYTHONPATH": str(Path(adsift.__file__).parents[1])},
        stdout=subprocess.PIPE,
    )
    assert coordinator.stdout is not None
    if system == "tells":
        assert coordinator.stdout.read() == b"began, "
    else:
        assert coordinator.stdout.read(14) == b"began, watches"
        coordinator.wait()
        assert coordinator.stdout.read() == b""
    coordinator.communicate()


def test_workers_live_as_long_as_their_coordinator(tmp_path: Path) -> None:
    """From one run to the next, however long it takes."""
    tasks = [make_task(tmp_path, n, Chunk(n, 1, b"{}\n")) for n in range(4)]
    first = {*run_tasks(process_of, lambda: iter([*tasks]), 2, process_of)}
    time.sleep(2.5)
    second = {*run_tasks(process_of, lambda: iter([*tasks]), 2, process_of)}
    assert os.getpid() not in first
    assert first & second


def test_a_worker_writes_nothing_once_its_coordinator_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another run may have the folder by then."""
    task = make_task(tmp_path / "parts", 0, Chunk(0, 1, b'{"text": "It rained."}\n'))
    monkeypatch.setattr(os, "_exit", sys.exit)
    monkeypatch.setattr(orphans, "_parent", os.getppid() + 1)
    for write in (work, lambda task: give_up(task, "no luck")):
        with pytest.raises(SystemExit):
            write(task)
    assert not (tmp_path / "parts").exists()
    monkeypatch.setattr(orphans, "_parent", os.getppid())
    work(task)
    assert [path.suffix for path in (tmp_path / "parts").glob("*/*")].count(".output") == 1


def process_of(task: Task) -> int:
    del task
    return os.getpid()
