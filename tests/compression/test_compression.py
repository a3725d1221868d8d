"""Compression is told by content, undone as a stream, and done again to the same bytes."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import tracemalloc
import zlib
from typing import Any, BinaryIO, cast

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from adsift.compression import (
    Codec,
    compress,
    compressed,
    decompress,
    detect_codec,
    open_decompressed,
)
from adsift.errors import DocumentError

PACKING = [codec for codec in Codec if codec != Codec.NONE]
SKIPPABLE = b"\x50\x2a\x4d\x18\x04\x00\x00\x00abcd"


@settings(max_examples=40)
@given(st.lists(st.binary(max_size=200), min_size=1, max_size=4), st.sampled_from(PACKING))
def test_pieces_end_to_end_are_one_file(pieces: list[bytes], codec: Codec) -> None:
    packed = b"".join(compress(piece, codec) for piece in pieces)
    stream, found = open_decompressed(io.BytesIO(packed))
    assert found == detect_codec(packed) == codec
    assert stream.read() == b"".join(pieces)


@pytest.mark.parametrize("codec", Codec)
def test_equal_data_gives_equal_bytes(codec: Codec) -> None:
    assert compress(b"rain" * 50, codec) == compress(b"rain" * 50, codec)


@pytest.mark.parametrize(
    "text", [b"", b"a", b"BZh1 is how it begins", b"(quoted)", b"P*M", b"\x1f\x8b", b"P"]
)
def test_what_is_not_compressed_is_left_alone(text: bytes) -> None:
    stream, codec = open_decompressed(io.BytesIO(text))
    assert (stream.read(), codec) == (text, Codec.NONE)


def test_files_of_other_programs_are_read() -> None:
    assert decompress(gzip.compress(b"rain") + b"\0" * 512) == b"rain"  # as tape archives pad them
    assert decompress(bz2.compress(b"rain", 1)) == b"rain"
    stream = lzma.compress(b"rain", preset=9)
    assert decompress(stream + b"\0" * 8 + stream + b"\0" * 4) == b"rainrain"
    frame = zstandard.ZstdCompressor().compress(b"rain")
    assert decompress(SKIPPABLE + frame + SKIPPABLE + frame) == b"rainrain"


def test_zstandard_with_a_long_window_is_read() -> None:
    parameters = zstandard.ZstdCompressionParameters(window_log=28, enable_ldm=True)
    compressor = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    packed = compressor.compress(b"rain" * 1000) + compressor.flush()
    assert decompress(packed) == b"rain" * 1000


def test_xz_that_demands_gigabytes_is_refused() -> None:
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 1 << 16}]
    packed = bytearray(lzma.compress(b"rain", filters=filters))
    # A block's header: its size, how many filters; the filter, its size, and the dictionary's.
    assert packed[12:17] == b"\x02\x00\x21\x01\x08"
    packed[16] = 40  # 4 GiB
    packed[20:24] = zlib.crc32(packed[12:20]).to_bytes(4, "little")
    with pytest.raises(DocumentError, match="xz data is damaged"):
        decompress(bytes(packed))


@pytest.mark.parametrize("codec", PACKING)
@pytest.mark.parametrize("begun", [0, 1])
def test_data_that_is_cut_off_is_told(codec: Codec, begun: int) -> None:
    packed = compress(b"rain" * 50, codec)
    with pytest.raises(DocumentError, match=f"{codec} data is cut off"):
        decompress(packed * begun + packed[:-3])


@settings(max_examples=30)
@given(st.integers(0, 2**32), st.integers(1, 3), st.booleans())
def test_of_gzip_that_is_cut_off_all_is_read_that_is_there(
    seed: int, members: int, padded: bool
) -> None:
    rain = random.Random(seed)
    pieces = [rain.randbytes(rain.randrange(30_000)).hex().encode() for _ in range(members)]
    packed = (b"\0" * 700 * padded).join(map(gzip.compress, pieces))
    whole = len(gzip.compress(pieces[-1]))
    cut = rain.randrange(1, whole)
    known = b"".join(pieces[:-1])
    known += zlib.decompressobj(31).decompress(packed[len(packed) - whole : -cut])
    stream, _ = open_decompressed(io.BytesIO(packed[:-cut]))
    assert stream.read(len(known)) == known
    with pytest.raises(DocumentError, match=f"cut off after {len(known):,} bytes"):
        stream.read(1)


@pytest.mark.parametrize("more", [b"\0snow", b"\nx", b"\0\0x"])
def test_what_follows_gzip_is_told_when_the_rest_is_read(more: bytes) -> None:
    packed = compress(b"rain", Codec.GZIP) + more
    packed += b"x" * (-len(packed) % (1 << 14)) + compress(b"not read", Codec.GZIP)
    for data in (packed, packed[: 24 + len(more)]):
        stream, _ = open_decompressed(io.BytesIO(data))
        assert stream.read1(99) == b"rain"
        for _ in range(2):
            with pytest.raises(DocumentError, match="damaged after 4 bytes"):
                stream.read1(99)


@pytest.mark.parametrize("place", [-1, -5])
def test_gzip_with_a_wrong_checksum_or_size_is_read_before_that_is_told(place: int) -> None:
    good = compress(b"snow" * 9_000, Codec.GZIP)
    packed = bytearray(compress(b"rain" * 9, Codec.GZIP))
    packed[place] ^= 1
    stream, _ = open_decompressed(io.BytesIO(good + packed))
    assert stream.read(36_036) == b"snow" * 9_000 + b"rain" * 9
    for _ in range(2):
        with pytest.raises(DocumentError, match="damaged after 36,036 bytes"):
            stream.read(1)


def test_zero_bytes_inside_a_member_are_no_padding() -> None:
    assert decompress(gzip.compress(bytes(100_000), 0)) == bytes(100_000)


class Trickle(io.RawIOBase):
    """A pipe that gives a few bytes at a time."""

    def __init__(self, data: bytes, size: int) -> None:
        self.data, self.size = data, size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = self.data[: min(self.size, len(buffer))]
        buffer[: len(piece)] = piece
        self.data = self.data[len(piece) :]
        return len(piece)


@pytest.mark.parametrize("codec", Codec)
@pytest.mark.parametrize("size", [1, 2, 4, 9])
@pytest.mark.parametrize("text", [b"", b"short", b"words " * 99])
def test_a_pipe_may_give_little_at_a_time(codec: Codec, size: int, text: bytes) -> None:
    pipe: Any = Trickle(compress(text, codec), size)
    stream, found = open_decompressed(pipe)
    assert (stream.read(), found) == (text, codec)
    stream.close()
    assert pipe.closed


def test_closing_can_leave_the_file_open() -> None:
    file = io.BytesIO(compress(b"rain", Codec.GZIP))
    stream, _ = open_decompressed(file, closing=False)
    assert stream.read() == b"rain"
    stream.close()
    assert not file.closed


@pytest.mark.parametrize("codec", PACKING)
def test_damaged_data_is_told(codec: Codec) -> None:
    packed = bytearray(compress(bytes(range(256)) * 20, codec))
    packed[len(packed) // 2] ^= 0xFF
    with pytest.raises(DocumentError, match=f"{codec} data is damaged"):
        decompress(bytes(packed))


@pytest.mark.parametrize("codec", PACKING)
@pytest.mark.parametrize("damaged", [1, 2])
def test_damage_of_a_later_piece_is_told_after_what_is_good(codec: Codec, damaged: int) -> None:
    """In its first bytes, whatever comes behind it."""
    packed = [compress(b"rain" * 9_000, codec) for _ in range(3)]
    packed[damaged] = b"BZx" + packed[damaged][3:]
    stream, _ = open_decompressed(io.BytesIO(b"".join(packed)))
    good = 36_000 * damaged
    assert stream.read(good) == b"rain" * 9_000 * damaged
    for _ in range(2):
        with pytest.raises(DocumentError, match=f"damaged after {good:,} bytes"):
            stream.read(1)


@pytest.mark.parametrize("size", [1_000, 3_000_000])
def test_streams_of_bzip2_may_lie_apart(size: int) -> None:
    """As tape archives pad them."""
    rain = random.Random(size).randbytes(size)
    packed = bz2.compress(rain) + bytes(700) + bz2.compress(rain) + bytes(9_000)
    assert decompress(packed) == rain * 2


@pytest.mark.parametrize("codec", [Codec.BZ2, Codec.GZIP])
@pytest.mark.parametrize("blank", [b"\n", b"  \r\n", b"\t\0\n" * 9_000])
def test_blanks_between_streams_and_behind_them_are_no_damage(codec: Codec, blank: bytes) -> None:
    """``bzip2 -t`` and ``gzip -t`` pass them over."""
    packed = compress(b"rain", codec) + blank
    assert decompress(packed) == b"rain"
    assert decompress(packed + packed) == b"rainrain"
    with pytest.raises(DocumentError, match="damaged after 4 bytes"):
        decompress(packed + b"BZx" + compress(b"snow", codec)[3:])


def test_blanks_behind_xz_are_told_as_xz_itself_does() -> None:
    with pytest.raises(DocumentError, match="the xz data is cut off after 4 bytes"):
        decompress(lzma.compress(b"rain") + b"\n")


def test_an_error_of_the_disk_is_not_taken_for_damage() -> None:
    class Failing(io.RawIOBase):
        def __init__(self) -> None:
            self.left = [compress(b"rain", Codec.GZIP)]

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: object) -> int:
            if not self.left:
                raise OSError(5, "Input/output error")
            data = self.left.pop()
            memoryview(buffer)[: len(data)] = data  # type: ignore[arg-type]
            return len(data)

    with pytest.raises(OSError, match="Input/output") as caught:
        open_decompressed(cast(BinaryIO, Failing()))[0].read()
    assert not isinstance(caught.value, DocumentError)


@pytest.mark.parametrize("codec", PACKING)
def test_a_bomb_is_read_in_small_steps(codec: Codec) -> None:
    packed = compress(bytes(100_000_000), codec)
    tracemalloc.start()
    stream, _ = open_decompressed(io.BytesIO(packed))
    assert len(stream.read(1000)) == 1000
    assert tracemalloc.get_traced_memory()[1] < 50_000_000
    tracemalloc.stop()


def test_closing_closes_the_file() -> None:
    file = io.BytesIO(compress(b"rain", Codec.ZSTD))
    open_decompressed(file)[0].close()
    assert file.closed


@settings(max_examples=20)
@given(st.lists(st.binary(max_size=200), max_size=4), st.sampled_from(Codec))
def test_what_is_written_through_a_stream_is_read_again(pieces: list[bytes], codec: Codec) -> None:
    target = io.BytesIO()
    with compressed(target, codec) as stream:
        for piece in pieces:
            stream.write(piece)
    assert decompress(target.getvalue()) == b"".join(pieces)
    assert detect_codec(target.getvalue()) == codec or codec == Codec.NONE
