"""The inputs of a run: files, each with the format to read it by."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import BinaryIO

from adsift.compression import Codec, open_decompressed
from adsift.corpus.containers import container
from adsift.corpus.containers.base import Container
from adsift.corpus.containers.files import Files
from adsift.corpus.extras import load_extra
from adsift.corpus.finding import STDIN, Problem, find_files
from adsift.corpus.input_file import InputFile
from adsift.corpus.kinds import ending, is_page, tell_kind
from adsift.corpus.layout import SIDE
from adsift.corpus.options import CleanOptions
from adsift.corpus.record import Chunk, Limits
from adsift.corpus.remote import is_remote
from adsift.errors import CorpusStartError, DocumentError, reason

DOCUMENTS = "documents"
"""How an input of many single documents is called."""


@dataclass(frozen=True, slots=True)
class Source:
    """An input: one file of records, or all the files of single documents.

    Attributes:
        shown: how messages call it.
        name: of its output, below the output folder; forward slashes. The outputs of single
            documents have the names of their files.
        container: reads its format.
        codec: how it is compressed; ``none`` for single documents, which are so one by one.
        files: the file, or the files in their order.
    """

    shown: str
    name: str
    container: Container
    codec: Codec
    files: tuple[InputFile, ...]

    @property
    def size(self) -> int | None:
        """Bytes, as they lie there; ``None`` if nobody knows."""
        sizes = [file.size for file in self.files if file.size is not None]
        return sum(sizes) if len(sizes) == len(self.files) else None

    @property
    def stamp(self) -> str:
        """Changes if the input does."""
        if len(self.files) == 1:
            return self.files[0].stamp
        digest = hashlib.sha256()
        for file in self.files:
            digest.update(json.dumps([file.name, file.size, file.stamp]).encode() + b"\n")
        return digest.hexdigest()

    @property
    def is_stream(self) -> bool:
        """Whether it can be read but once."""
        return any(file.stream is not None for file in self.files)

    @property
    def is_remote(self) -> bool:
        """Whether any of it lies far away."""
        return any(file.system is not None for file in self.files)

    def chunks(self, limits: Limits) -> Iterator[Chunk]:
        """Its chunks, each with its position.

        Raises:
            DocumentError: the input is damaged, not of this format, or was written to meanwhile.
            OSError: it cannot be read; remote file systems have other errors too.
        """
        if isinstance(self.container, Files):
            openers = ((file.name, file.opened) for file in self.files)
            for chunk in self.container.chunks_of(openers, limits):
                yield replace(chunk, position=(chunk.first + chunk.count) / len(self.files))
            return
        (file,) = self.files
        with file.opened() as raw:
            for chunk in self.container.chunks(open_decompressed(raw)[0], limits):
                yield replace(chunk, position=self._position(raw))

    def _position(self, raw: BinaryIO) -> float | None:
        # A table is read here and there, not from its beginning on.
        if not self.size or self.container.name == "parquet":
            return None
        with suppress(OSError, ValueError):
            return min(raw.tell() / self.size, 1.0)
        return None


def find_sources(
    arguments: Iterable[str], options: CleanOptions, output: str | None = None
) -> tuple[list[Source], list[Problem]]:
    """Find the inputs that arguments name, and tell their formats.

    A file is opened to see what it is, unless its name tells of a page or of Markdown
    (:data:`adsift.paths.PAGES`), perhaps compressed.
    All single documents are one input, in the place of the first.

    Args:
        arguments: files, folders, glob patterns, ``-``, and the same at addresses that fsspec
            knows.
        options: of these the format of the input.
        output: the folder of the results: it is not searched.

    Returns:
        The inputs in the order of the arguments, and what cannot be read, with the reason.

    Raises:
        CorpusStartError: an output would overwrite its input, or the package for an address is
            missing.
    """
    files, problems = find_files(arguments, output)
    sorter = _Sorter(options.input_format, problems)
    for file in files:
        sorter.add(file)
    _check_output(files, output)
    return sorter.sources(), problems


class _Sorter:
    """Sorts files by format."""

    def __init__(self, input_format: str, problems: list[Problem]) -> None:
        self._input_format = input_format
        self._problems = problems
        self._found: list[Source | None] = []  # None in the place of the single documents
        self._documents: list[InputFile] = []
        self._taken: dict[str, str] = {}

    def add(self, file: InputFile) -> None:
        """Add a file, or the problem with it."""
        try:
            kind, codec = self._kind(file)
            if file.path == STDIN:
                file = replace(file, name=file.name + ending(kind) + codec.suffix)
            self._take(file)
        except Exception as error:  # file systems of all kinds have errors of all kinds
            self._problems.append(Problem(file.shown, reason(error)))
            return
        if kind != "files" or file.stream is not None:
            codec = (
                codec if kind != "files" else Codec.NONE
            )  # single documents see to it themselves
            self._found.append(Source(file.shown, file.name, container(kind), codec, (file,)))
            return
        if not self._documents:
            self._found.append(None)
        self._documents.append(file)

    def sources(self) -> list[Source]:
        """All inputs."""
        return [self._all_documents() if source is None else source for source in self._found]

    def _kind(self, file: InputFile) -> tuple[str, Codec]:
        forced = None if self._input_format == "auto" else self._input_format
        if forced == "files" or (forced is None and is_page(file.path)):
            return "files", Codec.NONE
        head, codec = file.look()
        kind = forced or tell_kind(head, file.path)
        if kind == "parquet":
            _check_parquet(file, codec)
        elif kind in ("warc", "wet"):
            load_extra("fastwarc.warc", "reading and writing WARC")
        return kind, codec

    def _take(self, file: InputFile) -> None:
        if file.name.split("/")[0] == SIDE:
            raise DocumentError(f"its output would lie in {SIDE}, which is for other things")
        other = self._taken.setdefault(file.name, file.shown)
        if other != file.shown:
            raise DocumentError(f"its output {file.name} is that of {other}: use another -o for it")

    def _all_documents(self) -> Source:
        files = tuple(self._documents)
        if len(files) == 1:
            return Source(files[0].shown, files[0].name, Files(), Codec.NONE, files)
        name = DOCUMENTS
        first = {taken.partition("/")[0] for taken in self._taken}
        while name in first:
            name += "_"
        return Source(DOCUMENTS, name, Files(), Codec.NONE, files)


def _check_parquet(file: InputFile, codec: Codec) -> None:
    if file.stream is not None:
        raise DocumentError("Parquet cannot be read from a stream: save it to a file first")
    if codec != Codec.NONE:
        raise DocumentError(
            f"is Parquet in {codec}, which cannot be read in parts: unpack it first"
        )
    load_extra("pyarrow.parquet", "Parquet")


def _check_output(files: Sequence[InputFile], output: str | None) -> None:
    if output is None:
        return
    real = lru_cache(maxsize=1024)(os.path.realpath)
    for file in files:
        place = f"{output.rstrip('/')}/{file.name}"
        if file.system is not None or is_remote(output):
            same = place == file.shown
        else:  # of folders and not of files, since millions of files are in few folders
            here, there = os.path.split(place), os.path.split(file.path)
            same = here[1] == there[1] and real(here[0]) == real(there[0])
        if same:
            raise CorpusStartError(f"{file.shown} would be overwritten: choose another output")
