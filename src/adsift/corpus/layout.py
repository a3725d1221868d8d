"""Where things lie in the output of a run.

============================== ===================================================
``NAME``                       the outputs; they mirror the inputs
``attributes/adsift/NAME…``    tags in dolma's layout, if they are not stored in the records
``_adsift/manifest.jsonl``     what the run is and what of it is done
``_adsift/manifest.old``       that of an earlier run, while what this has left is deleted
``_adsift/summary.json``       what it came to
``_adsift/rejects.jsonl``      what could not be cleaned, and why
``_adsift/removed/NAME…``      each paragraph that was removed
``_adsift/patches/NAME``       what restoring needs
``_adsift/sites.bin``           what recurs on which site, if that is counted
``_adsift/parts/``             parts of the inputs that are not done yet
============================== ===================================================

A name of these that an ending would make longer than 255 bytes is shortened, see
:func:`adsift.paths.with_ending`.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import BinaryIO, cast

from adsift.atomic import new_file
from adsift.corpus.below import below, deletable
from adsift.corpus.remote import filesystem, is_remote
from adsift.errors import CorpusError, CorpusStartError, reason
from adsift.paths import cut, with_ending

SIDE = "_adsift"
"""The folder of all that is not output; readers of tables pass over names that begin so."""

MANIFEST, SUMMARY, REJECTS = "manifest.jsonl", "summary.json", "rejects.jsonl"
SITES = "sites.bin"
REMOVED, PATCHES, PARTS = "removed", "patches", "parts"
_COMING = "coming"
_TEMPORARY = 200
"""Bytes that a temporary file has of the name of its output."""
ATTRIBUTES = "attributes"
"""The folder of tags that are not in the records; it lies beside :data:`SIDE`."""


class Layout:
    """The output of a run: a folder, here or remote.

    Attributes:
        output: as the user named it.
        work: the local folder of manifest and parts: ``_adsift`` in the output, or in a folder
            that the user named, which a remote output needs.
    """

    def __init__(self, output: str, work_dir: str | None = None) -> None:
        self.output = output.rstrip("/") if is_remote(output) else output
        if work_dir is not None:
            self.work = Path(work_dir) / SIDE
        elif is_remote(output):
            raise CorpusStartError(
                f"{output} is remote: name a local folder for parts and manifest (--work-dir)"
            )
        else:
            self.work = Path(output) / SIDE

    @property
    def manifest(self) -> Path:
        """The manifest's file."""
        return self.work / MANIFEST

    @property
    def parts(self) -> Path:
        """The folder of parts."""
        return self.work / PARTS

    def remove_parts(self) -> None:
        """Delete what parts have left. They are gone at once, whatever stops it halfway."""
        (self.work / SITES).unlink(missing_ok=True)
        gone = self.work / f"{PARTS}.done"
        shutil.rmtree(gone, ignore_errors=True)
        if self.parts.exists():
            self.parts.rename(gone)
            shutil.rmtree(gone, ignore_errors=True)

    @property
    def work_is_apart(self) -> bool:
        """Whether the manifest is written elsewhere than where it belongs in the end."""
        return is_remote(self.output) or self.work != Path(self.output, SIDE)

    def holds_run(self) -> bool:
        """Whether there is a run already."""
        try:
            return self.manifest.stat().st_size > 0
        except OSError:
            return False

    def holds_finished_run(self) -> bool:
        """Whether there is one that was finished with its parts elsewhere."""
        name = f"{SIDE}/{MANIFEST}"
        if is_remote(self.output):
            return bool(filesystem(self.output).exists(f"{self.output}/{name}"))
        return Path(self.output, name).exists() and self.work_is_apart

    def check_clear(self, outputs: Iterable[str] = ()) -> None:
        """See that :meth:`clear` would delete nothing outside.

        Args:
            outputs: as for it.

        Raises:
            CorpusStartError: it would.
        """
        names = chain(self._coming(), outputs)
        for _ in map(self.shown, names) if is_remote(self.output) else self._deletable(names):
            pass

    def clear(self, outputs: Iterable[str] = ()) -> None:
        """Delete what an earlier run has left.

        Args:
            outputs: the names of its outputs.

        Raises:
            CorpusStartError: a name leads out of the output; that file is as it was.
        """
        coming = self._coming()
        for path, is_new in zip(self._deletable(coming), coming.values(), strict=True):
            with suppress(OSError):
                self._temporary(path).unlink()
            if is_new:
                path.unlink(missing_ok=True)
        for folder in (self.work / name for name in (REMOVED, PATCHES, PARTS)):
            shutil.rmtree(folder, ignore_errors=True)
        for path in (self.work / name for name in (SUMMARY, REJECTS, SITES)):
            path.unlink(missing_ok=True)
        if is_remote(self.output):
            system = filesystem(self.output)
            for name in (SIDE, *outputs):
                if system.exists(self.shown(name)):
                    system.rm(self.shown(name), recursive=True)
            return
        if self.work_is_apart:
            shutil.rmtree(Path(self.output, SIDE), ignore_errors=True)
        for path in self._deletable(outputs):
            path.unlink(missing_ok=True)

    def _coming(self) -> dict[str, bool]:
        """What :meth:`note_coming` has noted last."""
        with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
            noted = json.loads((self.parts / _COMING).read_bytes())
            # A folder of work may have served another output.
            if noted["output"] == self.own_name:
                return {name: is_new is True for name, is_new in noted["names"].items()}
        return {}

    @property
    def own_name(self) -> str:
        """The output as a folder of work knows it, which may serve several; empty if that lies in
        the output itself, which may be moved."""
        return self.output if self.work_is_apart else ""

    def _deletable(self, names: Iterable[str]) -> Iterator[Path]:
        return deletable(self.output, names)

    @contextmanager
    def new_file(self, name: str) -> Iterator[BinaryIO]:
        """A file of the output, to be written; it appears when it is whole. One at a time.

        Raises:
            CorpusError: it cannot be written.
            CorpusStartError: the name leads out of the output.
        """
        new = self._upload if is_remote(self.output) else self._new_here
        try:
            with new(name) as file:
                yield file
        except OSError as error:
            raise CorpusError(f"cannot write {self.shown(name)}: {cause(error)}") from error

    def note_coming(self, names: Iterable[str]) -> None:
        """Note which outputs are about to appear, and of each whether there was no such file
        before: so :meth:`clear` finds what a killed run leaves of them that no manifest tells of.

        Raises:
            OSError: it cannot be noted.
        """
        if is_remote(self.output):
            return
        before = self._coming()  # of a run that went on, the first start knows
        coming = {name: before.get(name, False) or not self.holds(name) for name in names}
        noted = {"output": self.own_name, "names": coming}
        (self.parts / _COMING).write_text(json.dumps(noted), encoding="ascii")

    def _new_here(self, name: str) -> AbstractContextManager[BinaryIO]:
        path = Path(self.shown(name))
        return new_file(path, self._temporary(path))

    def _temporary(self, path: Path) -> Path:
        return path.with_name(f".{cut(path.name, _TEMPORARY)}.adsift")

    @contextmanager
    def _upload(self, name: str) -> Iterator[BinaryIO]:
        place = self.shown(name)
        # Whole before it leaves: a stream to a remote file that breaks off can leave half of it.
        self.work.mkdir(parents=True, exist_ok=True)
        whole = self.work / "upload"
        try:
            with whole.open("wb") as file:
                yield file
            self._put(whole, place)
        finally:
            whole.unlink(missing_ok=True)

    def _put(self, file: Path, place: str) -> None:
        try:
            filesystem(self.output).put_file(str(file), place)
        except OSError:
            raise
        except Exception as error:  # file systems of all kinds have errors of all kinds
            raise CorpusError(f"cannot write {place}: {reason(error)}") from error

    def read(self, name: str) -> BinaryIO:
        """Open a file of the output.

        Raises:
            CorpusError: there is none, or it cannot be read.
            CorpusStartError: the name leads out of the output.
        """
        place = self.shown(name)
        try:
            if is_remote(self.output):
                return cast(BinaryIO, filesystem(self.output).open(place, "rb"))
            return Path(place).open("rb")
        except OSError as error:
            raise CorpusError(f"cannot read {place}: {cause(error)}") from error

    def holds(self, name: str) -> bool:
        """Whether a file of the output is there; far away it is taken for granted."""
        place = self.shown(name)
        return is_remote(self.output) or Path(place).exists()

    def shown(self, name: str) -> str:
        """Where a file of the output is, and how messages call it.

        Raises:
            CorpusStartError: the name leads out of the output.
        """
        return below(self.output, name)


def patch_name(stem: str) -> str:
    """Where the patch of an input is, by what the files beside its output are called after."""
    return with_ending(f"{SIDE}/{PATCHES}/{stem}", ".patch")


def cause(error: OSError) -> str:
    """What the system says, and what helps."""
    import errno

    text = error.strerror or str(error)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        text += "; free some space"
    return text


def is_side(folder: Path) -> bool:
    """Whether a folder holds what a run keeps beside its outputs, none of which is a document."""
    return folder.name == SIDE or (folder.name == ATTRIBUTES and (folder.parent / SIDE).is_dir())


def paste(paths: Iterable[Path], target: BinaryIO) -> None:
    """Write files end to end; those that are missing are empty."""
    for path in paths:
        with suppress(FileNotFoundError), path.open("rb") as part:
            shutil.copyfileobj(part, target, 1 << 20)
