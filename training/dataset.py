"""Labelled documents for training and evaluation: the pages of a folder, and the seeds.

The folder is one of two. A data folder holds ``train.jsonl.gz`` (one page a line, cut in blocks,
each with its label) and ``pages/ID.html.gz`` or ``pages/ID.md.gz`` (the same pages as fetched). A
folder of fetched pages, see ``fetch_pages.py``, holds these files alone; the labels then come from
``labels.jsonl.gz``, and the texts of the blocks are found in the pages. The blocks were cut by
another walker than adsift's, so a paragraph takes the label of the block that holds most of its
words.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from joblib import Parallel, delayed

from adsift.document import CommerceKind, Document, Label, Paragraph
from adsift.errors import LabelledDataError
from adsift.evaluation.gold import GoldBlock, GoldPage
from adsift.evaluation.views import view_of
from adsift.model.labelled_document import LabelledDocument
from adsift.segment import segment
from alignment import numbered_words, shared_words
from blocks import find_texts
from labels import LABELS, SUFFIXES, read_labels
from page_files import MissingPageError, read_page

ROOT = Path(__file__).parents[1]
SEEDS = ROOT / "seeds"
LANGUAGE = "en"
"""The model knows one language; the labels file holds pages of others too."""

CODEBOOK = "0ddd1e0a7aa8"
"""The version that `labels.jsonl.gz` follows."""

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
    def gold(self) -> GoldPage:
        """The page as :mod:`adsift.evaluation` wants it."""
        blocks = [
            GoldBlock(
                block["text"],
                Label(block["label"]) if block["label"] else None,
                CommerceKind(block["kind"]) if block["kind"] else None,
            )
            for block in self.blocks
        ]
        return GoldPage(self.id, self.site, self.source, blocks)

    def view(self, name: str) -> Document:
        """The page in one of :data:`adsift.evaluation.views.VIEWS`.

        Raises:
            ValueError: it has no such view.
        """
        document = view_of(self.gold, name)
        if document is None:
            raise ValueError(f"the page {self.id} has no view {name!r}")
        return document


def read_pages(data: Path) -> list[Page]:
    """All English pages of a data folder or a folder of fetched pages, in the order of the labels.

    Raises:
        LabelledDataError: there are none, the labels cannot be read, or a file is not the page
            that was labelled.
    """
    labelled = data / "train.jsonl.gz"
    return _read_data(data, labelled) if labelled.exists() else read_fetched(data)


def _read_data(data: Path, labelled: Path) -> list[Page]:
    pages = []
    with gzip.open(labelled, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            name = row["id"] + SUFFIXES[row["format"]]
            raw = gzip.decompress((data / "pages" / name).read_bytes())
            source = Document(raw, format=row["format"], url=row["url"] or None, id=row["id"])
            pages.append(Page(row["id"], row["site"], source.url, source, row["blocks"]))
    return pages


def read_fetched(folder: Path, labels: Path = LABELS) -> list[Page]:
    """The English pages that a folder of fetched pages holds.

    A block whose text is not found in its page is left out, so that its words have no label; how
    many these are is told by ``blocks.py``. Pages that are not there are left out too.

    Raises:
        LabelledDataError: as :func:`read_pages`.
    """
    pages = []
    for labelled in read_labels(labels):
        if labelled.lang != LANGUAGE:
            continue
        try:
            data = read_page(folder, labelled)
        except MissingPageError:
            continue
        source = Document(data, format=labelled.format, url=labelled.url, id=labelled.id)
        texts = find_texts(source, {block.hash for block in labelled.blocks})
        blocks = [
            {
                "text": texts[block.hash],
                "label": block.label.value,
                "kind": block.kind and block.kind.value,
                "mixed": block.mixed,
            }
            for block in labelled.blocks
            if block.hash in texts
        ]
        pages.append(Page(labelled.id, labelled.site, labelled.url, source, blocks))
    if not pages:
        raise LabelledDataError(
            f"{folder} holds neither train.jsonl.gz nor any labelled page: "
            "get the pages with training/fetch_pages.py"
        )
    return pages


def label_pages(pages: list[Page], jobs: int) -> list[LabelledDocument]:
    """Both views of every page as training documents: first all as fetched, then all as text."""
    run = Parallel(n_jobs=jobs)
    return [
        # Users often have no address, so every other page is learned from without it.
        *run(delayed(_label)(p, p.source, p.url if i % 2 else None) for i, p in enumerate(pages)),
        *run(delayed(_label)(page, page.view("text"), None) for page in pages),
    ]


def label_extracted(pages: list[Page], jobs: int) -> list[LabelledDocument]:
    """What trafilatura makes of the HTML pages, as training documents; a paragraph has the label
    of the block that its words are from."""
    html = [page for page in pages if page.source.format == "html"]
    run = Parallel(n_jobs=jobs)
    return list(run(delayed(_label)(page, page.view("extracted"), None) for page in html))


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


def codebook_version(data: Path) -> str:
    """The codebook that the labels follow: the start of its SHA-256. Where it does not lie beside
    the pages, that of the labels in this folder."""
    path = data / "CODEBOOK.md"
    if not path.is_file():
        return CODEBOOK
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


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
