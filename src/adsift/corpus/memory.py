"""How much memory a process has taken."""

from __future__ import annotations

import re
import sys
from contextlib import suppress
from pathlib import Path

_PEAK = re.compile(r"^VmHWM:\s*(\d+) kB", re.M)


def peak_memory() -> int:
    """Bytes that this process held at most so far; 0 where the system does not tell."""
    # On Linux, what getrusage tells begins with what the parent held.
    with suppress(OSError):
        if found := _PEAK.search(Path("/proc/self/status").read_text(encoding="ascii")):
            return int(found[1]) * 1024
    try:
        import resource
    except ImportError:  # Windows
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
