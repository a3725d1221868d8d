"""Labelled documents of made-up shops, for tests."""

from __future__ import annotations

from collections.abc import Sequence

from adsift.document import CommerceKind, Label, Paragraph
from adsift.model.bundle import Bundle
from adsift.model.fit_settings import Fitted
from adsift.model.labelled_document import LabelledDocument

N, C = Label.NEWS, Label.COMMERCE
NEWS = (
    "The zarnik of the council was voted down on Monday, quorl of the mayor said.",
    "A morlup ferry reached the harbour on {} of May with nobody on board.",
    "Police said the vextal bridge was closed for {} hours after the storm.",
)
# Words that the base has never met as commerce, in sentences that look like news.
PITCHES = (
    "The glimra fennox of the brondle sits softly in every plindor for {} years.",
    "Every fennox in the glimra line has the plindor that a brondle needs.",
    "A brondle with {} glimra seams and the fennox lining of the plindor house.",
)


def document(
    number: int, tag: str = "", labels: Sequence[Label | None] = (N, C, N, C)
) -> LabelledDocument:
    texts = [(PITCHES if label == C else NEWS)[(number + i) % 3] for i, label in enumerate(labels)]
    return LabelledDocument(
        [Paragraph(text.format(number), tag=tag) for text in texts],
        [*labels],
        [CommerceKind.PRODUCT if label == C else None for label in labels],
        f"shop {number}",
    )


def documents(count: int, first: int = 0, tag: str = "") -> list[LabelledDocument]:
    orders = ((N, C, N, C), (C, N, N), (N, N, C), (C, C, N))
    return [document(n, tag, orders[n % 4]) for n in range(first, first + count)]


def bundle(fitted: Fitted) -> Bundle:
    return Bundle(fitted.config, fitted.arrays, "")
