"""A corpus with one worker and with two: how much of a second core is used."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from processes import Job, run_apart, usable_cores
from speed import Say


def measure_workers(
    pages: Sequence[bytes], documents: int, rounds: int, work: Path, say: Say
) -> Job:
    """Clean a JSON lines corpus with one worker and with two, on all cores.

    Args:
        pages: repeated, each time with a comment of its own, until they are ``documents``.
        documents: in the corpus.
        rounds: so many times each, in turn.
        work: folder for the corpus and the outputs.
        say: told of the progress.
    """
    if len(usable_cores()) < 2:
        return {"failed": "this machine lends fewer than two cores"}
    corpus = work / "corpus.jsonl"
    with corpus.open("w", encoding="utf-8") as lines:
        for number in range(documents):
            text = pages[number % len(pages)].decode("utf-8", "replace")
            row = {"id": str(number), "text": f"{text}<!-- copy {number} -->"}
            lines.write(json.dumps(row) + "\n")
    found: dict[int, list[Job]] = {1: [], 2: []}
    for number in range(rounds):
        for count in (1, 2) if number % 2 == 0 else (2, 1):
            job = {
                "corpus": str(corpus),
                "output": str(work / f"clean-{count}"),
                "workers": count,
            }
            result = run_apart("workers:clean_corpus", job, core=None)
            if "failed" in result:
                return result
            found[count].append(result)
            say(f"{count} worker(s): {result['documents'] / result['seconds']:.1f} documents/s")
    rates = {
        count: median(one["documents"] / one["seconds"] for one in runs)
        for count, runs in found.items()
    }
    return {
        "documents": documents,
        "bytes": corpus.stat().st_size,
        "rounds": rounds,
        "documents_per_second": {str(count): rate for count, rate in rates.items()},
        "gain": rates[2] / rates[1],
    }


def clean_corpus(job: Job) -> Job:
    """In its own process: clean the corpus once, start of the workers included."""
    from adsift.corpus import CleanOptions, RunOptions, clean

    options = CleanOptions(drop=("commerce", "boilerplate"))
    start = time.perf_counter()
    run = RunOptions(workers=job["workers"], overwrite=True)
    summary = clean([job["corpus"]], job["output"], options, run)
    return {"seconds": time.perf_counter() - start, "documents": summary.as_json()["documents"]}
