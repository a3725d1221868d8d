"""The paragraph that is explained among the others: what each view sees, and of whom.

Most views are weighted means of the signals of the paragraphs around. A mean's weights say how much
of a view's features is whose.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from adsift.model.context import VIEWS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from adsift.model.context import Layout, View

    Floats = NDArray[np.float32]

NEAR = 2000
"""Paragraphs on either side whose contributions are told apart; what those further away add is
kept with what no paragraph can claim. The time grows with the square of a document's length."""

CHUNK = 256
"""So many of their weights are found at a time, which bounds the memory."""


class ViewSeen(NamedTuple):
    """What a view gives for the explained paragraph.

    Attributes:
        name: the view's.
        values: its features, shape (features,).
        weights: of each near paragraph in them, shape (near,); ``None`` if they are no means of
            the paragraphs' signals.
    """

    name: str
    values: Floats
    weights: Floats | None


class Neighbourhood:
    """The explained paragraph among the others, as step 2 sees it.

    Args:
        signals, layout: of the document.
        index: of the paragraph.

    Attributes:
        signals: of all paragraphs of the document, shape (paragraphs, signals).
        near: the paragraphs that are told apart.
        views: what each of the views sees.
    """

    def __init__(self, signals: Floats, layout: Layout, index: int) -> None:
        self.signals = signals
        self.near = range(max(index - NEAR, 0), min(index + NEAR + 1, len(signals)))
        self._layout = layout
        self._index = index
        self.views = [self._see(name, view) for name, view in VIEWS]

    def _see(self, name: str, view: View) -> ViewSeen:
        values = view(self.signals, self._layout)[self._index]
        weights = None
        if values.shape == self.signals.shape[1:]:
            weights = self._weights(view)
        if weights is not None:
            # That the view is a weighted mean is not taken on trust: the weights must give its
            # features back.
            far = self.signals.copy()
            far[self.near] = 0.0
            means = weights @ self.signals[self.near] + view(far, self._layout)[self._index]
            if not np.allclose(means, values, atol=1e-4):
                weights = None
        return ViewSeen(name, values, weights)

    def _weights(self, view: View) -> Floats | None:
        """A mean's weights are what it makes of signals that are 1 for one paragraph, else 0."""
        found = []
        for start in range(0, len(self.near), CHUNK):
            rows = self.near[start : start + CHUNK]
            probe = np.zeros((len(self.signals), len(rows)), np.float32)
            probe[rows, range(len(rows))] = 1.0
            weights = view(probe, self._layout)[self._index]
            if weights.shape != (len(rows),):
                return None
            found.append(weights)
        return np.concatenate(found)
