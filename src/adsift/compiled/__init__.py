"""The same functions as in pure Python, compiled: they give the same results, faster.

Each module here stands for the pure one that its first line names, and is used in its place when it
was built. ``ADSIFT_PURE=1`` in the environment turns all of them off.
"""

from __future__ import annotations

import os
from importlib import import_module
from types import ModuleType
from typing import Any


def compiled(name: str) -> Any:
    """The compiled module of this name, or ``None`` where it was not built or is turned off."""
    if os.environ.get("ADSIFT_PURE", "0") not in ("", "0"):
        return None
    try:
        module: ModuleType = import_module(f"adsift.compiled.{name}")
    except ImportError:
        return None
    return module
