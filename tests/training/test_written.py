"""The pages written for this project, and how they are dressed."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from adsift.document import CommerceKind, Label
from adsift.errors import LabelledDataError
from dressing import dress
from written import LETTERS, WRITTEN, read_written, read_written_page

PAGE = """\
url: https://www.kettlelane.com/guides/kettles
title: The kettles we would buy
kind: buying guide
@header
B | - [Home](/)
B | - [Guides](/guides)
@main
N | # Kettles & pots
Cp | The **Brae 2** boils a litre in two minutes. [See it](https://shop.kettlelane.com/brae-2)
A | > It is too loud.
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    kind = tmp_path / "guides"
    kind.mkdir()
    (kind / "kettles.page").write_text(PAGE, encoding="utf-8")
    (kind / "kettles-post.page").write_text(
        PAGE.replace("kind: ", "form: markdown\nkind: "), encoding="utf-8"
    )
    return tmp_path


def test_every_page_becomes_a_document_with_markup_and_one_of_plain_text(folder: Path) -> None:
    documents = read_written(folder=folder)
    assert [bool(d.paragraphs[0].tag) for d in documents] == [True, True, False, False]
    for document in documents:
        assert [paragraph.text for paragraph in document.paragraphs] == [
            "Home",
            "Guides",
            "Kettles & pots",
            "The Brae 2 boils a litre in two minutes. See it",
            "It is too loud.",
        ]
        assert document.labels == [
            *[Label.BOILERPLATE] * 2,
            Label.NEWS,
            Label.COMMERCE,
            Label.ANALYSIS,
        ]
        assert document.kinds == [None, None, None, CommerceKind.PRODUCT, None]
        # Nothing of what we wrote ourselves may calibrate probabilities or a bound.
        assert document.made_up == frozenset(range(5))


def test_html_pages_have_elements_around_their_paragraphs_and_markdown_pages_have_not(
    folder: Path,
) -> None:
    as_markdown, as_html = read_written(folder=folder)[:2]
    assert not as_markdown.paragraphs[3].ancestors
    assert as_html.paragraphs[3].ancestors
    assert as_html.paragraphs[3].links == ("https://shop.kettlelane.com/brae-2",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (PAGE.replace("A | >", "X | >"), "line 10: not a paragraph"),
        (PAGE.replace("@main", "@somewhere"), "line 7: not a paragraph"),
        (PAGE.replace("title: ", "headline: "), "line 2: not a paragraph"),
        (PAGE.partition("@header")[0], "paragraphs are needed"),
        (PAGE.partition("kind: ")[2].partition("\n")[2], "url, title, kind"),
    ],
)
def test_a_malformed_page_is_refused_with_its_place(
    tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "odd.page"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(LabelledDataError, match=message):
        read_written_page(path)


def test_a_page_is_dressed_alike_each_time_and_unlike_another() -> None:
    rows = [
        ("header", "- ", "Home"),
        ("main", "# ", "A &amp; B"),
        ("ad", "", "Buy <a href='/x'>x</a>"),
    ]
    assert dress("T", rows, 1) == dress("T", rows, 1)
    assert len({dress("T", rows, seed) for seed in range(20)}) > 10


def test_the_written_pages_are_cut_into_their_paragraphs() -> None:
    pages = {path.stem: read_written_page(path) for path in WRITTEN.glob("*/*.page")}
    assert pages
    documents = read_written()
    labels = Counter(label for document in documents for label in document.labels)
    assert set(labels) >= {label for label, _ in LETTERS.values()}
    # A paragraph that the walkers cut otherwise has no label; that is to be rare.
    assert labels[None] < 0.01 * labels.total()


def test_no_written_page_repeats_another() -> None:
    """A paragraph of prose that stands on two pages would be a mistake in copying."""
    prose: Counter[str] = Counter()
    for path in WRITTEN.glob("*/*.page"):
        texts = {block.text for block in read_written_page(path).blocks}
        prose.update(text for text in texts if len(text.split()) >= 25)
    assert [text for text, count in prose.items() if count > 1] == []
