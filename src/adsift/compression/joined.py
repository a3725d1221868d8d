"""Streams end to end, such as the beginning of one that was looked at, and its rest."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, BinaryIO, cast

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class Joined(io.RawIOBase):
    """Reads streams one after the other; closing it closes none of them, unless ``closing``."""

    def __init__(self, *streams: BinaryIO, closing: bool = False) -> None:
        self._streams = streams
        self._waiting = [*streams]
        self._closing = closing

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Read on."""
        while self._waiting:
            # Not read, which would wait until the buffer is full.
            source = cast(io.BufferedReader, self._waiting[0])
            if count := source.readinto1(buffer):
                return count
            self._waiting.pop(0)
        return 0

    def close(self) -> None:
        """Close it, and the streams if that is wanted."""
        if self._closing and not self.closed:
            for stream in self._streams:
                stream.close()
        super().close()
