"""A model that labels documents by a rule."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from adsift import Label, Paragraph, Separator
from adsift.document import TaggedParagraph


class RuleClassifier:
    """Labels a document by a rule: its paragraphs' texts in, their labels out."""

    def __init__(self, rule: Callable[[list[str]], list[str]]) -> None:
        self.rule = rule
        self.calls: list[tuple[list[list[str]], list[str | None]]] = []

    def classify(
        self,
        documents: Sequence[Sequence[Paragraph]],
        urls: Sequence[str | None],
        memories: object = None,
    ) -> list[list[TaggedParagraph]]:
        del memories
        texts = [[paragraph.text for paragraph in document] for document in documents]
        self.calls.append((texts, [*urls]))
        return [
            [
                TaggedParagraph(paragraph, Label(label), None, {Label(label): 1.0})
                for paragraph, label in zip(document, self.rule(words), strict=True)
            ]
            for document, words in zip(documents, texts, strict=True)
        ]


def by_word(texts: list[str]) -> list[str]:
    return ["commerce" if "Buy" in text else "news" for text in texts]


def last_goes(texts: list[str]) -> list[str]:
    return ["news"] * (len(texts) - 1) + ["commerce"] * bool(texts)


def separator(rule: Callable[[list[str]], list[str]] = by_word) -> Separator:
    return Separator(RuleClassifier(rule))  # type: ignore[arg-type]


def texts(paragraphs: Sequence[TaggedParagraph]) -> list[str]:
    return [paragraph.text for paragraph in paragraphs]
