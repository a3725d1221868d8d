"""Labels that may be wrong: models that have not seen the page's site are sure of another one.

Confident learning (Northcutt, Jiang and Chuang 2021, arXiv:1911.00068): a label is suspect if
another one is more probable than it usually is where it is right, and the label itself is
improbable. The list is for people to look at; nothing is changed by it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from adsift.document import Label, TaggedParagraph
from blocks import block_hash

IMPROBABLE = 0.05

Unseen = tuple[str, Sequence[TaggedParagraph], Sequence[Label | None]]
"""A page's id, its paragraphs as a model that has not seen its site tags them, and their labels."""


def find_suspects(pages: Iterable[Unseen]) -> list[dict[str, object]]:
    """The suspects, the least probable labels first; a block's text shows as its hash alone."""
    rows = [
        (page, paragraph, label)
        for page, tagged, labels in pages
        for paragraph, label in zip(tagged, labels, strict=True)
        if label is not None
    ]
    usual = {
        label: np.mean([p.probabilities[label] for _, p, gold in rows if gold == label] or [1.0])
        for label in Label
    }
    found = []
    for page, paragraph, label in rows:
        said = max(Label, key=lambda other: paragraph.probabilities[other])
        probability = paragraph.probabilities[label]
        if said == label or probability > IMPROBABLE:
            continue
        if paragraph.probabilities[said] >= usual[said]:
            row = {
                "page": page,
                "block": block_hash(paragraph.text),
                "label": label.value,
                "probability": round(probability, 4),
                "suggested": said.value,
            }
            found.append((probability, row))
    return [row for _, row in sorted(found, key=lambda pair: (pair[0], pair[1]["block"]))]


def write_suspects(path: Path, suspects: Iterable[dict[str, object]]) -> None:
    """As JSON lines."""
    path.write_text("".join(json.dumps(row) + "\n" for row in suspects), encoding="utf-8")
