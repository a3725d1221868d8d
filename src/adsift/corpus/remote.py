"""Paths that are addresses: ``s3://bucket/key``, ``hf://datasets/…``, ``memory://…``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from adsift.errors import CorpusStartError
from adsift.extras import how_to_install

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")


def is_remote(path: str) -> bool:
    """Whether a path is for fsspec and not for the file system."""
    return _SCHEME.match(path) is not None


def is_empty(folder: str) -> bool:
    """Whether a folder, here or at an address, is missing or holds nothing.

    Raises:
        OSError: nobody can tell: it is a file, or it cannot be looked into.
        CorpusStartError: as for :func:`locate`.
    """
    if not is_remote(folder):
        path = Path(folder)
        return not path.exists() or next(path.iterdir(), None) is None
    system, path_there = locate(folder)
    system.invalidate_cache()
    try:
        entries = system.ls(path_there, detail=True)
    except FileNotFoundError:
        return True
    # Some stores mark a folder by an empty file of its name.
    name = path_there.rstrip("/")
    return all(one["name"].rstrip("/") == name and not one.get("size") for one in entries)


def filesystem(url: str) -> Any:
    """The fsspec file system of an address.

    Raises:
        CorpusStartError: as for :func:`locate`.
    """
    return locate(url)[0]


def locate(url: str) -> tuple[Any, str]:
    """The fsspec file system of an address, and the path in it.

    Raises:
        CorpusStartError: fsspec, or the package that it needs for this kind, is missing.
    """
    try:
        import fsspec
    except ImportError as error:
        raise CorpusStartError(
            f"{url} is remote, which needs fsspec: {how_to_install('corpus')}"
        ) from error
    try:
        system, path = fsspec.core.url_to_fs(url)
    except (ImportError, ValueError) as error:
        raise CorpusStartError(f"cannot reach {url}: {error}") from error
    return system, path
