"""The pages that are measured, and labelled paragraphs for what has to be trained.

No page is part of the repository. They lie in a folder, ``ID.html.gz`` or ``ID.html``: one that the
user names, the one beside the clone, or what ``training/fetch_pages.py`` has fetched.
"""

from __future__ import annotations

import gzip
import os
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from adsift.errors import LabelledDataError
from adsift.evaluation.gold import GoldBlock, GoldPage, read_gold

ROOT = Path(__file__).parents[1]
SEEDS = ROOT / "seeds"
FETCHED = ROOT / "training" / "pages"
HTML = (".html.gz", ".html")
MARKDOWN = (".md.gz", ".md")
SEED = 1

HELP = (
    "get the pages with `python training/fetch_pages.py --output training/pages`, which takes them "
    "from their public repositories, or name a folder of pages with --pages"
)


def find_folder(named: Path | None) -> Path:
    """The folder of pages.

    Raises:
        LabelledDataError: there is none, or no HTML page in it.
    """
    shared = Path(os.environ.get("ADSIFT_SHARED", ROOT.parent / "shared"))
    candidates = [named] if named else [shared / "data" / "pages", FETCHED]
    for folder in candidates:
        if page_files(folder):
            return folder
    tried = " nor ".join(str(folder) for folder in candidates)
    raise LabelledDataError(f"no HTML pages in {tried}: {HELP}")


def page_files(folder: Path, endings: Sequence[str] = HTML) -> list[Path]:
    """The HTML pages of a folder, or those with other endings, by name."""
    return sorted(path for ending in endings for path in folder.glob(f"*{ending}"))


def choose_pages(
    folder: Path, count: int, seed: int = SEED, endings: Sequence[str] = HTML
) -> list[bytes]:
    """Some pages as their servers sent them: the same ones on every run."""
    files = page_files(folder, endings)
    random.Random(seed).shuffle(files)
    return [_read(path) for path in files[:count]]


def _read(path: Path) -> bytes:
    data = path.read_bytes()
    return gzip.decompress(data) if path.suffix == ".gz" else data


@dataclass(frozen=True, slots=True)
class Labelled:
    """Labelled pages.

    Attributes:
        pages: in the order of the data.
        source: what they are, for a reader of the results.
        seeds: whether they are the project's own articles, for want of labels of the pages.
    """

    pages: list[GoldPage]
    source: str
    seeds: bool

    @property
    def html(self) -> list[GoldPage]:
        """Those that were fetched as HTML, which is what extractors read."""
        return [page for page in self.pages if page.source.format == "html"]

    def texts(self) -> list[list[tuple[str, str]]]:
        """For each page its blocks with a label, as text without line breaks and label."""
        return [
            [
                (" ".join(block.text.split()), str(block.label))
                for block in page.blocks
                if block.label is not None and block.text.strip()
            ]
            for page in self.pages
        ]


def read_labelled_pages(folder: Path) -> Labelled:
    """The labelled pages of which a folder holds the sources; the seeds if nobody labelled it.

    Raises:
        LabelledDataError: the labels or the pages are damaged.
    """
    if any((folder.parent / name).is_file() for name in ("train.jsonl.gz", "train.jsonl")):
        return Labelled(read_gold(folder.parent), "labelled pages", seeds=False)
    if folder.resolve() == FETCHED.resolve():
        return Labelled(_fetched(folder), "labelled pages", seeds=False)
    return Labelled(read_gold(SEEDS), "the project's own articles", seeds=True)


def _fetched(folder: Path) -> list[GoldPage]:
    # The scripts of training/ are no package, and only here is one of them needed.
    sys.path.append(str(ROOT / "training"))
    from dataset import read_fetched

    return [
        GoldPage(
            page.id,
            page.site,
            page.source,
            [GoldBlock(block["text"], block["label"], block["kind"]) for block in page.blocks],
        )
        for page in read_fetched(folder)
    ]


def sample_blocks(
    texts: Sequence[Sequence[tuple[str, str]]], count: int, seed: int = SEED
) -> list[tuple[str, str]]:
    """Some labelled paragraphs of all pages, in no order."""
    blocks = [block for of_page in texts for block in of_page]
    random.Random(seed).shuffle(blocks)
    return blocks[:count]
