"""A corpus with one worker, with two, and by two runs of one worker each that know nothing of each
other: how much of a second core is used, and how much of one there is to use."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

from processes import Job, run_apart, usable_cores
from speed import Say


def measure_workers(
    pages: Sequence[bytes], documents: int, rounds: int, work: Path, say: Say
) -> Job:
    """Clean a corpus of two JSON lines files in each of the three ways, on all cores.

    Args:
        pages: repeated, each time with a comment of its own, until they are ``documents``.
        documents: in the corpus.
        rounds: so many times each, in turn.
        work: folder for the corpus and the outputs.
        say: told of the progress.
    """
    if len(usable_cores()) < 2:
        return {"failed": "this machine lends fewer than two cores"}
    halves = [work / "corpus.0.jsonl", work / "corpus.1.jsonl"]
    for half, file in enumerate(halves):
        with file.open("w", encoding="utf-8") as lines:
            for number in range(half, documents, 2):
                text = pages[number % len(pages)].decode("utf-8", "replace")
                row = {"id": str(number), "text": f"{text}<!-- copy {number} -->"}
                lines.write(json.dumps(row) + "\n")
    ways = {
        "1": [_job(halves, 1, work / "clean-1")],
        "2": [_job(halves, 2, work / "clean-2")],
        "apart": [_job([half], 1, work / f"clean-{half.stem}") for half in halves],
    }
    found: dict[str, list[float]] = {way: [] for way in ways}
    for number in range(rounds):
        for way in ways if number % 2 == 0 else reversed(ways):
            for job in ways[way]:  # to delete what a run has left is no part of the next one
                shutil.rmtree(job["output"], ignore_errors=True)
            with ThreadPoolExecutor(2) as pool:
                runs = [*pool.map(lambda job: run_apart(CLEAN, job, core=None), ways[way])]
            for run in runs:
                if "failed" in run:
                    return run
            seconds = max(run["seconds"] for run in runs)
            found[way].append(sum(run["documents"] for run in runs) / seconds)
            say(f"workers: {way}: {found[way][-1]:.1f} documents/s")
    return {
        "documents": documents,
        "bytes": sum(half.stat().st_size for half in halves),
        "rounds": rounds,
        "documents_per_second": {way: median(own) for way, own in found.items()},
        "gain": _gain(found["2"], found["1"]),
        "gain_apart": _gain(found["apart"], found["1"]),
    }


def _gain(rates: Sequence[float], of_one: Sequence[float]) -> float:
    # Round by round: on a lent machine rounds differ more than the ways do.
    return median(rate / one for rate, one in zip(rates, of_one, strict=True))


CLEAN = "workers:clean_corpus"


def _job(inputs: Sequence[Path], workers: int, output: Path) -> Job:
    return {"inputs": [*map(str, inputs)], "output": str(output), "workers": workers}


def clean_corpus(job: Job) -> Job:
    """In its own process: clean the corpus once, start of the workers included."""
    from adsift.corpus import CleanOptions, RunOptions, clean

    options = CleanOptions(drop=("commerce", "boilerplate"))
    start = time.perf_counter()
    summary = clean(job["inputs"], job["output"], options, RunOptions(workers=job["workers"]))
    return {"seconds": time.perf_counter() - start, "documents": summary.as_json()["documents"]}
