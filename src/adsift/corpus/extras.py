"""The packages that only corpora need."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from adsift.errors import AdsiftError


def load_extra(module: str, purpose: str) -> Any:
    """Import a module of the extra ``corpus``.

    Args:
        module: its full name.
        purpose: what it is needed for, as messages say it.

    Raises:
        AdsiftError: its package is not installed.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        package = (error.name or module).partition(".")[0]
        raise AdsiftError(
            f"{purpose} needs the package {package!r}: pip install 'adsift[corpus]'"
        ) from None
