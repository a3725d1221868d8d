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
        AdsiftError: its package is not installed, or too old to have this module.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        package = (error.name or module).partition(".")[0]
        # Of a package that is there a part is missing: it came with a later version.
        if "." in (error.name or "") and _there(package):
            raise AdsiftError(
                f"{purpose} needs a newer version of the package {package!r}, which is installed "
                f"but has no {error.name}: pip install --upgrade 'adsift[{extra}]'"
            ) from None
        raise AdsiftError(
            f"{purpose} needs the package {package!r}: pip install 'adsift[{extra}]'"
        ) from None


def _there(package: str) -> bool:
    try:
        import_module(package)
    except ImportError:
        return False
    return True
