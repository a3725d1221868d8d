"""The manifest: what a run is, and what of it is done. One JSON object a line.

The first line states the options, the bundle and the inputs. Then come a line for each part, once
its files are on the disk, and a line for each input, once its output is whole. A line that a crash
has cut short counts for nothing, so its part is made again, to the same bytes.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import IO, Any, BinaryIO

from adsift.atomic import new_file
from adsift.errors import CorpusStartError

VERSION = 1
"""Of the manifest and of all that lies beside it."""

_OLD = "manifest.old"
_EXPLAINED = {
    "adsift": "another version of adsift",
    "bundle": "another model bundle",
    "options": "other options",
    "output": "another output",
    "inputs": "other inputs, or they have changed",
}


@dataclass(frozen=True, slots=True)
class Part:
    """A chunk that is done.

    Attributes:
        input, chunk: which one: their numbers from 0.
        count: records that it spans.
        size: how much of the output it is, see :class:`adsift.corpus.containers.base.Kept`.
        read: bytes of the chunk, decompressed.
        patch: bytes of its patch.
        files: for a chunk of single files, the names of the outputs.
        position: how much of the input had been read, 0 to 1, if known.
        memory: bytes that the process which made it held at most so far.
        counts: what it adds up to, as :meth:`adsift.corpus.summary.Counts.to_json` says.
    """

    input: int
    chunk: int
    count: int
    size: int
    read: int
    patch: int
    files: list[str] = field(default_factory=list)
    position: float | None = None
    memory: int = 0
    counts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finished:
    """An input whose output is whole.

    Attributes:
        input: its number.
        output: where that is, below the output folder; empty for single files, and if there is
            none.
        parts: how many it was made of.
        problem: why the input could not be read to its end; empty if it could.
        attributes: where its tags are, if they are in a file beside.
    """

    input: int
    output: str
    parts: int
    problem: str = ""
    attributes: str = ""


Line = Part | Finished


class Manifest:
    """A manifest that is being written.

    Attributes:
        parts: how many parts of each unfinished input are done; always its first ones.
        finished: numbers of the inputs that are.
    """

    def __init__(self, path: Path, header: dict[str, Any]) -> None:
        """Begin a manifest, or go on with one; :meth:`begin` or :meth:`resume` come next."""
        self._path = path
        self._header = json.loads(json.dumps({"version": VERSION, **header}))
        self._file: IO[bytes] | None = None
        self._waiting: list[bytes] = []
        self.parts: dict[int, int] = {}
        self.finished: set[int] = set()

    def begin(
        self,
        clear: Callable[[Iterator[Line]], None],
        check: Callable[[Iterator[Line]], None] = lambda _: None,
    ) -> None:
        """Write the first line.

        Args:
            clear: deletes what an earlier run has left, of which it is given the lines. It is
                called when that run's manifest is empty and before this one's begins: what is
                left can belong to neither then. A copy of the old one is there until all is
                deleted, for the next to begin if this is stopped meanwhile.
            check: refuses what must not be deleted. It is given the same lines, while the old
                manifest is still there.

        Raises:
            OSError: the manifest cannot be written.
            CorpusStartError: another run is under way here.
        """
        self._open()
        assert self._file is not None
        old = self._path.with_name(_OLD)
        if os.fstat(self._file.fileno()).st_size:
            with new_file(old, old.with_suffix(".tmp")) as copy:
                shutil.copyfileobj(self._file, copy)
        check(self._old_lines(old))
        self._file.seek(0)
        self._file.truncate()
        os.fsync(self._file.fileno())
        clear(self._old_lines(old))
        old.unlink(missing_ok=True)
        self._write(_dump(self._header))

    def _old_lines(self, path: Path) -> Iterator[Line]:
        try:
            with path.open("rb") as file:
                header, lines = read_manifest(file)
                # A folder of work may have served another output.
                if header.get("output") == self._header.get("output"):
                    yield from lines
        except (FileNotFoundError, CorpusStartError):
            return

    def resume(self) -> Iterator[Line]:
        """Read what is done, and go on behind it.

        Raises:
            OSError: the manifest cannot be read or written.
            CorpusStartError: it is of another run, or that one is still under way.
        """
        self._open()
        assert self._file is not None
        good = 0
        for number, line in enumerate(self._file):
            if number == 0:
                if not line.endswith(b"\n"):
                    break
                self._check(_parse(line) or {})
            elif (entry := _entry(line)) is None:
                break
            else:
                self._note(entry)
                yield entry
            good += len(line)
        self._file.seek(good)
        self._file.truncate()
        if not good:  # the run was stopped before it had begun
            self._write(_dump(self._header))

    def add(self, entry: Line) -> None:
        """Note that something is done; what runs later know of it at :meth:`flush`."""
        kind = "part" if isinstance(entry, Part) else "finished"
        # Not asdict, which copies the counts, of perhaps thousands of sites.
        line = {kind: {one.name: getattr(entry, one.name) for one in fields(entry)}}
        self._waiting.append(_dump(line))
        self._note(entry)

    def flush(self) -> None:
        """Write what has been noted; it is on the disk when this returns.

        Raises:
            OSError: the manifest cannot be written.
        """
        lines = b"".join(self._waiting)
        self._waiting.clear()  # what the disk does not take now must not come twice
        self._write(lines)

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _note(self, entry: Line) -> None:
        if isinstance(entry, Part):
            self.parts[entry.input] = entry.chunk + 1
        else:
            self.parts.pop(entry.input, None)
            self.finished.add(entry.input)

    def _open(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        # Not emptied before it is locked: it may be that of a run under way.
        self._path.touch()
        self._file = file = self._path.open("r+b")
        if not _lock(file):
            self.close()
            raise CorpusStartError(f"another run is writing to {self._path.parent}: let it end")

    def _write(self, lines: bytes) -> None:
        assert self._file is not None
        self._file.write(lines)
        self._file.flush()
        os.fsync(self._file.fileno())

    def _check(self, header: dict[str, Any]) -> None:
        if header.get("version") != VERSION:
            raise CorpusStartError(f"{self._path} is no manifest that this adsift can go on with")
        differing = [name for name in self._header if header.get(name) != self._header[name]]
        if differing:
            raise CorpusStartError(
                f"{self._path.parent} holds a run with "
                + " and ".join(_explained(name, header, self._header) for name in differing)
                + ": go on with those, or choose another output"
            )


def names_of(line: Line) -> Iterable[str]:
    """The names of the outputs that a line tells of, below the output folder."""
    if isinstance(line, Part):
        return line.files
    return filter(None, (line.output, line.attributes))


def read_manifest(file: BinaryIO) -> tuple[dict[str, Any], Iterator[Line]]:
    """The first line of a manifest and, read as they are needed, the others.

    Args:
        file: the manifest; it is closed when all lines are read.

    Raises:
        CorpusStartError: it is not one that this adsift can read.
    """
    header = _parse(file.readline())
    if not header or header.get("version") != VERSION:
        raise CorpusStartError("this is no manifest of a run that this adsift can read")
    return header, _lines(file)


def _dump(value: dict[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode() + b"\n"


def _lines(file: BinaryIO) -> Iterator[Line]:
    with file:
        for line in file:
            if (entry := _entry(line)) is None:
                return
            yield entry


def _parse(line: bytes) -> dict[str, Any] | None:
    if not line.endswith(b"\n"):
        return None
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _entry(line: bytes) -> Line | None:
    value = _parse(line) or {}
    try:
        entry = Part(**value["part"]) if "part" in value else Finished(**value["finished"])
    except (KeyError, TypeError):
        return None
    return entry if _is_sound(entry) else None


def _is_sound(entry: Line) -> bool:
    """Whether an entry has what a run writes, and not something else of the same names."""
    if isinstance(entry, Finished):
        numbers = [entry.input, entry.parts]
        texts = [entry.output, entry.problem, entry.attributes]
        return _are_counts(numbers) and _are_texts(texts)
    numbers = [entry.input, entry.chunk, entry.count, entry.size, entry.read, entry.patch]
    return (
        _are_counts([*numbers, entry.memory])
        and isinstance(entry.files, list)
        and _are_texts(entry.files)
        and isinstance(entry.position, int | float | None)
        and isinstance(entry.counts, dict)
    )


def _are_counts(values: list[int]) -> bool:
    return all(isinstance(value, int) and value >= 0 for value in values)


def _are_texts(values: list[str]) -> bool:
    return all(isinstance(value, str) for value in values)


def _explained(name: str, was: dict[str, Any], now: dict[str, Any]) -> str:
    text = _EXPLAINED.get(name, f"another {name}")
    if name == "options" and isinstance(was.get(name), dict):
        differing = [
            f"{key} {was[name].get(key)!r}, not {value!r}"
            for key, value in now[name].items()
            if was[name].get(key) != value
        ]
        text += f" ({'; '.join(differing)})"
    return text


def _lock(file: IO[bytes]) -> bool:
    try:
        import fcntl
    except ImportError:  # Windows
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
