"""From the arguments to the files that they stand for, here and far away."""

from __future__ import annotations

import glob
import os
import posixpath
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from adsift.corpus.input_file import InputFile, Stream
from adsift.corpus.kinds import is_wanted
from adsift.corpus.layout import is_side
from adsift.corpus.remote import is_remote, locate
from adsift.errors import AdsiftError, reason
from adsift.paths import EMPTY, absolute, fixed_part, is_pattern, matches, walk

STDIN = "-"

_HERE = ""
_NO_FILES = "matches no file"
_NO_DOCUMENTS = "holds no documents (if they are called otherwise, name them: 'folder/*')"


class Problem(NamedTuple):
    """An argument or a file that cannot be an input, and why."""

    shown: str
    reason: str


class _Place(NamedTuple):
    """Where a file is: the file system, which is empty here, and the path from its root."""

    system: str
    path: str


class Finder:
    """Finds files. Each counts once, in the order of the arguments; folders are sorted.

    Attributes:
        problems: arguments that stand for nothing.
    """

    def __init__(self, output: str | None = None) -> None:
        """``output`` is the folder of the results, which is not searched."""
        self.problems: list[Problem] = []
        self._output = output
        self._output_here = os.path.realpath(output) if output and not is_remote(output) else None
        self._files: dict[_Place, InputFile] = {}
        self._seen: set[tuple[str, str]] = set()
        self._real = lru_cache(maxsize=1024)(os.path.realpath)
        self._roots: dict[str, list[str]] = {}

    def add(self, argument: str) -> None:
        """Add what an argument stands for: a file, a folder, a pattern, ``-``, or any of these
        but the last at an address.

        Raises:
            CorpusStartError: it is an address, and the package for it is missing.
        """
        try:
            if not argument:
                self.problems.append(Problem(*EMPTY))
            elif is_remote(argument):
                self._add_remote(argument)
            elif argument == STDIN:
                self._add_stdin()
            else:
                self._add_local(argument)
        except AdsiftError:
            raise
        except Exception as error:  # file systems of all kinds have errors of all kinds
            self.problems.append(Problem(argument, reason(error)))

    def files(self) -> list[InputFile]:
        """The files, each with the name of its output, which mirrors the deepest common folder."""
        bases = {}
        for system, roots in self._roots.items():
            # A pattern such as "a/*/../../x" leads out of its fixed part.
            parents = {posixpath.dirname(p.path) for p in self._files if p.system == system}
            bases[system] = posixpath.commonpath([*roots, *parents])
        return [
            replace(file, name=posixpath.relpath(place.path, bases[place.system]))
            if place.system in bases
            else file
            for place, file in self._files.items()
        ]

    def _add_stdin(self) -> None:
        place = _Place(STDIN, "")
        if place in self._files:
            return
        if sys.stdin is None:
            self.problems.append(Problem(STDIN, "there is no standard input"))
        else:
            stream = Stream(sys.stdin.buffer)
            self._files[place] = InputFile(STDIN, STDIN, name="stdin", stream=stream)

    def _add_local(self, argument: str) -> None:
        path = Path(argument)
        if path.is_dir():
            self._take_many(argument, path, self._walk(path), _NO_DOCUMENTS)
        elif is_pattern(argument):
            self._take_many(argument, fixed_part(path), matches(argument), _NO_FILES)
        elif self._take(path):
            self._root(_HERE, absolute(path.parent).as_posix())

    def _take_many(self, argument: str, root: Path, paths: Iterator[Path], none: str) -> None:
        self._root(_HERE, absolute(root).as_posix())
        problems, empty = len(self.problems), True
        for path in paths:
            empty = False
            self._take(path)
        if empty and len(self.problems) == problems:
            self.problems.append(Problem(argument, none))

    def _take(self, path: Path) -> bool:
        key = (self._real(path.parent), path.name)
        if key in self._seen:
            return True
        place = _Place(_HERE, absolute(path).as_posix())
        try:
            self._files[place] = InputFile.local(path)
        except OSError as error:
            self.problems.append(Problem(str(path), reason(error)))
            return False
        self._seen.add(key)
        return True

    def _walk(self, folder: Path) -> Iterator[Path]:
        return walk(
            folder,
            is_wanted,
            self._is_passed_over,
            lambda error: self.problems.append(Problem(str(error.filename), reason(error))),
        )

    def _is_passed_over(self, folder: Path) -> bool:
        return (
            folder.name[0] in "._"
            or os.path.realpath(folder) == self._output_here
            or is_side(folder)
        )

    def _add_remote(self, url: str) -> None:
        system, path = locate(url)
        info = _info(system, path)
        if info is None and glob.has_magic(path):
            root, none = fixed_part(Path(path)).as_posix(), _NO_FILES
            found = _matched(system, path)
        elif info is None:
            raise FileNotFoundError(2, "No such file or folder")
        elif info["type"] == "directory":
            # The root of a file system may be called by no name at all.
            root, none = path or "/", _NO_DOCUMENTS
            found = self._searched(system, path)
        else:
            root, none = posixpath.dirname(path), ""
            found = [info]
        if not found:
            self.problems.append(Problem(url, none))
            return
        self._root(_named(system), root)
        for entry in found:
            place = _Place(_named(system), entry["name"])
            self._files.setdefault(place, InputFile.remote(system, entry))

    def _searched(self, system: Any, folder: str) -> list[Mapping[str, Any]]:
        below = folder.rstrip("/") + "/"
        return [
            info
            for path, info in sorted(system.find(folder, detail=True).items())
            if _is_searched(path.removeprefix(below)) and not self._is_output(system, path)
        ]

    def _is_output(self, system: Any, path: str) -> bool:
        if self._output is None or not is_remote(self._output):
            return False
        address: str = system.unstrip_protocol(path)
        output: str = system.unstrip_protocol(system._strip_protocol(self._output))
        return address.startswith(output.rstrip("/") + "/")

    def _root(self, system: str, path: str) -> None:
        self._roots.setdefault(system, []).append(path)


def find_files(
    arguments: Iterable[str], output: str | None = None
) -> tuple[list[InputFile], list[Problem]]:
    """The files that arguments stand for.

    Args:
        arguments: see :meth:`Finder.add`.
        output: see :class:`Finder`.

    Raises:
        CorpusStartError: one is an address, and the package for it is missing.
    """
    finder = Finder(output)
    for argument in dict.fromkeys(arguments):
        finder.add(argument)
    return finder.files(), finder.problems


def _is_searched(below: str) -> bool:
    *folders, name = below.split("/")
    return is_wanted(name) and not any(folder[:1] in ("", ".", "_") for folder in folders)


def _info(system: Any, path: str) -> Mapping[str, Any] | None:
    try:
        info: Mapping[str, Any] = system.info(path)
    except FileNotFoundError:
        return None
    return info


def _matched(system: Any, pattern: str) -> list[Mapping[str, Any]]:
    # fsspec matches hidden files too, which a shell and local patterns do not.
    hidden = "/." in pattern or pattern.startswith(".")
    return [
        info
        for path, info in sorted(system.glob(pattern, detail=True).items())
        if info["type"] == "file" and (hidden or "/." not in path)
    ]


def _named(system: Any) -> str:
    return system.protocol if isinstance(system.protocol, str) else str(system.protocol[0])
