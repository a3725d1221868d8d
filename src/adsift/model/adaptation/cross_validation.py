"""Choosing by documents that a model has not seen: their parts, and what is better than luck."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from adsift.model.adaptation.settings import AdaptSettings
    from adsift.model.labelled_document import LabelledDocument

    Doubles = NDArray[np.float64]
    Integers = NDArray[np.int64]


def part_documents(
    documents: Sequence[LabelledDocument], settings: AdaptSettings
) -> tuple[Integers, int]:
    """For each paragraph its part of the cross-validation, and the number of parts: by group,
    by document where the groups are too few, and none at all where the documents are."""
    groups = [document.group for document in documents]
    if len({*groups}) < settings.parts:
        groups = [str(number) for number in range(len(documents))]
    names = sorted({*groups})
    parts = settings.parts if 1 < settings.parts <= len(names) else 1
    shuffled = np.random.default_rng(settings.seed).permutation(len(names))
    part_of = dict(zip(names, (shuffled % parts).tolist(), strict=True))
    counts = [len(document.paragraphs) for document in documents]
    return np.repeat([part_of[group] for group in groups], counts), parts


def is_better(losses: Doubles, others: Doubles) -> bool:
    """Whether losses of documents are lower by more than the standard error of their difference
    (compare the rule of one standard error in Breiman et al., "Classification and Regression
    Trees", 1984)."""
    gains = others - losses
    return float(gains.sum()) > float(gains.std(ddof=1) * np.sqrt(len(gains)))
