"""What each engine costs beside the core, over the same documents, in one run.

    python benchmarks/engines.py --documents 2000

The documents are the seeds, repeated, each time at another address and with a line of its own.
Engines run in turn, several rounds, and the fastest round of each counts. Starting Ray or Spark is
not counted; both have two workers, the others one. All must give the core's texts, but for
scikit-learn's transformer, which is told no addresses.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests/engines")]

from engine_adapters import ADAPTERS, Adapter  # noqa: E402
from seed_articles import SEEDS  # noqa: E402


def documents(count: int) -> list[str]:
    sources = [seed.source for seed in SEEDS]
    return [f"{sources[n % len(sources)]}\n\nEdition {n}.\n" for n in range(count)]


def timed(function: Callable[[Any], Any], texts: list[str]) -> tuple[float, Any]:
    start = time.perf_counter()
    found = function(texts)
    return time.perf_counter() - start, found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--documents", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--engines", nargs="*", help="by name; all but the filter and Scrapy if left out"
    )
    arguments = parser.parse_args()
    # Of these two one would measure the start of Python, a document a process, and a crawl.
    engines = [a for a in ADAPTERS if a.name not in ("filter", "scrapy")]
    if arguments.engines:
        engines = [a for a in engines if a.name in ("arrow", *arguments.engines)]
    texts = documents(arguments.documents)
    best: dict[str, float] = {}
    expected: Any = None
    for number in range(arguments.rounds + 1):
        for engine in engines:
            seconds, found = timed(engine.strip, texts if number else texts[:20])
            if number == 0:  # the first call starts the engine
                continue
            best[engine.name] = min(seconds, best.get(engine.name, seconds))
            expected = found if expected is None else expected
            same = found == expected or engine.name == "sklearn"
            assert same, f"{engine.name} gives other texts"
    show(engines, best, texts)


def show(engines: list[Adapter], best: dict[str, float], texts: list[str]) -> None:
    size = sum(map(len, texts)) / 1e6
    print(f"{len(texts):,} documents, {size:.1f} million characters\n")
    print("| engine | seconds | documents/s | time beside the core's |")
    print("|---|---|---|---|")
    for engine in engines:
        seconds = best[engine.name]
        ratio = seconds / best["arrow"]
        print(f"| {engine.name} | {seconds:.2f} | {len(texts) / seconds:.0f} | {ratio:.2f} |")


if __name__ == "__main__":
    main()
