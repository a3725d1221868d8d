"""What changes with the threshold: the curves of a model on labelled pages."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from adsift.document import CONTENT, Label
from adsift.evaluation.judged import LABELS, Judged
from adsift.evaluation.metrics import Sums, share
from adsift.model.probabilities import columns

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

POINTS = 200
"""A curve keeps about so many points: more cannot be seen."""


class Curve(NamedTuple):
    """Points by falling threshold.

    Attributes:
        x, y: the two figures, 0 to 1.
        threshold: the least score that is taken at this point.
        area: under the whole curve, or its like; NaN where there is none.
    """

    x: Floats
    y: Floats
    threshold: Floats
    area: float


class Reliability(NamedTuple):
    """A label's reliability diagram: a point for each bin that is not empty.

    Attributes:
        said: mean probability that was stated in the bin.
        true: share of its blocks that have the label.
        weight: share of all blocks that are in the bin.
    """

    said: Floats
    true: Floats
    weight: Floats


def reliability(sums: Sums) -> dict[Label, Reliability]:
    """Reliability diagrams (DeGroot and Fienberg, 1983).

    Args:
        sums: over all pages, without leading axes.
    """
    out = {}
    for label, weight, said, true in zip(
        LABELS, sums.bin_weight, sums.bin_said, sums.bin_true, strict=True
    ):
        full = weight > 0
        weights = weight[full]
        out[label] = Reliability(
            said[full] / weights, true[full] / weights, share(weights, weights.sum())
        )
    return out


def precision_recall(judged: Judged, label: Label) -> Curve:
    """Precision (y) against recall (x) when all blocks are taken that have the label with at
    least some probability. The area is the average precision."""
    index = LABELS.index(label)
    threshold, taken, hit = _by_threshold(
        judged.probabilities[:, index], judged.weight, judged.weight * (judged.gold == index)
    )
    recall, precision = share(hit, hit[-1:]), share(hit, taken)
    area = float((np.diff(recall, prepend=0.0) * precision).sum()) if len(hit) else np.nan
    return _thinned(recall, precision, threshold, area)


def risk_coverage(judged: Judged) -> Curve:
    """The share of wrong labels (y) among the blocks of which the model is surest, against the
    share of these blocks (x). The area is that under the curve (AURC). Blocks that no paragraph
    holds have not been judged and are left out.

    Geifman and El-Yaniv, "Selective Classification for Deep Neural Networks" (2017).
    """
    held = judged.held
    confidence = judged.probabilities[held].max(1, initial=0.0)
    weight = judged.weight[held]
    wrong = judged.predicted[held] != judged.gold[held]
    threshold, taken, missed = _by_threshold(confidence, weight, weight * wrong)
    coverage, risk = share(taken, taken[-1:]), share(missed, taken)
    area = float((np.diff(coverage, prepend=0.0) * risk).sum()) if len(taken) else np.nan
    return _thinned(coverage, risk, threshold, area)


def loss_and_leak(judged: Judged, dropped: Collection[Label]) -> Curve:
    """Commerce leaked (y) against content lost (x) when all blocks are dropped whose labels to
    drop have together at least some probability.

    Args:
        judged: blocks with probabilities.
        dropped: the labels to drop.
    """
    content = np.isin(judged.gold, columns(CONTENT))
    commerce = judged.gold == LABELS.index(Label.COMMERCE)
    threshold, lost, gone = _by_threshold(
        judged.probabilities[:, columns(dropped)].sum(1),
        judged.weight * content,
        judged.weight * commerce,
    )
    # Before the first block goes, nothing is lost and everything leaks.
    return _thinned(
        np.append(0.0, share(lost, lost[-1:])),
        np.append(1.0, 1 - share(gone, gone[-1:])),
        np.append(np.inf, threshold),
        np.nan,
    )


def _by_threshold(scores: Floats, first: Floats, second: Floats) -> tuple[Floats, Floats, Floats]:
    """Distinct scores, falling, and two weights summed over the blocks that have at least each."""
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    last = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], len(ranked) > 0))
    return ranked[last], first[order].cumsum()[last], second[order].cumsum()[last]


def _thinned(x: Floats, y: Floats, threshold: Floats, area: float) -> Curve:
    """The curve with points at even distances along it; none if there is nothing to draw."""
    if np.isnan(x).any() or np.isnan(y).any():
        empty = np.empty(0)
        return Curve(empty, empty, empty, float("nan"))
    if len(x) > POINTS:
        along = (np.abs(np.diff(x, prepend=x[0])) + np.abs(np.diff(y, prepend=y[0]))).cumsum()
        wanted = np.linspace(0.0, along[-1], POINTS)
        chosen = np.unique(np.append(np.searchsorted(along, wanted), [0, len(x) - 1]))
        x, y, threshold = x[chosen], y[chosen], threshold[chosen]
    return Curve(x, y, threshold, area)
