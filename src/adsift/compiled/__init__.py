"""The same functions as in pure Python, compiled: they give the same results, faster.

Each module here stands for the pure one that its first line names, and is used in its place when it
was built. ``ADSIFT_PURE=1`` in the environment turns all of them off.
"""

from __future__ import annotations

import os
import warnings
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any

__all__ = ["compiled", "why_pure"]


def compiled(name: str) -> Any:
    """The compiled module of this name, or ``None`` where it was not built or is turned off.

    Warns:
        RuntimeWarning: it was built, and cannot be loaded; ``None`` then.
    """
    if _is_turned_off():
        return None
    path = f"{__name__}.{name}"
    try:
        module: ModuleType = import_module(path)
    except ImportError as error:
        if not (isinstance(error, ModuleNotFoundError) and error.name == path):
            warnings.warn(
                f"adsift runs in part in pure Python, many times slower: {path} cannot be loaded "
                f"({error}); install adsift anew",
                RuntimeWarning,
                stacklevel=2,
            )
        return None
    return module


def why_pure() -> str:
    """Why adsift runs in pure Python, as a message for users; empty if it does not."""
    if _is_turned_off():
        return "ADSIFT_PURE turns the compiled core off: adsift is many times slower"
    if find_spec(f"{__name__}.objects") is None:
        return (
            "adsift was installed without its compiled core, which makes it many times slower: "
            "install a C compiler and adsift anew, with ADSIFT_COMPILED=1 to see what is missing"
        )
    return ""


def _is_turned_off() -> bool:
    return os.environ.get("ADSIFT_PURE", "0") not in ("", "0")
