"""How the server and its workers talk: a frame is a record and bytes, each with its length."""

from __future__ import annotations

import asyncio
import json
import struct
from typing import BinaryIO

from adsift.records import Record

Frame = tuple[Record, bytes]

_LENGTHS = struct.Struct("!QQ")


def pack_head(record: Record, body: bytes) -> bytes:
    """A frame up to its bytes, which are to follow."""
    head = json.dumps(record).encode()
    return _LENGTHS.pack(len(head), len(body)) + head


def read_frame(stream: BinaryIO) -> Frame | None:
    """The next frame; ``None`` when no more come."""
    lengths = stream.read(_LENGTHS.size)
    if len(lengths) < _LENGTHS.size:
        return None
    head, body = _LENGTHS.unpack(lengths)
    return json.loads(stream.read(head)), stream.read(body)


async def receive_frame(stream: asyncio.StreamReader) -> Frame:
    """The next frame.

    Raises:
        asyncio.IncompleteReadError: the other side is gone.
    """
    head, body = _LENGTHS.unpack(await stream.readexactly(_LENGTHS.size))
    return json.loads(await stream.readexactly(head)), await stream.readexactly(body)
