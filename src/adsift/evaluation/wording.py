"""How figures are put before readers: which come first, and how numbers look."""

from __future__ import annotations

import math

from adsift.evaluation.judged import LABELS
from adsift.evaluation.metrics import CALIBRATION_ERROR, POLICIES

HEADLINE = (
    "macro-F1",
    *(f"F1 {label}" for label in LABELS),
    *(
        f"{policy}: {name}"
        for policy in POLICIES
        for name in ("content lost", "commerce leaked", "boilerplate leaked")
    ),
    CALIBRATION_ERROR,
    "content not emitted",
)
"""The figures that come first."""

NOTHING = "–"
"""Stands where there is no number."""


def shown(value: float, form: str = ".3f") -> str:
    """A number, or the dash for NaN."""
    return NOTHING if math.isnan(value) else format(value, form)


def signed(value: float) -> str:
    """A difference, its sign always there; what would round to zero is zero."""
    return shown(round(value, 3) + 0.0, "+.3f")


def with_interval(value: float, low: float, high: float) -> str:
    """An estimate with its interval, if it has one."""
    if math.isnan(value) or math.isnan(low):
        return shown(value)
    return f"{value:.3f} ({low:.3f} to {high:.3f})"
