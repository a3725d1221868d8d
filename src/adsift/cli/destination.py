"""What ``-o`` means for the inputs at hand, checked before anything is done."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from adsift.cli.exits import UsageError
from adsift.cli.inputs import DOCUMENT_SUFFIXES, STDIN, Found, Input
from adsift.cli.output import FileSink, FolderSink, Sink, StdoutSink
from adsift.paths import absolute, bare_name, suffix


@dataclass(frozen=True, slots=True)
class Destination:
    """Where results go: nowhere but standard output, into one file, or into a folder."""

    path: Path | None = None
    is_folder: bool = False

    @property
    def is_stdout(self) -> bool:
        """Whether results go to standard output."""
        return self.path is None

    @property
    def is_jsonl_file(self) -> bool:
        """Whether results go into one file that is called JSON lines."""
        return self.path is not None and not self.is_folder and suffix(self.path.name) == ".jsonl"

    def place(self, source: Input, base: Path, ending: str) -> Path:
        """The file in the folder that an input's results go to.

        Args:
            source: the input.
            base: the folder that the destination mirrors.
            ending: what the file's name must end with; empty keeps the input's name.
        """
        assert self.path is not None
        if source.path is None:
            return self.path / (source.name + ending)
        relative = absolute(source.path).relative_to(base)
        return self.path / relative.with_name(_renamed(source, ending))

    def sink(self, place: Callable[[Input], Path], separator: bytes = b"") -> Sink:
        """The sink that writes there."""
        if self.path is None:
            return StdoutSink(separator)
        return FolderSink(self.path, place) if self.is_folder else FileSink(self.path)


def _renamed(source: Input, ending: str) -> str:
    bare = bare_name(source.name)
    if bare.lower().endswith(ending) or (source.jsonl and ending == ".jsonl"):
        return source.name
    return bare + ending + source.name[len(bare) :]


def output_path(output: str | None) -> Path | None:
    """The path that ``-o`` names; ``None`` for standard output."""
    return None if output in (None, STDIN) else Path(output or "")


def choose_destination(output: str | None, several: bool) -> Destination:
    """Tell whether ``-o`` names a file or a folder.

    Raises:
        UsageError: it names nothing, or a file where only a folder will do.
    """
    if output == "":
        raise UsageError("-o names no file or folder")
    path = output_path(output)
    if path is None:
        return Destination()
    if path.is_dir() or (output or "").endswith(("/", os.sep)):
        return Destination(path, is_folder=True)
    if not several or suffix(path.name) == ".jsonl":
        return Destination(path)
    if path.exists() or suffix(path.name) in DOCUMENT_SUFFIXES:
        raise UsageError(f"several inputs need a folder or a .jsonl file to go to, not {path}")
    return Destination(path, is_folder=True)


def check_places(found: Found, places: Iterable[tuple[Input | str, Path]]) -> None:
    """Refuse to overwrite an input or to write one file twice.

    Args:
        found: the inputs.
        places: the files that will be written, and from which input; or by which option, if not
            from a single one.

    Raises:
        UsageError: naming the files.
    """
    inputs = {
        identity: source.shown
        for source in found.inputs
        if source.path and (identity := _identity(source.path))
    }
    taken: dict[str, str] = {}
    for whose, place in places:
        identity = _identity(place)
        if identity in inputs:
            option = whose if isinstance(whose, str) else "-o"
            raise UsageError(
                f"{place} is an input and will not be overwritten; choose another {option}"
            )
        shown = whose if isinstance(whose, str) else whose.shown
        key = os.path.realpath(place)
        if key in taken:
            raise UsageError(f"{taken[key]} and {shown} would both be written to {place}")
        taken[key] = shown


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    # Pipes and devices have nothing that writing could destroy.
    return (status.st_dev, status.st_ino) if path.is_file() else None
