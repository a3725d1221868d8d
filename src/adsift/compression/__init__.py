"""Compression of whole files: told by content, undone and done again in bounded memory."""

from __future__ import annotations

import bz2
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, BinaryIO, Protocol, cast

from adsift.compression.frames import Bzip2Streams, Frame, Frames, GzipMembers, PaddedFrames
from adsift.compression.joined import Joined
from adsift.errors import DocumentError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class Codec(StrEnum):
    """How a file is compressed."""

    NONE = "none"
    GZIP = "gzip"
    ZSTD = "zstd"
    BZ2 = "bz2"
    XZ = "xz"

    @property
    def suffix(self) -> str:
        """The ending of such a file's name."""
        return _SUFFIXES[self]


_SUFFIXES = {
    Codec.NONE: "",
    Codec.GZIP: ".gz",
    Codec.ZSTD: ".zst",
    Codec.BZ2: ".bz2",
    Codec.XZ: ".xz",
}

PACKED = tuple(suffix for suffix in _SUFFIXES.values() if suffix)
"""The endings that tell of compression."""

BUFFER = 1 << 20
"""Bytes of a large file to read at a time: with Python's own 8 KiB long lines cost three times as
much."""

_PEEK = 64
_TELLING = 10  # bytes that tell any codec
_GZIP = b"\x1f\x8b\x08"
_ZSTD = b"\x28\xb5\x2f\xfd"
_XZ = b"\xfd7zXZ\x00"
_SKIPPABLE = b"\x2a\x4d\x18"  # behind 0x50 to 0x5f: what parallel compressors put before frames
# A text may well begin with "BZh1"; only the block behind it makes it bzip2.
_BZ2_BLOCKS = (b"\x31\x41\x59\x26\x53\x59", b"\x17\x72\x45\x38\x50\x90")

# Of zlib-ng's levels the one that makes pages nearly as small as zlib's 6 and 9 do (1.5 and 2.3 %
# larger), in two fifths and a quarter of the time.
_GZIP_LEVEL = 5

# Pages become smaller than with bzip2, in three fifths of its time; 6, which xz itself takes, makes
# them 13 % smaller in five times the time.
_XZ_LEVEL = 1

# A few bytes of Zstandard can stand for a block of 128 KiB, a byte of gzip for a thousand, one of
# xz for seven thousand: what goes in at once bounds what comes out, to 32 MiB, to 16 and to 7.
_ZSTD_STEP, _GZIP_STEP, _XZ_STEP = 1 << 10, 1 << 14, 1 << 10
# Forty bytes of bzip2 can stand for 46 MB; its decompressor stops where it is told to. What it made
# before it stumbles over damage is lost, so that is not much.
_BZ2_STEP, _BZ2_LIMIT = 1 << 13, 1 << 16
_GZIP_FORMAT = 16 + 15  # of zlib's windowBits: a gzip member, with any window
_ZSTD_WINDOW = 1 << 31  # as large as ``zstd --long=31`` makes it
_XZ_MEMORY = 1 << 30  # bytes; ``xz -9`` needs 65 MiB, and a header can demand 4 GiB


def detect_codec(head: bytes) -> Codec:
    """Tell by the first bytes of a file (10 are enough) how it is compressed."""
    if head.startswith(_GZIP):
        return Codec.GZIP
    if head.startswith(_ZSTD) or (head[1:4] == _SKIPPABLE and head[0] >> 4 == 5):
        return Codec.ZSTD
    if head.startswith(b"BZh") and head[3:4] in b"123456789" and head[4:10] in _BZ2_BLOCKS:
        return Codec.BZ2
    return Codec.XZ if head.startswith(_XZ) else Codec.NONE


def named_codec(name: str) -> Codec:
    """Tell by a file's name how it is to be compressed."""
    return next(
        (codec for codec in Codec if codec.suffix and name.lower().endswith(codec.suffix)),
        Codec.NONE,
    )


def read_head(source: io.BufferedReader, size: int) -> tuple[bytes, DocumentError | None]:
    """The first bytes of a file, as far as they are sound, and what is wrong with the next ones.

    Args:
        source: as :func:`open_decompressed` gives it.
        size: how many bytes, if there are so many.
    """
    head = b""
    try:
        while len(head) < size and (more := source.read1(size - len(head))):
            head += more
    except DocumentError as error:
        return head, error
    return head, None


def open_decompressed(stream: BinaryIO, closing: bool = True) -> tuple[io.BufferedReader, Codec]:
    """Undo a file's compression, if it has one, as it is read.

    Members and frames that lie end to end are one file, as usual.

    Args:
        stream: the file, at its beginning.
        closing: whether closing the result closes it too. What is not compressed is the result
            itself.

    Returns:
        The content, and how it was compressed. Reading raises :class:`adsift.DocumentError`
        where the data is seen to be damaged or cut off; what comes before that is given out.
    """
    raw = buffered(stream)
    head = raw.peek(_PEEK)[:_PEEK]
    if len(head) < _TELLING:  # a pipe may give less at first
        head = raw.read(_TELLING)
        rest = cast(BinaryIO, raw)
        raw = io.BufferedReader(Joined(io.BytesIO(head), rest, closing=closing), BUFFER)
    codec = detect_codec(head)
    if codec == Codec.NONE:
        return raw, codec
    packed = cast(BinaryIO, raw)
    checked = _Checked(packed, _unpacking(packed, codec), codec, closing)
    return io.BufferedReader(checked, BUFFER), codec


def _unpacking(packed: BinaryIO, codec: Codec) -> _Unpacked:
    new: Callable[[], Frame]
    if codec == Codec.BZ2:
        # Python's own takes damage behind a stream for the end of the file.
        return Bzip2Streams(packed, _BZ2_STEP, _BZ2_LIMIT)
    if codec == Codec.GZIP:
        # Four times as fast as Python's own, and twice when it compresses.
        from zlib_ng import zlib_ng

        new = partial(zlib_ng.decompressobj, _GZIP_FORMAT)
        error = cast("type[Exception]", zlib_ng.error)
        return GzipMembers(packed, new, error, _GZIP_STEP)
    if codec == Codec.XZ:
        import lzma  # which some Pythons are built without

        new = partial(lzma.LZMADecompressor, lzma.FORMAT_XZ, _XZ_MEMORY)
        return PaddedFrames(packed, new, lzma.LZMAError, _XZ_STEP)
    import zstandard

    # Its own stream_reader takes a file that is cut off for a whole one.
    zstd = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
    return Frames(packed, zstd.decompressobj, zstandard.ZstdError, _ZSTD_STEP)


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
    if codec == Codec.XZ:
        import lzma

        return lzma.compress(data, preset=_XZ_LEVEL)
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
    """:func:`compressed` for those who close it themselves, which leaves the target open. The codec
    is not ``none``."""
    if codec == Codec.GZIP:
        from zlib_ng import gzip_ng

        file = gzip_ng.GzipNGFile("", "wb", _GZIP_LEVEL, target, mtime=0)  # type: ignore[no-untyped-call]
        return cast(BinaryIO, file)
    if codec == Codec.BZ2:
        return cast(BinaryIO, bz2.BZ2File(target, "wb"))
    if codec == Codec.XZ:
        import lzma

        return cast(BinaryIO, lzma.LZMAFile(target, "wb", preset=_XZ_LEVEL))
    import zstandard

    compressor = zstandard.ZstdCompressor(write_checksum=True)
    return cast(BinaryIO, compressor.stream_writer(target, closefd=False))


class _Unpacked(Protocol):
    def read1(self, size: int, /) -> bytes: ...

    def close(self) -> None: ...


class _Checked(io.RawIOBase):
    """Decompressed data, whose errors say what is wrong with it."""

    def __init__(self, packed: BinaryIO, unpacked: _Unpacked, codec: Codec, closing: bool) -> None:
        self._packed, self._unpacked, self._codec = packed, unpacked, codec
        self._closing = closing
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
        """Close it, and the file if that is wanted."""
        if not self.closed:
            self._unpacked.close()
            if self._closing:
                self._packed.close()
        super().close()
