"""Names of files below a folder.

Manifests, patches and packs tell names, and nobody vouches for them: a folder may come from anyone.
A name that led out of its folder could have any file read, written over or deleted.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path, PurePosixPath, PureWindowsPath

from adsift.corpus.remote import is_remote
from adsift.errors import CorpusStartError


def below(folder: str, name: str, windows: bool = os.name == "nt") -> str:
    """The place of a file below a folder. All names in an output or a restore target come by here.

    Args:
        folder: here or remote, without a slash at its end if it is remote.
        name: of the file, with forward slashes.
        windows: whether names mean what they mean there, where backslashes part them too and
            drives have letters.

    Raises:
        CorpusStartError: the name leads out of the folder, or is none.
    """
    if not _is_below(name, windows, is_remote(folder)):
        raise CorpusStartError(
            f"{name!r} is no name of a file below {folder}: this folder is not one that adsift "
            "wrote, or was changed since; nothing is done to that file"
        )
    return f"{folder}/{name}" if is_remote(folder) else str(Path(folder, name))


def deletable(folder: str, names: Iterable[str]) -> Iterator[Path]:
    """The places of files below a local folder, each with no link on its way that leads out.

    Raises:
        CorpusStartError: there is one, or a name leads out itself.
    """
    real = lru_cache(maxsize=1024)(os.path.realpath)  # millions of files are in few folders
    root = real(folder)
    for name in names:
        path = Path(below(folder, name))
        # Not of the file: if it is a link itself, the link is deleted, and not what it names.
        there = real(path.parent)
        if there != root and not there.startswith(os.path.join(root, "")):  # noqa: PTH118
            raise CorpusStartError(
                f"a link leads from {folder} to {there}, where nothing may be deleted for "
                f"{name!r}: delete that file and take the link away, or choose another output"
            )
        yield path


def _is_below(name: object, windows: bool, remote: bool) -> bool:
    if not isinstance(name, str) or "\0" in name:
        return False
    path = PureWindowsPath(name) if windows else PurePosixPath(name)
    if not path.parts or path.anchor:
        return False
    # Some servers have backslashes between folders, wherever their clients are.
    parts = PureWindowsPath(name).parts if remote else path.parts
    return not any(part == ".." or (windows and not part.rstrip(" .")) for part in parts)
