"""Compression of whole files: told by content, undone and done again in bounded memory."""

from __future__ import annotations

import bz2
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from functools import partial
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

BUFFER = 1 << 20
"""Bytes of a large file to read at a time: with Python's own 8 KiB long lines cost three times as
much."""

_PEEK = 64
_GZIP = b"\x1f\x8b\x08"
_ZSTD = b"\x28\xb5\x2f\xfd"
_SKIPPABLE = b"\x2a\x4d\x18"  # behind 0x50 to 0x5f: what parallel compressors put before frames
# A text may well begin with "BZh1"; only the block behind it makes it bzip2.
_BZ2_BLOCKS = (b"\x31\x41\x59\x26\x53\x59", b"\x17\x72\x45\x38\x50\x90")

# Of the levels of zlib-ng the one that makes pages as small as zlib's usual 6 does, but for 0.02 of
# that, in two fifths of the time.
_GZIP_LEVEL = 5

# A few bytes of Zstandard can stand for a block of 128 KiB, and a byte of gzip for a thousand:
# what goes in at once bounds what comes out, to 32 MiB and to 16.
_ZSTD_SLICE, _GZIP_SLICE = 1 << 10, 1 << 14
_GZIP_FORMAT = 16 + 15  # of zlib's windowBits: a gzip member, with any window
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
    return io.BufferedReader(_Checked(packed, _unpacking(packed, codec), codec), BUFFER), codec


def _unpacking(packed: BinaryIO, codec: Codec) -> _Unpacked:
    if codec == Codec.BZ2:
        return bz2.BZ2File(packed)
    if codec == Codec.GZIP:
        # Four times as fast as Python's own, and twice when it compresses.
        from zlib_ng import zlib_ng

        error = cast("type[Exception]", zlib_ng.error)
        new = partial(zlib_ng.decompressobj, _GZIP_FORMAT)
        return _Frames(packed, new, error, _GZIP_SLICE, padding=b"\0")
    import zstandard

    # Its own stream_reader takes a file that is cut off for a whole one.
    zstd = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
    return _Frames(packed, zstd.decompressobj, zstandard.ZstdError, _ZSTD_SLICE)


def buffered(stream: BinaryIO) -> io.BufferedReader:
    """The stream with a buffer that can be looked into."""
    if isinstance(stream, io.BufferedReader):
        return stream
    return io.BufferedReader(cast(io.RawIOBase, stream), BUFFER)


def compress(data: bytes, codec: Codec) -> bytes:
    """Compress a piece of a file; pieces that lie end to end are a file. The same bytes always
    give the same bytes."""
    if codec == Codec.GZIP:
        from zlib_ng import zlib_ng

        return zlib_ng.compress(data, _GZIP_LEVEL, _GZIP_FORMAT)
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
    with open_compressed(target, codec) as stream:
        yield stream


def open_compressed(target: BinaryIO, codec: Codec) -> BinaryIO:
    """:func:`compressed` for those who close it themselves; the codec is not ``none``."""
    if codec == Codec.GZIP:
        from zlib_ng import gzip_ng

        file = gzip_ng.GzipNGFile("", "wb", _GZIP_LEVEL, target, mtime=0)  # type: ignore[no-untyped-call]
        return cast(BinaryIO, file)
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


class _Frame(Protocol):
    """What undoes the compression of one frame, or member."""

    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, /) -> bytes: ...


class _Frames:
    """Frames that lie end to end, decompressed.

    Args:
        packed: where they are read from.
        new: gives what undoes one.
        error: what that raises over damaged data.
        slice: bytes that go in at once.
        padding: a sign that may stand between frames.
    """

    def __init__(
        self,
        packed: BinaryIO,
        new: Callable[[], _Frame],
        error: type[Exception],
        slice: int,
        padding: bytes = b"",
    ) -> None:
        self._packed, self._new, self._error = packed, new, error
        self._slice, self._padding = slice, padding
        self._frame = new()
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
        data = self._input or self._packed.read(self._slice)
        if not data:
            if self._begun:
                raise EOFError
            return False
        if not self._begun:
            data = data.lstrip(self._padding)
        self._input = b""
        if data:
            self._decompress(data)
        return True

    def _decompress(self, data: bytes) -> None:
        try:
            self._output = memoryview(self._frame.decompress(data))
        except self._error as error:
            raise OSError(str(error)) from None
        self._begun = not self._frame.eof
        if self._frame.eof:
            self._input = self._frame.unused_data
            self._frame = self._new()
