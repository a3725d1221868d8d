"""Chunks on their way to the workers, in a few files that are written over again and again.

A pipe carries 64 kB at a time, which costs both its ends more than a millisecond a megabyte. To
write over what is in the system's cache already, and to read it there, takes a tenth of that.
"""

from __future__ import annotations

import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType

from adsift.corpus.work import Task

LEAST = 1 << 18
"""Bytes of a chunk that is worth a file."""

_FREE, _FULL = ".free", ".full"


@dataclass(frozen=True, slots=True)
class Spooled:
    """A task whose chunk lies in a file. Picklable."""

    task: Task
    path: Path
    size: int

    def take(self) -> Task:
        """The task with its chunk; the file is free for another one then.

        Raises:
            OSError: the file cannot be read.
        """
        with self.path.open("rb", buffering=0) as file:
            data = file.read(self.size)
        if data is None or len(data) < self.size:
            raise OSError(None, "the chunk is cut short", str(self.path))
        with suppress(OSError):  # it costs no more than another file
            self.path.rename(self.path.with_suffix(_FREE))
        return replace(self.task, chunk=replace(self.task.chunk, data=data))


class Spool:
    """The files. There are as many as chunks are under way at a time, for the time that it is
    entered."""

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._files = 0

    def __enter__(self) -> Spool:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def put(self, task: Task) -> Task | Spooled:
        """Lay a task's chunk down, in the folder of its part; what is small, and what the disk
        does not take, stays as it is."""
        data = task.chunk.data
        if len(data) < LEAST:
            return task
        try:
            path = self._free_file(task.folder)
            with path.open("r+b", buffering=0) as file:
                if file.write(data) != len(data):
                    return task
        except OSError:
            return task
        return Spooled(replace(task, chunk=replace(task.chunk, data=b"")), path, len(data))

    def _free_file(self, folder: Path) -> Path:
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="chunks-", dir=folder))
        for free in self._folder.glob(f"*{_FREE}"):
            return free.rename(free.with_suffix(_FULL))
        path = self._folder / f"{self._files}{_FULL}"
        path.touch(exist_ok=False)
        self._files += 1
        return path
