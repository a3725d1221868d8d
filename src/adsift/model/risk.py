"""How low a threshold may go so that a strip loses no more content than a user allows.

A strip with a bound drops the paragraphs whose probability of the dropped labels is at least a
threshold. The lower the threshold, the more goes, content (news and analysis) too. Pages that the
model was not trained on tell how much: page ``i`` loses ``lost_i`` of its weight where it has
``content_i`` of content, both from 0 to 1. The share that is lost, E[lost] / E[content], is at most
``a`` exactly if the mean of X = lost - a * content is not above 0, and X is bounded, so that its
mean can be tested page by page. A page is the unit, since paragraphs of one page resemble
each other.

The thresholds are tested from the strictest on, and the last one before the first failure is taken
(learn then test with fixed-sequence testing, Angelopoulos, Bates, Candès, Jordan and Lei 2021,
arXiv:2110.01052). One test is a bet: a gambler stakes a share of the capital against each page in
turn; where the loss is above the bound no stakes make the capital grow in expectation, so that
it ever exceeds 1 / (1 - confidence) with probability 1 - confidence at most (Waudby-Smith and
Ramdas 2023, arXiv:2010.09686, predictable plug-in stakes for one side).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from adsift.document import CONTENT, Label
from adsift.model.probabilities import LABELS, columns

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.floating]
    Integers = NDArray[np.int64]
    Arrays = dict[str, NDArray[np.float32]]

LEAKING = (Label.COMMERCE, Label.BOILERPLATE)
"""Rows of the ``leaked`` arrays."""

SETS: dict[str, frozenset[Label]] = {
    "commerce": frozenset({Label.COMMERCE}),
    "boilerplate": frozenset({Label.BOILERPLATE}),
    "commerce+boilerplate": frozenset({Label.COMMERCE, Label.BOILERPLATE}),
}
"""The sets of labels to drop that a bound can be set for, by their names in a bundle."""

DIGITS = 6
"""Probabilities and thresholds are compared in millionths, as the classifier gives them."""

THRESHOLDS: NDArray[np.float64] = np.round(1 / (1 + np.exp(-np.linspace(11, -3, 71))), DIGITS)
"""The thresholds that are tested, strictest first: evenly spaced log-odds, 0.999983 to 0.047426.
They were chosen before any page was seen, as the test demands."""

MOST_STAKED = 1.0
"""Of the capital. X is at most 1, so a gambler who stakes no more never owes anything."""


def calibrate(
    probabilities: Floats,
    labels: Integers,
    weights: Floats,
    document: Integers,
    rng: np.random.Generator,
) -> Arrays:
    """What a bundle must hold of one head for bounds to be set later.

    Args:
        probabilities: shape (rows, labels), calibrated, of a model that was not trained on the
            row's document: out of fold.
        labels: shape (rows,), index of the true label, -1 where nobody labelled the paragraph.
            Such rows do not count.
        weights: shape (rows,), ``min(words, 60) + 1``; only ratios inside a document matter.
        document: shape (rows,), the number of the row's document.
        rng: shuffles the pages. The test takes them in this order, which must not depend on
            their losses.

    Returns:
        By name, ``S`` being each of :data:`SETS`: ``risk.content`` of shape (pages,); ``risk.S``,
        the losses, of shape (pages, thresholds); ``risk.S.leaked``, the share of commerce
        and that of boilerplate which stays, of shape (2, thresholds). All numbers are
        float16's, losses rounded up and content down, so that a bundle stores them
        as they are and errs on the safe side.
    """
    known = labels >= 0
    probabilities, labels = probabilities[known], labels[known]
    weights, document = weights[known], document[known]
    is_content = np.isin(labels, columns(CONTENT))
    order = rng.permutation(len(np.unique(document)))
    arrays: Arrays = {}
    for name, drop in SETS.items():
        dropped = probabilities[:, columns(label for label in LABELS if label in drop)]
        summed = np.round(dropped.sum(axis=1, dtype=np.float64), DIGITS)
        lost, content = page_losses(summed, is_content, weights, document, THRESHOLDS)
        leaked = []
        for label in LEAKING:
            is_label = labels == LABELS.index(label)
            gone, there = page_losses(summed, is_label, weights, document, THRESHOLDS)
            leaked.append(1 - gone.sum(axis=0) / max(there.sum(), 1e-9))
        arrays[f"risk.{name}"] = _rounded(lost[order], up=True)
        arrays[f"risk.{name}.leaked"] = _rounded(np.clip(leaked, 0, 1), up=True)
        arrays["risk.content"] = _rounded(content[order], up=False)
    return arrays


def describe(pages: Mapping[str, int]) -> dict[str, Any]:
    """The entry ``risk`` of a bundle's configuration.

    Args:
        pages: how many pages each head was calibrated on.
    """
    return {
        "thresholds": THRESHOLDS.tolist(),
        "pages": dict(pages),
        "of": "labelled training documents, scored by models not trained on their group",
    }


def page_losses(
    drop_probability: Floats,
    is_content: NDArray[np.bool_],
    weights: Floats,
    document: Integers,
    grid: Floats,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How much of its weight each page loses at each threshold. Every page weighs 1.

    Args:
        drop_probability: shape (rows,), how probable it is that the paragraph is to be dropped.
        is_content: shape (rows,), whether it is to be kept in truth.
        weights: shape (rows,), above 0; only ratios inside a document matter.
        document: shape (rows,), the number of the row's document.
        grid: shape (thresholds,), falling.

    Returns:
        The weight of content lost, of shape (documents, thresholds), and of content at all, of
        shape (documents,); documents in the order of their numbers.
    """
    _, page = np.unique(document, return_inverse=True)
    pages = int(page.max(initial=-1)) + 1
    share = weights / np.bincount(page, weights, pages)[page] * is_content
    first = np.searchsorted(-grid, -drop_probability)  # the strictest threshold that drops it
    width = len(grid) + 1
    falls = np.bincount(page * width + first, share, pages * width).reshape(pages, width)
    content = np.bincount(page, share, pages)
    return np.asarray(falls[:, :-1].cumsum(axis=1), np.float64), np.asarray(content, np.float64)


def certified(lost: Floats, content: Floats, max_loss: float, confidence: float) -> int:
    """How many thresholds, from the strictest on, keep the loss within a bound.

    For pages drawn independently from wherever the calibration pages were drawn, E[lost] is at
    most ``max_loss`` times E[content] at the last of them, with this confidence over the draw of
    the calibration pages.

    Args:
        lost: shape (pages, thresholds), not falling along a row.
        content: shape (pages,).
        max_loss: the bound, between 0 and 1.
        confidence: between 0 and 1.

    Returns:
        How many pass one after the other; 0 if not even the strictest one can be shown to keep
        the bound.
    """
    passed = _greatest_capital(lost, content, max_loss, confidence) >= -np.log1p(-confidence)
    return int(passed.argmin()) if not passed.all() else len(passed)


def smallest_bound(lost: Floats, content: Floats, confidence: float) -> float | None:
    """The smallest bound that some threshold can be shown to keep, rounded up to four digits.

    Without any loss it is about ln(1 / (1 - confidence)) / sum of ``content``, for nobody knows
    more from so few pages. Arguments as for :func:`certified`. ``None`` if there is none.
    """
    strictest = lost[:, :1]
    low, high = 0, 10_000
    while high - low > 1:
        middle = (low + high) // 2
        if certified(strictest, content, middle / 10_000, confidence):
            high = middle
        else:
            low = middle
    return high / 10_000 if high < 10_000 else None


def _greatest_capital(
    lost: Floats, content: Floats, max_loss: float, confidence: float
) -> NDArray[np.float64]:
    """Logarithm of the greatest capital that the gambler ever had, for each threshold.

    The stake on a page depends on the pages before it alone: by the square root of
    2 ln(1 / (1 - confidence)) / (pages * variance so far), which suits a fixed number of pages
    (Waudby-Smith and Ramdas 2023; for one side as in Bates, Angelopoulos, Lei, Malik and Jordan
    2021, arXiv:2101.02703).
    """
    gains = max_loss * content[:, None].astype(np.float64) - lost
    pages = np.arange(1, len(gains) + 1)[:, None]
    mean = gains.cumsum(axis=0) / pages
    variance = (0.25 + ((gains - mean) ** 2).cumsum(axis=0)) / (pages + 1)
    before = np.concatenate([np.full((1, gains.shape[1]), 0.25), variance[:-1]])
    with np.errstate(divide="ignore"):  # no page, or all of the capital lost
        stakes = np.sqrt(-2 * np.log1p(-confidence) / (len(gains) * before))
        growth = np.log1p(np.minimum(stakes, MOST_STAKED) * gains)
    return np.asarray(growth.cumsum(axis=0).max(axis=0, initial=0.0), np.float64)


def _rounded(shares: Floats, up: bool) -> NDArray[np.float32]:
    """Shares as the next float16 above or below."""
    small = shares.astype(np.float16)
    wrong = small < shares if up else small > shares
    step = np.nextafter(small, np.float16(1 if up else 0))
    return np.where(wrong, step, small).astype(np.float32)
