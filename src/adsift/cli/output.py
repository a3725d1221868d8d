"""Where results go: standard output, one file, or a folder that mirrors the inputs."""

from __future__ import annotations

import io
import os
import secrets
import shutil
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import IO, BinaryIO, Protocol, Self, cast

from adsift.cli.exits import OutputError, StartError
from adsift.cli.inputs import Input
from adsift.cli.reading import End
from adsift.compression import Codec, named_codec, open_compressed
from adsift.errors import DocumentError, reason


class AtomicFile:
    """A file that appears under its name only when it is whole.

    Devices and pipes are written directly. It is compressed if its name says so, as by ``.gz``.
    """

    def __init__(self, path: Path) -> None:
        # A link stays a link: the file that it leads to is written anew. But /dev/stdout and a
        # shell's >(command) may lead to a pipe, which has no path of its own.
        special = path.exists() and not path.is_file()
        self._target = path if special else Path(os.path.realpath(path))
        self._temporary: Path | None = None
        if self._target.is_file() or not self._target.exists():
            name = f".adsift-{secrets.token_hex(8)}.tmp"
            self._temporary = self._target.with_name(name)
        if self._target.is_file() and not os.access(self._target, os.W_OK):
            # The replacement would succeed, but whoever protects a file means it.
            raise PermissionError(13, "Permission denied")
        self._raw = (self._temporary or self._target).open("xb" if self._temporary else "wb")
        self._stream: IO[bytes] = self._raw
        codec = named_codec(path.name)
        if codec != Codec.NONE:
            try:
                self._stream = open_compressed(self._raw, codec)
            except ImportError as error:  # some Pythons are built without lzma
                self.discard()
                raise OSError(None, str(error)) from error

    def write(self, data: bytes) -> None:
        """Add to the file."""
        self._stream.write(data)

    def commit(self) -> None:
        """The file is whole: give it its name."""
        try:
            self._close()
            if self._temporary:
                if self._target.exists():
                    shutil.copymode(self._target, self._temporary)
                self._temporary.replace(self._target)
        except OSError:
            self.discard()
            raise

    def discard(self) -> None:
        """The file will not become whole: leave what stood under its name."""
        try:
            self._close()
        except OSError:  # a full disk cannot take the rest, which nobody wants now
            self._raw.close()
        if self._temporary:
            self._temporary.unlink(missing_ok=True)

    def _close(self) -> None:
        self._stream.close()
        self._raw.close()


class Sink(Protocol):
    """A place for results."""

    def write(self, source: Input, data: bytes) -> None:
        """Take the result of one document.

        Raises:
            OutputError: no result can be taken any more.
            DocumentError: the results of this file cannot be taken.
        """

    def end(self, end: End) -> None:
        """Know that nothing more comes from a file; raises as ``write`` does."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


def stdout_is_terminal() -> bool:
    """Whether a person sees what goes to standard output."""
    return sys.stdout is not None and sys.stdout.isatty()


def stdout_bytes() -> BinaryIO:
    """Standard output for bytes, of which a write takes all or raises an error.

    Raises:
        StartError: this process has none.
    """
    if sys.stdout is None:
        raise StartError("there is no standard output; choose -o")
    return _whole_writes(cast(BinaryIO, sys.stdout.buffer))


@cache  # whose collection as garbage would close standard output
def _whole_writes(stream: BinaryIO) -> BinaryIO:
    # With PYTHONUNBUFFERED it is a bare file, which says how much it took and nobody asks.
    if isinstance(stream, io.RawIOBase):
        return cast(BinaryIO, io.BufferedWriter(stream))
    return stream


class StdoutSink:
    """Standard output, document after document.

    The separator stands between documents, but not between the lines of JSON lines.
    """

    def __init__(self, separator: bytes = b"") -> None:
        self._separator = separator
        self._first = True

    def write(self, source: Input, data: bytes) -> None:
        """Write and flush: the reader at the other end of a pipe waits for whole documents."""
        stream = stdout_bytes()
        try:
            if not self._first and not source.jsonl:
                stream.write(self._separator)
            stream.write(data)
            stream.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise OutputError(f"cannot write the output: {reason(error)}") from None
        self._first = False

    def end(self, end: End) -> None:
        """Nothing to finish."""

    def __enter__(self) -> Self:
        stdout_bytes()  # to say at once that there is none
        return self

    def __exit__(self, *error: object) -> None: ...


class FileSink:
    """One file for everything. It replaces nothing as long as it has nothing to say, unless
    ``even_empty``."""

    def __init__(self, path: Path, even_empty: bool = False) -> None:
        self._path = path
        self._used = even_empty
        self._file: AtomicFile | None = None

    def write(self, source: Input, data: bytes) -> None:
        """Add to the file."""
        del source
        assert self._file is not None
        self._used = True
        try:
            self._file.write(data)
        except OSError as error:
            raise self._lost(error) from None

    def end(self, end: End) -> None:
        """JSONL without a line makes a file without a line; a failed input makes none."""
        self._used |= end.opened and end.source.jsonl

    def _lost(self, error: OSError) -> OutputError:
        return OutputError(f"cannot write {self._path}: {reason(error)}")

    def __enter__(self) -> Self:
        try:
            self._file = AtomicFile(self._path)
        except OSError as error:
            raise StartError(f"cannot write {self._path}: {reason(error)}") from None
        return self

    def __exit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        assert self._file is not None
        if kind is not None or not self._used:
            self._file.discard()
            return
        try:
            self._file.commit()
        except OSError as error:
            raise self._lost(error) from None


class FolderSink:
    """A file for each input. One that cannot be written doesn't stop the others."""

    def __init__(self, folder: Path, place: Callable[[Input], Path]) -> None:
        self._folder = folder
        self._place = place
        self._file: AtomicFile | None = None
        self._lost: Input | None = None

    def write(self, source: Input, data: bytes) -> None:
        """Add to the file of this input."""
        if source is self._lost:
            return
        try:
            if self._file is None:
                self._file = self._open(source)
            self._file.write(data)
        except OSError as error:
            raise self._failed(source, error) from None

    def end(self, end: End) -> None:
        """Give the file of this input its name."""
        source = end.source
        if source is self._lost:
            return
        try:
            if self._file is None and end.opened and source.jsonl:
                self._file = self._open(source)
            if self._file is not None:
                self._file.commit()
        except OSError as error:
            raise self._failed(source, error) from None
        self._file = None

    def _open(self, source: Input) -> AtomicFile:
        place = self._place(source)
        place.parent.mkdir(parents=True, exist_ok=True)
        return AtomicFile(place)

    def _failed(self, source: Input, error: OSError) -> DocumentError:
        self._discard()
        self._lost = source
        return DocumentError(f"cannot write {self._place(source)}: {reason(error)}")

    def _discard(self) -> None:
        if self._file is not None:
            self._file.discard()
            self._file = None

    def __enter__(self) -> Self:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StartError(f"cannot make the folder {self._folder}: {reason(error)}") from None
        return self

    def __exit__(self, *error: object) -> None:
        self._discard()
