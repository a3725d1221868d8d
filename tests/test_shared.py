"""Checks on the shared folder: one real article, and pages as they are on the web.

The folder is no part of the repository; without it these tests are skipped, see ``shared`` in
``conftest.py``.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from adsift import Document, Separator
from adsift.segment import segment

PAGES = 40


@pytest.fixture(scope="module")
def article(shared: Path) -> Path:
    (path,) = (shared / "seeds").glob("*.txt")
    return path


@pytest.fixture(scope="module")
def source(article: Path) -> str:
    return article.read_bytes().decode()


@pytest.fixture(scope="module")
def gold(article: Path) -> list[dict[str, Any]]:
    lines = article.with_suffix(".labels.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


class TestArticle:
    def test_it_is_cut_into_the_labelled_paragraphs(
        self, source: str, gold: list[dict[str, Any]]
    ) -> None:
        texts = [paragraph.text for paragraph in segment(Document(source)).paragraphs]
        assert texts == [" ".join(row["text"].split()) for row in gold]

    def test_commerce_is_stripped_and_nothing_else(
        self, shipped: Separator, source: str, gold: list[dict[str, Any]]
    ) -> None:
        removed = shipped.strip(source).removed
        assert [p.text for p in removed] == [r["text"] for r in gold if r["label"] == "commerce"]
        assert [p.kind for p in removed] == ["product", "product"]

    def test_boilerplate_is_stripped_too_and_nothing_else(
        self, shipped: Separator, source: str, gold: list[dict[str, Any]]
    ) -> None:
        drop = ("commerce", "boilerplate")
        result = shipped.strip(source, drop)
        assert [p.text for p in result.removed] == [r["text"] for r in gold if r["label"] in drop]
        assert [p.text for p in result.kept] == [r["text"] for r in gold if r["label"] not in drop]

    def test_the_first_and_the_related_lines_are_boilerplate(
        self, shipped: Separator, source: str
    ) -> None:
        tagged = shipped.tag(source)
        related = [p.label for p in tagged if p.text.startswith("Related:")]
        assert related == ["boilerplate", "boilerplate"]
        assert tagged[0].label == "boilerplate"

    def test_the_bullets_are_news(self, shipped: Separator, source: str) -> None:
        labels = [p.label for p in shipped.tag(source) if p.text.startswith("•")]
        assert len(labels) == 9
        assert {*labels} == {"news"}


class TestPages:
    def test_tagging_and_stripping(self, shipped: Separator, shared: Path) -> None:
        paths = sorted((shared / "data" / "pages").glob("*.gz"))
        documents = [
            Document(gzip.decompress(path.read_bytes()), name=path.name)
            for path in paths[:: len(paths) // PAGES]
        ]
        drop = ("commerce", "boilerplate")
        tagged = [*shipped.tag_many(documents)]
        stripped = [*shipped.strip_many(documents, drop)]
        assert sum(map(bool, tagged)) > 0.9 * len(documents)
        again = shipped.strip_many(
            (
                Document(result.text, name=document.name)
                for document, result in zip(documents, stripped, strict=True)
            ),
            drop,
        )
        for once, twice in zip(stripped, again, strict=True):
            assert twice.removed == []
            assert twice.text == once.text
