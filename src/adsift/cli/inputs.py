"""From the PATH arguments to the files to read."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from adsift.corpus.layout import is_side
from adsift.errors import reason
from adsift.paths import (
    DOCUMENTS,
    EMPTY,
    absolute,
    fixed_part,
    is_pattern,
    is_searched,
    matches,
    suffix,
    walk,
)

DOCUMENT_SUFFIXES = frozenset({*DOCUMENTS, ".jsonl"})
"""What a folder is searched for, each also with ``.gz`` or the like behind it."""

STDIN = "-"

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+://", re.I)


@dataclass(frozen=True, slots=True)
class Input:
    """One file to read, or standard input.

    Attributes:
        path: the file; ``None`` for standard input.
        jsonl: whether each line is a document of its own.
    """

    path: Path | None
    jsonl: bool

    @property
    def shown(self) -> str:
        """How messages and records call it: the path as the user wrote it."""
        return STDIN if self.path is None else str(self.path)

    @property
    def name(self) -> str:
        """The file name."""
        return "stdin" if self.path is None else self.path.name


@dataclass(slots=True)
class Found:
    """What the arguments stand for.

    Attributes:
        inputs: the files, each once, in the order of the arguments; folders sorted.
        problems: arguments that stand for nothing, with the reason.
        several: whether the command line asks for possibly more than one input. It depends on
            the arguments only, so that the output's form doesn't change with a folder's content.
        base: the deepest folder that holds all inputs.
        folders: those that were searched.
        output: where results go; if that is a folder, it was not searched.
    """

    inputs: list[Input] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)
    several: bool = False
    base: Path = Path()
    folders: list[Path] = field(default_factory=list)
    output: str | None = None

    def searched(self, path: Path) -> Path | None:
        """The folder in which the search would find a document of this path, if any."""
        if not _is_document(path.name):
            return None
        real = Path(os.path.realpath(path))
        if self.output is not None and real.parent.is_relative_to(self.output):
            return None
        for folder in self.folders:
            root = Path(os.path.realpath(folder))
            if real.is_relative_to(root) and not any(
                _is_passed_over(root / below) for below in [*real.relative_to(root).parents][:-1]
            ):
                return folder
        return None


def find_inputs(
    arguments: Iterable[str], *, all_jsonl: bool = False, output: Path | None = None
) -> Found:
    """Find the files that the arguments name.

    Args:
        arguments: files, folders, glob patterns, ``-``.
        all_jsonl: read every input as JSONL, whatever its name.
        output: where the results go; a folder is not searched there.
    """
    finder = _Finder(all_jsonl, output)
    for argument in dict.fromkeys(arguments):
        finder.add(argument)
    return finder.finish()


class _Finder:
    def __init__(self, all_jsonl: bool, output: Path | None) -> None:
        self._all_jsonl = all_jsonl
        self._output = os.path.realpath(output) if output else None
        self._found = Found(output=self._output)
        self._seen: set[tuple[str, str] | None] = set()
        self._roots: list[Path] = []
        self._arguments = 0

    def add(self, argument: str) -> None:
        """Add what one argument stands for."""
        self._arguments += 1
        path = Path(argument)
        if not argument:
            self._found.problems.append(EMPTY)
        elif argument == STDIN:
            self._take(None)
        elif _ADDRESS.match(argument) and not os.path.lexists(argument):
            self._found.problems.append((argument, _no_file(argument)))
        elif path.is_dir():
            self._found.folders.append(path)
            self._take_many(argument, path, self._walk(path), "holds no documents")
        elif is_pattern(argument):
            self._take_many(argument, fixed_part(path), matches(argument), "matches no file")
        else:
            self._roots.append(absolute(path.parent))
            self._take(path)

    def finish(self) -> Found:
        """All that was found."""
        self._found.several |= self._arguments > 1
        if self._roots:
            # A pattern such as "a/*/../../x" leads out of its fixed part.
            parents = [absolute(i.path.parent) for i in self._found.inputs if i.path]
            self._found.base = Path(os.path.commonpath(self._roots + parents))
        return self._found

    def _take_many(self, argument: str, root: Path, files: Iterator[Path], none: str) -> None:
        self._found.several = True
        self._roots.append(absolute(root))
        problems = len(self._found.problems)
        empty = True
        for path in files:
            empty = False
            self._take(path)
        if empty and len(self._found.problems) == problems:
            self._found.problems.append((argument, none))

    def _take(self, path: Path | None) -> None:
        key = None if path is None else (os.path.realpath(path.parent), path.name)
        if key in self._seen:
            return
        self._seen.add(key)
        jsonl = self._all_jsonl or (path is not None and suffix(path.name) == ".jsonl")
        self._found.inputs.append(Input(path, jsonl))

    def _walk(self, folder: Path) -> Iterator[Path]:
        return walk(folder, _is_document, self._leave_out, self._unreadable)

    def _leave_out(self, folder: Path) -> bool:
        return _is_passed_over(folder) or os.path.realpath(folder) == self._output

    def _unreadable(self, error: OSError) -> None:
        self._found.problems.append((str(error.filename), reason(error)))


def _is_passed_over(folder: Path) -> bool:
    return folder.name[0] == "." or is_side(folder)


def _no_file(address: str) -> str:
    if not address.lower().startswith(("http://", "https://")):
        return "is an address, and only files are read; adsift clean reads addresses"
    quoted = shlex.quote(address)
    return (
        "is an address, and only files are read; for a page: "
        f"curl -sL {quoted} | adsift strip - --url {quoted}"
    )


def _is_document(name: str) -> bool:
    return is_searched(name, DOCUMENT_SUFFIXES)
