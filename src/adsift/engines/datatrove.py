"""A step of a datatrove pipeline that takes paragraphs out of each document.

Between a reader and a writer::

    AdsiftStrip(drop=("commerce",), exclusion_writer=JsonlWriter("removed"))

No document is dropped. One that has lost all its paragraphs is passed on with an empty text, and
one that could not be read as it was. All get ``adsift_error`` in their metadata: the reason, or an
empty string.

What it adds has one type in all documents, never ``None``: writers of Parquet files take the
columns and their types from the first document that comes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from typing import Any

from adsift.batches import BATCH, source_size
from adsift.document import Document, Format
from adsift.engines.documents import (
    Failed,
    Stripping,
    in_slices,
    known_address,
    known_drop,
    known_format,
    strip_documents,
)
from adsift.engines.extras import need
from adsift.policy import CONFIDENCE
from adsift.stripping import StripResult

need("datatrove", "datatrove")

from datatrove.data import Document as Row  # noqa: E402
from datatrove.pipeline.base import PipelineStep  # noqa: E402
from datatrove.utils.batching import batched  # noqa: E402
from datatrove.utils.typeshelper import StatHints  # noqa: E402


class AdsiftStrip(PipelineStep):  # type: ignore[misc]
    """Strips documents. A document's address is its metadata's ``url``.

    Statistics: ``total`` and ``forwarded`` documents, ``failed`` ones, ``removed`` paragraphs of a
    document and ``removed_LABEL`` of a label, ``removed_characters`` of a document.

    Args:
        drop, min_probability, max_content_loss, confidence: as for
            :meth:`adsift.Separator.strip`.
        format: ``text``, ``markdown``, ``html`` or ``auto``.
        model: as for :func:`adsift.load`.
        exclusion_writer: a datatrove writer that gets each paragraph that went as a document:
            its text, ``ID/INDEX`` as its id, and as metadata the ``label``, ``kind`` and
            ``probability`` that it went for (``kind`` is empty but for commerce), its ``index``
            and its ``start`` and ``end`` (-1 in HTML) in the document, whose id is ``document``.
        batch_size: documents that are judged together.

    Raises:
        DocumentError: the format is unknown.
        PolicyError: as for :meth:`adsift.Separator.strip`.
    """

    name = "adsift"
    type = "✂️ - FORMAT"

    def __init__(
        self,
        drop: str | Iterable[str] = ("commerce",),
        min_probability: float = 0.0,
        max_content_loss: float | None = None,
        confidence: float = CONFIDENCE,
        format: Format = "auto",
        model: str | None = None,
        exclusion_writer: Any = None,
        batch_size: int = BATCH,
    ) -> None:
        super().__init__()
        self.stripping = Stripping(known_drop(drop), min_probability, max_content_loss, confidence)
        self.format = known_format(format)
        self.model = model
        self.exclusion_writer = exclusion_writer
        self.batch_size = batch_size

    def run(self, data: Any, rank: int = 0, world_size: int = 1) -> Iterator[Any]:  # noqa: ARG002
        """Strip the documents of a task, batch by batch; called by datatrove."""
        with self.exclusion_writer or nullcontext() as writer:
            for batch in self._batches(data):
                with self.track_time("batch"):
                    documents = [
                        Document(row.text, self.format, known_address(row.metadata.get("url")))
                        for row in batch
                    ]
                    # All of them here, where the time is taken.
                    results = [*strip_documents(documents, self.stripping, self.model)]
                for row, result in zip(batch, results, strict=True):
                    self.stat_update(StatHints.total, StatHints.forwarded)
                    row.metadata["adsift_error"] = ""
                    if isinstance(result, Failed):
                        self.stat_update("failed")
                        row.metadata["adsift_error"] = result.reason
                    else:
                        for removed in self._strip(row, result):
                            if writer is not None:
                                writer.write(removed, rank)
                    self.update_doc_stats(row)
                    yield row

    def _batches(self, data: Any) -> Iterator[list[Any]]:
        """No more at a time than the memory for all their results suffices for."""
        for batch in batched(data, self.batch_size):
            yield from in_slices(batch, lambda row: source_size(row.text))

    def _strip(self, row: Any, result: StripResult) -> Iterator[Any]:
        """Give the document its new text; the paragraphs that went."""
        if result.removed:
            row.text = result.text
        characters = sum(len(paragraph.text) for paragraph in result.removed)
        self.stat_update("removed", value=len(result.removed))
        self.stat_update("removed_characters", value=characters)
        for index, paragraph in zip(result.removed_indices, result.removed, strict=True):
            self.stat_update(f"removed_{paragraph.label}")
            yield Row(
                paragraph.text,
                f"{row.id}/{index}",
                metadata={
                    "document": row.id,
                    "index": index,
                    "start": -1 if paragraph.start is None else paragraph.start,
                    "end": -1 if paragraph.end is None else paragraph.end,
                    "label": str(paragraph.label),
                    "kind": str(paragraph.kind or ""),
                    "probability": round(paragraph.probability, 6),
                },
            )
