"""The packages of the engines, each an extra."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from adsift.errors import AdsiftError


def need(module: str, extra: str) -> Any:
    """Import a module of an engine.

    Args:
        module: its full name.
        extra: of adsift, that brings it.

    Raises:
        AdsiftError: it is not installed.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        package = (error.name or module).partition(".")[0]
        raise AdsiftError(
            f"adsift.engines.{extra} needs the package {package!r}: pip install 'adsift[{extra}]'"
        ) from None
