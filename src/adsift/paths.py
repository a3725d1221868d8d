"""Names of files, and the files that folders and patterns stand for."""

from __future__ import annotations

import glob
import hashlib
import os
from collections.abc import Callable, Container, Iterator
from pathlib import Path, PurePath

from adsift.compression import PACKED

LABELS_SUFFIX = ".labels.jsonl"
"""Gold labels lie beside their documents under this ending: they are no documents."""

EMPTY = ("''", "is empty, and names no file or folder; . is this folder")
"""How messages call an argument of no character, which Python takes for this folder, and what is
wrong with it: it mostly comes of a variable that is not set."""

PAGES = (".md", ".markdown", ".html", ".htm", ".xhtml")
"""Endings of documents that tell their format."""

DOCUMENTS = (".txt", *PAGES)
"""Endings of documents, each file of which is one."""

_LONGEST = 255
"""Bytes that a name may have on the usual file systems."""


def bare_name(name: str) -> str:
    """A file name without the ending that tells of compression."""
    for ending in PACKED:
        if name.lower().endswith(ending):
            return name[: -len(ending)]
    return name


def suffix(name: str) -> str:
    """The ending that tells the format: lower case, that of compression passed over."""
    return PurePath(bare_name(name)).suffix.lower()


def is_searched(name: str, endings: Container[str]) -> bool:
    """Whether a folder is searched for files that are called so: with one of these endings, each
    perhaps with one of compression behind it, and neither hidden nor gold labels."""
    return (
        not name.startswith(".")  # it may be empty, as that of / is
        and suffix(name) in endings
        and not bare_name(name).lower().endswith(LABELS_SUFFIX)
    )


def cut(name: str, size: int) -> str:
    """The start of a name that has at most so many bytes."""
    return name.encode("utf-8", "replace")[:size].decode("utf-8", "ignore")


def with_ending(path: str, ending: str) -> str:
    """A path with an ending more. A name that would then be too long for a file system is cut, and
    a digest of all of it tells it from others."""
    folder, slash, name = path.rpartition("/")
    if len((name + ending).encode("utf-8", "replace")) > _LONGEST:
        digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
        ending = f"-{digest[:16]}{ending}"
        name = cut(name, _LONGEST - len(ending))
    return f"{folder}{slash}{name}{ending}"


def absolute(path: Path) -> Path:
    """The path from the root on, by its names: results mirror links and do not follow them."""
    return Path(os.path.normpath(path.absolute()))


def walk(
    folder: Path,
    wanted: Callable[[str], bool],
    leave_out: Callable[[Path], bool],
    on_error: Callable[[OSError], None],
) -> Iterator[Path]:
    """The files in a folder and the folders in it, sorted; links to folders are not followed.

    Args:
        folder: where to begin.
        wanted: tells by the name whether a file is looked for.
        leave_out: tells whether a folder is passed over.
        on_error: is called for a folder that cannot be read.
    """
    for where, folders, files in os.walk(folder, onerror=on_error):
        folders[:] = sorted(name for name in folders if not leave_out(Path(where, name)))
        for name in sorted(files):
            path = Path(where, name)
            if wanted(name) and (path.is_file() or path.is_symlink()):
                yield path


def matches(pattern: str) -> Iterator[Path]:
    """The files that a pattern matches, sorted; hidden ones only where it says so."""
    # Path.glob would not leave out hidden files, as a shell does.
    for name in sorted(glob.glob(pattern, recursive=True)):  # noqa: PTH207
        path = Path(name)
        if not path.is_dir():
            yield path


def is_pattern(argument: str) -> bool:
    """Whether an argument is a pattern, and not a file that is called so."""
    return glob.has_magic(argument) and not os.path.lexists(argument)


def fixed_part(pattern: Path) -> Path:
    """The folder that all matches of a pattern are in."""
    fixed = []
    for part in pattern.parts[:-1]:
        if glob.has_magic(part):
            break
        fixed.append(part)
    return Path(*fixed)
