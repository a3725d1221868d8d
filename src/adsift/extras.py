"""Packages that only a part of adsift needs; each part is an extra."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from adsift.errors import AdsiftError


def load_extra(module: str, purpose: str, extra: str) -> Any:
    """Import a module of an extra.

    Args:
        module: its full name.
        purpose: what it is needed for, as messages say it.
        extra: of adsift, that brings it.

    Raises:
        AdsiftError: its package is not installed.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        package = (error.name or module).partition(".")[0]
        raise AdsiftError(
            f"{purpose} needs the package {package!r}: pip install 'adsift[{extra}]'"
        ) from None
