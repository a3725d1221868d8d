"""What a corpus run is told to do."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import BinaryIO, Literal, cast

from adsift.corpus.choices import check_choice, check_count
from adsift.corpus.record import Fields, Limits
from adsift.policy import CONFIDENCE

Mode = Literal["strip", "tag", "apply"]
OutputFormat = Literal["same", "jsonl", "parquet"]
TextForm = Literal["same", "text"]
TagsIn = Literal["auto", "column", "attributes"]
RemovedFormat = Literal["jsonl", "parquet"]


MOST_WORKERS = 1024
"""More processes than any machine has cores would take its memory and do nothing with it."""


@dataclass(frozen=True, slots=True)
class CleanOptions:
    """All that decides what a run writes. With the inputs and the bundle it fixes every byte.

    Attributes:
        mode: ``strip`` rewrites the texts, ``tag`` stores labels beside them, ``apply`` strips by
            labels that a run with ``tag`` has stored.
        drop, min_probability, max_content_loss, confidence: as for
            :meth:`adsift.Separator.strip`; ``apply`` knows the first two.
        model: the bundle, as for :func:`adsift.load`; a path becomes a string.
        fields, limits: see there.
        input_format: a container's name for all inputs, or ``auto`` to tell by content and name.
        output_format: ``same`` as the input, or ``jsonl`` or ``parquet`` with the columns id,
            url, text.
        text_form: ``same`` keeps each document's own format; ``text`` writes the texts of the kept
            paragraphs with blank lines between, whatever the document was.
        tags_in: where ``tag`` stores and ``apply`` finds the labels: a ``column`` of the record,
            or files beside the corpus in dolma's layout (``attributes``). ``auto``: a column
            where the format has columns, else attributes.
        tags_from: for ``apply`` with attributes, the output of the run that tagged.
        removed_format: of the file of removed paragraphs.
        keep_patches: whether to store what restoring needs.
        site_memory: count paragraphs that recur on a site in a first pass.

    Raises:
        CorpusStartError: one of these has no such value.
    """

    mode: Mode = "strip"
    drop: tuple[str, ...] = ("commerce",)
    min_probability: float = 0.0
    max_content_loss: float | None = None
    confidence: float = CONFIDENCE
    model: str | os.PathLike[str] | None = None
    fields: Fields = field(default_factory=Fields)
    limits: Limits = field(default_factory=Limits)
    input_format: str = "auto"
    output_format: OutputFormat = "same"
    text_form: TextForm = "same"
    tags_in: TagsIn = "auto"
    tags_from: str | None = None
    removed_format: RemovedFormat = "jsonl"
    keep_patches: bool = True
    site_memory: bool = False

    def __post_init__(self) -> None:
        """See that each has a value that is understood."""
        check_choice("mode", self.mode, Mode)
        check_choice("output_format", self.output_format, OutputFormat)
        check_choice("text_form", self.text_form, TextForm)
        check_choice("tags_in", self.tags_in, TagsIn)
        check_choice("removed_format", self.removed_format, RemovedFormat)
        if self.model is not None and not isinstance(self.model, str):  # the manifest holds it
            # A path is that of a folder, though it be called as a shipped bundle is.
            object.__setattr__(self, "model", os.path.join(os.curdir, self.model))  # noqa: PTH118
        if self.tags_from is not None:
            object.__setattr__(self, "tags_from", os.fspath(self.tags_from))

    @property
    def covered(self) -> str | None:
        """The name of a field that the column of tags would take the place of, if any."""
        if self.mode == "strip" or self.tags_in == "attributes":
            return None
        fields = self.fields
        names = {"id", "url", "text"} if self.output_format != "same" else set[str]()
        for name in (fields.text, fields.id, fields.url, *sorted(names)):
            if f"{name}.".startswith(f"{fields.tags}."):
                return name
        return None

    @property
    def bundle(self) -> str | None:
        """The model, which is no path any more."""
        return cast("str | None", self.model)


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How a run goes about it; nothing here changes what is written.

    Attributes:
        workers: processes, at most :data:`MOST_WORKERS`; 1 works in this one, 0 takes one a core.
        resume: go on with the run that the output holds.
        overwrite: delete the run that the output holds, if any, and start anew.
        strict: stop at the first rejected document.
        work_dir: folder for parts while an input is under way; left out, in the output. Must be
            given for a remote output.
        stream: takes the output, part by part, in place of a file in the output folder, which still
            holds the account; only for a single input, and not for Parquet.

    Raises:
        PolicyError: the number of workers makes no sense.
    """

    workers: int = 1
    resume: bool = False
    overwrite: bool = False
    strict: bool = False
    work_dir: str | None = None
    stream: BinaryIO | None = None

    def __post_init__(self) -> None:
        """See that the number makes sense."""
        check_count("workers", self.workers, 0, MOST_WORKERS)


@dataclass(frozen=True, slots=True)
class Status:
    """How far a run is.

    Attributes:
        input: the name of the one that is being read.
        inputs_done, inputs: how many there are.
        documents, rejected: how many so far.
        bytes: read so far, decompressed.
        share: of the whole work, 0 to 1; ``None`` where the size of an input is not known.
        phase: ``counting`` during the first pass for site memory, else ``cleaning`` or
            ``restoring``.
    """

    input: str
    inputs_done: int
    inputs: int
    documents: int
    rejected: int
    bytes: int
    share: float | None
    phase: str = "cleaning"


OnStatus = Callable[[Status], None]
