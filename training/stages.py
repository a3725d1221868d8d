"""What the stages of a run have made, kept in a folder: a run that was broken off goes on from
there, and one script takes what another has made.

A result is found again only if it was made from the same documents, by the same settings, and by
the same code, to the letter. Others in the folder are left alone.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import TypeVar

import joblib

from adsift.model.fit import LabelledDocument
from dataset import ROOT

T = TypeVar("T")

CODE = ("training/*.py", "training/accurate/*.py", "src/adsift/**/*.*")
SOURCES = (".py", ".pyx", ".pxd", ".h")


class Stages:
    """A folder of results.

    Args:
        folder: made when there is something to keep; with ``None`` nothing is kept.
        documents: all that the run learns from.
    """

    def __init__(self, folder: Path | None, documents: Iterable[LabelledDocument]) -> None:
        self.folder = folder
        self._documents = _digest(documents) if folder else ""

    def get(self, name: str, settings: object, make: Callable[[], T]) -> T:
        """What a stage makes, from the folder if it is there.

        Args:
            name: of the stage, which is the beginning of the file's name.
            settings: whatever the result depends on beside documents and code; it must print all
                that it holds.
            make: makes it. Several processes may do so at once.
        """
        if self.folder is None:
            return make()
        key = _digest([self._documents, _code(), settings])
        path = self.folder / f"{name}-{key[:16]}.joblib"
        if path.exists():
            found: T = joblib.load(path)
            return found
        made = make()
        self.folder.mkdir(parents=True, exist_ok=True)
        # A run that is stopped here leaves no half a result under the name.
        unfinished = path.with_suffix(f".{os.getpid()}")
        joblib.dump(made, unfinished)
        unfinished.replace(path)
        return made


def _digest(things: Iterable[object]) -> str:
    digest = hashlib.sha256()
    for thing in things:
        digest.update(repr(thing).encode("utf-8", "surrogatepass") + b"\0")
    return digest.hexdigest()


@cache
def _code() -> str:
    files = sorted({path for pattern in CODE for path in ROOT.glob(pattern)})
    return _digest(path.read_bytes() for path in files if path.suffix in SOURCES)
