"""Speed on HTML: every contender reads the same pages, in alternating order, several times."""

from __future__ import annotations

import gc
import pickle
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from contenders import CONTENDERS, FAST_REFERENCE, REFERENCE, Contender
from processes import Job, peak_memory, run_apart

WARM_UP = 3
"""Pages that are read before the clock starts: what is loaded on first use is no part of the speed
of a crawl."""

Say = Callable[[str], None]


def measure_speed(
    pages: Sequence[bytes],
    contenders: Sequence[Contender],
    rounds: int,
    core: int,
    work: Path,
    say: Say,
) -> Job:
    """Measure contenders.

    Args:
        pages: what they read.
        contenders: those that are installed are measured.
        rounds: so many times each, every other round in the reverse order.
        core: on which all of them run.
        work: folder for the pages.
        say: told of the progress.

    Returns:
        ``pages``, ``bytes``, ``rounds``, and for each contender its figures, see :func:`summarize`,
        or why there are none.
    """
    packed = pack(pages, work / "pages.pickle")
    present = [contender for contender in contenders if contender.installed]
    found: dict[str, list[Job]] = {contender.name: [] for contender in present}
    for number in range(rounds):
        for contender in present if number % 2 == 0 else present[::-1]:
            job = {"contender": contender.name, "pages": str(packed)}
            result = run_apart("speed:read_pages", job, core, contender.environment)
            found[contender.name].append(result)
            say(f"round {number + 1} of {rounds}: {contender.name}: {_brief(result, len(pages))}")
    size = sum(map(len, pages))
    return {
        "pages": len(pages),
        "bytes": size,
        "rounds": rounds,
        "contenders": {
            contender.name: {
                "group": contender.group,
                "package": contender.package,
                "version": contender.version,
                **(
                    summarize(found[contender.name], len(pages), size, found)
                    if contender in present
                    else {"failed": "not installed"}
                ),
            }
            for contender in contenders
        },
    }


def read_pages(job: Job) -> Job:
    """In its own process: one contender reads the pages once."""
    (contender,) = [one for one in CONTENDERS if one.name == job["contender"]]
    pages = unpack(Path(job["pages"]))
    run = contender.load()
    run(pages[:WARM_UP])
    gc.collect()  # what was left by loading
    cpu, start = time.process_time(), time.perf_counter()
    errors = run(pages)
    seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - cpu
    return {
        "seconds": seconds,
        "cpu_seconds": cpu_seconds,
        "errors": errors,
        "peak_memory_bytes": peak_memory(),
    }


def summarize(rounds: Sequence[Job], count: int, size: int, all_rounds: dict[str, Any]) -> Job:
    """A contender's figures over the rounds.

    Args:
        rounds: what :func:`read_pages` gave in each.
        count, size: pages, and their bytes together.
        all_rounds: the rounds of all contenders, by name. Ratios are of processor time, which
            others on the machine disturb less, to that of the references in the same round, since
            a machine's speed changes from round to round.
    """
    failed = [one["failed"] for one in rounds if "failed" in one]
    if failed:
        return {"failed": failed[0]}
    rates = [count / one["seconds"] for one in rounds]
    return {
        "pages_per_second": median(rates),
        "slowest": min(rates),
        "fastest": max(rates),
        "megabytes_per_second": median(size / 1e6 / one["seconds"] for one in rounds),
        "cpu_seconds_per_1000_pages": median(one["cpu_seconds"] for one in rounds) * 1000 / count,
        "peak_memory_bytes": max(one["peak_memory_bytes"] for one in rounds),
        "errors": max(one["errors"] for one in rounds),
        **_ratios("times_trafilatura", rounds, all_rounds.get(REFERENCE)),
        **_ratios("times_resiliparse", rounds, all_rounds.get(FAST_REFERENCE)),
    }


def _ratios(name: str, rounds: Sequence[Job], reference: Sequence[Job] | None) -> Job:
    """How many times as fast as another, in the median of the rounds and in each."""
    if not reference or any("failed" in one for one in reference):
        return {name: None}
    pairs = zip(rounds, reference, strict=True)
    found = [theirs["cpu_seconds"] / ours["cpu_seconds"] for ours, theirs in pairs]
    return {name: median(found), by_round(name): found}


def by_round(name: str) -> str:
    """Under which name a result's values of the single rounds stand."""
    return f"{name}_by_round"


def pack(values: Any, path: Path) -> Path:
    """Write values that only processes of this run read."""
    path.write_bytes(pickle.dumps(values))
    return path


def unpack(path: Path) -> Any:
    """What :func:`pack` has written."""
    return pickle.loads(path.read_bytes())


def _brief(result: Job, count: int) -> str:
    return result.get("failed") or f"{count / result['seconds']:.1f} pages/s"
