"""Which inputs of step 2 made a label's score: integrated gradients, exact to rounding.

The score is the log-odds of the label's calibrated probability against the other labels. Its
gradient is integrated along the straight line from the average paragraph (all standardised
features 0) to the one at hand (Sundararajan, Taly and Yan 2017; in game theory the
Aumann-Shapley value, 1974), so that an input's contribution is its distance from the average
times the mean slope on the way, and the contributions add up to the score less the baseline's.

Usually the integral is a sum over some dozen steps, and the contributions miss the score by a
few percent. Here the line is cut where a hidden unit goes on or off; between the cuts the score
is smooth, a Gauss-Legendre rule is exact to rounding, and where it is not, a piece is halved.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from adsift.model.networks import Networks
from adsift.model.tagger import SMALLEST

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Doubles = NDArray[np.float64]

NODES, WEIGHTS = np.polynomial.legendre.leggauss(5)

TOLERANCE = 1e-10
"""What a piece's integral may miss of the change of the score over it, for a score up to 1; for
a larger one more in proportion."""

SHORTEST = 1e-12
"""A piece is halved no further than this: rounding is all that is left of its error."""

PIECES = 64
"""So many pieces at a time, which bounds the memory that large networks take."""


class Attribution(NamedTuple):
    """A score and where it comes from; ``baseline + contributions.sum()`` is the score.

    Attributes:
        baseline: score of the average paragraph of the training data.
        score: score of the paragraph at hand.
        slopes: mean gradient between the two, shape (F,).
        contributions: slope times input, shape (F,).
    """

    baseline: float
    score: float
    slopes: Doubles
    contributions: Doubles


def attribute(
    networks: Networks, temperature: float, label: int, inputs: NDArray[np.floating]
) -> Attribution:
    """Attribute a label's log-odds to step 2's inputs.

    Args:
        networks: step 2.
        temperature: that its scores are divided by.
        label: index of the label.
        inputs: standardised, clipped features of one paragraph, shape (F,).
    """
    z = inputs.astype(np.float64)
    line = _Line(networks, temperature, label, z)
    slopes = networks.hidden.astype(np.float64) @ line.mean_slopes()
    baseline, score = line.scores(np.array([0.0, 1.0]))
    return Attribution(float(baseline), float(score), slopes, slopes * z)


class _Line:
    """The score on the way from the average paragraph, at 0, to the one at hand, at 1."""

    def __init__(self, networks: Networks, temperature: float, label: int, z: Doubles) -> None:
        self.temperature = temperature
        self.label = label
        self.bias = networks.hidden_bias.astype(np.float64)
        self.step = z @ networks.hidden.astype(np.float64)
        self.output = networks.output.astype(np.float64)
        self.output_bias = networks.output_bias.astype(np.float64)

    def scores(self, at: Doubles) -> Doubles:
        """The log-odds at some points, shape (points,)."""
        opinions = self._opinions(self._hidden(at)).mean(axis=1)
        logs = np.log(np.maximum(opinions, SMALLEST)) / self.temperature
        others = np.delete(logs, self.label, axis=1)
        return np.asarray(logs[:, self.label] - np.logaddexp.reduce(others, axis=1))

    def mean_slopes(self) -> Doubles:
        """Mean gradient along the line in the units' inputs, shape (N * H,)."""
        total = np.zeros_like(self.bias)
        waiting = self._pieces()
        while len(waiting):
            pieces, waiting = waiting[:PIECES], waiting[PIECES:]
            found = self._integrals(pieces)
            start, end = pieces.T
            after = self.scores(end)
            missed = np.abs(after - self.scores(start) - found @ self.step)
            allowed = TOLERANCE * (1 + np.abs(after))
            done = ~(missed > allowed) | (end - start <= SHORTEST)
            total += found[done].sum(axis=0)
            start, end = pieces[~done].T
            middle = (start + end) / 2
            halves = np.stack([start, middle, middle, end], axis=1).reshape(-1, 2)
            waiting = np.concatenate([halves, waiting])
        return total

    def _pieces(self) -> Doubles:
        """Start and end of each piece on which no unit goes on or off, shape (pieces, 2)."""
        with np.errstate(divide="ignore", invalid="ignore"):
            switches = -self.bias / self.step
        inside = switches[(switches > 0) & (switches < 1)]
        cuts = np.concatenate([[0.0], np.unique(inside), [1.0]])
        return np.stack([cuts[:-1], cuts[1:]], axis=1)

    def _integrals(self, pieces: Doubles) -> Doubles:
        """The gradient in the units' inputs, integrated over each piece."""
        half = (pieces[:, 1:] - pieces[:, :1]) / 2
        at = pieces[:, :1] + half * (NODES + 1)
        slopes = self._slopes(at.ravel()).reshape(*at.shape, -1)
        return np.asarray(np.einsum("pnu,pn->pu", slopes, half * WEIGHTS))

    def _slopes(self, at: Doubles) -> Doubles:
        hidden = self._hidden(at)
        opinions = self._opinions(hidden)
        by_mean = self._slopes_by_opinion(opinions.mean(axis=1))
        by_opinion = by_mean[:, None] / len(self.output)
        by_output = opinions * (by_opinion - (opinions * by_opinion).sum(axis=2, keepdims=True))
        by_unit: Doubles = np.einsum("anl,nhl->anh", by_output, self.output)
        return np.where(hidden > 0, by_unit, 0.0).reshape(len(at), -1)

    def _slopes_by_opinion(self, opinions: Doubles) -> Doubles:
        floored = np.maximum(opinions, SMALLEST)
        others = np.log(floored) / self.temperature
        others[:, self.label] = -np.inf
        by_log = -exact_softmax(others)
        by_log[:, self.label] = 1.0
        below = opinions <= SMALLEST  # there the floor holds the score, whatever they do
        by_log[below] = 0.0
        return np.asarray(by_log / (floored * self.temperature))

    def _hidden(self, at: Doubles) -> Doubles:
        count, size, _ = self.output.shape
        inputs = self.bias + at[:, None] * self.step
        return np.maximum(inputs, 0).reshape(len(at), count, size)

    def _opinions(self, hidden: Doubles) -> Doubles:
        scores = np.einsum("anh,nhl->anl", hidden, self.output) + self.output_bias
        return exact_softmax(scores)


def exact_softmax(scores: Doubles) -> Doubles:
    """Shares along the last axis in double precision; the classifier's own are too coarse to
    integrate."""
    raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True))
