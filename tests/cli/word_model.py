"""A model that one can read: it goes by a few words. Run as a script, it is the command line."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from pathlib import Path

import adsift
from adsift.cli import main
from adsift.document import CommerceKind, Label, Paragraph, TaggedParagraph
from adsift.separator import Separator

SEEDS = Path(__file__).parents[2] / "seeds"

ARTICLE = (
    "The ferry will run again on Monday.\n"
    "\n"
    "Buy our deck shoes, only $39.\n"
    "\n"
    "Related: Ferry timetable\n"
    "\n"
    "The harbour office confirmed the date.\n"
)
STRIPPED = ARTICLE.replace("Buy our deck shoes, only $39.\n\n", "")
PAGE = (
    "<!DOCTYPE html><html><head><title>Ferry</title></head><body>"
    "<p>The ferry will run again on Monday.</p><p>Buy our deck shoes, only $39.</p>"
    "</body></html>"
)


class WordClassifier:
    """``$`` makes commerce, ``Related:`` boilerplate, ``EXPLODE`` an exception."""

    def classify(
        self,
        documents: Sequence[Sequence[Paragraph]],
        urls: Sequence[str | None],
        memories: object = None,
    ) -> list[list[TaggedParagraph]]:
        del memories
        assert len(documents) == len(urls)
        return [
            [_tagged(paragraph, url) for paragraph in document]
            for document, url in zip(documents, urls, strict=True)
        ]


def _tagged(paragraph: Paragraph, url: str | None) -> TaggedParagraph:
    if "EXPLODE" in paragraph.text:
        raise ZeroDivisionError("a document\nthat the model cannot bear")
    label = Label.NEWS
    if "$" in paragraph.text or (url is not None and "shop" in url):
        label = Label.COMMERCE
    elif paragraph.text.startswith("Related:"):
        label = Label.BOILERPLATE
    kind = CommerceKind.PRODUCT if label == Label.COMMERCE else None
    probabilities = dict.fromkeys(Label, 0.1)
    probabilities[label] = 0.7
    return TaggedParagraph(paragraph, label, kind, probabilities)


def word_separator(model: str | None = None) -> Separator:
    """Stands in for ``adsift.load``."""
    del model
    return Separator(WordClassifier())  # type: ignore[arg-type]


if __name__ == "__main__":
    adsift.load = word_separator  # type: ignore[assignment]
    # A shell that starts a process in the background lets it ignore Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    main()
