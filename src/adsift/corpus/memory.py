"""How much memory a process has taken."""

from __future__ import annotations

import sys


def peak_memory() -> int:
    """Bytes that this process held at most so far; 0 where the system does not tell."""
    try:
        import resource
    except ImportError:  # Windows
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
