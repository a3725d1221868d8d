"""The formats of corpora, by name. They are loaded as they are needed."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from adsift.errors import DocumentError

if TYPE_CHECKING:
    from adsift.corpus.containers.base import Container

_CONTAINERS = {
    "jsonl": ("jsonl", "Jsonl"),
    "csv": ("delimited", "Csv"),
    "tsv": ("delimited", "Tsv"),
    "parquet": ("parquet", "Parquet"),
    "warc": ("warc", "Warc"),
    "wet": ("warc", "Wet"),
    "files": ("files", "Files"),
}

NAMES = tuple(_CONTAINERS)
"""Of all containers, as in ``--input-format``."""


def container(name: str) -> Container:
    """A new container of a format.

    Raises:
        DocumentError: there is no such format.
    """
    if name not in _CONTAINERS:
        raise DocumentError(f"no input format {name!r}: choose one of {', '.join(NAMES)}")
    module, kind = _CONTAINERS[name]
    made: Container = getattr(import_module(f"{__name__}.{module}"), kind)()
    return made
