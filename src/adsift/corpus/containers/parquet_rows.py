"""The rows of a Parquet file, taken part by part."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, BinaryIO

from adsift.corpus.containers.parquet_files import Packing, batches, opened, plain_bytes, seekable
from adsift.corpus.extras import load_extra
from adsift.errors import DocumentError

_BATCH_BYTES = 8_000_000


class PartRows:
    """The rows of an output, taken part by part.

    Attributes:
        packing: how the output is packed.
    """

    def __init__(self, stack: ExitStack, output: BinaryIO) -> None:
        self.packing = Packing()
        self._batches: Iterator[Any] | None = None
        self._rest: list[Any] = []
        output = stack.enter_context(seekable(output))
        if not output.read(1):
            return
        output.seek(0)
        file = stack.enter_context(opened(output))
        self.packing = Packing.of(file.metadata)
        self._schema = file.schema_arrow
        self._batches = batches(file, _BATCH_BYTES)

    def take(self, rows: int, part: int) -> bytes:
        """The next rows as bytes.

        Args:
            rows: how many.
            part: which part they are, for the message.

        Raises:
            DocumentError: there are fewer, or the file is damaged.
        """
        if self._batches is None:
            return b""
        found = []
        while rows:
            batch = self._rest.pop() if self._rest else next(self._batches, None)
            if batch is None:
                raise DocumentError(
                    f"the output is shorter than what the run wrote: it ends in part {part}"
                )
            found.append(batch.slice(0, rows))
            if len(batch) > rows:
                self._rest.append(batch.slice(rows))
            rows -= len(found[-1])
        return plain_bytes(load_extra("pyarrow", "Parquet").Table.from_batches(found, self._schema))

    def end(self) -> None:
        """See that all rows were taken.

        Raises:
            DocumentError: there are more.
        """
        if self._rest or (self._batches and next(self._batches, None) is not None):
            raise DocumentError("the output is longer than what the run wrote")
