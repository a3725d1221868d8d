"""This process's memory, read through a pipe: the kernel refuses an address that is none.

So what lies where in a library's structures can be found out, or compared with what it is thought
to be, and a mistake is an error and no crash.
"""

from __future__ import annotations

import ctypes
import os

WORD = ctypes.sizeof(ctypes.c_size_t)
"""Bytes of a word, as an address takes them."""

_PIECE = 512  # an empty pipe takes more, of every system


class GuardedMemory:
    """For use in a ``with`` statement.

    Raises:
        LookupError: on Windows, where it was never tried.
        OSError: no pipe can be opened.
    """

    def __enter__(self) -> GuardedMemory:
        if os.name == "nt":
            raise LookupError("memory is not read on Windows")
        self._out, self._into = os.pipe()
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._out)
        os.close(self._into)

    def read(self, address: int, size: int) -> bytes:
        """So many bytes from an address on.

        Raises:
            LookupError: no such memory.
        """
        found = b""
        while len(found) < size:
            piece = min(size - len(found), _PIECE)
            try:
                data = (ctypes.c_char * piece).from_address(address + len(found))
                moved = os.write(self._into, data)
                found += os.read(self._out, moved)
            except (OSError, ValueError):
                raise LookupError("no such memory") from None
            if moved != piece:
                raise LookupError("no such memory")
        return found

    def words(self, address: int, count: int) -> tuple[int, ...]:
        """So many words from an address on.

        Raises:
            LookupError: no such memory.
        """
        return tuple((ctypes.c_size_t * count).from_buffer_copy(self.read(address, count * WORD)))
