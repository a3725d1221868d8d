"""A transformation for LlamaIndex's ingestion pipelines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adsift.document import Document, Format
from adsift.engines.documents import (
    Failed,
    Stripping,
    known_address,
    known_format,
    strip_documents,
)
from adsift.engines.extras import need
from adsift.errors import AdsiftError
from adsift.policy import CONFIDENCE

need("llama_index.core", "llama_index")

from llama_index.core.bridge.pydantic import ConfigDict  # noqa: E402
from llama_index.core.schema import BaseNode, MetadataMode, TransformComponent  # noqa: E402

_NOTES = ("adsift_error", "adsift_removed")
_STRIPPING = ("drop", "min_probability", "max_content_loss", "confidence")


class AdsiftStrip(TransformComponent):
    """Strips documents. An address is the metadata's ``url``.

    Give it whole pages: a paragraph is judged by its neighbours, so it belongs before a splitter.

    Attributes:
        drop, min_probability, max_content_loss, confidence: as for
            :meth:`adsift.Separator.strip`.
        format: ``text``, ``markdown``, ``html`` or ``auto``.
        model: as for :func:`adsift.load`.
    """

    model_config = ConfigDict(extra="forbid")

    drop: tuple[str, ...] = ("commerce",)
    min_probability: float = 0.0
    max_content_loss: float | None = None
    confidence: float = CONFIDENCE
    format: Format = "auto"
    model: str | None = None

    def __init__(self, **fields: Any) -> None:
        """Check and set the fields.

        Raises:
            DocumentError: the format is unknown.
            PolicyError: as for :meth:`adsift.Separator.strip`.
        """
        # Before Pydantic does, which would make errors of its own of these.
        known_format(fields.get("format", "auto"))
        stripping = Stripping(**{name: fields[name] for name in _STRIPPING if name in fields})
        super().__init__(**{**fields, "drop": stripping.drop})

    def __call__(self, nodes: Sequence[BaseNode], **kwargs: Any) -> Sequence[BaseNode]:  # noqa: ARG002
        """Strip documents, which stay as they are.

        Returns:
            Copies in their order, none left out, with ``adsift_removed`` (paragraphs) in the
            metadata, or ``adsift_error`` for one that cannot be read and keeps its text. Neither is
            shown to a language model nor embedded.

        Raises:
            AdsiftError: these are no LlamaIndex nodes.
            BundleError: the model cannot be loaded.
        """
        if isinstance(nodes, BaseNode):  # whose iterator gives its fields
            raise AdsiftError("expected several documents, not one: give a list of it")
        nodes = [*nodes]
        for node in nodes:
            if not isinstance(node, BaseNode):
                raise AdsiftError(
                    f"adsift.engines.llama_index takes LlamaIndex nodes, not {type(node).__name__}"
                )
        results = strip_documents(
            [
                Document(
                    node.get_content(MetadataMode.NONE),
                    self.format,
                    known_address(node.metadata.get("url")),
                )
                for node in nodes
            ],
            self._stripping(),
            self.model,
        )
        out = []
        for node, result in zip(nodes, results, strict=True):
            copy = node.model_copy(deep=True)
            note: tuple[str, int | str]
            if isinstance(result, Failed):
                note = ("adsift_error", result.reason)
            else:
                note = ("adsift_removed", len(result.removed))
                copy.set_content(result.text)
            for name in _NOTES:  # of an earlier pass
                copy.metadata.pop(name, None)
            copy.metadata[note[0]] = note[1]
            for keys in (copy.excluded_llm_metadata_keys, copy.excluded_embed_metadata_keys):
                if note[0] not in keys:
                    keys.append(note[0])
            out.append(copy)
        return out

    def _stripping(self) -> Stripping:
        return Stripping(**{name: getattr(self, name) for name in _STRIPPING})
