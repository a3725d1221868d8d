"""Finds the labelled blocks in a page by their hashes.

The blocks were cut by another walker than adsift's, and the labels hold no text. So this makes
every text that could be a block of the page, and keeps those whose hash is wanted. HTML is cut
alike by both walkers; the Markdown one of the labels knew no grammar, only lines.

How many blocks are found in a folder of pages::

    python training/blocks.py --pages training/pages
"""

from __future__ import annotations

import argparse
import hashlib
import re
import sys
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from adsift.decode import decode
from adsift.document import Document
from adsift.errors import AdsiftError
from adsift.segment import segment
from labels import LABELS, LabelledPage, read_labels
from page_files import MissingPageError, read_page

HASH_DIGITS = 12

LONGEST_RUN = 40
"""Lines of a block that is only part of its stretch of lines. The number of runs grows with it."""

MOST_WORDS = 60
"""A block with more words weighs no more, by METRICS.md."""

_WORD = re.compile(r"\w+")

_FENCE = re.compile(r"[ \t]*(?:```|~~~)")
_FENCES_AHEAD = 3
_LINK_OR_IMAGE = re.compile(r"!?\[([^\]]*)\]\([^)]+\)")
_SEAMLESS_TAG = re.compile(r"</?(?:a|code)\b[^>]{0,400}>", re.IGNORECASE)
_TAG = re.compile(r"<[^>]{0,400}>")
_EMPHASIS = re.compile(r"[*_`]")
_AROUND = "#>|- "


def block_hash(text: str) -> str:
    """First 12 hexadecimal digits of the SHA-256 of a text, its white space normalised."""
    normalised = " ".join(text.split())
    # Half of a surrogate pair can be in a text, but not in UTF-8.
    return hashlib.sha256(normalised.encode("utf-8", "replace")).hexdigest()[:HASH_DIGITS]


def find_texts(page: Document, wanted: Collection[str]) -> dict[str, str]:
    """Texts of the page by their hashes, as many of the wanted ones as are found.

    Args:
        page: HTML or Markdown, as bytes or text.
        wanted: hashes as of :func:`block_hash`.
    """
    missing = set(wanted)
    found = {}
    for text in _texts(page):
        hashed = block_hash(text)
        if hashed in missing:
            missing.remove(hashed)
            found[hashed] = text
            if not missing:
                break
    return found


def _texts(page: Document) -> Iterator[str]:
    for paragraph in segment(page).paragraphs:
        yield paragraph.text
    if page.format == "markdown":
        source = decode(page.source) if isinstance(page.source, bytes) else str(page.source)
        yield from map(_visible, _markdown_texts(source))


def _markdown_texts(source: str) -> Iterator[str]:
    """All runs of lines without a blank one, and those from a fence to one after it.

    What began a list item or a table row for the other walker is not known. Instead of guessing
    it, this tries every run, and the hash decides.
    """
    lines = source.splitlines()
    first = 0
    for line in range(len(lines) + 1):
        if line == len(lines) or not lines[line].strip():
            yield from _runs(lines[first:line])
            first = line + 1
    fences = [number for number, line in enumerate(lines) if _FENCE.match(line)]
    for place, start in enumerate(fences):
        following = fences[place + 1 : place + 1 + _FENCES_AHEAD]
        for end in (*following, len(lines) - 1):
            yield "\n".join(lines[start : end + 1])


def _runs(lines: list[str]) -> Iterator[str]:
    if len(lines) > LONGEST_RUN:
        yield "\n".join(lines)
    for start in range(len(lines)):
        for end in range(start + 1, min(len(lines), start + LONGEST_RUN) + 1):
            yield "\n".join(lines[start:end])


def _visible(markdown: str) -> str:
    """What the other walker took for the visible text: plain substitutions, no parser."""
    text = _LINK_OR_IMAGE.sub(r"\1", markdown)
    text = _SEAMLESS_TAG.sub("", text)
    text = _TAG.sub(" ", text)
    if not text.lstrip().startswith("```"):
        text = _EMPHASIS.sub("", text)
    return " ".join(text.split()).strip(_AROUND)


@dataclass(frozen=True, slots=True)
class Found:
    """How many of a page's blocks were found.

    Attributes:
        format: of the page.
        blocks, found: numbers of blocks.
        weight: share of the page's weight (METRICS.md: a block weighs its words up to 60, and
            one) that was found, at least: a block that is not found counts as the longest.
    """

    format: str
    blocks: int
    found: int
    weight: float


def count_found(page: LabelledPage, data: bytes) -> Found:
    """Look for the blocks of one page, given its bytes."""
    hashes = [block.hash for block in page.blocks]
    texts = find_texts(Document(data, format=page.format), hashes)
    weights = [
        1 + (min(len(_WORD.findall(texts[hashed])), MOST_WORDS) if hashed in texts else MOST_WORDS)
        for hashed in hashes
    ]
    held = [weight for hashed, weight in zip(hashes, weights, strict=True) if hashed in texts]
    return Found(page.format, len(hashes), len(held), sum(held) / sum(weights) if weights else 1.0)


def report(results: Sequence[Found]) -> str:
    """The shares by format, as a table."""
    lines = [f"{'format':<10}{'pages':>8}{'blocks':>10}{'found':>10}{'share':>9}{'weight >=':>11}"]
    for form in sorted({result.format for result in results}):
        of_form = [result for result in results if result.format == form]
        blocks = sum(result.blocks for result in of_form)
        found = sum(result.found for result in of_form)
        weight = mean(result.weight for result in of_form)
        lines.append(
            f"{form:<10}{len(of_form):>8,}{blocks:>10,}{found:>10,}"
            f"{found / max(1, blocks):>9.4f}{weight:>11.4f}"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pages", type=Path, required=True, help="folder of fetched pages")
    parser.add_argument("--labels", type=Path, default=LABELS)
    parser.add_argument("--list", action="store_true", help="name the pages with blocks not found")
    arguments = parser.parse_args()
    results = []
    try:
        for page in read_labels(arguments.labels):
            try:
                result = count_found(page, read_page(arguments.pages, page))
            except MissingPageError:
                continue
            results.append(result)
            if arguments.list and result.found < result.blocks:
                print(f"{page.id}: {result.blocks - result.found} of {result.blocks} not found")
    except AdsiftError as error:
        sys.exit(str(error))
    if not results:
        sys.exit(f"{arguments.pages} holds none of the labelled pages: run training/fetch_pages.py")
    print(report(results))


if __name__ == "__main__":
    main()
