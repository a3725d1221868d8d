"""Check a bundle's bound on lost content: ``python training/bound_check.py --model default``.

Two checks by resampling the calibration pages of a bundle, many times over:

- *halves*: the pages are parted at random in two; the threshold is chosen on one half, and the loss
  is measured on the other. That half is a sample too, so that a loss just below the bound will
  often look as if it were above: the bound may seem broken a little oftener than promised.
- *drawn*: the pages are taken for the whole population, of which the true loss is known, and
  as many are drawn from it with replacement; the threshold is chosen on these. Here the bound may
  be broken in a share of 1 - confidence of the draws, no more.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from adsift.model.bundle import Bundle, find_bundle, read_bundle
from adsift.model.heads import HEADS
from adsift.model.risk import SETS, certified, smallest_bound

BOUNDS = (0.002, 0.005, 0.01, 0.02, 0.05)

Array = NDArray[np.floating]


class Outcome(NamedTuple):
    """What came of one resampling: the passed thresholds and the loss at the last."""

    count: int
    loss: float


def halves(lost: Array, content: Array, bound: float, confidence: float, seed: int) -> Outcome:
    """Choose on one half of the pages, measure on the other."""
    order = np.random.default_rng(seed).permutation(len(content))
    ours, others = np.array_split(order, 2)
    count = certified(lost[ours], content[ours], bound, confidence)
    return Outcome(count, _loss(lost[others], content[others], count))


def drawn(lost: Array, content: Array, bound: float, confidence: float, seed: int) -> Outcome:
    """Choose on pages drawn with replacement, measure on all."""
    pages = np.random.default_rng(seed).integers(0, len(content), len(content))
    count = certified(lost[pages], content[pages], bound, confidence)
    return Outcome(count, _loss(lost, content, count))


def _loss(lost: Array, content: Array, count: int) -> float:
    return float(lost[:, count - 1].sum() / content.sum()) if count else 0.0


def rows(bundle: Bundle, confidence: float, repeats: int) -> Iterator[list[str]]:
    """The table's rows, for every head, set of labels and bound."""
    for head in HEADS:
        content = bundle.arrays[f"{head}.risk.content"].astype(np.float64)
        for name in SETS:
            lost = bundle.arrays[f"{head}.risk.{name}"].astype(np.float64)
            leaked = bundle.arrays[f"{head}.risk.{name}.leaked"][0]
            smallest = smallest_bound(lost, content, confidence)
            for bound in BOUNDS:
                cells = [head, name.replace("+", " and "), f"{smallest}", f"{bound:g}"]
                for check in (halves, drawn):
                    outcomes = [
                        check(lost, content, bound, confidence, seed) for seed in range(repeats)
                    ]
                    cells += _cells(outcomes, bound, leaked)
                yield cells


def _cells(outcomes: list[Outcome], bound: float, leaked: Array) -> list[str]:
    counts = np.array([outcome.count for outcome in outcomes])
    losses = np.array([outcome.loss for outcome in outcomes])
    left = np.where(counts > 0, leaked[counts - 1], 1.0)
    return [
        f"{(counts == 0).mean():.3f}",
        f"{(losses > bound).mean():.3f}",
        f"{losses.mean():.4f}",
        f"{left.mean():.2f}",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", help="folder of a bundle, or the name of a shipped one")
    parser.add_argument("--confidence", type=float, default=0.95)
    parser.add_argument("--repeats", type=int, default=1000)
    args = parser.parse_args()
    bundle = read_bundle(Path(find_bundle(args.model)))
    if "risk" not in bundle.config:
        parser.error("the bundle has no calibration for a bound: train it anew")
    print(
        f"{args.repeats} resamplings, confidence {args.confidence:g}, "
        f"calibration pages: {bundle.config['risk']['pages']}\n"
    )
    figures = ("nothing certified", "bound broken", "content lost", "commerce left")
    columns = [f"{check}: {name}" for check in ("halves", "drawn") for name in figures]
    titles = ["head", "dropped", "smallest bound", "bound", *columns]
    print("| " + " | ".join(titles) + " |\n" + "|---" * len(titles) + "|")
    for row in rows(bundle, args.confidence, args.repeats):
        print("| " + " | ".join(row) + " |", flush=True)


if __name__ == "__main__":
    main()
