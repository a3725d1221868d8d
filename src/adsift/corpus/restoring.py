"""The way back: from the outputs of a run to its inputs."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from tempfile import TemporaryDirectory
from typing import Any

from adsift.compression import Codec, compressed, open_decompressed
from adsift.corpus.containers import container
from adsift.corpus.containers.base import Kept
from adsift.corpus.containers.files import restore_files
from adsift.corpus.header import check_header
from adsift.corpus.layout import MANIFEST, REJECTS, SIDE, Layout, patch_name
from adsift.corpus.losses import Incomplete, unkept_records
from adsift.corpus.manifest import Finished, Line, Part, names_of, read_manifest
from adsift.corpus.options import OnStatus, Status
from adsift.corpus.patch import apply_patch
from adsift.corpus.record import Fields
from adsift.corpus.remote import is_empty, is_remote
from adsift.errors import AdsiftError, CorpusError, CorpusStartError, DocumentError, reason


@dataclass(frozen=True, slots=True)
class Restored:
    """What came of restoring.

    Attributes:
        inputs: how many were written.
        incomplete: those that are not whole, or not there at all.
    """

    inputs: int
    incomplete: tuple[Incomplete, ...] = ()


def restore(
    output: str | os.PathLike[str],
    target: str | os.PathLike[str],
    on_status: OnStatus | None = None,
) -> Restored:
    """Write the inputs of a run anew, from its outputs and patches.

    Text formats come back byte for byte, tables with equal rows. What was compressed is compressed
    again, which other software may have done to other bytes. What the run has not kept cannot come
    back: records that were too large for it (``--max-document-bytes``), what could not be read,
    inputs whose tags lie beside them and which were never copied, and tables of which the run has
    made something else. The result names such inputs.

    Args:
        output: that of the run.
        target: folder for the restored inputs; made if missing, and empty if not.
        on_status: told how far it is.

    Returns:
        How many inputs were restored, and which of them are not whole.

    Raises:
        CorpusStartError: the output holds no run that is complete, or one that cannot be undone, or
            the target holds something. Nothing is written then.
        CorpusError: an output is not what the run wrote, or the target takes no more.
    """
    output, target = os.fspath(output), os.fspath(target)
    source = Layout(output, work_dir=output)
    survey = _survey(source)
    _check_run(source, survey)
    _check_target(target)
    with ExitStack() as stack:
        work = target  # here, files are made where they belong
        if is_remote(target):
            work = stack.enter_context(TemporaryDirectory(prefix="adsift-"))
        restorer = _Restorer(source, Layout(target, work_dir=work), survey)
        parts: list[Part] = []
        done = 0
        for line in _manifest(source)[1]:
            if isinstance(line, Part):
                parts.append(replace(line, counts={}))  # which would fill the memory
                continue
            restorer.restore(line, parts)
            parts = []
            done += 1
            if on_status is not None:
                on_status(restorer.status(line, done))
    return Restored(restorer.written, tuple(restorer.incomplete))


@dataclass(slots=True)
class _Survey:
    """What a manifest says of its run as a whole.

    Attributes:
        header: its first line.
        finished: how many inputs are.
        copied: whether there is any output beside attributes.
        rejected: whether a record was.
    """

    header: dict[str, Any]
    finished: int = 0
    copied: bool = False
    rejected: bool = False

    def add(self, line: Line) -> None:
        """Take in a line."""
        if isinstance(line, Part):
            self.copied |= bool(line.files)
            self.rejected |= bool(line.counts.get("rejected"))
        else:
            self.finished += 1
            self.copied |= bool(line.output)


def _survey(source: Layout) -> _Survey:
    header, lines = _manifest(source)
    where = f"the run in {source.output}"
    survey = _Survey(header)
    # All names before anything is written: a folder that lies about one is not to be trusted.
    for given in header["inputs"]:
        source.shown(given["name"])
    for line in lines:
        for name in names_of(line):
            source.shown(name)
        if line.input >= len(header["inputs"]):
            raise CorpusStartError(
                f"the manifest of {where} is damaged: it tells of an input that it does not name"
            )
        survey.add(line)
    return survey


def _manifest(source: Layout) -> tuple[dict[str, Any], Iterator[Line]]:
    try:
        file = source.read(f"{SIDE}/{MANIFEST}")
    except CorpusError as error:
        raise CorpusStartError(f"{source.output} holds no finished run: {error}") from error
    with ExitStack() as stack:
        stack.enter_context(file)
        header, lines = read_manifest(file)
        check_header(header, f"the run in {source.output}")
        stack.pop_all()  # whoever reads the lines closes it
    return header, lines


def _check_run(source: Layout, survey: _Survey) -> None:
    header, where = survey.header, f"the run in {source.output}"
    inputs = header["inputs"]
    count = len(inputs)
    if survey.finished < count:
        raise CorpusStartError(
            f"{where} is not complete: {survey.finished:,} of {count:,} inputs are done; finish it "
            "with --resume"
        )
    if header["options"]["mode"] == "tag" and not survey.copied:
        raise CorpusStartError(f"{where} has only tagged; nothing was removed")
    if not header["options"]["keep_patches"]:
        raise CorpusStartError(f"{where} kept no patches (--no-patches)")
    if count and all(_is_table_made_anew(given, _is_converted(header)) for given in inputs):
        raise CorpusStartError(f"{where} has made other tables of tables, which cannot be undone")


def _is_converted(header: Mapping[str, Any]) -> bool:
    return bool(header["options"]["output_format"] != "same")


def _is_table_made_anew(given: Mapping[str, Any], converted: bool) -> bool:
    """Whether an input's patches could not tell what is not text."""
    return converted and bool(given["container"] == "parquet")


def _check_target(target: str) -> None:
    try:
        if is_empty(target):
            return
    except AdsiftError:
        raise
    except Exception as error:  # file systems of all kinds have errors of all kinds
        raise CorpusStartError(f"cannot restore to {target}: {reason(error)}") from error
    raise CorpusStartError(
        f"{target} is not empty, and restoring would write over what it holds: choose another -o"
    )


class _Restorer:
    """Restores one input after another.

    Attributes:
        written: how many were.
        incomplete: which of all inputs are not whole, in their order.
    """

    def __init__(self, source: Layout, target: Layout, survey: _Survey) -> None:
        header = survey.header
        self.written = 0
        self.incomplete: list[Incomplete] = []
        self._source, self._target = source, target
        self._inputs = header["inputs"]
        self._tagged = header["options"]["mode"] == "tag"
        self._unkept = self._unkept_records(survey.rejected)
        self._converted = _is_converted(header)
        self._fields = Fields(**header["options"]["fields"])
        self._read = 0

    def restore(self, line: Finished, parts: Sequence[Part]) -> None:
        """Restore one input."""
        given = self._inputs[line.input]
        if why := self._unrestorable(given, line, parts):
            self.incomplete.append(Incomplete(given["shown"], f"is not restored, since {why}"))
            return
        if losses := self._losses(given["shown"], line):
            self.incomplete.append(Incomplete(given["shown"], losses))
        try:
            with ExitStack() as stack:
                kept = self._kept(given["name"], parts, stack)
                self._write(given, line, parts, kept, stack)
        except DocumentError as error:
            raise CorpusError(f"cannot restore {given['shown']}: {error}") from error
        self.written += 1
        self._read += sum(part.read for part in parts)

    def status(self, line: Finished, done: int) -> Status:
        """How far it is."""
        count = len(self._inputs)
        shown = self._inputs[line.input]["shown"]
        return Status(shown, done, count, 0, 0, self._read, done / count, "restoring")

    def _unrestorable(self, given: Mapping[str, Any], line: Finished, parts: Sequence[Part]) -> str:
        """Why nothing of an input can come back; empty if something can."""
        if not parts and line.problem:
            return f"it could not be read: {line.problem}"
        if _is_table_made_anew(given, self._converted):
            return "the run has made another table of this table"
        if self._tagged and not line.output and not any(part.files for part in parts):
            return "the run has left it where it was and only tagged it"
        return ""

    def _losses(self, shown: str, line: Finished) -> str:
        losses = [self._unkept[shown]] if shown in self._unkept else []
        if line.problem:
            losses.append(f"lacks its end, which could not be read: {line.problem}")
        return "; ".join(losses)

    def _write(
        self,
        given: dict[str, Any],
        line: Finished,
        parts: Sequence[Part],
        kept: Iterator[Kept],
        stack: ExitStack,
    ) -> None:
        form = container(given["container"])
        if given["container"] == "files" and not line.output:
            named = zip(kept, (part.files for part in parts), strict=True)
            restore_files(self._output_file, named, self._write_file)
            return
        if given["container"] == "files" and self._converted:
            restore_files(self._output_file, ((part, []) for part in kept), self._write_file)
            return
        output = None
        if line.output and not self._converted:
            output = stack.enter_context(self._source.read(line.output))

        with (
            self._target.new_file(given["name"]) as file,
            compressed(file, Codec(given["codec"])) as packed,
        ):
            if output is None:
                for part in kept:
                    packed.write(apply_patch(part.patch, b""))
            else:
                form.restore(open_decompressed(output)[0], kept, self._fields, packed)

    def _kept(self, name: str, parts: Sequence[Part], stack: ExitStack) -> Iterator[Kept]:
        patches = None
        if any(part.patch for part in parts):
            patches = stack.enter_context(self._source.read(patch_name(name)))
        for part in parts:
            # A converted output is no help; its patches are from nothing.
            size = 0 if self._converted else part.size
            yield Kept(size, patches.read(part.patch) if patches and part.patch else b"")

    def _unkept_records(self, rejected: bool) -> dict[str, str]:
        if not rejected:
            return {}
        files = frozenset(one["shown"] for one in self._inputs if one["container"] == "files")
        try:
            with self._source.read(f"{SIDE}/{REJECTS}") as rows:
                return unkept_records(rows, files)
        except (CorpusError, DocumentError) as error:
            unknown = f"may lack records, of which only the file of rejects tells: {error}"
            self.incomplete.append(Incomplete(self._source.output, unknown))
            return {}

    def _output_file(self, name: str) -> bytes:
        with self._source.read(name) as file:
            return file.read()

    def _write_file(self, name: str, data: bytes) -> None:
        with self._target.new_file(name) as file:
            file.write(data)
