"""A file to read: here, far away, or a stream that comes but once."""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

from adsift.compression import BUFFER, Codec, open_decompressed, read_head
from adsift.compression.joined import Joined
from adsift.corpus.kinds import HEAD
from adsift.errors import DocumentError

# The blocks of bzip2 and of Zstandard, of which the first must be whole to be looked into, are
# smaller even if they do not compress.
_KEPT = 1 << 20

# What storage services call the version of a file, the best first.
_STAMPS = (
    *("ETag", "etag", "e_tag", "md5Hash", "content_md5", "sha256", "blob_id", "crc32c"),
    *("mtime", "LastModified", "last_modified", "updated", "created"),
)


@dataclass(frozen=True, slots=True)
class InputFile:
    """One file.

    Attributes:
        shown: how messages call it: the path as the user wrote it, or its address.
        path: of a local file, or in the file system.
        size: in bytes, as it lies there; ``None`` if nobody knows.
        stamp: changes if the file does: a modification time or what a storage service has.
        name: of its output, below the common folder of all inputs; forward slashes.
        system: the fsspec file system of a remote file.
        stream: what can be read but once.
    """

    shown: str
    path: str
    size: int | None = None
    stamp: str = ""
    name: str = ""
    system: Any = None
    stream: Stream | None = None

    @classmethod
    def local(cls, path: Path) -> InputFile:
        """A file here. A pipe is opened at once.

        Raises:
            OSError: there is none, or it cannot be read.
        """
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            return cls(str(path), str(path), stream=Stream(path.open("rb")))
        return cls(str(path), str(path), status.st_size, str(status.st_mtime_ns))

    @classmethod
    def remote(cls, system: Any, info: Mapping[str, Any]) -> InputFile:
        """A file of which a file system has told."""
        path = info["name"]
        stamp = next((str(info[key]) for key in _STAMPS if info.get(key)), "")
        return cls(system.unstrip_protocol(path), path, info.get("size"), stamp, system=system)

    def open(self, buffer: int = BUFFER) -> BinaryIO:
        """Open it, as it lies there.

        Args:
            buffer: bytes of a local file that are read at a time.

        Raises:
            OSError: it cannot be read; remote file systems have other errors too.
            DocumentError: it has been read, and cannot be read twice.
        """
        if self.stream is not None:
            return self.stream.open()
        if self.system is not None:
            return cast(BinaryIO, self.system.open(self.path, "rb"))
        return Path(self.path).open("rb", buffer)

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """Open it for reading to its end, :meth:`watched`.

        Raises:
            DocumentError, OSError: as for these.
        """
        with closing(self.open()) as file, self.watched(file):
            yield file

    @contextmanager
    def watched(self, file: BinaryIO) -> Iterator[None]:
        """While it is read to its end, see that it is what it was when it was found; only of a
        file here one can tell.

        Args:
            file: what :meth:`open` gave; whoever reads it may close it.

        Raises:
            DocumentError: it was written to since.
        """
        if self.stream is not None or self.system is not None:
            yield
            return
        # Not by the name, which may stand for another file by the end, or for none.
        descriptor = os.dup(file.fileno())
        try:
            yield
            now = os.fstat(descriptor)
        finally:
            os.close(descriptor)
        if (now.st_size, str(now.st_mtime_ns)) != (self.size, self.stamp):
            raise DocumentError(
                f"was written to during the run (it had {self.size:,} bytes, and has "
                f"{now.st_size:,}): the output may lack records or mix old and new ones, so clean "
                "it anew when it is whole"
            )

    def look(self) -> tuple[bytes, Codec]:
        """Its first :data:`.kinds.HEAD` bytes, decompressed, as far as they are sound, and how it
        is compressed. It can still be opened then.

        Raises:
            OSError: as for :meth:`open`.
        """
        begin = self.open(HEAD) if self.stream is None else self.stream.look()
        with begin as file:
            content, codec = open_decompressed(file)
            head, _ = read_head(content, HEAD)  # of damage whoever reads it all will say
            return head, codec


class Stream:
    """A stream that comes but once: standard input, a pipe. Its beginning is kept."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._start = stream.read(_KEPT)
        self._opened = False

    def look(self) -> BinaryIO:
        """The beginning."""
        return io.BytesIO(self._start)

    def open(self) -> BinaryIO:
        """The whole.

        Raises:
            DocumentError: it was opened before.
        """
        if self._opened:
            raise DocumentError("is a stream, which cannot be read twice: save it to a file first")
        self._opened = True
        raw = Joined(io.BytesIO(self._start), self._stream)
        return cast(BinaryIO, io.BufferedReader(raw, _KEPT))
