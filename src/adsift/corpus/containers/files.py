"""Files of one document each, many of them as one input.

A chunk's data is a pack (:mod:`.packs`) of the files as they lie in the input, their own
compression undone; what :meth:`Files.render` returns is a pack of the files that the output gets,
from which :func:`unpack` makes their bytes. With nothing changed the two are equal.

A file that is rejected has no output. Restoring brings it back, since the patch of a part is from
the pack of its outputs to the pack of its inputs, so all that it needs beside the patch is which
outputs belong to the part: :func:`output_names`, which the runner has to keep. In that pack of
outputs they have neither name nor codec, which all come from the patch: so it is the same whether
restoring finds an output as a compressed file or gets it as a stream of its content.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import BinaryIO, ClassVar, cast

from adsift.compression import Codec, buffered, compress, decompress, open_decompressed
from adsift.corpus.containers.base import Kept
from adsift.corpus.containers.bytes_ import ByteContainer, Passed, gather, numbers, too_large
from adsift.corpus.containers.packs import Packed, pack, packed
from adsift.corpus.patch import apply_patch
from adsift.corpus.record import Chunk, Fields, Limits, Outcome, Record, Rejected
from adsift.decode import decode, encode, is_marked, not_text
from adsift.document import Document, Format
from adsift.errors import DocumentError, reason

Opener = Callable[[], AbstractContextManager[BinaryIO]]

ONE = "document"
"""What a document is called that came as a stream and not as a file."""

_BLOCK = 1 << 20


class Files(ByteContainer):
    """Text, Markdown and HTML: each file is a document, and its name is the document's id."""

    name: ClassVar[str] = "files"
    compressible: ClassVar[bool] = False  # each file has its own compression
    stores_tags: ClassVar[bool] = False

    def chunks_of(self, files: Iterable[tuple[str, Opener]], limits: Limits) -> Iterator[Chunk]:
        """Cut a run of files. One that cannot be read is in its chunk with the reason.

        Args:
            files: the name of each, which is its path below the common folder, with forward
                slashes; and what opens it.
            limits: the size of a file is meant decompressed.
        """
        return gather((_read(name, opener, limits) for name, opener in files), limits)

    def chunks(self, stream: BinaryIO, limits: Limits) -> Iterator[Chunk]:
        """The stream as the only document."""
        return self.chunks_of([(ONE, lambda: stream)], limits)

    def parse(self, chunk: Chunk, fields: Fields) -> list[Record | Rejected]:
        """See :class:`.base.Container`."""
        return [_parse(number, file, fields) for number, file in _files(chunk)]

    def render(self, chunk: Chunk, fields: Fields, outcome: Outcome) -> list[bytes]:
        """One piece, a pack; see :func:`unpack`.

        Raises:
            DocumentError: there are tags, which single documents cannot hold.
        """
        del fields
        if outcome.tags or outcome.tagging:
            raise DocumentError(
                "single documents cannot hold tags: store them beside (--tags-in attributes)"
            )
        data = b"".join(
            pack(_rendered(file, outcome.texts.get(number)))
            for number, file in _files(chunk)
            if number not in outcome.rejected
        )
        return [data] if data else []

    def join(self, parts: Iterable[BinaryIO], target: BinaryIO) -> None:
        """Write the documents end to end, as for an input that is one stream."""
        for part in parts:
            for _, data in unpack(part.read()):
                target.write(data)

    def basis(self, pieces: Sequence[bytes], fields: Fields) -> tuple[int, bytes]:
        """How many files the output gets, and the pack of what they hold."""
        del fields
        data = b"".join(pieces)
        return len(output_names(data)), b"".join(_nameless(file.data) for file in _written(data))

    def restore(
        self, output: BinaryIO, parts: Iterable[Kept], fields: Fields, target: BinaryIO
    ) -> None:
        """Write the only document, compressed as it was; for many there is
        :func:`restore_files`.

        Raises:
            DocumentError: the output is not what the run wrote, or the patch is damaged.
        """
        del fields
        for part in parts:
            now = _nameless(output.read()) if part.size else b""
            for _, data in _restored(part.patch, now):
                target.write(data)
        if output.read(1):
            raise DocumentError("the output is longer than what the run wrote: was it changed?")


def unpack(data: bytes) -> list[tuple[str, bytes]]:
    """The files that the output gets, from what :meth:`Files.render` returned: their names and
    their bytes, compressed as those of the input were."""
    return [(file.name, compress(file.data, file.codec)) for file in _written(data)]


def output_names(data: bytes) -> list[str]:
    """The names of the files that the output gets, from what :meth:`Files.render` returned."""
    return [file.name for file in _written(data)]


def restore_files(
    read: Callable[[str], bytes],
    parts: Iterable[tuple[Kept, Sequence[str]]],
    write: Callable[[str, bytes], object],
) -> None:
    """Write the original files.

    Args:
        read: gives an output file by its name, as it lies in the output.
        parts: what was kept of each part, and the names of its outputs in the order of
            :func:`output_names`.
        write: takes an original file: its name and its bytes. If it was compressed, so are they;
            the same content, though another program may have written it in other bytes.

    Raises:
        DocumentError: the output is not what the run wrote.
    """
    for kept, names in parts:
        if len(names) != kept.size:
            raise DocumentError("the names of the output files are not those of the run")
        now = b"".join(_nameless(_content(read(name))) for name in names)
        for name, data in _restored(kept.patch, now):
            write(name, data)


def _restored(patch: bytes, now: bytes) -> Iterator[tuple[str, bytes]]:
    for file in packed(apply_patch(patch, now)):
        if file.data or not file.problem:
            yield file.name, compress(file.data, file.codec)


def _nameless(data: bytes) -> bytes:
    return pack(Packed("", data))


def _read(name: str, opener: Opener, limits: Limits) -> bytes | Passed:
    limit = limits.document_bytes
    codec = Codec.NONE
    try:
        with opener() as stream:
            content, codec = open_decompressed(stream)
            data, size = _read_up_to(content, limit)
    except DocumentError as error:
        return _unread(name, opener, limit, str(error))
    except Exception as error:  # of whatever file system this is
        return pack(Packed(name, b"", codec, f"cannot be read: {reason(error)}"))
    return too_large(size, limit, name) if size > limit else pack(Packed(name, data, codec))


def _unread(name: str, opener: Opener, limit: int, problem: str) -> bytes | Passed:
    # As it lies in the input, so that restoring can give it back.
    try:
        with opener() as stream:
            data, size = _read_up_to(buffered(stream), limit)
    except Exception:
        return pack(Packed(name, b"", problem=problem))
    return (
        Passed(problem, size, name) if size > limit else pack(Packed(name, data, problem=problem))
    )


def _read_up_to(stream: io.BufferedReader, limit: int) -> tuple[bytes, int]:
    data = bytearray()
    while len(data) <= limit and (block := stream.read(min(_BLOCK, limit + 1 - len(data)))):
        data += block
    size = len(data)
    # How large compressed data is that was made to be endless, nobody wants to wait for.
    if size > limit and stream.seekable():
        size = stream.seek(0, os.SEEK_END)
    return bytes(data), size


def _files(chunk: Chunk) -> Iterator[tuple[int, Packed]]:
    return zip(numbers(chunk), packed(chunk.data), strict=True)


def _parse(number: int, file: Packed, fields: Fields) -> Record | Rejected:
    problem = file.problem
    if not problem and (kind := not_text(file.data[:4096])):
        problem = f"is {kind}, not text"
    if problem:
        return Rejected(number, problem, file.data, len(file.data), file.name)
    return Record(
        number,
        Document(file.data, cast(Format, fields.format), id=file.name, name=file.name),
    )


def _rendered(file: Packed, text: str | None) -> Packed:
    if text is None or file.problem or text == decode(file.data):
        return file
    return file._replace(data=encode(text, is_marked(file.data)))


def _written(data: bytes) -> Iterator[Packed]:
    return (file for file in packed(data) if not file.problem)


def _content(data: bytes) -> bytes:
    try:
        return decompress(data)
    except DocumentError:  # a text that begins like bzip2
        return data
