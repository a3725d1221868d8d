from __future__ import annotations

import ctypes
import mmap
import os
from collections.abc import Iterator

import pytest

from adsift.segment.guarded_memory import WORD, GuardedMemory

pytestmark = pytest.mark.skipif(os.name == "nt", reason="memory is not read on Windows")


@pytest.fixture
def memory() -> Iterator[GuardedMemory]:
    with GuardedMemory() as opened:
        yield opened


@pytest.mark.parametrize("size", [0, 1, 511, 512, 513, 100_000])
def test_reads_what_lies_there(memory: GuardedMemory, size: int) -> None:
    data = bytes(range(256)) * 400
    buffer = ctypes.create_string_buffer(data, len(data))
    assert memory.read(ctypes.addressof(buffer), size) == data[:size]


def test_reads_words(memory: GuardedMemory) -> None:
    words = (ctypes.c_size_t * 3)(7, 2 ** (8 * WORD) - 1, 9)
    assert memory.words(ctypes.addressof(words), 3) == (7, 2 ** (8 * WORD) - 1, 9)


@pytest.mark.parametrize("address", [0, 8, 2 ** (8 * WORD) - 8])
def test_refuses_what_is_no_address_and_goes_on(memory: GuardedMemory, address: int) -> None:
    with pytest.raises(LookupError, match="no such memory"):
        memory.read(address, 8)
    word = ctypes.c_size_t(7)
    assert memory.words(ctypes.addressof(word), 1) == (7,)


def test_refuses_what_goes_beyond_the_end_and_goes_on(memory: GuardedMemory) -> None:
    pages = mmap.mmap(-1, 2 * mmap.PAGESIZE)
    start = ctypes.addressof(ctypes.c_char.from_buffer(pages))
    libc = ctypes.CDLL(None)
    libc.mprotect.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    assert libc.mprotect(start + mmap.PAGESIZE, mmap.PAGESIZE, 0) == 0
    end = start + mmap.PAGESIZE
    assert memory.read(end - 100, 100) == bytes(100)
    for size in (101, 200, 700):
        with pytest.raises(LookupError):
            memory.read(end - 100, size)
        word = ctypes.c_size_t(7)
        assert memory.words(ctypes.addressof(word), 1) == (7,)
