"""Time against size: pages of up to 50 MB, deep nesting, many blocks, many links in a paragraph."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from made_pages import MAKERS
from processes import Job, peak_memory, run_apart
from speed import Say

LIMIT = 60.0
"""A size that would take more seconds than this is left out, and the result says so."""

LINEAR = 1.15
"""An exponent above this is worth a note."""

REPEATS, ENOUGH = 5, 0.5
"""A size is measured up to so many times, until so many seconds are spent; the least counts."""

DECADES = 2
"""The exponent is fitted to the largest sizes, so many powers of ten of them: among the small ones
it is what a call costs that shows."""


@dataclass(frozen=True, slots=True)
class Axis:
    """What grows.

    Attributes:
        name: of a maker in :mod:`made_pages`.
        sizes: in ascending order.
        operations: what is measured: of :data:`OPERATIONS`.
    """

    name: str
    sizes: tuple[int, ...]
    operations: tuple[str, ...]


_PAGES = ("html parse", "html tag", "html strip")
_TEXTS = ("text tag", "text strip")
_TO_50_MB = (10_000, 50_000, 200_000, 1_000_000, 5_000_000, 20_000_000, 50_000_000)

AXES = (
    Axis("page size", _TO_50_MB, _PAGES),
    Axis("text size", _TO_50_MB, _TEXTS),
    Axis("nesting depth", (10, 100, 1_000, 10_000, 100_000, 400_000), _PAGES),
    Axis("number of blocks", (100, 1_000, 10_000, 100_000, 300_000), _PAGES),
    Axis("links in a paragraph", (10, 100, 1_000, 10_000, 100_000, 300_000), _PAGES),
)
QUICK_AXES = tuple(Axis(axis.name, axis.sizes[:2], axis.operations) for axis in AXES)

OPERATIONS = ("html parse", "html tag", "html strip", "text tag", "text strip")
"""The first is lexbor's parser alone, on which adsift builds: no page that is read costs less."""


def measure_scaling(
    axes: Sequence[Axis], core: int, say: Say, limit: float = LIMIT
) -> list[dict[str, object]]:
    """Measure how time grows.

    Args:
        axes: what grows.
        core: on which all runs.
        say: told of the progress.
        limit: seconds a size may take.

    Returns:
        For each axis and operation ``points`` (``size``, ``bytes``, ``seconds``, whether it was
        ``rejected``), ``exponent`` of the time over the largest sizes, ``peak_memory_bytes``, and a
        ``note`` if there is one.
    """
    out: list[dict[str, object]] = []
    for axis in axes:
        for operation in axis.operations:
            job = {
                "axis": axis.name,
                "sizes": axis.sizes,
                "operation": operation,
                "limit": limit,
            }
            found = run_apart("scaling:measure_curve", job, core)
            curve = {"axis": axis.name, "operation": operation, **found}
            if "failed" not in found:
                curve |= _judge(found["points"], axis.sizes)
            say(f"{axis.name}, {operation}: {found.get('failed') or curve['exponent']}")
            out.append(curve)
    return out


def measure_curve(job: Job) -> Job:
    """In its own process: one operation on pages of growing size."""
    make, act = MAKERS[job["axis"]], _operation(job["operation"])
    act(make(job["sizes"][0]))  # what is loaded on first use
    points: list[dict[str, float]] = []
    for size in job["sizes"]:
        page = make(size)
        if points and points[-1]["seconds"] * size / points[-1]["size"] > job["limit"]:
            break
        seconds, rejected = _least_time(act, page)
        measured = {"size": size, "bytes": len(page.encode()), "seconds": seconds}
        points.append({**measured, "rejected": rejected})
        if seconds > job["limit"]:
            break
    return {"points": points, "peak_memory_bytes": peak_memory()}


def fit_exponent(points: Sequence[dict[str, float]]) -> float | None:
    """The slope of log time over log size, by least squares over the largest sizes."""
    largest = points[-1]["size"]
    chosen = [point for point in points if point["size"] * 10**DECADES >= largest]
    if len(chosen) < 2:
        return None
    x = [math.log(point["size"]) for point in chosen]
    y = [math.log(point["seconds"]) for point in chosen]
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    covariance = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True))
    return covariance / sum((a - mean_x) ** 2 for a in x)


def _judge(points: Sequence[dict[str, float]], sizes: Sequence[int]) -> dict[str, object]:
    exponent = fit_exponent(points)
    notes = []
    if exponent is not None and exponent > LINEAR:
        notes.append("grows faster than the input")
    if len(points) < len(sizes):
        notes.append(f"{sizes[len(points)]:,} would have taken too long")
    rejected = [point["size"] for point in points if point["rejected"]]
    if rejected:
        notes.append(f"rejected from {rejected[0]:,} on")
    return {"exponent": exponent, "note": "; ".join(notes)}


def _operation(name: str) -> Callable[[str], object]:
    if name == "html parse":
        from selectolax.lexbor import LexborHTMLParser

        return LexborHTMLParser
    import adsift

    sift = adsift.load()
    form, _, action = name.partition(" ")
    drop = ("commerce", "boilerplate")

    def act(source: str) -> object:
        document = adsift.Document(source, format="html" if form == "html" else "text")
        return sift.tag(document) if action == "tag" else sift.strip(document, drop)

    return act


def _least_time(act: Callable[[str], object], page: str) -> tuple[float, bool]:
    from adsift.errors import DocumentError

    times: list[float] = []
    rejected = False
    while len(times) < REPEATS and sum(times) < ENOUGH:
        start = time.process_time()
        try:
            act(page)
        except DocumentError:
            rejected = True
        times.append(time.process_time() - start)
    return min(times), rejected
