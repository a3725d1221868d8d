"""A command line with a model that one can read: it goes by a few words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import adsift
from adsift.cli import app
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
        self, documents: Sequence[Sequence[Paragraph]], urls: Sequence[str | None]
    ) -> list[list[TaggedParagraph]]:
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


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def run(here: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs the command line in ``here``, without a process of its own."""
    separator = Separator(WordClassifier())
    monkeypatch.setattr(adsift, "load", lambda model=None: separator)

    def invoke(*arguments: object, stdin: bytes | None = None) -> Result:
        result = CliRunner().invoke(app, [str(argument) for argument in arguments], input=stdin)
        assert result.exception is None or isinstance(result.exception, SystemExit)
        assert "Traceback" not in result.stderr
        return result

    return invoke
