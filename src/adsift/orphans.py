"""A worker ends soon after its coordinator does, however that one ended.

Left to themselves, workers whose coordinator was killed wait minutes for another task, and some for
good.
"""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

_INTERVAL = 1.0

_parent: int | None = None
"""Of this process, if it is a worker."""


def end_with(coordinator: int) -> None:
    """Have this process, a worker, end when its coordinator is gone. Does nothing on Windows,
    where a process keeps the number of its parent.

    Args:
        coordinator: the process that started this one, perhaps through another.
    """
    global _parent
    if os.name != "posix":
        return
    _parent = os.getppid()
    if _parent != coordinator and not _exists(coordinator):
        os._exit(1)  # it was gone before this process had begun
    threading.Thread(target=_outlive, args=(coordinator,), daemon=True).start()


def is_worker() -> bool:
    """Whether this process is one that :func:`end_with` was called in."""
    return _parent is not None


def end_if_orphaned() -> None:
    """End this process if it is a worker whose coordinator is gone: another run may have the folder
    by now, and nothing must fall among its files."""
    if _parent is not None and os.getppid() != _parent:
        os._exit(1)


def _outlive(coordinator: int) -> None:
    # Linux can signal a parent's end, but takes that of the thread which started the worker for it.
    while True:
        end_if_orphaned()
        # If it was gone before this process began, only not yet for the system, whoever was the
        # parent by then stays for good.
        if _parent != coordinator and not _exists(coordinator):
            os._exit(1)
        time.sleep(_INTERVAL)


def _exists(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return not _is_zombie(process)


def _is_zombie(process: int) -> bool:
    """Whether it has ended and nobody has asked how; of that only Linux tells."""
    try:
        status = Path(f"/proc/{process}/stat").read_bytes()
    except OSError:
        return False
    return status.rpartition(b")")[2].split()[:1] == [b"Z"]
