"""Labelled documents for training and evaluation: the pages of a data folder, and the seeds.

A data folder holds ``train.jsonl.gz`` (one page a line, cut in blocks, each with its label) and
``pages/ID.html.gz`` or ``pages/ID.md.gz`` (the same pages as fetched). The blocks were cut by
another walker than adsift's, so a paragraph takes the label of the block that holds most of
its words.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from joblib import Parallel, delayed

from adsift.document import CommerceKind, Document, Label, Paragraph
from adsift.model.fit import LabelledDocument
from adsift.segment import segment
from alignment import numbered_words, shared_words

ROOT = Path(__file__).parents[1]
SEEDS = ROOT / "seeds"
SEED_WEIGHT = 4.0
"""The seeds show on purpose what the pages show rarely, so each counts as four pages."""


@dataclass(frozen=True, slots=True)
class Page:
    """A labelled page.

    Attributes:
        id, site, url: as in the data.
        source: the page as it was fetched.
        blocks: the gold blocks, each with at least ``text``, ``label`` and ``kind``.
    """

    id: str
    site: str
    url: str | None
    source: Document
    blocks: list[dict[str, Any]]

    @property
    def as_text(self) -> Document:
        """The text view of METRICS.md: the blocks joined by blank lines."""
        joined = "\n\n".join(" ".join(block["text"].split()) for block in self.blocks)
        return Document(joined, format="text", id=self.id)


def read_pages(data: Path) -> list[Page]:
    """All pages of a data folder, in its order."""
    suffixes = {"html": "html", "markdown": "md"}
    pages = []
    with gzip.open(data / "train.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            name = f"{row['id']}.{suffixes[row['format']]}.gz"
            raw = gzip.decompress((data / "pages" / name).read_bytes())
            source = Document(raw, format=row["format"], url=row["url"] or None, id=row["id"])
            pages.append(Page(row["id"], row["site"], source.url, source, row["blocks"]))
    return pages


def label_pages(pages: list[Page], jobs: int) -> list[LabelledDocument]:
    """Both views of every page as training documents: first all as fetched, then all as text."""
    run = Parallel(n_jobs=jobs)
    return [
        # Users often have no address, so every other page is learned from without it.
        *run(delayed(_label)(p, p.source, p.url if i % 2 else None) for i, p in enumerate(pages)),
        *run(delayed(_label)(page, page.as_text, None) for page in pages),
    ]


def _label(page: Page, source: Document, url: str | None) -> LabelledDocument:
    paragraphs = segment(source).paragraphs
    labels: list[Label | None] = []
    kinds: list[CommerceKind | None] = []
    for block in _blocks_of(paragraphs, page.blocks):
        labels.append(Label(block["label"]) if block and block["label"] else None)
        kinds.append(CommerceKind(block["kind"]) if block and block["kind"] else None)
    return LabelledDocument(paragraphs, labels, kinds, page.site, url)


def _blocks_of(
    paragraphs: list[Paragraph], blocks: list[dict[str, Any]]
) -> Iterator[dict[str, Any] | None]:
    texts = [paragraph.text for paragraph in paragraphs]
    sizes = Counter(index for _, index in numbered_words(texts))
    best: dict[int, tuple[int, int]] = {}
    for (block, index), count in shared_words([b["text"] for b in blocks], texts).items():
        best[index] = max(best.get(index, (0, 0)), (count, -block))
    for index in range(len(paragraphs)):
        count, block = best.get(index, (0, 0))
        yield blocks[-block] if count and 2 * count >= sizes[index] else None


def read_seeds(folder: Path = SEEDS) -> list[LabelledDocument]:
    """The project's own articles: each as it is, and those with markup as plain text too.

    Raises:
        ValueError: an article's paragraphs are not those of its labels file.
    """
    documents = []
    for labels_file in sorted(folder.glob("*.labels.jsonl")):
        name = labels_file.name.removesuffix(".labels.jsonl")
        (article,) = [p for p in folder.glob(f"{name}.*") if p != labels_file]
        rows = [json.loads(line) for line in labels_file.read_text(encoding="utf-8").splitlines()]
        source = Document(article.read_bytes(), name=article.name, id=name)
        paragraphs = segment(source).paragraphs
        texts = [row["text"] for row in rows]
        if texts != [paragraph.text for paragraph in paragraphs]:
            raise ValueError(f"{article} is not cut into the paragraphs of {labels_file}")
        labels = [Label(row["label"]) for row in rows]
        kinds = [CommerceKind(row["kind"]) if row["kind"] else None for row in rows]
        group = f"seeds/{name}"
        plain = [Paragraph(text) for text in texts]
        for shape in [paragraphs] if article.suffix == ".txt" else [paragraphs, plain]:
            # Written for the project, so no sample of what there is to calibrate on.
            every = frozenset(range(len(shape)))
            document = LabelledDocument(shape, [*labels], kinds, group, None, SEED_WEIGHT)
            documents.append(replace(document, made_up=every))
    return documents
