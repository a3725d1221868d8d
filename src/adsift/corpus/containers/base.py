"""What a file format must be able to do for a corpus run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO, ClassVar, NamedTuple, Protocol

from adsift.corpus.record import Chunk, Fields, Limits, Outcome, Record, Rejected


class Kept(NamedTuple):
    """What restoring needs of one part: how much of the output it is, and the patch.

    Attributes:
        size: bytes of the output, decompressed (a table: rows), that are this part.
        patch: what :mod:`adsift.corpus.patch` made of it.
    """

    size: int
    patch: bytes


class Container(Protocol):
    """A file format that holds many documents.

    An object is small and picklable: one is made for each input, and workers get a copy. The
    coordinator alone calls :meth:`chunks`, :meth:`join` and :meth:`restore`; workers call the
    others. Compression is not its matter: streams are decompressed, and the runner compresses what
    :meth:`render` returns, piece by piece, which the usual codecs allow to be put end to end.
    """

    name: ClassVar[str]
    """As in ``--input-format``."""

    compressible: ClassVar[bool]
    """Whether the output is compressed as the input was; false where the format does so itself."""

    stores_tags: ClassVar[bool]
    """Whether records have a place for tags."""

    appends: ClassVar[bool]
    """Whether parts are put together by appending one after the other, so that an output can grow
    as they come."""

    def chunks(self, stream: BinaryIO, limits: Limits) -> Iterator[Chunk]:
        """Cut an input, reading on only as chunks are asked for.

        Memory is bounded by the limits, whatever the input holds. The cuts depend on the input
        and the limits alone. ``position`` is left ``None``.

        Raises:
            DocumentError: the input is damaged, or not of this format. Chunks that came before
                are good.
        """

    def parse(self, chunk: Chunk, fields: Fields) -> list[Record | Rejected]:
        """The documents of a chunk, in order. Records without a document (a blank line, a WARC
        request) are in neither list; ``chunk.oversize`` is not repeated here.

        Raises:
            DocumentError: nothing in this input can be read, as in a table without the column of
                the text.
        """

    def render(self, chunk: Chunk, fields: Fields, outcome: Outcome) -> list[bytes]:
        """The chunk as it goes to the output, in pieces that are compressed one by one.

        What the outcome does not name stays as it was, to the byte where the format has bytes.

        Raises:
            DocumentError: tags cannot be stored in records of this format.
        """

    def join(self, parts: Iterable[BinaryIO], target: BinaryIO) -> None:
        """Put parts, as :meth:`render` made them and the codec packed them, together."""

    def original(self, chunk: Chunk, fields: Fields) -> bytes:
        """What restoring must give back."""

    def basis(self, pieces: Sequence[bytes], fields: Fields) -> tuple[int, bytes]:
        """What restoring will have at hand: the size of the part as in :class:`Kept`, and its
        bytes as :meth:`restore` will find them again in the output."""

    def restore(
        self, output: BinaryIO, parts: Iterable[Kept], fields: Fields, target: BinaryIO
    ) -> None:
        """Write the original input, decompressed.

        Raises:
            DocumentError: the output is not what the run wrote.
        """
