"""A measurement in a process of its own, on one core, with one thread, so that none sees another's
caches or memory."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

Job = dict[str, Any]
"""A job's arguments, and what it found: JSON values."""

ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "RAYON_NUM_THREADS": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "PYTHONHASHSEED": "0",
}


def run_apart(
    task: str, job: Job, core: int | None, environment: dict[str, str] | None = None
) -> Job:
    """Run a task in another process.

    Args:
        task: ``module:function`` of this folder; the function takes the job and gives a job.
        job: its arguments.
        core: the core that it is bound to; ``None`` leaves it all of them.
        environment: variables of its own.

    Returns:
        What the function gave, or ``{"failed": why}``.
    """
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "result.json"
        call = {"task": task, "job": job, "core": core, "result": str(result)}
        done = subprocess.run(
            [sys.executable, "-W", "ignore", str(Path(__file__).resolve())],
            input=json.dumps(call).encode(),
            env={**os.environ, **ONE_THREAD, **(environment or {})},
            stdout=subprocess.DEVNULL,  # some extractors talk
            stderr=subprocess.PIPE,
        )
        if done.returncode == 0:
            found: Job = json.loads(result.read_text(encoding="utf-8"))
            return found
    lines = done.stderr.decode(errors="replace").strip().splitlines()
    if done.returncode < 0:
        return {"failed": f"killed by signal {-done.returncode}"}
    return {"failed": lines[-1] if lines else f"ended with {done.returncode}"}


def peak_memory() -> int:
    """The most memory that this process has held, in bytes; 0 where the system does not say."""
    # The maximum of getrusage would be the parent's, from before this program was started.
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return 0
    (line,) = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return 1024 * int(line.split()[1])


def usable_cores() -> list[int]:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return [*range(os.cpu_count() or 1)]


def _work() -> None:
    call = json.loads(sys.stdin.read())
    if call["core"] is not None and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {call["core"]})
    module, _, function = call["task"].partition(":")
    found = getattr(importlib.import_module(module), function)(call["job"])
    Path(call["result"]).write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    _work()
