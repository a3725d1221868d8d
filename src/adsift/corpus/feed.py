"""From the inputs to the tasks, read as they are needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from adsift.compression import open_decompressed
from adsift.corpus.attributes import Stored, read_attributes
from adsift.corpus.layout import Layout
from adsift.corpus.options import CleanOptions
from adsift.corpus.record import Chunk, Tag
from adsift.corpus.sources import Source
from adsift.corpus.target import Target
from adsift.corpus.work import Task
from adsift.errors import AdsiftError, DocumentError, reason


@dataclass(frozen=True, slots=True)
class Ended:
    """No more chunks come from an input.

    Attributes:
        input: its number.
        parts: how many came.
        problem: why it could not be read to its end; empty if it could.
        fatal: whether that is no fault of the input, so that it may well be read another time.
    """

    input: int
    parts: int
    problem: str = ""
    fatal: bool = False


@dataclass(frozen=True, slots=True)
class Feed:
    """Where tasks come from.

    Attributes:
        sources: the inputs.
        options: what to do with them.
        folder: where the parts' files go.
        run: see :class:`.work.Task`.
        model: where the model is laid out for all workers to map, if there are several.
        memory: file of a :class:`.site_memory.SiteMemory`, if the model is to know it.
    """

    sources: Sequence[Source]
    options: CleanOptions
    folder: Path
    memory: Path | None = None
    model: Path | None = None
    run: str = ""

    def tasks(self, finished: set[int], parts: Mapping[int, int]) -> Iterator[Task | Ended]:
        """The chunks that are not done. Never raises: what is wrong with an input ends it.

        Args:
            finished: numbers of the inputs that are.
            parts: how many chunks of the others are.
        """
        for number, source in enumerate(self.sources):
            if number not in finished:
                yield from self._source(number, source, parts.get(number, 0))

    def _source(self, number: int, source: Source, done: int) -> Iterator[Task | Ended]:
        index = 0
        try:
            stored = self._stored(source)
            for index, chunk in enumerate(source.chunks(self.options.limits), 1):
                tags = None if stored is None else stored.take(chunk)
                if index > done:
                    yield self._task(number, source, index - 1, chunk, tags)
        except Exception as error:
            fatal = _is_fatal(error, source, max(index, done))
            yield Ended(number, max(index, done), reason(error), fatal)
        else:
            yield Ended(number, index)

    def _task(
        self,
        number: int,
        source: Source,
        index: int,
        chunk: Chunk,
        stored: dict[int, tuple[Tag, ...]] | None,
    ) -> Task:
        return Task(
            number,
            index,
            source.shown,
            source.container,
            Target.of(source, self.options),
            chunk,
            self.options,
            self.folder,
            stored,
            self.memory,
            self.model,
            self.run,
        )

    def _stored(self, source: Source) -> StoredTags | None:
        options = self.options
        if options.mode != "apply" or options.tags_from is None:
            return None
        layout = Layout(options.tags_from, work_dir=".")
        return StoredTags(
            layout,
            Target.of(
                source, replace(options, mode="tag", tags_in="attributes", output_format="same")
            ).attributes,
        )


def _is_fatal(error: Exception, source: Source, chunks: int) -> bool:
    """Whether a run must break off rather than take what was read for all that there is.

    A file that is damaged, or cannot even be opened, costs only itself. But a disk or a network
    that fails in the middle, or a package that is missing, would cost what could be read another
    time. Of a stream that is all that will ever come.
    """
    if isinstance(error, DocumentError):
        return False
    if isinstance(error, OSError):
        return chunks > 0 and not source.is_stream
    return isinstance(error, AdsiftError) or source.is_remote


class StoredTags:
    """The tags that another run has stored, read beside the input that they are for."""

    def __init__(self, layout: Layout, name: str) -> None:
        self._lines = read_attributes(open_decompressed(layout.read(name))[0])
        self._next: Stored | None = None

    def take(self, chunk: Chunk) -> dict[int, tuple[Tag, ...]]:
        """The tags of this chunk's records; chunks come in order."""
        end = chunk.first + chunk.count
        taken = {}
        while (line := self._next or next(self._lines, None)) and line.number < end:
            taken[line.number] = line.tags
            self._next = None
        self._next = line
        return taken
