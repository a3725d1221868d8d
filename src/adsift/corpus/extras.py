"""The packages that only corpora need."""

from __future__ import annotations

from functools import partial

from adsift import extras
from adsift.errors import AdsiftError, CorpusStartError

load_extra = partial(extras.load_extra, extra="corpus")


def require_extra(module: str, purpose: str) -> None:
    """:func:`adsift.extras.load_extra` for what a run will need, before it writes anything.

    Raises:
        CorpusStartError: the module's package is not installed, or too old.
    """
    try:
        load_extra(module, purpose)
    except AdsiftError as error:
        raise CorpusStartError(str(error)) from None
