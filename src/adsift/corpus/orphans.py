"""A worker ends soon after its coordinator does, however that one ended.

Left to themselves, workers whose coordinator was killed wait minutes for another task, and some for
good.
"""

from __future__ import annotations

import os
import threading
import time

_INTERVAL = 1.0


def end_with(coordinator: int) -> None:
    """Have this process, a worker, end when its coordinator is gone. Does nothing on Windows,
    where a process keeps the number of its parent.

    Args:
        coordinator: the process that started this one, perhaps through another.
    """
    if os.name != "posix":
        return
    parent = os.getppid()
    if parent != coordinator and not _exists(coordinator):
        os._exit(1)  # it was gone before this process had begun
    threading.Thread(target=_outlive, args=(parent,), daemon=True).start()


def _outlive(parent: int) -> None:
    # Linux can signal a parent's end, but takes that of the thread which started the worker for it.
    while os.getppid() == parent:
        time.sleep(_INTERVAL)
    os._exit(1)


def _exists(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
