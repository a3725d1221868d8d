"""The way back: from the outputs of a run to its inputs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Any, BinaryIO

from adsift.corpus.compression import Codec, compressed, open_decompressed
from adsift.corpus.containers import container
from adsift.corpus.containers.base import Kept
from adsift.corpus.containers.files import restore_files
from adsift.corpus.layout import MANIFEST, PATCHES, SIDE, Layout
from adsift.corpus.manifest import Finished, Part, read_manifest
from adsift.corpus.options import OnStatus, Status
from adsift.corpus.patch import apply_patch
from adsift.corpus.record import Fields
from adsift.errors import CorpusError, CorpusStartError, DocumentError


def restore(output: str, target: str, on_status: OnStatus | None = None) -> int:
    """Write the inputs of a run anew, from its outputs and patches.

    Text formats come back byte for byte, tables with equal rows. What was compressed is compressed
    again, which other software may have done to other bytes. Records that were too large for the
    run (``--max-document-bytes``) are the only ones that it has not kept.

    Args:
        output: that of the run.
        target: folder for the restored inputs; made if missing.
        on_status: told how far it is.

    Returns:
        How many inputs were restored.

    Raises:
        CorpusStartError: the output holds no run that is complete, or one without patches.
        CorpusError: an output is not what the run wrote, or the target takes no more.
    """
    source = Layout(output, work_dir=output)
    header, lines = read_manifest(source.read(f"{SIDE}/{MANIFEST}"))
    if header["options"]["mode"] == "tag" and header["options"]["tags_in"] != "column":
        raise CorpusStartError(f"the run in {output} has only tagged; nothing was removed")
    if not header["options"]["keep_patches"]:
        raise CorpusStartError(f"the run in {output} kept no patches (--no-patches)")
    if header["options"]["output_format"] != "same" and any(
        given["container"] == "parquet" for given in header["inputs"]
    ):
        raise CorpusStartError(
            f"the run in {output} has made other tables of tables, which cannot be undone"
        )
    restorer = _Restorer(source, Layout(target, work_dir=target), header)
    parts: list[Part] = []
    done = 0
    for line in lines:
        if isinstance(line, Part):
            parts.append(replace(line, counts={}))  # which would fill the memory
            continue
        restorer.restore(line, parts)
        parts = []
        done += 1
        if on_status is not None:
            on_status(restorer.status(line, done))
    if done < len(header["inputs"]):
        raise CorpusStartError(
            f"the run in {output} is not complete: {done} of {len(header['inputs'])} inputs were "
            "restored; finish it with --resume"
        )
    return done


class _Restorer:
    def __init__(self, source: Layout, target: Layout, header: dict[str, Any]) -> None:
        self._source, self._target = source, target
        self._inputs = header["inputs"]
        self._converted = header["options"]["output_format"] != "same"
        self._fields = Fields(**header["options"]["fields"])
        self._read = 0

    def restore(self, line: Finished, parts: Sequence[Part]) -> None:
        """Restore one input."""
        given = self._inputs[line.input]
        try:
            with ExitStack() as stack:
                kept = self._kept(given["name"], parts, stack)
                self._write(given, line, parts, kept, stack)
        except DocumentError as error:
            raise CorpusError(f"cannot restore {given['shown']}: {error}") from error
        self._read += sum(part.read for part in parts)

    def status(self, line: Finished, done: int) -> Status:
        """How far it is."""
        count = len(self._inputs)
        shown = self._inputs[line.input]["shown"]
        return Status(shown, done, count, 0, 0, self._read, done / count, "restoring")

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

        def fill(file: BinaryIO) -> None:
            with compressed(file, Codec(given["codec"])) as packed:
                if output is None:
                    for part in kept:
                        packed.write(apply_patch(part.patch, b""))
                else:
                    form.restore(open_decompressed(output)[0], kept, self._fields, packed)

        self._target.write(given["name"], fill)

    def _kept(self, name: str, parts: Sequence[Part], stack: ExitStack) -> Iterator[Kept]:
        patches = None
        if any(part.patch for part in parts):
            patches = stack.enter_context(self._source.read(f"{SIDE}/{PATCHES}/{name}.patch"))
        for part in parts:
            # A converted output is no help; its patches are from nothing.
            size = 0 if self._converted else part.size
            yield Kept(size, patches.read(part.patch) if patches and part.patch else b"")

    def _output_file(self, name: str) -> bytes:
        with self._source.read(name) as file:
            return file.read()

    def _write_file(self, name: str, data: bytes) -> None:
        self._target.write(name, lambda file: _put(file, data))


def _put(file: BinaryIO, data: bytes) -> None:
    file.write(data)
