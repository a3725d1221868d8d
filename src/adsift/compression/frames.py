"""Frames of Zstandard, members of gzip and streams of xz and bzip2 that lie end to end,
decompressed in bounded memory."""

from __future__ import annotations

import bz2
from collections.abc import Callable
from typing import BinaryIO, Protocol, Self, cast


class Frame(Protocol):
    """What undoes the compression of one frame."""

    @property
    def eof(self) -> bool:
        """Whether the frame has ended."""

    @property
    def unused_data(self) -> bytes:
        """What came behind it."""

    def decompress(self, data: bytes, /) -> bytes:
        """Go on."""


class Frames:
    """All frames of a file, as one stream.

    Args:
        packed: where they are read from.
        new: gives what undoes one.
        error: what that raises over damaged data.
        step: bytes that go in at once, which bounds what comes out.
    """

    _problem: OSError | None = None

    def __init__(
        self, packed: BinaryIO, new: Callable[[], Frame], error: type[Exception], step: int
    ) -> None:
        self._packed, self._new, self._error, self._step = packed, new, error, step
        self._frame = new()
        self._begun = False
        self._input = b""
        self._output = memoryview(b"")

    def read1(self, size: int, /) -> bytes:
        """Some of the content, at most so many bytes; none at its end.

        Raises:
            EOFError: the last frame is cut off.
            OSError: a frame is damaged (without a number), or the file cannot be read.
        """
        while not self._output:
            if not self._fill():
                return b""
        data = bytes(self._output[:size])
        self._output = self._output[size:]
        return data

    def close(self) -> None:
        """Let go of what is held."""
        self._output = memoryview(b"")

    def _fill(self) -> bool:
        if self._problem is not None:
            raise self._problem
        data = self._input or self._packed.read(self._step)
        if not data:
            if self._begun:
                raise EOFError
            return False
        self._input = b""
        self._decompress(data)
        return True

    def _decompress(self, data: bytes) -> None:
        try:
            self._output = memoryview(self._frame.decompress(data))
        except self._error as error:
            # Whoever reads on must not find an end, or the next frame.
            self._problem = OSError(str(error))
            raise self._problem from None
        self._begun = not self._frame.eof
        if self._frame.eof:
            self._input = self._frame.unused_data
            self._frame = self._new()


class PaddedFrames(Frames):
    """The same where zero bytes may lie between frames and behind them, as xz allows it."""

    _padding = b"\0"

    def _decompress(self, data: bytes) -> None:
        if not self._begun:
            data = data.lstrip(self._padding)
        if data:
            self._undo(data)

    def _undo(self, data: bytes) -> None:
        super()._decompress(data)


# An editor or a script leaves a newline, which is no damage: bzip2 and gzip pass it over, too.
_BLANK = b"\0\t\n\r "


class Bzip2Streams(PaddedFrames):
    """The same for bzip2, forty bytes of which can stand for 46 MB: what comes out at once is
    bounded by itself.

    Args:
        packed, step: as for :class:`Frames`.
        limit: bytes that come out at once.
    """

    _padding = _BLANK

    def __init__(self, packed: BinaryIO, step: int, limit: int) -> None:
        super().__init__(packed, lambda: _Bounded(limit), OSError, step)

    def _fill(self) -> bool:
        if self._problem or not self._begun or cast(_Bounded, self._frame).needs_input:
            return super()._fill()
        self._undo(b"")  # there is more of what went in before
        return True


class _Bounded:
    def __init__(self, limit: int) -> None:
        self._stream = bz2.BZ2Decompressor()
        self._limit = limit

    @property
    def eof(self) -> bool:
        return self._stream.eof

    @property
    def unused_data(self) -> bytes:
        return self._stream.unused_data

    @property
    def needs_input(self) -> bool:
        return self._stream.needs_input

    def decompress(self, data: bytes, /) -> bytes:
        return self._stream.decompress(data, self._limit)


class GzipMembers(PaddedFrames):
    """The same for members of gzip, which tape archives pad."""

    _padding = _BLANK

    def _undo(self, data: bytes) -> None:
        before = cast(_Copied, self._frame).copy()
        try:
            # Of a single byte zlib would want to see more before it refuses.
            if not self._begun and not data.startswith(_FIRST_BYTE):
                raise OSError("no gzip member")
            super()._undo(data)
        except OSError as error:
            self._problem = error
            # zlib says nothing of what it made before it stumbled: all of a small file, if the
            # checksum behind that is wrong.
            self._output = memoryview(_good(before, data, self._error))
            if not self._output:
                raise


_FIRST_BYTE = b"\x1f"


class _Copied(Frame, Protocol):
    def copy(self) -> Self: ...


def _good(frame: Frame, data: bytes, error: type[Exception]) -> bytes:
    """What a frame makes of damaged data before it stumbles."""
    good = bytearray()
    try:
        for at in range(len(data)):
            good += frame.decompress(data[at : at + 1])
    except error:
        pass
    return bytes(good)
