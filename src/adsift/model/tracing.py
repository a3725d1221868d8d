"""Which inputs of the tagger made a label's score: integrated gradients over the whole document.

As in :mod:`.attribution`, the score is the log-odds of a label of one paragraph, and its gradient
is integrated along the straight line from a document of average paragraphs to the one at hand
(Sundararajan, Taly and Yan 2017, arXiv:1703.01365). All paragraphs' inputs move together, since
the tagger reads the page and the neighbours. Thousands of units go on or off on the way, so the
line is not cut at each; it is halved where the sum misses the score by more than is allowed.
Paragraphs out of the convolutions' reach count through the page's mean and maximum alone, which are
not summed up at every point but known from where each unit goes on or off.
The line is that of the layers as they were trained: what is rounded has no gradient. What their
whole numbers add to the score, by rounding and by the bound of a unit, is told apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from adsift.model.attribution import exact_softmax
from adsift.model.tagger import BOILERPLATE, CLIP, SMALLEST, UNREAD, page_weights, reads
from adsift.model.tagging import Tagging

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from adsift.model.context import Layout

    Floats = NDArray[np.float32]
    Doubles = NDArray[np.float64]

NODES, WEIGHTS = np.polynomial.legendre.leggauss(3)

FIRST_PIECES = 16
"""So many pieces the line has before any is halved."""

TOLERANCE = 1e-3
"""What all pieces together may miss of the score, in proportion to their length; for a score up to
1, for a larger one more in proportion."""

SHORTEST = 2.0**-14
"""A piece is halved no further than this."""

NUMBERS = 2**22
"""Units times points that are worked on at a time, which bounds the memory."""


class Trace(NamedTuple):
    """A score and where it comes from; ``baseline + contributions.sum() + rounding`` is the score,
    but for :data:`TOLERANCE`.

    Attributes:
        baseline: score of an average paragraph among average paragraphs.
        score: score of the paragraph at hand.
        slopes: mean gradient between the two in all paragraphs' inputs, shape (n, I). Those that
            the tagger does not read have none, unless it is about one of them: then all comes of
            its own probability of boilerplate.
        contributions: slope times input, shape (n, I).
        rounding: what the layers' whole numbers add, the bound of a unit included.
    """

    baseline: float
    score: float
    slopes: Doubles
    contributions: Doubles
    rounding: float


def trace(
    tagging: Tagging,
    temperature: float,
    label: int,
    meanings: Floats,
    features: Floats,
    layout: Layout,
    index: int,
) -> Trace:
    """Attribute a label's log-odds to the tagger's inputs.

    Args:
        tagging: step 2 of the document's head.
        temperature: that its scores are divided by.
        label: index of the label.
        meanings, features: the inputs of the ``n`` paragraphs of one document, shapes (n, P) and
            (n, F); ``I`` is their sum.
        layout: of the same.
        index: of the paragraph whose score it is.
    """
    tagger = tagging.tagger
    layers, own = tagger.layers, tagger.pieces.width + BOILERPLATE
    inputs = np.concatenate([meanings, features], axis=1)
    z = np.clip((inputs - layers.mean) / layers.scale, -CLIP, CLIP).astype(np.float64)
    read = reads(features, layout.document)
    slopes = np.zeros_like(z)
    rows = np.flatnonzero(read) if read[index] else np.array([index])
    place = int(np.searchsorted(rows, index))
    line = _Line(tagging, temperature, label, z[rows], page_weights(layout)[rows], place)
    baseline, traced = line.scores(np.array([0.0, 1.0]))
    opinions = tagging.opinions(meanings, features, layout)[index].astype(np.float64)
    logs = np.log(opinions) / temperature
    score = logs[label] - np.logaddexp.reduce(np.delete(logs, label))
    if read[index]:
        slopes[rows] = line.mean_slopes() @ layers.inner.astype(np.float64).T
    else:  # step 1's opinion stands, because it is so sure
        traced = score
        if abs(z[index, own]) > TOLERANCE:
            slopes[index, own] = (score - baseline) / z[index, own]
        else:  # the average paragraph is as sure
            baseline = score
    return Trace(float(baseline), float(score), slopes, slopes * z, float(score - traced))


class _Line:
    """The score on the way from average paragraphs, at 0, to those at hand, at 1."""

    def __init__(
        self,
        tagging: Tagging,
        temperature: float,
        label: int,
        z: Doubles,
        weights: Floats,
        index: int,
    ) -> None:
        layers = tagging.tagger.layers
        self.temperature, self.label = temperature, label
        self.bias, self.page_bias, self.near_bias, self.far_bias = (
            getattr(layers, f"{name}_bias").astype(np.float64)
            for name in ("inner", "page", "near", "far")
        )
        self.page, near, far = (
            getattr(layers, name).astype(np.float64) for name in ("page", "near", "far")
        )
        self.step = z @ layers.inner.astype(np.float64)
        share = weights.astype(np.float64) / weights.sum(dtype=np.float64)
        self.mean = _Mean(self.bias, self.step, share)
        # All paragraphs begin at the bias, so the one that rises most is the highest all the way.
        self.highest, self.rise = self.step.argmax(axis=0), self.step.max(axis=0)
        self.output = tagging.output[0, :-UNREAD].astype(np.float64)
        self.output_bias = tagging.output_bias[0].astype(np.float64)
        # The second convolution reads rows around the paragraph, the first rows around these.
        half, count = len(far) // 2, len(z)
        second = range(max(index - half, 0), min(index + half + 1, count))
        first = range(max(second[0] - half, 0), min(second[-1] + half + 1, count))
        self.rows = slice(first[0], first[-1] + 1)
        self.inside = slice(second[0] - first[0], second[-1] + 1 - first[0])
        self.own = index - second[0]
        self.near = np.stack([_placed(near, row, first) for row in second])
        self.far = _placed(far, index, second)

    def scores(self, at: Doubles) -> Doubles:
        """The log-odds at some points, shape (points,)."""
        return np.asarray(self._log_odds(self._forward(at).last)[0])

    def mean_slopes(self) -> Doubles:
        """Mean gradient along the line in what the first layer's units take in, shape (n, H)."""
        near = np.zeros_like(self.step[self.rows])
        highest = np.zeros_like(self.bias)
        points, through_mean = [], []
        ends = np.linspace(0, 1, FIRST_PIECES + 1)
        waiting = np.stack([ends[:-1], ends[1:]], axis=1)
        most = max(NUMBERS // (near.size * len(NODES)), 1)
        while len(waiting):
            pieces, waiting = waiting[:most], waiting[most:]
            start, end = pieces.T
            half = (end - start)[:, None] / 2
            at = (start[:, None] + half * (NODES + 1)).ravel()
            slopes = self._slopes(at, (half * WEIGHTS).ravel())
            after = self.scores(end)
            gained = slopes.gained.reshape(half.size, len(NODES)).sum(axis=1)
            missed = np.abs(after - self.scores(start) - gained)
            allowed = TOLERANCE * (1 + np.abs(after)) * (end - start)
            done = ~(missed > allowed) | (end - start <= SHORTEST)
            kept = done.repeat(len(NODES))
            near += slopes.near[kept].sum(axis=0)
            highest += slopes.highest[kept].sum(axis=0)
            points.append(at[kept])
            through_mean.append(slopes.mean[kept])
            start, end = pieces[~done].T
            middle = (start + end) / 2
            halves = np.stack([start, middle, middle, end], axis=1).reshape(-1, 2)
            waiting = np.concatenate([halves, waiting])
        total = self.mean.shared_out(np.concatenate(points), np.concatenate(through_mean))
        total[self.rows] += near
        total[self.highest, np.arange(len(highest))] += highest
        return total

    def _forward(self, at: Doubles) -> _Units:
        mean, _ = self.mean.at(at)
        highest = np.maximum(self.bias + at[:, None] * self.rise, 0)
        whole = np.concatenate([mean, highest], axis=1)
        page = np.maximum(whole @ self.page + self.page_bias, 0)
        inner = np.maximum(self.bias + at[:, None, None] * self.step[self.rows], 0)
        before = inner + page[:, None]
        near = np.maximum(np.einsum("arh,srhk->ask", before, self.near) + self.near_bias, 0)
        between = before[:, self.inside] + near
        far = np.maximum(np.einsum("arh,rhk->ak", between, self.far) + self.far_bias, 0)
        return _Units(inner, highest, page, near, far, between[:, self.own] + far)

    def _slopes(self, at: Doubles, weights: Doubles) -> _Slopes:
        """The gradient at some points, each times its weight."""
        units = self._forward(at)
        by_last = weights[:, None] * self._log_odds(units.last)[1] @ self.output.T
        by_far = np.where(units.far > 0, by_last, 0.0)
        by_between = np.einsum("ak,rhk->arh", by_far, self.far)
        by_between[:, self.own] += by_last
        by_near = np.where(units.near > 0, by_between, 0.0)
        by_before = np.einsum("ask,srhk->arh", by_near, self.near)
        by_before[:, self.inside] += by_between
        by_page = np.where(units.page > 0, by_before.sum(axis=1), 0.0) @ self.page.T
        by_mean, by_highest = np.hsplit(by_page, 2)
        by_inner = np.where(units.inner > 0, by_before, 0.0)
        by_highest = np.where(units.highest > 0, by_highest, 0.0)
        gained = (
            np.einsum("arh,rh->a", by_inner, self.step[self.rows])
            + (by_mean * self.mean.at(at)[1]).sum(axis=1)
            + by_highest @ self.rise
        )
        return _Slopes(by_inner, by_mean, by_highest, gained)

    def _log_odds(self, last: Doubles) -> tuple[Doubles, Doubles]:
        """The log-odds, shape (points,), and their gradient in the labels' scores."""
        scores = last @ self.output + self.output_bias
        opinions = exact_softmax(scores)
        logs = np.log(np.maximum(opinions, SMALLEST)) / self.temperature
        others = logs.copy()
        others[:, self.label] = -np.inf
        odds = logs[:, self.label] - np.logaddexp.reduce(others, axis=1)
        by_log = -exact_softmax(others)
        by_log[:, self.label] = 1.0
        by_log[opinions <= SMALLEST] = 0.0  # there the floor holds the score, whatever they do
        by_log /= self.temperature
        return odds, by_log - opinions * by_log.sum(axis=1, keepdims=True)


class _Mean:
    """The page's mean of the first layer's units, along the line.

    Where the line begins a unit is on in all paragraphs or in none, and on the way it changes once
    at most in each. So sums over those in which it is on are sums over the first or the last
    paragraphs in the order of these changes.
    """

    def __init__(self, bias: Doubles, step: Doubles, share: Doubles) -> None:
        self.bias, self.share = bias, share
        self.first_on = bias > 0
        towards = np.where(self.first_on, -step, step)
        self.change = np.full_like(step, np.inf)
        np.divide(np.abs(bias), towards, out=self.change, where=towards > 0)
        order = self.change.argsort(axis=0)
        self.sorted = np.take_along_axis(self.change, order, axis=0)
        self.shares = _sums(share[order])
        self.steps = _sums(np.take_along_axis(share[:, None] * step, order, axis=0))

    def at(self, at: Doubles) -> tuple[Doubles, Doubles]:
        """The mean at some points and its gradient along the line, shapes (points, H)."""
        changed = np.stack([np.searchsorted(column, at) for column in self.sorted.T], axis=1)
        slope = self._on(self.steps, changed)
        return self.bias * self._on(self.shares, changed) + at[:, None] * slope, slope

    def shared_out(self, at: Doubles, by_mean: Doubles) -> Doubles:
        """Gradients in the mean at some points as one in what each paragraph's units take in,
        summed over the points, shape (n, H)."""
        order = at.argsort()
        # At its very change a unit is as it was before, here as in at().
        after = np.searchsorted(at[order], self.change, side="right")
        sums = _sums(by_mean[order])
        before = np.take_along_axis(sums, after, axis=0)
        return self.share[:, None] * np.where(self.first_on, before, sums[-1] - before)

    def _on(self, sums: Doubles, changed: NDArray[np.intp]) -> Doubles:
        before = np.take_along_axis(sums, changed, axis=0)
        return np.where(self.first_on, sums[-1] - before, before)


class _Units(NamedTuple):
    """What the layers hold at some points: the first one of the rows that the convolutions reach,
    and the highest of all rows."""

    inner: Doubles
    highest: Doubles
    page: Doubles
    near: Doubles
    far: Doubles
    last: Doubles


class _Slopes(NamedTuple):
    """Gradients at some points, in what the first layer's units take in: of the rows that the
    convolutions reach, through the page's mean, of the highest rows; and what the score gains along
    the line by all of them."""

    near: Doubles
    mean: Doubles
    highest: Doubles
    gained: Doubles


def _sums(values: Doubles) -> Doubles:
    """Sums of the first rows: of none, of one, and so on to all."""
    sums = np.zeros((len(values) + 1, *values.shape[1:]))
    np.cumsum(values, axis=0, out=sums[1:])
    return sums


def _placed(kernel: Doubles, row: int, rows: range) -> Doubles:
    """A convolution's weights for one row, laid over the rows that are there."""
    found = np.zeros((len(rows), *kernel.shape[1:]))
    for place, seen in enumerate(range(row - len(kernel) // 2, row + len(kernel) // 2 + 1)):
        if seen in rows:
            found[seen - rows[0]] = kernel[place]
    return found
