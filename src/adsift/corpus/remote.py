"""Paths that are addresses: ``s3://bucket/key``, ``hf://datasets/…``, ``memory://…``."""

from __future__ import annotations

import re
from typing import Any

from adsift.errors import CorpusStartError

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")


def is_remote(path: str) -> bool:
    """Whether a path is for fsspec and not for the file system."""
    return _SCHEME.match(path) is not None


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
            f"{url} is remote, which needs fsspec: pip install 'adsift[corpus]'"
        ) from error
    try:
        system, path = fsspec.core.url_to_fs(url)
    except (ImportError, ValueError) as error:
        raise CorpusStartError(f"cannot reach {url}: {error}") from error
    return system, path
