"""Cleaning whole corpora: every common format, in parallel, resumable, and with an account of what
was removed.

>>> from adsift.corpus import CleanOptions, RunOptions, clean, restore
>>> clean(["crawl/"], "clean/", CleanOptions(drop=("commerce",)), RunOptions(workers=4))
>>> restore("clean/", "restored/")
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from adsift.corpus.options import CleanOptions, OnStatus, RunOptions, Status
from adsift.corpus.record import Fields, Limits

if TYPE_CHECKING:
    from adsift.corpus.losses import Incomplete
    from adsift.corpus.restoring import Restored, restore
    from adsift.corpus.run import clean
    from adsift.corpus.summary import Summary

__all__ = [
    "CleanOptions",
    "Fields",
    "Incomplete",
    "Limits",
    "OnStatus",
    "Restored",
    "RunOptions",
    "Status",
    "Summary",
    "clean",
    "restore",
]


# The command line reads the options at its start, which is to be fast: these come when asked for.
_LAZY = {
    "Incomplete": "losses",
    "Restored": "restoring",
    "Summary": "summary",
    "clean": "run",
    "restore": "restoring",
}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LAZY[name]}"), name)


def __dir__() -> list[str]:
    # Those too that are not loaded yet.
    return sorted({*globals(), *__all__})
