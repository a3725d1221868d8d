"""Packs: several files as one run of bytes. Packs that lie end to end are a pack."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from typing import NamedTuple

from adsift.compression import Codec
from adsift.errors import DocumentError

_HEADER = struct.Struct(">IIBQ")
_CODECS = tuple(Codec)


class Packed(NamedTuple):
    """A file in a pack.

    Attributes:
        name: path below the common folder of all files, with forward slashes.
        data: what it holds, decompressed.
        codec: how the file itself is compressed.
        problem: why it could not be read; then the data is the file as far as it is known.
    """

    name: str
    data: bytes
    codec: Codec = Codec.NONE
    problem: str = ""


def pack(file: Packed) -> bytes:
    """A pack of one file: lengths of name and problem, number of the codec, length of the data
    (big-endian, of 4, 4, 1 and 8 bytes), and then these."""
    name = _name_bytes(file.name)
    problem = file.problem.encode("utf-8", "replace")
    header = _HEADER.pack(len(name), len(problem), _CODECS.index(file.codec), len(file.data))
    return b"".join((header, name, problem, file.data))


def _name_bytes(name: str) -> bytes:
    # As they lie in the file system: these need not be Unicode, nor what the locale says, and are
    # the same wherever the pack is read.
    try:
        return os.fsencode(name)
    except UnicodeEncodeError:  # of a file far away, in a locale that has no such letter
        return name.encode("utf-8", "surrogateescape")


def packed(data: bytes) -> Iterator[Packed]:
    """The files of a pack, in order.

    Raises:
        DocumentError: it is damaged.
    """
    position = 0
    while position < len(data):
        try:
            name, problem, codec, size = _HEADER.unpack_from(data, position)
        except struct.error:
            raise DocumentError("a pack of files is cut off") from None
        start = position + _HEADER.size
        parts = []
        for length in (name, problem, size):
            parts.append(data[start : start + length])
            start += length
        if start > len(data) or codec >= len(_CODECS):
            raise DocumentError("a pack of files is cut off or damaged")
        yield Packed(
            os.fsdecode(parts[0]),
            parts[2],
            _CODECS[codec],
            parts[1].decode(),
        )
        position = start
