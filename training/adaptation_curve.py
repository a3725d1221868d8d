"""What a few labels of new sites are worth: ``python training/adaptation_curve.py``.

A base is trained without some sites. Of these the pages that sell (a tenth of their weight is
commerce, or more) are parted by site, several times at random: of one side 200, 500 and 2,000
labelled paragraphs, drawn at random, are given to the base to adapt to, and to a training from
scratch; both, and the base as it is, then label the other side. Writes the figures as JSON and as
an SVG plot.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import mean, stdev
from typing import NamedTuple

import numpy as np
from joblib import Parallel, delayed

from adsift.document import Label
from adsift.model.adapt import adapt
from adsift.model.adaptation.settings import AdaptSettings
from adsift.model.bundle import Bundle
from adsift.model.examples import COUNTED_WORDS
from adsift.model.fit import fit
from adsift.model.fit_settings import Fitted, Settings
from adsift.model.labelled_document import LabelledDocument
from adsift.train.figures import label_scores
from adsift.train.prepare import for_both_heads, with_enough_groups
from curve_plot import plot
from dataset import ROOT, label_pages, read_pages, read_seeds
from evaluate import FOLDS, assign_folds
from fast import fit_fast
from written import read_written

HELD_OUT = 2
"""Folds whose sites the base does not see."""

SIZES = (200, 500, 2000)
METHODS = ("base as it is", "adapted", "from scratch")
FIGURES = ("macro-F1", "F1 commerce", "content lost", "commerce leaked")
DRAWN = FIGURES[:2]
SELLING = 0.1
"""Share of commerce from which on a page counts as one that sells."""


class Draw(NamedTuple):
    """One parting of the new sites' pages: those that a user labels, and those to measure on."""

    labelled: list[LabelledDocument]
    test: list[LabelledDocument]


def commerce_share(document: LabelledDocument) -> float:
    """How much of a page's labelled weight is commerce."""
    total = commerce = 0.0
    for paragraph, label in zip(document.paragraphs, document.labels, strict=True):
        if label is not None:
            size = min(len(paragraph.text.split()), COUNTED_WORDS) + 1.0
            total += size
            commerce += size if label is Label.COMMERCE else 0.0
    return commerce / total if total else 0.0


def part(documents: Sequence[LabelledDocument], most: int, rng: np.random.Generator) -> Draw:
    """Part pages by site at random: as many sites as have ``most`` labelled paragraphs, the rest
    to measure on, but at least a third of the sites."""
    sites = sorted({document.group for document in documents})
    shuffled = [sites[index] for index in rng.permutation(len(sites))]
    chosen: set[str] = set()
    count = 0
    for site in shuffled[: -(-2 * len(sites) // 3)]:
        if count >= most:
            break
        chosen.add(site)
        count += sum(_labelled(d) for d in documents if d.group == site)
    labelled = [document for document in documents if document.group in chosen]
    order = {site: place for place, site in enumerate(shuffled)}
    labelled.sort(key=lambda document: order[document.group])
    return Draw(labelled, [document for document in documents if document.group not in chosen])


def some_paragraphs(
    documents: Sequence[LabelledDocument], count: int, rng: np.random.Generator
) -> list[LabelledDocument]:
    """The documents with so many labels, drawn at random; the other paragraphs unlabelled."""
    places = [
        (number, row)
        for number, document in enumerate(documents)
        for row, label in enumerate(document.labels)
        if label is not None
    ]
    chosen = {places[index] for index in rng.permutation(len(places))[:count]}
    return [
        replace(
            document,
            labels=[
                label if (number, row) in chosen else None
                for row, label in enumerate(document.labels)
            ],
        )
        for number, document in enumerate(documents)
    ]


def _labelled(document: LabelledDocument) -> int:
    return sum(label is not None for label in document.labels)


def score(
    method: str,
    base: Bundle,
    given: list[LabelledDocument],
    draw: Draw,
    settings: Settings,
    balance: float,
) -> dict[str, float]:
    """Figures of one method on the other pages."""
    bundle = base
    if method == METHODS[1]:
        bundle = _bundle(adapt(base, given, AdaptSettings(balance=balance, seed=settings.seed)))
    elif method == METHODS[2]:
        everything = with_enough_groups(for_both_heads(given), settings.parts)
        bundle = _bundle(fit(everything, settings))
    scores = label_scores(bundle, draw.test)
    return {name: scores[name] for name in FIGURES}


def _bundle(fitted: Fitted) -> Bundle:
    return Bundle(fitted.config, fitted.arrays, "")


def summary(results: list[dict[str, object]]) -> Iterator[str]:
    """A Markdown table: mean and standard deviation over the draws."""
    yield "| labelled paragraphs | method | " + " | ".join(FIGURES) + " |"
    yield "|---" * (2 + len(FIGURES)) + "|"
    for size in sorted({int(str(row["paragraphs"])) for row in results}):
        for method in METHODS:
            cells = []
            for name in FIGURES:
                values = values_of(results, size, method, name)
                spread = stdev(values) if len(values) > 1 else 0.0
                cells.append(f"{mean(values):.3f} ± {spread:.3f}")
            yield f"| {size} | {method} | " + " | ".join(cells) + " |"


def values_of(results: list[dict[str, object]], size: int, method: str, figure: str) -> list[float]:
    """A figure of every draw."""
    return [
        float(str(row[figure]))
        for row in results
        if row["paragraphs"] == size and row["method"] == method
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--output", type=Path, default=ROOT / "docs" / "adaptation.svg")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--draws", type=int, default=4)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--balance", type=float, default=AdaptSettings().balance)
    parser.add_argument("--pages", type=int, help="take only the first pages, to try it out")
    parser.add_argument("--width", type=int, default=Settings().width)
    parser.add_argument("--seed", type=int, default=Settings().seed)
    args = parser.parse_args()
    started = time.monotonic()

    def say(what: str) -> None:
        print(f"[{time.monotonic() - started:6.0f} s] {what}", file=sys.stderr)

    settings = Settings(seed=args.seed, width=args.width)
    pages = read_pages(args.data)[: args.pages]
    labelled = label_pages(pages, args.jobs)
    fold_of = assign_folds([page.site for page in pages], args.seed)
    known = [document for document in labelled if fold_of[document.group] >= HELD_OUT]
    new = [
        document
        for document in labelled[: len(pages)]  # as fetched
        if fold_of[document.group] < HELD_OUT and commerce_share(document) >= SELLING
    ]
    say(f"training the base on {len(known) // 2} pages; {len(new)} others sell")
    base = fit_fast(known, read_seeds(), read_written(args.jobs), settings, args.jobs, say)
    rng = np.random.default_rng(args.seed)
    draws = [part(new, max(args.sizes), rng) for _ in range(args.draws)]
    jobs = [
        (number, size, method)
        for number in range(args.draws)
        for size in args.sizes
        for method in METHODS
    ]
    given = {
        (number, size): some_paragraphs(
            draw.labelled, size, np.random.default_rng([args.seed, number])
        )
        for number, draw in enumerate(draws)
        for size in args.sizes
    }
    say(f"{len(jobs)} figures to measure")
    run = Parallel(n_jobs=args.jobs, return_as="generator")
    scored = run(
        delayed(score)(method, base, given[n, size], draws[n], settings, args.balance)
        for n, size, method in jobs
    )
    results: list[dict[str, object]] = []
    for (number, size, method), figures in zip(jobs, scored, strict=True):
        results.append({"draw": number, "paragraphs": size, "method": method, **figures})
        say(f"draw {number}, {size} paragraphs, {method}: {figures}")
    print("\n".join(summary(results)))
    args.output.parent.mkdir(parents=True, exist_ok=True)
    record = {
        "folds": FOLDS,
        "held out": HELD_OUT,
        "seed": args.seed,
        "width": args.width,
        "balance": args.balance,
        "base pages": len(known) // 2,
        "draws": [
            {
                "pages labelled": len(draw.labelled),
                "labelled paragraphs": sum(map(_labelled, draw.labelled)),
                "pages measured": len(draw.test),
            }
            for draw in draws
        ],
        "results": results,
    }
    args.output.with_suffix(".json").write_text(json.dumps(record, indent=1) + "\n")
    lines = {
        figure: {
            method: [(size, values_of(results, size, method, figure)) for size in args.sizes]
            for method in METHODS
        }
        for figure in DRAWN
    }
    args.output.write_text(plot(lines, "labelled paragraphs of new sites"), encoding="utf-8")
    say(f"written to {args.output} and .json")


if __name__ == "__main__":
    main()
