"""From labelled data to a bundle with its figures and its card: what ``adsift train`` does."""

from __future__ import annotations

from adsift.train.figures import label_scores
from adsift.train.run import Trained, train

__all__ = ["Trained", "label_scores", "train"]
