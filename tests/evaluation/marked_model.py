"""A model that reads its opinion in the paragraph: ``C70`` is commerce with probability 0.7."""

from __future__ import annotations

import re
from collections.abc import Sequence

from adsift.document import CommerceKind, Document, Label, Paragraph, TaggedParagraph
from adsift.evaluation import GoldBlock, GoldPage
from adsift.separator import Separator

LETTERS = dict(zip("NABC", Label, strict=True))
_MARK = re.compile(r"\b([NABC])(\d\d)\b")


class MarkClassifier:
    """The n-th mark of a paragraph counts, the last if there are fewer; without any it is news."""

    def __init__(self, which: int = 0, kind: CommerceKind | None = CommerceKind.PRODUCT) -> None:
        self.which, self.kind = which, kind

    def classify(
        self,
        documents: Sequence[Sequence[Paragraph]],
        urls: Sequence[str | None],
        memories: object = None,
    ) -> list[list[TaggedParagraph]]:
        del memories
        del urls
        return [[self._tagged(paragraph) for paragraph in document] for document in documents]

    def _tagged(self, paragraph: Paragraph) -> TaggedParagraph:
        marks = _MARK.findall(paragraph.text) or [("N", "70")]
        letter, percent = marks[min(self.which, len(marks) - 1)]
        label, probability = LETTERS[letter], int(percent) / 100
        probabilities = dict.fromkeys(Label, (1 - probability) / 3)
        probabilities[label] = probability
        kind = self.kind if label == Label.COMMERCE else None
        return TaggedParagraph(paragraph, label, kind, probabilities)


def marked(which: int = 0, kind: CommerceKind | None = CommerceKind.PRODUCT) -> Separator:
    return Separator(MarkClassifier(which, kind))  # type: ignore[arg-type]


def page(name: str, *blocks: tuple[str, str], site: str = "") -> GoldPage:
    """A page of plain text: each block its true label's letter (``-`` for none) and its text."""
    gold = [
        GoldBlock(
            text,
            LETTERS.get(letter),
            CommerceKind.PRODUCT if letter == "C" else None,
        )
        for letter, text in blocks
    ]
    source = Document("\n\n".join(text for _, text in blocks), format="text", id=name)
    return GoldPage(name, site, source, gold)
