"""``adsift serve`` as a process of its own, for tests."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

import adsift

STAND_IN = Path(__file__).with_name("stand_in_server.py")
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(adsift.__file__).parents[1])}


@dataclass(slots=True)
class Running:
    """A server that listens.

    Attributes:
        process: itself.
        url: where.
        log: the file that takes its standard error.
    """

    process: subprocess.Popen[bytes]
    url: str
    log: Path

    def client(self, **options: object) -> httpx2.Client:
        return httpx2.Client(base_url=self.url, timeout=60, **options)  # type: ignore[arg-type]

    def workers(self) -> list[int]:
        """The processes of its workers (Linux)."""
        pid = self.process.pid
        return [*map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]


def run_to_end(
    *arguments: object, script: Path = STAND_IN, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, str(script), "serve", *map(str, arguments)],
        env=ENVIRONMENT | (environment or {}),
        capture_output=True,
        timeout=60,
        check=False,
    )


@contextmanager
def serving(
    folder: Path,
    *arguments: object,
    script: Path = STAND_IN,
    environment: dict[str, str] | None = None,
) -> Iterator[Running]:
    """A server on a free port, ready, and ended in the end."""
    log = folder / "stderr"
    with log.open("wb") as stderr:
        process = subprocess.Popen(
            [sys.executable, str(script), "serve", "--port", "0", *map(str, arguments)],
            # One that has to be killed leaves its model there.
            env=ENVIRONMENT | {"TMPDIR": str(folder)} | (environment or {}),
            stderr=stderr,
        )
    try:
        running = Running(process, _address(process, log), log)
        if running.url.startswith("http"):
            with running.client() as client:
                _until_ready(client)
        yield running
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    for _ in range(600):
        found = re.search(r"listening on (\S+)", log.read_text())
        if found:
            return found[1]
        assert process.poll() is None, log.read_text()
        time.sleep(0.1)
    raise AssertionError(log.read_text())


def _until_ready(client: httpx2.Client) -> None:
    for _ in range(600):
        if client.get("/readyz").status_code == 200:
            return
        time.sleep(0.1)
    raise AssertionError("not ready after a minute")
