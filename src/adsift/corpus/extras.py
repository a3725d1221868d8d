"""The libraries that come with ``adsift[corpus]``, loaded when they are needed."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from adsift.errors import AdsiftError


def need(module: str) -> Any:
    """Import a library that is not part of the plain installation.

    Args:
        module: dotted, as in ``import``.

    Raises:
        AdsiftError: it is not installed.
    """
    try:
        return import_module(module)
    except ImportError as error:
        package = module.partition(".")[0]
        raise AdsiftError(
            f"{package} cannot be loaded ({error}): run pip install 'adsift[corpus]'"
        ) from None
