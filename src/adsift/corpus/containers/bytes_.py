"""What formats have in common whose files are runs of bytes."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO, ClassVar, NamedTuple

from adsift.corpus.containers.base import Kept
from adsift.corpus.patch import apply_patch
from adsift.corpus.record import Chunk, Fields, Limits, Rejected
from adsift.errors import DocumentError

_BLOCK = 1 << 20


class ByteContainer:
    """A format whose parts, end to end, are a file. Restoring gives back every byte."""

    compressible: ClassVar[bool] = True
    stores_tags: ClassVar[bool] = True
    appends: ClassVar[bool] = True

    def join(self, parts: Iterable[BinaryIO], target: BinaryIO) -> None:
        """See :class:`.base.Container`."""
        append(parts, target)

    def original(self, chunk: Chunk, fields: Fields) -> bytes:
        """See :class:`.base.Container`."""
        del fields
        return chunk.data

    def basis(self, pieces: Sequence[bytes], fields: Fields) -> tuple[int, bytes]:
        """See :class:`.base.Container`."""
        del fields
        data = b"".join(pieces)
        return len(data), data

    def restore(
        self, output: BinaryIO, parts: Iterable[Kept], fields: Fields, target: BinaryIO
    ) -> None:
        """Write the original input, decompressed.

        Raises:
            DocumentError: the output is not what the run wrote, or the patch is damaged.
        """
        del fields
        for part in parts:
            target.write(apply_patch(part.patch, _read_exactly(output, part.size)))
        if output.read(1):
            raise DocumentError("the output is longer than what the run wrote: was it changed?")


def append(parts: Iterable[BinaryIO], target: BinaryIO) -> None:
    """Write parts end to end."""
    for part in parts:
        shutil.copyfileobj(part, target, _BLOCK)


def numbers(chunk: Chunk) -> Iterator[int]:
    """The numbers of the records whose bytes are in the chunk's data, in order."""
    absent = {record.number for record in chunk.oversize}
    return (n for n in range(chunk.first, chunk.first + chunk.count) if n not in absent)


class Passed(NamedTuple):
    """A record that was passed over and not held; as :class:`adsift.corpus.record.Rejected`."""

    reason: str
    size: int
    id: str | None = None


def too_large(size: int, limit: int, id: str | None = None) -> Passed:
    """A record that is larger than a document may be."""
    reason = (
        f"is larger than {limit:,} bytes, the most that a document may have "
        "(change it by --max-document-bytes)"
    )
    return Passed(reason, size, id)


def gather(
    records: Iterable[bytes | Passed], limits: Limits, head: bytes = b"", first: int = 0
) -> Iterator[Chunk]:
    """Gather records into chunks.

    Args:
        records: one after the other.
        limits: say where a chunk ends.
        head: of each chunk.
        first: number of the first record.

    Raises:
        DocumentError, OSError: the records ended so. What came before has been given out.
    """
    source = iter(records)
    count = size = 0
    data: list[bytes] = []
    oversize: list[Rejected] = []
    problem: Exception | None = None
    while True:
        try:
            record = next(source)
        except StopIteration:
            break
        except (DocumentError, OSError) as error:
            problem = error
            break
        if isinstance(record, Passed):
            number = first + count
            oversize.append(Rejected(number, record.reason, b"", record.size, record.id))
        else:
            data.append(record)
            size += len(record)
        count += 1
        if size >= limits.chunk_bytes or count >= limits.chunk_records:
            yield Chunk(first, count, b"".join(data), head, tuple(oversize))
            first, count, size, data, oversize = first + count, 0, 0, [], []
    if count:
        yield Chunk(first, count, b"".join(data), head, tuple(oversize))
    if problem is not None:
        raise problem


def require_utf8(head: bytes) -> None:
    """See that an input is not in UTF-16, whose line ends are other bytes.

    Raises:
        DocumentError: it is.
    """
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DocumentError("is UTF-16: convert it to UTF-8 first (iconv -f utf-16 -t utf-8)")


def _read_exactly(output: BinaryIO, size: int) -> bytes:
    blocks = []
    while size and (block := output.read(size)):
        blocks.append(block)
        size -= len(block)
    if size:
        raise DocumentError("the output is shorter than what the run wrote: was it cut off?")
    return b"".join(blocks)
