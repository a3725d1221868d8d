"""Temperature and bound of a model, from documents that it has not seen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from adsift.document import Label, Paragraph
from adsift.model.bundle import Bundle
from adsift.model.calibration import fit_temperature
from adsift.model.classifier import HEADS, LABELS, head_of, softmax
from adsift.model.examples import counted_words
from adsift.model.risk import calibrate, describe
from adsift.model.tagger import SMALLEST

if TYPE_CHECKING:
    from adsift.model.bundle import Arrays


class Opinion(NamedTuple):
    """What a model thinks of a document that it has not seen.

    Attributes:
        paragraphs, labels: the document's.
        probabilities: before calibration, shape (paragraphs, labels).
    """

    paragraphs: Sequence[Paragraph]
    labels: Sequence[Label | None]
    probabilities: np.ndarray


def temperatures_of(opinions: Sequence[Opinion]) -> dict[str, float]:
    """The temperature of each head."""
    return {name: rows.temperature() for name, rows in _by_head(opinions)}


def calibrate_on(opinions: Sequence[Opinion], seed: int) -> Bundle:
    """What a bundle must hold beside the model.

    Returns:
        A bundle with nothing but ``temperature`` and ``risk`` in its configuration, and the
        arrays of the bound.
    """
    temperature: dict[str, float] = {}
    arrays: Arrays = {}
    pages: dict[str, int] = {}
    for name, rows in _by_head(opinions):
        temperature[name] = rows.temperature()
        calibrated = softmax(rows.scores / temperature[name])
        rng = np.random.default_rng(seed)
        risk = calibrate(calibrated, rows.truth, rows.counted, rows.document, rng)
        arrays |= {f"{name}.{part}": array for part, array in risk.items()}
        pages[name] = len(risk["risk.content"])
    return Bundle({"temperature": temperature, "risk": describe(pages)}, arrays, "")


def _by_head(opinions: Sequence[Opinion]) -> Iterator[tuple[str, _Rows]]:
    for name in HEADS:
        yield name, _Rows([o for o in opinions if o.paragraphs and head_of(o.paragraphs) == name])


class _Rows:
    """Documents as arrays, a row for each paragraph."""

    def __init__(self, own: Sequence[Opinion]) -> None:
        opinions = np.concatenate([opinion.probabilities for opinion in own])
        self.scores = np.log(np.maximum(opinions, SMALLEST)).astype(np.float64)
        self.truth = np.array([LABELS.index(x) if x else -1 for o in own for x in o.labels])
        self.counted = np.concatenate([counted_words(opinion.paragraphs) for opinion in own])
        self.document = np.repeat(np.arange(len(own)), [len(o.paragraphs) for o in own])

    def temperature(self) -> float:
        # As the score weighs paragraphs.
        weights = self.counted / np.bincount(self.document, self.counted)[self.document]
        known = np.flatnonzero(self.truth >= 0)
        return fit_temperature(self.scores[known], self.truth[known], weights[known])
