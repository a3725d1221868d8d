"""A document transformer for LangChain."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from adsift.document import Document, Format
from adsift.engines.documents import Failed, Stripping, known_drop, known_format, strip_documents
from adsift.engines.extras import need
from adsift.errors import AdsiftError
from adsift.policy import CONFIDENCE

need("langchain_core", "langchain")

from langchain_core.documents import BaseDocumentTransformer  # noqa: E402
from langchain_core.documents import Document as Page  # noqa: E402

_NOTES = ("adsift_error", "adsift_removed")


class AdsiftTransformer(BaseDocumentTransformer):
    """Strips documents. An address is the metadata's ``url``, or else its ``source``.

    Give it whole pages: a paragraph is judged by its neighbours, so it belongs before a splitter.

    Args:
        drop, min_probability, max_content_loss, confidence: as for
            :meth:`adsift.Separator.strip`.
        format: ``text``, ``markdown``, ``html`` or ``auto``.
        model: as for :func:`adsift.load`.

    Raises:
        DocumentError: the format is unknown.
        PolicyError: as for :meth:`adsift.Separator.strip`.
    """

    def __init__(
        self,
        *,
        drop: str | Iterable[str] = ("commerce",),
        min_probability: float = 0.0,
        max_content_loss: float | None = None,
        confidence: float = CONFIDENCE,
        format: Format = "auto",
        model: str | None = None,
    ) -> None:
        self.stripping = Stripping(known_drop(drop), min_probability, max_content_loss, confidence)
        self.format = known_format(format)
        self.model = model

    def transform_documents(self, documents: Sequence[Page], **kwargs: Any) -> Sequence[Page]:  # noqa: ARG002
        """Strip documents, which stay as they are.

        Returns:
            Copies in their order, none left out, with ``adsift_removed`` (paragraphs) in the
            metadata, or ``adsift_error`` for one that cannot be read and keeps its text.

        Raises:
            AdsiftError: these are no LangChain documents.
            BundleError: the model cannot be loaded.
        """
        if isinstance(documents, Page):  # whose iterator gives its fields
            raise AdsiftError("expected several documents, not one: give a list of it")
        documents = [*documents]
        for page in documents:
            if not isinstance(page, Page):
                raise AdsiftError(
                    f"adsift.engines.langchain takes LangChain documents, not {type(page).__name__}"
                )
        results = strip_documents(
            [Document(page.page_content, self.format, _address(page)) for page in documents],
            self.stripping,
            self.model,
        )
        out = []
        for page, result in zip(documents, results, strict=True):
            note: dict[str, Any]
            if isinstance(result, Failed):
                text = page.page_content
                note = {"adsift_error": result.reason}
            else:
                text = result.text
                note = {"adsift_removed": len(result.removed)}
            kept = {key: value for key, value in page.metadata.items() if key not in _NOTES}
            metadata = {**kept, **note}
            out.append(page.model_copy(update={"page_content": text, "metadata": metadata}))
        return out


def _address(page: Page) -> str | None:
    address = page.metadata.get("url") or page.metadata.get("source")
    # Of a loader that reads files it is a path.
    return address if isinstance(address, str) and "://" in address else None
