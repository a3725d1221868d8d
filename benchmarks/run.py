"""Speed and quality of adsift beside its peers: ``make bench``, or

    python benchmarks/run.py --pages ../shared/data/pages
    python benchmarks/run.py --only speed text --rounds 3
    python benchmarks/run.py --quick --pages DIR

All of it takes about an hour. Every measurement runs in a process of its own. A part that is left
out keeps what ``results.json`` holds of it. ``--quick`` shows that everything works, with three
pages and one round, whichever peers are installed; its figures mean nothing, and go to
``build/bench``.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adsift.errors import AdsiftError
from contenders import CONTENDERS, EXTRACTORS
from machine import describe_machine
from pages import ROOT, choose_pages, find_folder, read_labelled_pages, sample_blocks
from plots import can_plot, write_plots
from processes import usable_cores
from quality import cross_validated, measure_quality
from report import write_report
from scaling import AXES, QUICK_AXES, measure_scaling
from speed import measure_speed
from text_contenders import TEXT_CONTENDERS
from text_speed import measure_text_speed
from workers import measure_workers

PARTS = ("speed", "text", "quality", "workers", "scaling")
QUICK_BUILD = ROOT / "build" / "bench"


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is measured.

    Attributes:
        pages: for speed.
        labelled: pages for quality, and texts for plain text; ``None`` takes all.
        training: paragraphs for the classifiers that have to be trained.
        documents: for the workers.
        rounds: of everything.
        text_limit, scaling_limit: seconds.
        resamples: of the bootstrap.
    """

    pages: int = 100
    labelled: int | None = None
    training: int = 30_000
    documents: int = 7200  # so many that the start of the workers, a second, is little of it
    rounds: int = 5
    text_limit: float = 60.0
    scaling_limit: float = 60.0
    resamples: int = 1000


QUICK = Extent(3, 3, 200, 6, 1, 1.0, 1.0, 20)


def main(argv: list[str] | None = None) -> None:
    arguments = _parser().parse_args(argv)
    try:
        folder = find_folder(arguments.pages)
    except AdsiftError as error:
        sys.exit(f"error: {error}")
    quick = arguments.quick
    chosen = Extent(arguments.count, arguments.labelled, rounds=arguments.rounds)
    extent = QUICK if quick else chosen
    output = arguments.output or (QUICK_BUILD if quick else ROOT)
    results = measure(folder, extent, arguments.only, arguments.core, quick, tell)
    write(results, output, quick)


def measure(
    folder: Path,
    extent: Extent,
    parts: list[str],
    core: int | None,
    quick: bool,
    say: Callable[[str], None],
) -> dict[str, Any]:
    """Measure some parts.

    Args:
        folder: of HTML pages.
        extent: how much of everything.
        parts: of :data:`PARTS`.
        core: for what runs on one; left out, the last of those that this process may use.
        quick: whether only small sizes are tried.
        say: told of the progress.
    """
    core = usable_cores()[-1] if core is None else core
    results: dict[str, Any] = {"machine": describe_machine()}
    with tempfile.TemporaryDirectory() as scratch:
        work = Path(scratch)
        pages = choose_pages(folder, extent.pages)
        if "speed" in parts:
            results["speed"] = measure_speed(pages, CONTENDERS, extent.rounds, core, work, say)
        if {"text", "quality"} & {*parts}:
            labelled = read_labelled_pages(folder)
        if "text" in parts:
            blocks = labelled.texts()
            texts = [[text for text, _ in page] for page in blocks if page][: extent.labelled]
            training = sample_blocks(blocks, extent.training)
            results["text"] = {
                "source": labelled.source,
                "trained": len(training),
                **measure_text_speed(
                    texts,
                    training,
                    TEXT_CONTENDERS,
                    extent.rounds,
                    core,
                    work,
                    say,
                    extent.text_limit,
                ),
            }
        if "quality" in parts:
            shown = labelled.html[: extent.labelled]
            found = measure_quality(shown, EXTRACTORS, work, say, extent.resamples)
            results["quality"] = {
                "source": labelled.source,
                "cross-validated": cross_validated(),
                **found,
            }
        if "workers" in parts:
            results["workers"] = measure_workers(
                pages, extent.documents, min(extent.rounds, 3), work, say
            )
        if "scaling" in parts:
            axes = QUICK_AXES if quick else AXES
            results["scaling"] = measure_scaling(axes, core, say, extent.scaling_limit)
    return results


def write(results: dict[str, Any], output: Path, quick: bool) -> None:
    """Write the results, the report, the plots, and the table of the README.

    Args:
        results: of this run.
        output: a folder that is laid out as the repository is.
        quick: whether the figures mean nothing, so that earlier ones are none to add to.
    """
    folder = output / "benchmarks"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "results.json"
    if path.is_file() and not quick:
        results = {**json.loads(path.read_text(encoding="utf-8")), **results}
    path.write_text(json.dumps(_rounded(results), indent=1) + "\n", encoding="utf-8")
    write_report(results, folder, output)
    if can_plot():
        write_plots(results, output / "docs" / "benchmarks")
    else:
        tell("matplotlib is not installed: no plots")
    tell(f"written: {path}, {folder / 'README.md'}")


def tell(message: str) -> None:
    """Progress goes to standard error."""
    print(f"{time.strftime('%H:%M:%S')} {message}", file=sys.stderr, flush=True)


def _rounded(value: Any) -> Any:
    """Numbers with as many digits as they can mean."""
    if isinstance(value, float):
        return float(f"{value:.5g}")
    if isinstance(value, dict):
        return {name: _rounded(entry) for name, entry in value.items()}
    return [*map(_rounded, value)] if isinstance(value, (list, tuple)) else value


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pages", type=Path, help="folder of pages, ID.html or ID.html.gz")
    parser.add_argument("--count", type=int, default=100, help="pages for the speed")
    parser.add_argument("--labelled", type=int, help="pages for quality and plain text (all)")
    parser.add_argument("--rounds", type=int, default=5, help="of each measurement")
    parser.add_argument(
        "--only",
        nargs="+",
        choices=PARTS,
        default=[*PARTS],
        metavar="PART",
        help=f"of {', '.join(PARTS)}",
    )
    parser.add_argument("--core", type=int, help="for what runs on one core (default: the last)")
    parser.add_argument("--output", type=Path, help="folder for results, laid out as this clone is")
    parser.add_argument("--quick", action="store_true", help="three pages, one round, no meaning")
    return parser


if __name__ == "__main__":
    main()
