"""Files that are there whole or not at all, whatever happens to the machine meanwhile."""

from __future__ import annotations

import errno
import os
import secrets
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO


@contextmanager
def new_file(path: Path, temporary: Path | None = None, sync: bool = True) -> Iterator[BinaryIO]:
    """Write a file that gets its name when all of it is on the disk.

    Args:
        path: the file.
        temporary: what it is called until then, in the same folder. Where only one process writes
            it, a fixed name is best: what a kill has left is written over by the next attempt.
        sync: whether to wait for the disk. Without, the file is whole for all processes, and must
            be seen to by :func:`sync_files` before a loss of power may come.

    Raises:
        OSError: it cannot be written. Nothing is left behind, and a file that had the name before
            is as it was.
    """
    _check_name(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    if temporary is None:
        temporary = path.with_name(f".{path.name[:100]}-{secrets.token_hex(6)}.tmp")
    try:
        with temporary.open("wb") as file:
            yield file
            file.flush()
            if sync:
                os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    if sync:
        sync_folder(path.parent)


def _check_name(path: Path) -> None:
    try:
        os.fsencode(path)
    except UnicodeEncodeError:
        raise OSError(errno.EILSEQ, why_no_name(), str(path)) from None


def why_no_name() -> str:
    """Why a file cannot have a name, and what can be done, where that name cannot be encoded."""
    encoding = sys.getfilesystemencoding()
    if encoding == "utf-8":  # which lacks halves of surrogate pairs, as all others do
        return "this is no name that a file can have"
    return (
        f"file names are in {encoding} here, which has no such characters: "
        "set PYTHONUTF8=1, or a locale with UTF-8"
    )


def write_file(path: Path, data: bytes, sync: bool = True) -> None:
    """:func:`new_file` for data at hand."""
    with new_file(path, sync=sync) as file:
        file.write(data)


def write_files(folder: Path, files: dict[str, bytes]) -> None:
    """:func:`new_file` for files that belong together: none gets its name before the data of all
    is on the disk, and the last of them gets its name last.

    Args:
        folder: where they go.
        files: name and data of each. What a kill has left of one is written over the next time.
    """
    with ExitStack() as stack:  # which ends what was begun last first
        for name, data in reversed(files.items()):
            file = stack.enter_context(new_file(folder / name, folder / temporary_name(name)))
            file.write(data)
            file.flush()
            os.fsync(file.fileno())


def temporary_name(name: str) -> str:
    """What :func:`write_files` calls a file until it gets its name."""
    return f".{name}.tmp"


def sync_files(paths: Sequence[Path]) -> None:
    """Wait until files, and their names, are on the disk; those that are missing are passed over.

    Raises:
        OSError: the disk does not take them.
    """
    # All of them on their way before the first is waited for.
    for how in (_send, os.fsync):
        for path in paths:
            with suppress(FileNotFoundError), path.open("r+b") as file:
                how(file.fileno())
    for folder in dict.fromkeys(path.parent for path in paths):
        sync_folder(folder)


def _send(descriptor: int) -> None:
    if hasattr(os, "posix_fadvise"):  # on Linux it writes what it is to forget, and returns
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)


def sync_folder(folder: Path) -> None:
    """See that the names in a folder outlive a loss of power; without effect where folders
    cannot be opened."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        with suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
