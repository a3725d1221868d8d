"""The folder where the model lies for the workers."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from adsift.model.shared import share_model

if sys.platform != "win32":
    import fcntl

_NAME = "adsift-serve-"
_SHARED_MEMORY = Path("/dev/shm")  # writable in a container whose files are read-only
_ABANDONED = 3600.0
"""Seconds after which a folder that nobody has locked is one of a service that was killed."""


class ModelFolder:
    """A model laid out in a temporary folder, until :meth:`remove`.

    A lock on the folder tells cleaners of temporary files that it is in use, those that ask.
    """

    def __init__(self, model: str | None) -> None:
        """Lay it out.

        Args:
            model: as for :func:`adsift.load`.

        Raises:
            BundleError: it cannot be read.
            OSError: there is no place for it.
        """
        self._model = model
        self._lock: int | None = None
        self._lay_out()

    @property
    def path(self) -> Path:
        """Where it lies."""
        return self._path

    def restore(self) -> None:
        """Lay it out again, elsewhere, if something has taken it or a part of it away.

        Raises:
            BundleError, OSError: as for a new one.
        """
        if _files(self._path) != self._files:
            # Workers that run hold on to what they have of the old one.
            self.remove()
            self._lay_out()

    def remove(self) -> None:
        """Remove it."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
        self._folder.cleanup()

    def _lay_out(self) -> None:
        self._folder = _folder()
        self._path = Path(self._folder.name) / "model"
        self._lock = _locked(self._path.parent)
        try:
            share_model(self._model, self._path)
        except BaseException:
            self.remove()
            raise
        self._files = _files(self._path)


def _folder() -> tempfile.TemporaryDirectory[str]:
    with suppress(OSError):
        return _folder_in(Path(tempfile.gettempdir()))
    return _folder_in(_SHARED_MEMORY)


def _folder_in(parent: Path) -> tempfile.TemporaryDirectory[str]:
    _sweep(parent)
    # That something else cleans it away is no reason to fail at the end.
    return tempfile.TemporaryDirectory(prefix=_NAME, dir=parent, ignore_cleanup_errors=True)


def _sweep(parent: Path) -> None:
    """Remove what services have left that were killed."""
    if sys.platform == "win32":
        return
    for folder in parent.glob(f"{_NAME}*"):
        with suppress(OSError):
            found = folder.lstat()
            old = time.time() - found.st_mtime > _ABANDONED  # not one that is just being made
            if old and found.st_uid == os.getuid() and (lock := _locked(folder)) is not None:
                shutil.rmtree(folder, ignore_errors=True)
                os.close(lock)


def _locked(folder: Path) -> int | None:
    """A lock on a folder; ``None`` if another has it, or there are no locks here."""
    if sys.platform == "win32":
        return None
    lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        return None
    return lock


def _files(folder: Path) -> dict[str, int]:
    """The files below a folder, with their sizes."""
    found = {}
    with suppress(OSError):
        for path in folder.rglob("*"):
            if path.is_file():
                found[str(path.relative_to(folder))] = path.stat().st_size
    return found
