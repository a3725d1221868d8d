"""Speed on plain text, in paragraphs a second."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from processes import Job, peak_memory, run_apart
from speed import Say, by_round, pack, unpack
from text_contenders import REFERENCE, TEXT_CONTENDERS, Blocks, TextContender, Texts

LIMIT = 60.0
"""Seconds for which a contender reads at most; an encoder would take hours over all texts."""


def measure_text_speed(
    texts: Texts,
    blocks: Blocks,
    contenders: Sequence[TextContender],
    rounds: int,
    core: int,
    work: Path,
    say: Say,
    limit: float = LIMIT,
) -> Job:
    """Measure contenders on plain text.

    Args:
        texts: the paragraphs of each text.
        blocks: what the classifiers are trained on.
        contenders: those that are installed are measured.
        rounds, core, work, say: as for :func:`speed.measure_speed`.
        limit: seconds that a contender may read in a round.

    Returns:
        ``texts``, ``paragraphs``, ``characters``, and for each contender its figures.
    """
    packed = pack([[*text] for text in texts], work / "texts.pickle")
    training = pack([*blocks], work / "blocks.pickle")
    found: dict[str, list[Job]] = {}
    for contender in contenders:
        if contender.installed:
            job: Job = {"contender": contender.name, "blocks": str(training), "work": str(work)}
            trained = run_apart("text_speed:train", job, core) if contender.train else {}
            found[contender.name] = [trained] if "failed" in trained else []
    for number in range(rounds):
        names = [*found] if number % 2 == 0 else [*found][::-1]
        for contender in [one for name in names for one in contenders if one.name == name]:
            job = {
                "contender": contender.name,
                "texts": str(packed),
                "work": str(work),
                # The encoder has shown its speed after the first round.
                "limit": limit if number == 0 else limit / 6,
            }
            result = run_apart("text_speed:read_texts", job, core, contender.environment)
            found[contender.name].append(result)
            say(f"round {number + 1} of {rounds}: {contender.name}: {_brief(result)}")
    return {
        "texts": len(texts),
        "paragraphs": sum(map(len, texts)),
        "characters": sum(len(paragraph) for text in texts for paragraph in text),
        "rounds": rounds,
        "contenders": {
            contender.name: (
                _summarize(found[contender.name], found)
                if contender.name in found
                else {"failed": "not installed"}
            )
            for contender in contenders
        },
    }


def train(job: Job) -> Job:
    """In its own process: train a contender."""
    contender = _contender(job)
    if contender.train is not None:
        contender.train(unpack(Path(job["blocks"])), Path(job["work"]))
    return {}


def read_texts(job: Job) -> Job:
    """In its own process: a contender reads the texts, or as many as it can in the time."""
    texts = unpack(Path(job["texts"]))
    run = _contender(job).load(Path(job["work"]))
    for _ in run(texts[:1]):
        pass
    done = 0
    cpu, start = time.process_time(), time.perf_counter()
    for count in run(texts):
        done += count
        if time.perf_counter() - start > job["limit"]:
            break
    seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - cpu
    return {
        "seconds": seconds,
        "cpu_seconds": cpu_seconds,
        "paragraphs": done,
        "peak_memory_bytes": peak_memory(),
    }


def _contender(job: Job) -> TextContender:
    (contender,) = [one for one in TEXT_CONTENDERS if one.name == job["contender"]]
    return contender


def _summarize(rounds: Sequence[Job], all_rounds: dict[str, list[Job]]) -> Job:
    failed = [one["failed"] for one in rounds if "failed" in one]
    if failed:
        return {"failed": failed[0]}
    rates = [_rate(one) for one in rounds]
    reference = all_rounds.get(REFERENCE) or [{"failed": "not installed"}]
    ratios = (
        [_cost(theirs) / _cost(ours) for ours, theirs in zip(rounds, reference, strict=True)]
        if not any("failed" in one for one in reference)
        else []
    )
    return {
        "paragraphs_per_second": median(rates),
        "slowest": min(rates),
        "fastest": max(rates),
        "paragraphs_read": max(one["paragraphs"] for one in rounds),
        "cpu_seconds_per_million_paragraphs": median(_cost(one) * 1e6 for one in rounds),
        "peak_memory_bytes": max(one["peak_memory_bytes"] for one in rounds),
        "times_fasttext": median(ratios) if ratios else None,
        by_round("times_fasttext"): ratios,
    }


def _rate(one: Job) -> float:
    return float(one["paragraphs"] / one["seconds"])


def _cost(one: Job) -> float:
    """Processor time a paragraph, which others on the machine disturb less than the clock."""
    return float(one["cpu_seconds"] / one["paragraphs"])


def _brief(result: Job) -> str:
    return result.get("failed") or f"{_rate(result):,.0f} paragraphs/s"
