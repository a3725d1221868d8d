"""A body in the chunks of HTTP, put together by its chunks alone.

fastwarc knows neither extensions of chunks (RFC 9112, section 7.1.1) nor trailers behind them, and
gives nothing of a body that was cut off.
"""

from __future__ import annotations

import re

CHUNK = re.compile(rb"([0-9a-f]{1,15})[ \t]*(?:;[^\r\n]*)?\r\n", re.I)
"""What is before a chunk: its size, and extensions."""

_CUT = re.compile(rb"[0-9a-f]*[ \t]*(?:;[^\r\n]*)?\r?", re.I)


def join_chunks(body: bytes) -> bytes | None:
    """What is in the chunks: of a body that was cut off, all that there is.

    Returns:
        ``None`` if something else than a chunk is where one should be.
    """
    pieces: list[bytes] = []
    position = 0
    while found := CHUNK.match(body, position):
        size = int(found[1], 16)
        position = found.end() + size
        if not size:
            return b"".join(pieces)
        pieces.append(body[found.end() : position])
        line_end = body[position : position + 2]
        if not b"\r\n".startswith(line_end):
            return None
        position += len(line_end)
    return b"".join(pieces) if pieces and _CUT.fullmatch(body, position) else None
