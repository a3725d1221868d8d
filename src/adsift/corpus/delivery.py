"""From the parts on the disk to the outputs and the files beside them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from adsift.atomic import new_file, sync_files
from adsift.compression import Codec, compress
from adsift.corpus.audit import SUFFIXES, encode_rejects, join_removed
from adsift.corpus.containers.files import unpack
from adsift.corpus.feed import Ended
from adsift.corpus.layout import REJECTS, REMOVED, SIDE, Layout, paste, patch_name
from adsift.corpus.manifest import Finished, Line, Part, names_of
from adsift.corpus.options import CleanOptions
from adsift.corpus.parts import PartFiles
from adsift.corpus.record import Rejected
from adsift.corpus.sources import Source
from adsift.corpus.spool import remove_spools
from adsift.corpus.target import Target
from adsift.errors import CorpusError, reason
from adsift.paths import with_ending

_ARGUMENTS = "arguments.rejects"

_Growing = Generator[None, Part | Ended, None]
"""An output; is sent each part that has come, and the end."""


class Delivery:
    """Puts parts where they belong.

    Files of single documents are written as soon as their part is there, and outputs grow with
    their parts where the format allows it; all else is written when its input has ended. Parts come
    in order, so that one output at a time grows.
    """

    def __init__(
        self,
        layout: Layout,
        sources: Sequence[Source],
        options: CleanOptions,
        stream: BinaryIO | None = None,
    ) -> None:
        self._layout, self._sources, self._options = layout, sources, options
        self._targets = [Target.of(source, options) for source in sources]
        self._stream = stream
        self._growing: _Growing | None = None

    def open(self) -> None:
        """Make room for parts."""
        self._layout.parts.mkdir(parents=True, exist_ok=True)
        remove_spools(self._layout.parts)
        (self._layout.parts / _ARGUMENTS).unlink(missing_ok=True)

    def deliver(self, part: Part) -> None:
        """Write what need not wait for the end of the input.

        Raises:
            CorpusError: the output takes no more.
        """
        files = self._files(part.input, part.chunk)
        target = self._targets[part.input]
        if self._stream is not None:
            if files.output.exists():
                with files.output.open("rb") as file:
                    _to_stream(target, file, self._stream)
                files.output.unlink()
        elif target.single_files and files.output.exists():
            documents = unpack(files.output.read_bytes())
            self._layout.note_coming(name for name, _ in documents)
            for name, data in documents:
                with self._layout.new_file(name) as file:
                    file.write(data)
            files.output.unlink()
        elif target.name and target.container.appends:
            self._grow(part)

    def sync(self, parts: Iterable[Part]) -> None:
        """Wait until what is kept of parts is on the disk.

        Raises:
            OSError: the disk does not take it.
        """
        files = (self._files(part.input, part.chunk).all for part in parts)
        sync_files([path for part in files for path in part])

    def finish(self, ended: Ended) -> Finished:
        """Write what was waiting for the end of the input.

        Returns:
            What the manifest is to say of it.

        Raises:
            CorpusError: the output takes no more.
        """
        target = self._targets[ended.input]

        def parts() -> Iterator[PartFiles]:
            return (self._files(ended.input, chunk) for chunk in range(ended.parts))

        output = "" if target.single_files or self._stream is not None else target.name
        if not ended.parts and ended.problem:
            output = ""
        self._layout.note_coming(filter(None, (output, target.attributes)))
        if output:
            self._grow(ended)
        if any(part.removed.exists() for part in parts()):
            form = self._options.removed_format
            name = with_ending(f"{SIDE}/{REMOVED}/{target.stem}", SUFFIXES[form])
            with self._layout.new_file(name) as file:
                join_removed(_open(part.removed for part in parts()), file, form)
        if any(part.patch.exists() for part in parts()):
            with self._layout.new_file(patch_name(target.stem)) as file:
                paste((part.patch for part in parts()), file)
        if target.attributes:
            with self._layout.new_file(target.attributes) as file:
                paste((part.attributes for part in parts()), file)
        self._keep_rejects(ended, (part.rejects for part in parts()))
        return Finished(ended.input, output, ended.parts, ended.problem, target.attributes)

    def stop(self) -> None:
        """Leave an output that is not whole; a run that goes on writes it from its parts."""
        if self._growing is not None:
            with suppress(CorpusError):  # of a disk that is full, which matters no more
                self._growing.close()

    def forget(self, input: int) -> None:
        """Delete the parts of an input whose output is whole."""
        shutil.rmtree(self._files(input, 0).output.parent, ignore_errors=True)

    def reject_argument(self, shown: str, reason: str) -> None:
        """Note an argument that stands for nothing."""
        with (self._layout.parts / _ARGUMENTS).open("ab") as file:
            file.write(encode_rejects(shown, [_whole(reason)]))

    def first_reject(self, part: Part) -> str:
        """The first document of a part that was rejected, and why."""
        with self._files(part.input, part.chunk).rejects.open("rb") as file:
            row = json.loads(file.readline())
        where = row["id"] or f"{row['input']}:{row['record']}"
        return f"{where}: {row['reason']}"

    def close(self) -> None:
        """Write the file of all rejects, if there are any."""
        rejects = sorted(self._layout.parts.glob("*.rejects"))
        if rejects:
            with self._layout.new_file(f"{SIDE}/{REJECTS}") as file:
                paste(rejects, file)

    def missing(self, part: Part) -> Path | None:
        """A file of an earlier part that should be there and is not."""
        files = self._files(part.input, part.chunk)
        target = self._targets[part.input]
        delivered = target.single_files or self._stream is not None or target.attributes
        wanted = [files.output] if part.size and not delivered else []
        wanted += [files.patch] if part.patch else []
        return next((path for path in wanted if not path.exists()), None)

    def gone(self, line: Line) -> str | None:
        """An output of an earlier start that is not there any more, as messages call it."""
        names = (name for name in names_of(line) if not self._layout.holds(name))
        return next(map(self._layout.shown, names), None)

    def _grow(self, news: Part | Ended) -> None:
        if self._growing is None:
            self._growing = self._output(news.input)
            next(self._growing)
        try:
            self._growing.send(news)
        except StopIteration:
            self._growing = None

    def _output(self, input: int) -> _Growing:
        target = self._targets[input]
        self._layout.note_coming([target.name])
        with self._layout.new_file(target.name) as file:
            joined, ended = 0, False
            while not ended:
                news = yield
                ended = isinstance(news, Ended)
                there = news.parts if isinstance(news, Ended) else news.chunk + 1
                parts = (self._files(input, chunk).output for chunk in range(joined, there))
                target.container.join(_open(parts), file)
                joined = there
            if target.codec != Codec.NONE and not file.tell():
                file.write(compress(b"", target.codec))  # no bytes at all are no compressed file

    def _files(self, input: int, chunk: int) -> PartFiles:
        return PartFiles.of(self._layout.parts, input, chunk)

    def _keep_rejects(self, ended: Ended, paths: Iterable[Path]) -> None:
        kept = [path for path in paths if path.exists()]
        if not kept and not ended.problem:
            return
        with new_file(self._layout.parts / f"{ended.input:06d}.rejects") as file:
            paste(kept, file)
            if ended.problem:
                shown = self._sources[ended.input].shown
                file.write(encode_rejects(shown, [_whole(ended.problem)]))


def _to_stream(target: Target, part: BinaryIO, stream: BinaryIO) -> None:
    try:
        target.container.join([part], stream)
        stream.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        # Not with what helps elsewhere: what has gone into a stream cannot be gone on with.
        raise CorpusError(f"cannot write the output: {reason(error)}") from error


def _whole(reason: str) -> Rejected:
    """An input that cannot be read, or not to its end: no record of it is to blame."""
    return Rejected(None, reason, b"", 0)


def _open(paths: Iterable[Path]) -> Iterator[BinaryIO]:
    for path in paths:
        if path.exists():
            with path.open("rb") as file:
                yield file
