"""How sure the figures are: pages are drawn anew, with replacement, and all figures follow.

The bootstrap of Efron and Tibshirani, *An Introduction to the Bootstrap* (1993), chapters 6, 13
and 15; paired for two models as in Koehn, "Statistical Significance Tests for Machine Translation
Evaluation" (2004). What is drawn are pages, since the paragraphs of a page are not independent.
Pages of one site resemble each other, too: with few sites the intervals are too narrow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from adsift.evaluation.metrics import Sums, figures

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

RESAMPLES = 2000
CELLS = 4_000_000
"""Resamples times pages that are drawn at once, to bound the memory."""


class Estimate(NamedTuple):
    """A figure with its 95 % interval; NaN what cannot be said."""

    value: float
    low: float
    high: float


class Difference(NamedTuple):
    """A figure of one model less that of another, with its 95 % interval.

    Attributes:
        value, low, high: the difference and its interval.
        p: two-sided: how probable so large a difference is if there is none.
    """

    value: float
    low: float
    high: float
    p: float


def estimates(sums: Sums, seed: int = 0, resamples: int = RESAMPLES) -> dict[str, Estimate]:
    """All figures with their intervals.

    Args:
        sums: of each page, as from :func:`adsift.evaluation.metrics.page_sums`.
        seed: of the draws.
        resamples: how many.
    """
    drawn = _resampled([sums], seed, resamples)[0]
    return {
        name: Estimate(float(value), *_interval(drawn[name]))
        for name, value in figures(sums.total()).items()
    }


def differences(
    ours: Sums, theirs: Sums, seed: int = 0, resamples: int = RESAMPLES
) -> dict[str, Difference]:
    """All figures of one model less those of another on the same pages.

    The p-value is twice the share of resamples in which the difference has not the sign that it
    mostly has, the sample itself counted among them, so that it is never 0.

    Args:
        ours, theirs: sums of the same pages in the same order.
        seed: of the draws.
        resamples: how many.
    """
    our_draws, their_draws = _resampled([ours, theirs], seed, resamples)
    our_values, their_values = figures(ours.total()), figures(theirs.total())
    out = {}
    for name, value in our_values.items():
        # Sums in another order differ in their last digits, which is no difference.
        drawn = np.round(our_draws[name] - their_draws[name], 12)
        difference = float(value - their_values[name])
        out[name] = Difference(difference, *_interval(drawn), _p_value(drawn))
    return out


def _resampled(models: list[Sums], seed: int, resamples: int) -> list[dict[str, Floats]]:
    """For each model all figures, each of shape (resamples,); all see the same draws."""
    # A page of which nothing counts is no page to draw: it would feign a variety of pages.
    counts = models[0].confusion.sum((1, 2)) > 0
    models = [Sums(*(part[counts] for part in model)) for model in models]
    pages = int(counts.sum())
    if pages < 2:  # every draw would be that page
        return [
            {name: np.full(resamples, np.nan) for name in figures(model.total())}
            for model in models
        ]
    generator = np.random.default_rng(seed)
    step = max(1, CELLS // pages)
    parts: list[list[dict[str, Floats]]] = [[] for _ in models]
    for start in range(0, resamples, step):
        count = min(step, resamples - start)
        draws = generator.multinomial(pages, np.full(pages, 1 / pages), count).astype(float)
        for part, model in zip(parts, models, strict=True):
            part.append(figures(model.mixed(draws)))
    return [
        {name: np.concatenate([piece[name] for piece in part]) for name in part[0]}
        for part in parts
    ]


def _interval(drawn: Floats) -> tuple[float, float]:
    known = drawn[~np.isnan(drawn)]
    if not len(known):
        return float("nan"), float("nan")
    low, high = np.quantile(known, [0.025, 0.975])
    return float(low), float(high)


def _p_value(drawn: Floats) -> float:
    known = drawn[~np.isnan(drawn)]
    if not len(known):
        return float("nan")
    rarer = min(int((known <= 0).sum()), int((known >= 0).sum()))
    return min(1.0, 2 * (rarer + 1) / (len(known) + 1))
