"""Cleaning whole corpora: every common format, in parallel, resumable, and with an account of what
was removed.

>>> from adsift.corpus import CleanOptions, RunOptions, clean, restore
>>> clean(["crawl/"], "clean/", CleanOptions(drop=("commerce",)), RunOptions(workers=4))
>>> restore("clean/", "restored/")
"""

from adsift.corpus.options import CleanOptions, OnStatus, RunOptions, Status
from adsift.corpus.record import Fields, Limits
from adsift.corpus.restore import restore
from adsift.corpus.run import clean
from adsift.corpus.summary import Summary

__all__ = [
    "CleanOptions",
    "Fields",
    "Limits",
    "OnStatus",
    "RunOptions",
    "Status",
    "Summary",
    "clean",
    "restore",
]
