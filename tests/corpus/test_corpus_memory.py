"""What a process says of its memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import adsift

SCRIPT = "from adsift.corpus.memory import peak_memory; print(peak_memory())"


def child(size: int = 0) -> int:
    made = subprocess.run(
        [sys.executable, "-c", f"taken = b'x' * {size}; {SCRIPT}"],
        check=True,
        capture_output=True,
        env={"PYTHONPATH": str(Path(adsift.__file__).parents[1])},
    )
    return int(made.stdout)


def test_it_is_that_of_this_process_alone() -> None:
    ours = b"x" * 200_000_000
    assert child() < len(ours)
    assert child(300_000_000) > 300_000_000
