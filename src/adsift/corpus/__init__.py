"""Cleaning whole corpora: every common format, in parallel, resumable, and with an account of what
was removed.

>>> from adsift.corpus import CleanOptions, RunOptions, clean, restore
>>> clean(["crawl/"], "clean/", CleanOptions(drop=("commerce",)), RunOptions(workers=4))
>>> restore("clean/", "restored/")
"""

from __future__ import annotations

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


def __getattr__(name: str) -> Any:
    # The command line reads the options at its start, which is to be fast.
    if name == "clean":
        from adsift.corpus.run import clean

        return clean
    if name == "restore":
        from adsift.corpus.restoring import restore

        return restore
    if name == "Restored":
        from adsift.corpus.restoring import Restored

        return Restored
    if name == "Incomplete":
        from adsift.corpus.losses import Incomplete

        return Incomplete
    if name == "Summary":
        from adsift.corpus.summary import Summary

        return Summary
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
