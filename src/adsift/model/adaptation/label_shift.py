"""Shifting scores to another mix of labels, but not all the way where that would take more text for
adverts.

Who labels only adverts does not say that the rest is none. So a document that is labelled in part
teaches those labels alone of whose :data:`GROUPS` the data has any; and what no document has,
though they are labelled whole, is held to be rarer than before, but by no more than :data:`RAREST`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from adsift.document import Label
from adsift.model.adaptation.linear import NEVER, fit_change
from adsift.model.probabilities import LABELS
from adsift.model.tagger import SMALLEST

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Doubles = NDArray[np.float64]
    Integers = NDArray[np.int64]

SHIFT_PULL = 0.3
"""Weight of half the squared shift beside the paragraphs' log losses."""

GROUPS = ((Label.NEWS, Label.ANALYSIS), (Label.BOILERPLATE,), (Label.COMMERCE,))
"""Labels that are shifted together. News and analysis keep their proportion: of which there is more
depends on the page, and a few of a user's pages say little of the others."""

CAREFUL, MOST_CAREFUL = 0.5, 0.35
"""So much of a shift towards commerce is not made in the end, but no more than that, in calibrated
scores: people label pages that sell, and what is lost of others is dearer than a pitch."""

RAREST = 0.7
"""How far a group that no document has may fall behind the others by a shift: a factor of 2."""


def told(labels: Integers, weights: Floats) -> NDArray[np.bool_]:
    """The labels of which the data says how many there are: those of a group that has any."""
    labelled = labels >= 0
    totals = np.bincount(labels[labelled], weights[labelled], len(LABELS))
    names = {
        label for group in GROUPS if sum(totals[LABELS.index(x)] for x in group) for label in group
    }
    return np.array([label in names for label in LABELS])


def fit_shift(
    scores: Doubles, classes: Integers, weights: Floats, open_to: NDArray[np.bool_]
) -> Doubles:
    """What to add to the scores of each label so that the mix of labels is that of some rows
    (Saerens, Latinne and Decaestecker 2002, doi:10.1162/089976602753284446, who have no labels).

    Args:
        scores: logarithms of the model's probabilities, shape (rows, labels).
        classes: the right one of each row.
        weights: of the rows.
        open_to: which labels a row could have had, shape (rows, labels).

    Returns:
        Shape (labels,), the same for labels of one of the :data:`GROUPS`.
    """
    together = np.array([[label in group for group in GROUPS] for label in LABELS], np.float64)
    truth = together[classes]
    # A group's score, so that what lies within it is of no account.
    grouped = np.log(np.maximum(np.exp(scores) @ together, SMALLEST))
    grouped = np.where(open_to @ together > 0, grouped, NEVER)
    found = fit_change(
        np.empty((len(grouped), 0)), grouped, truth.argmax(axis=1), weights, SHIFT_PULL
    ).bias
    mix = weights @ truth
    if mix.sum() > 0:
        found = np.where(mix > 0, found, np.maximum(found, found @ mix / mix.sum() - RAREST))
    return together @ found


def left_out(shift: Doubles) -> Doubles:
    """What is not made of a shift of calibrated scores."""
    if shift[LABELS.index(Label.COMMERCE)] <= shift[LABELS.index(Label.NEWS)]:
        return np.zeros_like(shift)
    return np.clip(CAREFUL * shift, -MOST_CAREFUL, MOST_CAREFUL)
