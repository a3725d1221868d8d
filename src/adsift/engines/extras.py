"""The packages of the engines, each an extra."""

from __future__ import annotations

from typing import Any

from adsift.extras import load_extra


def need(module: str, extra: str) -> Any:
    """Import a module of an engine.

    Args:
        module: its full name.
        extra: of adsift, that brings it.

    Raises:
        AdsiftError: it is not installed.
    """
    return load_extra(module, f"adsift.engines.{extra}", extra)
