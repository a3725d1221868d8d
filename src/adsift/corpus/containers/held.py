"""Which records a chunk's data are."""

from __future__ import annotations

from adsift.corpus.record import Chunk, Rejected


def held_numbers(chunk: Chunk) -> list[int]:
    """The numbers of the records in ``chunk.data``, in order: all but those too large to hold."""
    passed = {rejected.number for rejected in chunk.oversize}
    return [n for n in range(chunk.first, chunk.first + chunk.count) if n not in passed]


def too_large(number: int, size: int, limit: int, id: str | None = None) -> Rejected:
    """A record that was passed over because of its size.

    Args:
        number, size, id: as of :class:`Rejected`.
        limit: the most bytes that a record may have.
    """
    reason = f"{size} bytes are more than the {limit} allowed (see --max-document-bytes)"
    return Rejected(number, reason, b"", size, id)
