"""Compression of whole files: told by content, undone and done again in bounded memory."""

from __future__ import annotations

import bz2
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, BinaryIO, Protocol, cast

from adsift.errors import DocumentError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class Codec(StrEnum):
    """How a file is compressed."""

    NONE = "none"
    GZIP = "gzip"
    ZSTD = "zstd"
    BZ2 = "bz2"

    @property
    def suffix(self) -> str:
        """The ending of such a file's name."""
        return _SUFFIXES[self]


_SUFFIXES = {Codec.NONE: "", Codec.GZIP: ".gz", Codec.ZSTD: ".zst", Codec.BZ2: ".bz2"}

PACKED = tuple(suffix for suffix in _SUFFIXES.values() if suffix)
"""The endings that tell of compression."""

_PEEK = 64
_BUFFER = 1 << 20
_GZIP = b"\x1f\x8b\x08"
_ZSTD = b"\x28\xb5\x2f\xfd"
_SKIPPABLE = b"\x2a\x4d\x18"  # behind 0x50 to 0x5f: what parallel compressors put before frames
# A text may well begin with "BZh1"; only the block behind it makes it bzip2.
_BZ2_BLOCKS = (b"\x31\x41\x59\x26\x53\x59", b"\x17\x72\x45\x38\x50\x90")

# A few bytes of Zstandard can stand for a block of 128 KiB, and its decompressor cannot be told
# when to stop: what goes in at once bounds what comes out, to 32 MiB.
_ZSTD_SLICE = 1024
_ZSTD_WINDOW = 1 << 31  # as large as ``zstd --long=31`` makes it


def detect_codec(head: bytes) -> Codec:
    """Tell by the first bytes of a file (10 are enough) how it is compressed."""
    if head.startswith(_GZIP):
        return Codec.GZIP
    if head.startswith(_ZSTD) or (head[1:4] == _SKIPPABLE and head[0] >> 4 == 5):
        return Codec.ZSTD
    if head.startswith(b"BZh") and head[3:4] in b"123456789" and head[4:10] in _BZ2_BLOCKS:
        return Codec.BZ2
    return Codec.NONE


def open_decompressed(stream: BinaryIO) -> tuple[io.BufferedReader, Codec]:
    """Undo a file's compression, if it has one, as it is read.

    Members and frames that lie end to end are one file, as usual.

    Args:
        stream: the file, at its beginning. Closing the result closes it too.

    Returns:
        The content, and how it was compressed. Reading raises :class:`adsift.DocumentError`
        where the data is damaged or cut off; all before that is good.
    """
    raw = buffered(stream)
    codec = detect_codec(raw.peek(_PEEK)[:_PEEK])
    if codec == Codec.NONE:
        return raw, codec
    packed = cast(BinaryIO, raw)
    return io.BufferedReader(_Checked(packed, _unpacking(packed, codec), codec), _BUFFER), codec


def _unpacking(packed: BinaryIO, codec: Codec) -> _Unpacked:
    if codec == Codec.GZIP:
        return gzip.GzipFile(fileobj=packed, mode="rb")
    return bz2.BZ2File(packed) if codec == Codec.BZ2 else _ZstdReader(packed)


def buffered(stream: BinaryIO) -> io.BufferedReader:
    """The stream with a buffer that can be looked into."""
    if isinstance(stream, io.BufferedReader):
        return stream
    return io.BufferedReader(cast(io.RawIOBase, stream), _BUFFER)


def compress(data: bytes, codec: Codec) -> bytes:
    """Compress a piece of a file; pieces that lie end to end are a file. The same bytes always
    give the same bytes."""
    if codec == Codec.GZIP:
        return gzip.compress(data, 6, mtime=0)
    if codec == Codec.BZ2:
        return bz2.compress(data)
    if codec == Codec.ZSTD:
        import zstandard

        return zstandard.ZstdCompressor(write_checksum=True).compress(data)
    return data


def decompress(data: bytes) -> bytes:
    """Undo the compression of a file that is in memory.

    Raises:
        DocumentError: it is damaged.
    """
    return open_decompressed(io.BytesIO(data))[0].read()


@contextmanager
def compressed(target: BinaryIO, codec: Codec) -> Iterator[BinaryIO]:
    """A stream whose data goes compressed to the target, which stays open. The same data always
    gives the same bytes."""
    if codec == Codec.NONE:
        yield target
        return
    with _packing(target, codec) as stream:
        yield stream


def _packing(target: BinaryIO, codec: Codec) -> BinaryIO:
    if codec == Codec.GZIP:
        return cast(BinaryIO, gzip.GzipFile("", "wb", 6, target, mtime=0))
    if codec == Codec.BZ2:
        return cast(BinaryIO, bz2.BZ2File(target, "wb"))
    import zstandard

    compressor = zstandard.ZstdCompressor(write_checksum=True)
    return cast(BinaryIO, compressor.stream_writer(target, closefd=False))


class _Unpacked(Protocol):
    def read1(self, size: int, /) -> bytes: ...

    def close(self) -> None: ...


class _Checked(io.RawIOBase):
    """Decompressed data, whose errors say what is wrong with it."""

    def __init__(self, packed: BinaryIO, unpacked: _Unpacked, codec: Codec) -> None:
        self._packed, self._unpacked, self._codec = packed, unpacked, codec
        self._done = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Read on."""
        target = memoryview(buffer).cast("B")
        try:
            # Not read, which would lose what comes before the damage.
            data = self._unpacked.read1(len(target))
        except EOFError:
            raise DocumentError(self._damage("is cut off")) from None
        except zlib.error:
            raise DocumentError(self._damage("is damaged")) from None
        except OSError as error:
            if error.errno is not None:  # of the disk, not of the data
                raise
            raise DocumentError(self._damage("is damaged")) from None
        target[: len(data)] = data
        self._done += len(data)
        return len(data)

    def _damage(self, what: str) -> str:
        return (
            f"the {self._codec} data {what} after {self._done:,} bytes (decompressed): "
            "fetch the file again"
        )

    def close(self) -> None:
        """Close both."""
        if not self.closed:
            self._unpacked.close()
            self._packed.close()
        super().close()


class _ZstdReader:
    # zstandard's own stream_reader takes a file that is cut off for a whole one.
    def __init__(self, packed: BinaryIO) -> None:
        import zstandard

        self._packed = packed
        self._error = zstandard.ZstdError
        self._new = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).decompressobj
        self._frame = self._new()
        self._begun = False
        self._input = b""
        self._output = memoryview(b"")

    def read1(self, size: int, /) -> bytes:
        while not self._output:
            if not self._fill():
                return b""
        data = bytes(self._output[:size])
        self._output = self._output[size:]
        return data

    def close(self) -> None:
        self._output = memoryview(b"")

    def _fill(self) -> bool:
        data = self._input or self._packed.read(_ZSTD_SLICE)
        if not data:
            if self._begun:
                raise EOFError
            return False
        try:
            self._output = memoryview(self._frame.decompress(data))
        except self._error as error:
            raise OSError(str(error)) from None
        self._begun, self._input = not self._frame.eof, b""
        if self._frame.eof:
            self._input = self._frame.unused_data
            self._frame = self._new()
        return True
