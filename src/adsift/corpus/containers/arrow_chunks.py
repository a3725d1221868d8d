"""Rows of Arrow batches put together to chunks, and taken out again."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from typing import TYPE_CHECKING, Any

from adsift.corpus.containers.arrow import row_bytes
from adsift.corpus.containers.bytes_ import too_large
from adsift.corpus.extras import load_extra
from adsift.corpus.record import Chunk, Limits, Rejected

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class GatheredRows:
    """A chunk under way.

    Attributes:
        first: number of its first row.
        count: how many it has so far.
    """

    def __init__(self, first: int, schema: Any, head: bytes, limits: Limits) -> None:
        self.first = first
        self.count = 0
        self._schema = schema
        self._head = head
        self._limits = limits
        self._size = 0
        self._runs: list[tuple[Any, int, int]] = []
        self._oversize: list[Rejected] = []

    def add(self, batch: Any, row: int, size: int) -> None:
        """Add a row of a batch."""
        limit = self._limits.document_bytes
        if size > limit:
            reason = too_large(size, limit).reason
            self._oversize.append(Rejected(self.first + self.count, reason, b"", size))
        else:
            self._size += size
            start = row
            if self._runs and self._runs[-1][0] is batch and self._runs[-1][2] == row:
                start = self._runs.pop()[1]
            self._runs.append((batch, start, row + 1))
        self.count += 1

    @property
    def full(self) -> bool:
        """Whether it has reached the limits."""
        return self._size >= self._limits.chunk_bytes or self.count >= self._limits.chunk_records

    def next(self) -> GatheredRows:
        """The chunk that follows, still empty."""
        return GatheredRows(self.first + self.count, self._schema, self._head, self._limits)

    def chunk(self) -> Chunk:
        """The chunk as it goes to a worker."""
        data = to_stream(
            self._schema, (batch.slice(start, end - start) for batch, start, end in self._runs)
        )
        return Chunk(self.first, self.count, data, self._head, tuple(self._oversize))


def to_table(chunk: Chunk) -> Any:
    """The rows of a chunk."""
    with load_extra("pyarrow.ipc", "Parquet").open_stream(BytesIO(chunk.data)) as reader:
        return reader.read_all()


def to_stream(schema: Any, parts: Iterable[Any]) -> bytes:
    """Batches as an Arrow stream."""
    target = BytesIO()
    with load_extra("pyarrow.ipc", "Parquet").new_stream(target, schema) as writer:
        for batch in parts:
            writer.write_batch(batch)
    return target.getvalue()


def sizes_of(batch: Any) -> NDArray[np.int64]:
    """Bytes of each row, shape (rows,)."""
    none: NDArray[np.int64] = load_extra("numpy", "Parquet").zeros(len(batch), "int64")
    return sum((row_bytes(array) for array in batch.columns), none)
