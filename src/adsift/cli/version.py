"""What ``--version`` says, without a command loaded: scripts ask often."""

from __future__ import annotations

import sys

from adsift import __version__
from adsift.compiled import why_pure


def print_version() -> None:
    """The version to standard output, and to stderr if this one is slow."""
    print(f"adsift {__version__}", flush=True)
    if (slow := why_pure()) and sys.stderr is not None:
        print(f"adsift: {slow}", file=sys.stderr)
