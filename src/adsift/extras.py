"""Packages that only a part of adsift needs; each part is an extra."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from adsift.errors import AdsiftError


def how_to_install(extra: str, newer: bool = False) -> str:
    """What messages tell users to do. Not by the name of adsift: it is on no index of packages.

    Args:
        extra: of adsift.
        newer: whether its packages are installed, but too old.
    """
    return f"pip install {'--upgrade ' * newer}'.[{extra}]' in a clone of adsift"


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
                f"but has no {error.name}: {how_to_install(extra, newer=True)}"
            ) from None
        raise AdsiftError(
            f"{purpose} needs the package {package!r}: {how_to_install(extra)}"
        ) from None


def _there(package: str) -> bool:
    try:
        import_module(package)
    except ImportError:
        return False
    return True
