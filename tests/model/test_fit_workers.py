"""What becomes of the processes that a training works with when it is stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from test_fit import TINY, documents

import adsift
from adsift.model.fit import fit

MINUTES = 600


def train() -> None:
    """Train with two processes, and stay in the midst of it."""

    def stay(share: float, what: str) -> None:
        os.write(1, f"{share} {what}\n".encode())
        time.sleep(MINUTES)

    fit(documents(), TINY, jobs=2, progress=stay)


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX processes")
@pytest.mark.parametrize("how", ["SIGTERM", "SIGKILL"])
def test_they_end_when_the_training_does(how: str) -> None:
    paths = [str(Path(adsift.__file__).parents[1]), *(path for path in sys.path if path)]
    training = subprocess.Popen(
        [sys.executable, "-c", "from test_fit_workers import train; train()"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        assert training.stdout is not None
        assert training.stdout.readline().endswith(b"step 1\n")
        training.send_signal(getattr(signal, how))
        # The workers hold its standard output open for as long as they live.
        training.communicate(timeout=60)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(training.pid, signal.SIGKILL)
