"""Calibrations of a bound that one can read, and pages of which the truth is known."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from adsift.document import Label
from adsift.model.bundle import Bundle
from adsift.model.heads import HEADS
from adsift.model.probabilities import LABELS
from adsift.model.risk import SETS, THRESHOLDS, describe

Arrays = dict[str, NDArray[np.float32]]


class Rows(NamedTuple):
    """Paragraphs of many pages, as ``calibrate`` takes them."""

    probabilities: NDArray[np.float64]
    labels: NDArray[np.int64]
    weights: NDArray[np.float64]
    document: NDArray[np.int64]


def synthetic_rows(pages: int, seed: int) -> Rows:
    """Pages by a model of middling skill, whose mistakes come in bunches: some pages are hard."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, 25, pages)
    document = np.repeat(np.arange(pages), sizes)
    labels = rng.choice(len(LABELS), len(document), p=[0.45, 0.15, 0.3, 0.1])
    skill = np.where(rng.random(pages) < 0.1, 0.5, 4.0)[document]
    scores = rng.normal(size=(len(document), len(LABELS)))
    scores[np.arange(len(document)), labels] += skill
    probabilities = np.exp(scores)
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    return Rows(probabilities, labels, rng.integers(2, 62, len(document)) + 0.0, document)


def certain_down_to(least: float, pages: int = 1000) -> Arrays:
    """Arrays of pages that are half content, of which nothing is lost at thresholds of ``least`` or
    more and everything below."""
    content = np.full(pages, 0.5, np.float32)
    lost = np.where(least <= THRESHOLDS, 0.0, 0.5) * np.ones((pages, 1))
    arrays: Arrays = {"risk.content": content}
    for name in SETS:
        arrays[f"risk.{name}"] = lost.astype(np.float32)
        arrays[f"risk.{name}.leaked"] = np.full((2, len(THRESHOLDS)), 0.25, np.float32)
    return arrays


def bundle_of(markup: Arrays, plain: Arrays, more: Bundle | None = None) -> Bundle:
    """A bundle with these calibrations, and the rest from another if there is one."""
    arrays = {
        f"{head}.{part}": array
        for head, parts in zip(HEADS, (markup, plain), strict=True)
        for part, array in parts.items()
    }
    pages = {head: len(arrays[f"{head}.risk.content"]) for head in HEADS}
    config: dict[str, Any] = {"risk": describe(pages)}
    if more is not None:
        config, arrays = {**more.config, **config}, {**more.arrays, **arrays}
    return Bundle(config, arrays, "# A model\n")


def lowest(least: float) -> float:
    """The lowest of the thresholds that are not below ``least``."""
    return float(THRESHOLDS[least <= THRESHOLDS].min())


NEWS = LABELS.index(Label.NEWS)
COMMERCE = LABELS.index(Label.COMMERCE)
