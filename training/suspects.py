"""Labels that may be wrong: models that have not seen the page's site are sure of another one.

Confident learning (Northcutt, Jiang and Chuang 2021, arXiv:1911.00068): a label is suspect if
another one is more probable than it usually is where it is right, and the label itself is
improbable. The list is for people to look at; nothing is changed by it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from adsift.model.probabilities import LABELS
from blocks import block_hash
from calibrating import Opinion

IMPROBABLE = 0.05


def find_suspects(
    pages: Iterable[tuple[str, Opinion]], temperature: dict[str, float]
) -> list[dict[str, object]]:
    """The suspects, the least probable labels first; a block's text shows as its hash alone.

    Args:
        pages: their ids, and what a model that has not seen their sites thinks of them.
        temperature: of each head.
    """
    rows = [
        (page, paragraph.text, LABELS.index(label), probabilities)
        for page, opinion in pages
        for paragraph, label, probabilities in zip(
            opinion.paragraphs, opinion.labels, opinion.calibrated(temperature), strict=True
        )
        if label is not None
    ]
    usual = [
        np.mean(
            [probabilities[label] for *_, gold, probabilities in rows if gold == label] or [1.0]
        )
        for label in range(len(LABELS))
    ]
    found = []
    for page, text, label, probabilities in rows:
        said = int(probabilities.argmax())
        probability = float(probabilities[label])
        if said == label or probability > IMPROBABLE:
            continue
        if probabilities[said] >= usual[said]:
            row = {
                "page": page,
                "block": block_hash(text),
                "label": LABELS[label],
                "probability": round(probability, 4),
                "suggested": LABELS[said],
            }
            found.append((probability, row))
    return [row for _, row in sorted(found, key=lambda pair: (pair[0], pair[1]["block"]))]


def write_suspects(path: Path, suspects: Iterable[dict[str, object]]) -> None:
    """As JSON lines."""
    path.write_text("".join(json.dumps(row) + "\n" for row in suspects), encoding="utf-8")
