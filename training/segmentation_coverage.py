"""How well the segmenters cut: the share of the labelled words that paragraphs hold cleanly.

A labelled block's word is held when it stands in a paragraph of which at least 90 % of the
words come from that block: then the block's label is the paragraph's. A paragraph that mixes
two blocks holds neither, and what the segmenter does not see at all is not held.

    python training/segmentation_coverage.py --data ../shared/data
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from joblib import Parallel, delayed

from adsift.segment import segment
from alignment import numbered_words, shared_words
from dataset import Page, read_pages

PURITY = 0.9
WORST = 20


@dataclass(frozen=True)
class Coverage:
    """What is held of one document's blocks, in words."""

    id: str
    format: str
    words: int
    held: int
    blocks: int
    cut_blocks: int  # of which less than PURITY is held

    @property
    def missed(self) -> int:
        return self.words - self.held


def held_words(blocks: Sequence[str], paragraphs: Sequence[str]) -> Counter[int]:
    """For each block (by its index) how many of its words paragraphs hold cleanly."""
    sizes = Counter(index for _, index in numbered_words(paragraphs))
    held: Counter[int] = Counter()
    for (block, paragraph), count in shared_words(blocks, paragraphs).items():
        if count >= PURITY * sizes[paragraph]:
            held[block] += count
    return held


def measure(page: Page) -> Coverage:
    """Segment one document as it was fetched, and compare it with its blocks."""
    paragraphs = segment(page.source).paragraphs
    blocks = [block["text"] for block in page.blocks]
    held = held_words(blocks, [paragraph.text for paragraph in paragraphs])
    words = Counter(block for _, block in numbered_words(blocks))
    return Coverage(
        id=page.id,
        format=page.source.format,
        words=words.total(),
        held=held.total(),
        blocks=len(words),
        cut_blocks=sum(held[block] < PURITY * count for block, count in words.items()),
    )


def report(results: Sequence[Coverage], verbose: bool) -> None:
    print(f"{'format':<10}{'documents':>10}{'words':>12}{'held':>12}{'share':>9}")
    for form in sorted({result.format for result in results}):
        of_form = [result for result in results if result.format == form]
        words = sum(result.words for result in of_form)
        held = sum(result.held for result in of_form)
        print(f"{form:<10}{len(of_form):>10,}{words:>12,}{held:>12,}{held / words:>9.4f}")
    if not verbose:
        return
    print(f"\n{'document':<10}{'format':<10}{'words':>8}{'missed':>8}{'blocks':>8}{'cut':>6}")
    for result in sorted(results, key=lambda result: -result.missed)[:WORST]:
        if result.missed:
            print(
                f"{result.id:<10}{result.format:<10}{result.words:>8,}{result.missed:>8,}"
                f"{result.blocks:>8,}{result.cut_blocks:>6,}"
            )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--data", type=Path, required=True, help="folder with train.jsonl.gz and pages/"
    )
    parser.add_argument(
        "--verbose", action="store_true", help=f"list the {WORST} documents with most misses"
    )
    arguments = parser.parse_args()
    started = time.perf_counter()
    pages = read_pages(arguments.data)
    # The longest first, so that no core is left alone with one at the end.
    pages.sort(key=lambda page: -sum(len(block["text"]) for block in page.blocks))
    results: list[Coverage] = Parallel(n_jobs=-1)(delayed(measure)(page) for page in pages)
    report(results, arguments.verbose)
    print(f"\n{time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
