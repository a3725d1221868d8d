"""What all formats have in common whose files are bytes that can be put end to end."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from typing import BinaryIO

from adsift.corpus.containers.base import Kept
from adsift.corpus.patch import apply_patch
from adsift.corpus.record import Chunk, Fields
from adsift.errors import DocumentError

_COPY = 1 << 20


class ByteContainer:
    """Joins and restores byte formats; see :class:`adsift.corpus.containers.base.Container`."""

    def join(self, parts: Iterable[BinaryIO], target: BinaryIO) -> None:
        """Put parts end to end."""
        for part in parts:
            shutil.copyfileobj(part, target, _COPY)

    def original(self, chunk: Chunk, fields: Fields) -> bytes:
        """The records as they lie in the input."""
        del fields
        return chunk.data

    def basis(self, pieces: Sequence[bytes], fields: Fields) -> tuple[int, bytes]:
        """The part's size in bytes, and the part."""
        del fields
        data = b"".join(pieces)
        return len(data), data

    def restore(
        self, output: BinaryIO, parts: Iterable[Kept], fields: Fields, target: BinaryIO
    ) -> None:
        """Write the original input, decompressed.

        Raises:
            DocumentError: the output is not what the run wrote.
        """
        del fields
        for number, kept in enumerate(parts, 1):
            now = _read(output, kept.size)
            if len(now) < kept.size:
                raise DocumentError(
                    f"the output is shorter than what the run wrote: it ends in part {number}"
                )
            target.write(apply_patch(kept.patch, now))
        if output.read(1):
            raise DocumentError("the output is longer than what the run wrote")


def _read(stream: BinaryIO, size: int) -> bytes:
    # Decompressors and sockets may give less than they are asked for.
    pieces = []
    while size and (piece := stream.read(size)):
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)
