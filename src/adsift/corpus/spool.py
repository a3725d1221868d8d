"""Chunks on their way to the workers, in a few files that are written over again and again.

A pipe carries 64 kB at a time, which costs both its ends more than a millisecond a megabyte. To
write over what is in the system's cache already, and to read it there, takes a tenth of that.
"""

from __future__ import annotations

import errno
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType

from adsift.corpus.work import Task

LEAST = 1 << 18
"""Bytes of a chunk that is worth a file."""

SPARE = 32
"""A file is made only where the disk has room for so many of its size: what a run writes comes
first."""

PREFIX = "chunks-"
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
        with self.path.open("rb") as file:
            data = file.read(self.size)
        if len(data) < self.size:
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
        self._disk_is_full = False

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
        """Lay a task's chunk down, in the folder of its part; what is small stays as it is, and so
        does all where the disk has no room to spare."""
        data = task.chunk.data
        if self._disk_is_full or len(data) < LEAST:
            return task
        try:
            path = self._free_file(task.folder, len(data))
        except OSError:
            self._disk_is_full = True
            return task
        try:
            with path.open("r+b") as file:
                file.write(data)
        except OSError:
            path.unlink(missing_ok=True)  # the parts need the room
            self._disk_is_full = True
            return task
        return Spooled(replace(task, chunk=replace(task.chunk, data=b"")), path, len(data))

    def _free_file(self, folder: Path, size: int) -> Path:
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=folder))
        for free in self._folder.glob(f"*{_FREE}"):
            return free.rename(free.with_suffix(_FULL))
        if shutil.disk_usage(folder).free < SPARE * size:
            raise OSError(errno.ENOSPC, "no room to spare", str(folder))
        path = self._folder / f"{self._files}{_FULL}"
        path.touch(exist_ok=False)
        self._files += 1
        return path


def remove_spools(folder: Path) -> None:
    """Delete what runs that were killed have left in a folder of parts."""
    for spool in folder.glob(f"{PREFIX}*"):
        shutil.rmtree(spool, ignore_errors=True)
