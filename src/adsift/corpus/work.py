"""What a worker does: a chunk of an input becomes a part of the output and of all that goes beside
it. The same chunk and options give the same bytes, on whatever worker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from adsift.atomic import write_file
from adsift.compression import compress
from adsift.corpus.attributes import attribute_line
from adsift.corpus.audit import encode_rejects, encode_removed
from adsift.corpus.containers.base import Container
from adsift.corpus.containers.files import output_names
from adsift.corpus.judge import Judged, judge, rejected
from adsift.corpus.manifest import Part
from adsift.corpus.memory import peak_memory
from adsift.corpus.options import CleanOptions
from adsift.corpus.parts import PartFiles
from adsift.corpus.patch import make_patch
from adsift.corpus.record import Chunk, Outcome, Record, Rejected, Tag
from adsift.corpus.summary import Counts
from adsift.corpus.target import Target
from adsift.errors import DocumentError, reason
from adsift.orphans import end_if_orphaned

KILLED = (
    "its worker process died over it (out of memory, or a crash in a library): look at the "
    "document, or lower --max-document-bytes"
)
"""Why a document is rejected that no process survives."""

_OCCUPIED = "the field {!r} holds something that is no tags (name another by --tags-field)"


@dataclass(frozen=True, slots=True)
class Task:
    """A chunk and what to do with it. Picklable.

    Attributes:
        input, chunk_number: which one; numbers from 0.
        name: how messages call the input.
        container: reads its format.
        target: what becomes of the input.
        chunk: its records.
        options: what to do.
        folder: where the part's files go.
        stored: for ``apply`` with attributes, the tags of the chunk's records by their numbers.
        memory: file of what recurs on sites, if the model is to know it.
        model: where the model is laid out for all workers to map, if there are several.
        run: tells the runs of a process apart, whose workers outlive them.
        killers: numbers of records that no worker survives.
    """

    input: int
    chunk_number: int
    name: str
    container: Container
    target: Target
    chunk: Chunk
    options: CleanOptions
    folder: Path
    stored: Mapping[int, tuple[Tag, ...]] | None = None
    memory: Path | None = None
    model: Path | None = None
    run: str = ""
    killers: frozenset[int] = field(default=frozenset())

    @property
    def tags_records(self) -> bool:
        """Whether tags are stored in the records as they were read."""
        target = self.target
        return self.options.mode == "tag" and target.conversion is None and not target.attributes


def work(task: Task) -> Part:
    """Make a part; its files are there, for whoever takes them to see that the disk has them.

    Raises:
        OSError: they cannot be written.
    """
    judged, rejects, counts = judge_chunk(task)
    files = PartFiles.of(task.folder, task.input, task.chunk_number)
    size, patch, names = 0, 0, list[str]()
    if not task.target.attributes:
        size, patch, names = _output(task, files, judged, rejects)
    _write(files.removed, _removed(task, judged))
    _write(files.rejects, encode_rejects(task.name, rejects))
    if task.target.attributes:
        lines = (attribute_line(one.record, one.tags or ()) for one in judged)
        _write(files.attributes, compress(b"".join(lines), task.target.attributes_codec))
    return _part(task, size, patch, names, counts)


def give_up(task: Task, reason: str, readable: bool = False) -> Part:
    """Make a part that holds nothing: all of the chunk is rejected.

    Args:
        task: the chunk.
        reason: why; of its ``killers`` the reason is that they are such.
        readable: whether its records may be read, to reject them one by one; else they are
            rejected as one.

    Raises:
        OSError: its files cannot be written.
    """
    chunk, container = task.chunk, task.container
    files = PartFiles.of(task.folder, task.input, task.chunk_number)
    for path in (files.output, files.removed, files.attributes):
        _write(path, b"")
    rejects = [*chunk.oversize, *(_each(task, reason) if readable else [])]
    if len(rejects) == len(chunk.oversize):
        shown = f"{reason} ({chunk.count} records)"
        rejects.append(Rejected(chunk.first, shown, chunk.data, len(chunk.data)))
    _write(files.rejects, encode_rejects(task.name, _in_order(rejects)))
    patch = b""
    if task.options.keep_patches and not task.target.attributes:
        patch = make_patch(container.original(chunk, task.options.fields), b"")
    _write(files.patch, patch)
    counts = Counts()
    counts.add_rejected(len(rejects))
    return _part(task, 0, len(patch), [], counts)


def _part(task: Task, size: int, patch: int, names: list[str], counts: Counts) -> Part:
    return Part(
        task.input,
        task.chunk_number,
        task.chunk.count,
        size,
        len(task.chunk.data),
        patch,
        names,
        task.chunk.position,
        peak_memory(),
        counts.to_json(),
    )


def judge_chunk(task: Task) -> tuple[list[Judged], list[Rejected], Counts]:
    """What becomes of the documents of a chunk, which of them cannot be cleaned, and the sums."""
    records: list[Record] = []
    rejects = [*task.chunk.oversize]
    for entry in _entries(task):
        if isinstance(entry, Rejected):
            rejects.append(entry)
        elif entry.number in task.killers:
            rejects.append(rejected(entry, DocumentError(KILLED)))
        elif entry.occupied and task.tags_records:
            occupied = _OCCUPIED.format(task.options.fields.tags)
            rejects.append(rejected(entry, DocumentError(occupied)))
        else:
            if task.stored is not None:
                entry = replace(entry, tags=task.stored.get(entry.number))
            records.append(entry)
    judged: list[Judged] = []
    counts = Counts()
    for one in judge(records, task.options, task.memory, task.model, task.run):
        if isinstance(one, Rejected):
            rejects.append(one)
        else:
            _count(counts, task.name, one)
            # Those of short lines take a hundred times the memory of their text.
            judged.append(replace(one, paragraphs=()))
    counts.add_rejected(len(rejects))
    return judged, _in_order(rejects), counts


def _in_order(rejects: Sequence[Rejected]) -> list[Rejected]:
    return sorted(rejects, key=lambda reject: reject.number or 0)


def _each(task: Task, reason: str) -> list[Rejected]:
    """The records of a chunk, all rejected; none if they cannot be read."""
    try:
        entries = _entries(task)
    except Exception:  # perhaps what it is given up for
        return []
    reasons = dict.fromkeys(task.killers, KILLED)
    return [
        one
        if isinstance(one, Rejected)
        else rejected(one, DocumentError(reasons.get(one.number, reason)))
        for one in entries
    ]


def _entries(task: Task) -> list[Record | Rejected]:
    try:
        return task.container.parse(task.chunk, task.options.fields)
    except OSError as error:
        # Of a library, since a chunk is in memory. It costs the chunk, where a disk costs the run.
        raise RuntimeError(reason(error)) from error


def _output(
    task: Task, files: PartFiles, judged: Sequence[Judged], rejects: Sequence[Rejected]
) -> tuple[int, int, list[str]]:
    """Write the part of the output and its patch: their sizes, and the names of single files."""
    options, container, chunk = task.options, task.container, task.chunk
    outcome = Outcome(
        {one.record.number: one.text for one in judged if one.text is not None},
        {one.record.number: one.tags for one in judged if one.tags is not None},
        frozenset(reject.number for reject in rejects if reject.number is not None),
        tagging=options.mode == "tag",
        plain=options.text_form == "text",
        untag=options.mode == "apply" and task.stored is None,
        records={one.record.number: one.record for one in judged},
    )
    conversion = task.target.conversion
    names: list[str] = []
    if conversion is None:
        pieces = container.render(chunk, options.fields, outcome)
        size, basis = container.basis(pieces, options.fields)
        if task.target.single_files:
            names = output_names(b"".join(pieces))
    else:
        records = [one.record for one in judged]
        pieces = conversion.render(task.name, records, options.fields, outcome)
        size, basis = sum(map(len, pieces)), b""
    codec = task.target.codec
    _write(files.output, b"".join(compress(piece, codec) for piece in pieces))
    if not options.keep_patches or (conversion is not None and container.name == "parquet"):
        return size, 0, names
    patch = make_patch(container.original(chunk, options.fields), basis)
    _write(files.patch, patch)
    return size, len(patch), names


def _write(path: Path, data: bytes) -> None:
    end_if_orphaned()
    if data:
        write_file(path, data, sync=False)
    else:  # an attempt that was cut short may have left more
        path.unlink(missing_ok=True)


def _removed(task: Task, judged: Sequence[Judged]) -> bytes:
    removed = [(one.record, one.removed) for one in judged if one.removed]
    return encode_removed(task.name, removed, task.options.removed_format) if removed else b""


def _count(counts: Counts, name: str, one: Judged) -> None:
    kept = len(one.paragraphs) - len(one.removed)
    flags = [index >= kept for index in range(len(one.paragraphs))]
    document = one.record.document
    where = document.name or document.id or f"{name}:{one.record.number}"
    counts.add_document(where, document.url, one.paragraphs, flags)
