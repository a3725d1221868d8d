"""What a report says, as JSON: no text of the pages, their ids only."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from adsift import __version__
from adsift.document import Label
from adsift.evaluation.breakdown import by_site, worst_pages
from adsift.evaluation.curves import (
    Curve,
    loss_and_leak,
    precision_recall,
    reliability,
    risk_coverage,
)
from adsift.evaluation.judged import KINDS, LABELS
from adsift.evaluation.measure import Evaluation, Measured, ViewResult
from adsift.evaluation.metrics import POLICIES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FORMAT = 1
"""Version of the JSON's layout."""

SITE_FIGURES = (
    "macro-F1",
    *(f"F1 {label}" for label in LABELS),
    "strip commerce: content lost",
    "strip commerce: commerce leaked",
    "strip commerce and boilerplate: content lost",
    "strip commerce and boilerplate: boilerplate leaked",
)
"""What is told of every site."""

THRESHOLD_LABELS = (Label.COMMERCE, Label.BOILERPLATE)
"""The labels that are dropped, for which precision and recall are drawn."""


@dataclass(frozen=True, slots=True)
class Run:
    """What was evaluated.

    Attributes:
        data, model, other: as the user called them.
        seed, resamples: of the bootstrap.
        notes: what a reader of the figures must know.
    """

    data: str
    model: str
    other: str | None = None
    seed: int = 0
    resamples: int = 0
    notes: list[str] = field(default_factory=list)


def as_json(run: Run, evaluation: Evaluation) -> dict[str, Any]:
    """The whole result as JSON values; what has nothing to stand on is null."""
    return {
        "format": FORMAT,
        "adsift": __version__,
        "data": run.data,
        "model": run.model,
        "compared with": run.other,
        "seed": run.seed,
        "resamples": run.resamples,
        "notes": run.notes,
        "views": {view: _view(result) for view, result in evaluation.items()},
    }


def counts(measured: Measured) -> tuple[int, int, int]:
    """How many pages and blocks count, and of how many sites they are."""
    counted = set(measured.judged.page.tolist())
    sites = {measured.judged.pages[index].site for index in counted} - {""}
    return len(counted), len(measured.judged.page), len(sites)


def draw_curves(measured: Measured) -> dict[str, Curve]:
    """The curves over thresholds, by name."""
    judged = measured.judged
    return {
        **{f"precision and recall: {name}": _pr(measured, name) for name in THRESHOLD_LABELS},
        "risk and coverage": risk_coverage(judged),
        **{
            f"{policy}: content lost and commerce leaked": loss_and_leak(judged, dropped)
            for policy, dropped in POLICIES.items()
        },
    }


def _pr(measured: Measured, label: Label) -> Curve:
    return precision_recall(measured.judged, label)


def _view(result: ViewResult) -> dict[str, Any]:
    pages, blocks, sites = counts(result.ours)
    out: dict[str, Any] = {"counts": {"pages": pages, "blocks": blocks, "sites": sites}}
    out |= _model(result.ours)
    if result.theirs is not None and result.differences is not None:
        out["other"] = _model(result.theirs)
        out["differences"] = {
            name: _numbers(difference._asdict()) for name, difference in result.differences.items()
        }
    return out


def _model(measured: Measured) -> dict[str, Any]:
    total = measured.sums.total()
    return {
        "figures": {
            name: _numbers(estimate._asdict()) for name, estimate in measured.figures.items()
        },
        "confusion": {
            "labels": LABELS,
            "weights by true and predicted label": _list(total.confusion),
        },
        "kinds": {
            "true": [*KINDS, "no commerce"],
            "predicted": [*KINDS, "commerce of no kind", "no commerce"],
            "weights by true and predicted kind": _list(total.kinds),
        },
        "reliability": {
            label: {
                name: _list(values)
                for name, values in zip(("said", "true", "weight"), points, strict=True)
            }
            for label, points in reliability(total).items()
        },
        "curves": {name: _curve(name, curve) for name, curve in draw_curves(measured).items()},
        "sites": [
            {
                "site": site.site,
                "pages": site.pages,
                "blocks": site.blocks,
                "wrong": number(site.wrong),
                **{name: number(site.figures[name]) for name in SITE_FIGURES},
            }
            for site in by_site(measured.judged, measured.sums)
        ],
        "worst pages": {
            name: [
                {
                    "id": worst.page.id,
                    "weight": number(worst.weight),
                    "blocks": [int(measured.judged.block[row]) for row in worst.rows],
                }
                for worst in pages
            ]
            for name, pages in worst_pages(measured.judged).items()
        },
    }


def _curve(name: str, curve: Curve) -> dict[str, Any]:
    x, y = axes(name)
    return {
        x: _list(curve.x),
        y: _list(curve.y),
        "threshold": _list(curve.threshold),
        "area": number(curve.area),
    }


def axes(name: str) -> tuple[str, str]:
    """What a curve of :func:`draw_curves` has along and up."""
    if name.startswith("precision"):
        return "recall", "precision"
    if name.startswith("risk"):
        return "coverage", "risk"
    return "content lost", "commerce leaked"


def number(value: float) -> float | None:
    """A number as JSON has it; JSON knows neither NaN nor infinity."""
    return round(value, 6) if math.isfinite(value) else None


def _numbers(values: Mapping[str, float]) -> dict[str, float | None]:
    return {name: number(value) for name, value in values.items()}


def _list(values: NDArray[np.float64]) -> list[Any]:
    if values.ndim > 1:
        return [_list(row) for row in values]
    return [number(value) for value in values.tolist()]
