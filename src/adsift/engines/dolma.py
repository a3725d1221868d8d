"""A tagger for the Dolma toolkit: ``dolma tag --tagger_modules adsift.engines.dolma``.

The tagger ``adsift`` writes a span ``[start, end, probability]`` for each paragraph, under its
label (``adsift__adsift__commerce``) and for commerce under its kind too
(``adsift__adsift__product``), where the first part is the experiment's name if there is one. By
them ``dolma mix`` replaces spans.

Spans need a place in the text, so a document that is HTML has none: clean pages with
``adsift clean``, which cuts elements.

Toolkit and tagger share an environment with NumPy 1.26, the last before the toolkit's limit.
"""

from __future__ import annotations

from typing import Any

from adsift.document import CommerceKind, Document, Format, Label
from adsift.engines.documents import Failed, known_address, tag_documents
from adsift.engines.extras import need
from adsift.errors import DocumentError

need("dolma", "dolma")

from dolma import add_tagger  # noqa: E402
from dolma.core.data_types import DocResult, Span  # noqa: E402
from dolma.core.taggers import BaseTaggerWithMetadata  # noqa: E402


@add_tagger("adsift")  # type: ignore[untyped-decorator, unused-ignore]
class AdsiftTagger(BaseTaggerWithMetadata):  # type: ignore[misc, unused-ignore]
    """Tags the paragraphs of a document. Its address is its metadata's ``url``.

    Dolma makes taggers without arguments: for another model or format make a subclass with other
    attributes, and register it under a name of its own with ``dolma.add_tagger``.

    Attributes:
        model: as for :func:`adsift.load`.
        format: ``text``, ``markdown``, ``html`` or ``auto``.
    """

    model: str | None = None
    format: Format = "auto"

    @property
    def defaults(self) -> list[str]:
        """The types of spans, which each document has, if only as an empty list."""
        return [*map(str, Label), *map(str, CommerceKind)]

    def predict(self, doc: Any) -> Any:
        """Tag one document; called by Dolma.

        Raises:
            DocumentError: it cannot be read. Dolma then stops, unless it is told otherwise.
        """
        url = known_address(doc.metadata.get("url"))
        document = Document(doc.text, self.format, url, doc.id)
        (tagged,) = tag_documents([document], self.model)
        if isinstance(tagged, Failed):
            raise DocumentError(f"document {doc.id}: {tagged.reason}")
        spans = [
            Span(paragraph.start, paragraph.end, str(name), paragraph.probability)
            for paragraph in tagged
            for name in (paragraph.label, paragraph.kind)
            if name is not None and paragraph.start is not None and paragraph.end is not None
        ]
        return DocResult(doc=doc, spans=spans)
