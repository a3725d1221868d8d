"""How well the segmenters cut: the share of the labelled words that paragraphs hold cleanly.

A labelled block's word is held when it stands in a paragraph of which at least 90 % of the
words come from that block: then the block's label is the paragraph's. A paragraph that mixes
two blocks holds neither, and what the segmenter does not see at all is not held.

    python training/segmentation_coverage.py --data ../shared/data
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from joblib import Parallel, delayed

from adsift import Document
from adsift.segment import segment

PURITY = 0.9
WORST = 20
WORD = re.compile(r"\w+")


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
    gold = _numbered_words(blocks)
    ours = _numbered_words(paragraphs)
    matcher = SequenceMatcher(
        None, [word for word, _ in gold], [word for word, _ in ours], autojunk=False
    )
    shared: Counter[tuple[int, int]] = Counter()
    for in_gold, in_ours, length in matcher.get_matching_blocks():
        for offset in range(length):
            shared[gold[in_gold + offset][1], ours[in_ours + offset][1]] += 1
    sizes = Counter(paragraph for _, paragraph in ours)
    held: Counter[int] = Counter()
    for (block, paragraph), count in shared.items():
        if count >= PURITY * sizes[paragraph]:
            held[block] += count
    return held


def _numbered_words(texts: Iterable[str]) -> list[tuple[str, int]]:
    return [(word, i) for i, text in enumerate(texts) for word in WORD.findall(text.lower())]


def measure(record: dict[str, Any], pages: Path) -> Coverage:
    """Segment one document as it was fetched, and compare it with its blocks."""
    suffix = {"html": "html", "markdown": "md"}[record["format"]]
    source = gzip.decompress((pages / f"{record['id']}.{suffix}.gz").read_bytes())
    paragraphs = segment(Document(source, format=record["format"])).paragraphs
    blocks = [block["text"] for block in record["blocks"]]
    held = held_words(blocks, [paragraph.text for paragraph in paragraphs])
    words = Counter(block for _, block in _numbered_words(blocks))
    return Coverage(
        id=record["id"],
        format=record["format"],
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
    with gzip.open(arguments.data / "train.jsonl.gz", "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    # The longest first, so that no core is left alone with one at the end.
    records.sort(key=lambda record: -sum(len(block["text"]) for block in record["blocks"]))
    results: list[Coverage] = Parallel(n_jobs=-1)(
        delayed(measure)(record, arguments.data / "pages") for record in records
    )
    report(results, arguments.verbose)
    print(f"\n{time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
