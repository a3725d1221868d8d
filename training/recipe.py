"""What the shipped fast bundle is trained with, where it is not the package's default."""

from __future__ import annotations

from dataclasses import dataclass

from adsift.model.fit_settings import Settings

COSTS = {"markup": [1.2, 1.6, 1.1, 1.5], "plain": [1.2, 1.3, 0.8, 1.6]}
"""What it costs to miss news, analysis, boilerplate, commerce; see EXPERIMENTS.md. The two rare
labels are found too seldom by the largest probability alone, and a lost paragraph of news is worse
than a menu entry that stays."""

READER_COSTS = {"markup": [1.2, 1.5, 0.9, 1.7], "plain": [1.3, 1.6, 0.9, 2.0]}
"""The same of the accurate tier."""

SHARES = {head: {"fast": 0.1, "readers": 0.9} for head in READER_COSTS}
"""What the accurate tier's models weigh in their pool."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """Of a training run.

    Attributes:
        passes: over the documents.
        written: share of the written documents that a pass takes, at random.
        documents: in a step.
        rate: learning rate (AdamW), which rises for ``warmup`` steps and then falls to 0.
        decay: of the weights.
        stripped: share of the documents that are shown as a strip leaves them.
        smoothing: of the labels.
    """

    passes: int = 5
    written: float = 0.22
    documents: int = 6
    rate: float = 1e-3
    warmup: int = 60
    decay: float = 0.05
    stripped: float = 0.15
    smoothing: float = 0.02


@dataclass(frozen=True, slots=True)
class TaggerSettings:
    """Of the fast bundle's tagger.

    Attributes:
        schedule: of its training.
        dropout: of units; of word pieces it is ``hidden``.
        vector, weights, units, width: D, M, H and the convolutions' width of
            :mod:`adsift.model.pieces` and :mod:`adsift.model.tagger`.
        inner: hidden units of the network that makes the pieces' vectors.
        teachers: taggers that are trained first, with the next seeds; see ``tagger.learn_tagger``.
        seed: of everything random.
    """

    schedule: Schedule = Schedule()
    dropout: float = 0.3
    hidden: float = 0.1
    vector: int = 32
    weights: int = 2
    units: int = 96
    width: int = 3
    inner: int = 256
    teachers: int = 3
    seed: int = 10


@dataclass(frozen=True, slots=True)
class ReaderSettings:
    """Of the accurate tier's readers.

    Attributes:
        schedule: of their training.
        joint: readers of documents with markup and without.
        plain: further ones of those without. They learn from such documents alone, among them
            what an extractor leaves of pages.
        dropout: of units.
        own, units, width: E, H and the convolutions' width of
            :mod:`adsift.model.transformer.reader`.
        seed: of everything random; each reader has the next.
    """

    schedule: Schedule = Schedule(passes=6)
    joint: int = 3
    plain: int = 3
    dropout: float = 0.3
    own: int = 128
    units: int = 160
    width: int = 5
    seed: int = 1


def fast_settings(seed: int = Settings().seed) -> Settings:
    """The settings of the shipped fast bundle; step 2's networks judge its short documents."""
    return Settings(costs=COSTS, seed=seed)
