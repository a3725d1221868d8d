"""How a chunk gets to a worker: as the place where it lies, if that is a plain file, or as it is.

The coordinator reads for all workers, and to send a chunk takes it longer than to read one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from adsift.corpus.record import Chunk, FilePart
from adsift.errors import CorpusError, reason


def with_parts(chunks: Iterable[Chunk], path: str) -> Iterator[Chunk]:
    """Note where chunks lie.

    Args:
        chunks: all of a local file that is not compressed, of a format whose chunks end to end
            are the file.
        path: of the file.
    """
    chunks = iter(chunks)
    path = str(Path(path).absolute())  # a worker may have begun elsewhere
    start = 0
    for chunk in chunks:
        if chunk.oversize:  # what was passed over lies somewhere among the rest
            yield chunk
            yield from chunks
            return
        yield replace(chunk, part=FilePart(path, start, len(chunk.data)))
        start += len(chunk.data)


def pack(chunk: Chunk) -> Chunk:
    """A chunk as it is sent to a worker."""
    if chunk.part is None:
        return chunk
    from zlib_ng import zlib_ng

    checksum = zlib_ng.crc32(chunk.data)
    return replace(chunk, data=b"", part=chunk.part._replace(checksum=checksum))


def unpack(chunk: Chunk) -> Chunk:
    """The chunk that was packed.

    Raises:
        CorpusError: the file cannot be read any more, or holds something else now.
    """
    part = chunk.part
    if part is None or part.checksum is None:
        return chunk
    from zlib_ng import zlib_ng

    try:
        with Path(part.path).open("rb") as file:
            file.seek(part.start)
            data = file.read(part.size)
    except OSError as error:
        raise CorpusError(f"cannot read {part.path} any more: {reason(error)}") from error
    if zlib_ng.crc32(data) != part.checksum or len(data) != part.size:
        raise CorpusError(
            f"{part.path} was changed while it was being read: see that nothing writes to it, and "
            "start anew (--overwrite)"
        )
    return replace(chunk, data=data, part=part._replace(checksum=None))
