"""Temperature and bound of a model, from documents that it has not seen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from adsift.document import Label, Paragraph
from adsift.model.bundle import Bundle
from adsift.model.calibration import fit_temperature
from adsift.model.examples import counted_words
from adsift.model.heads import HEADS, head_of
from adsift.model.probabilities import LABELS, indices, softmax
from adsift.model.risk import calibrate, describe
from adsift.model.tagger import SMALLEST

if TYPE_CHECKING:
    from adsift.model.bundle import Arrays


class Opinion(NamedTuple):
    """What a model thinks of a document that it has not seen.

    Attributes:
        paragraphs, labels: the document's.
        probabilities: before calibration, shape (paragraphs, labels).
        final: they are not to be calibrated any more: the accurate tier takes those of a short
            document from the fast model as they are.
    """

    paragraphs: Sequence[Paragraph]
    labels: Sequence[Label | None]
    probabilities: np.ndarray
    final: bool = False

    def calibrated(self, temperature: dict[str, float]) -> np.ndarray:
        """The probabilities at the temperature of the document's head."""
        if self.final:
            return self.probabilities
        scores = np.log(np.maximum(self.probabilities, SMALLEST)).astype(np.float64)
        return softmax(scores / temperature[head_of(self.paragraphs)])


def temperatures_of(opinions: Sequence[Opinion]) -> dict[str, float]:
    """The temperature of each head."""
    return {
        name: _temperature([opinion for opinion in own if not opinion.final])
        for name, own in _by_head(opinions)
    }


def calibrate_on(opinions: Sequence[Opinion], seed: int) -> Bundle:
    """What a bundle must hold beside the model.

    Returns:
        A bundle with nothing but ``temperature`` and ``risk`` in its configuration, and the
        arrays of the bound.
    """
    temperature = temperatures_of(opinions)
    arrays: Arrays = {}
    pages: dict[str, int] = {}
    for name, own in _by_head(opinions):
        rows = _Rows(own)
        calibrated = np.concatenate([opinion.calibrated(temperature) for opinion in own])
        rng = np.random.default_rng(seed)
        risk = calibrate(calibrated, rows.truth, rows.counted, rows.document, rng)
        arrays |= {f"{name}.{part}": array for part, array in risk.items()}
        pages[name] = len(risk["risk.content"])
    return Bundle({"temperature": temperature, "risk": describe(pages)}, arrays, "")


def _by_head(opinions: Sequence[Opinion]) -> Iterator[tuple[str, list[Opinion]]]:
    for name in HEADS:
        yield name, [o for o in opinions if o.paragraphs and head_of(o.paragraphs) == name]


def _temperature(own: Sequence[Opinion]) -> float:
    rows = _Rows(own)
    opinions = np.concatenate([opinion.probabilities for opinion in own])
    scores = np.log(np.maximum(opinions, SMALLEST)).astype(np.float64)
    # As the score weighs paragraphs.
    weights = rows.counted / np.bincount(rows.document, rows.counted)[rows.document]
    known = np.flatnonzero(rows.truth >= 0)
    return fit_temperature(scores[known], rows.truth[known], weights[known])


class _Rows:
    """Documents as arrays, a row for each paragraph."""

    def __init__(self, own: Sequence[Opinion]) -> None:
        self.truth = np.array(indices((x for o in own for x in o.labels), LABELS))
        self.counted = np.concatenate([counted_words(opinion.paragraphs) for opinion in own])
        self.document = np.repeat(np.arange(len(own)), [len(o.paragraphs) for o in own])
