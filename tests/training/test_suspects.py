from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from adsift.document import Label, Paragraph
from adsift.model.heads import HEADS
from adsift.model.probabilities import LABELS
from blocks import block_hash
from calibrating import Opinion
from suspects import find_suspects, write_suspects

COLD = dict.fromkeys(HEADS, 1.0)


def row(label: Label, probability: float) -> list[float]:
    rest = (1 - probability) / 3
    return [probability if other == label else rest for other in LABELS]


def test_only_what_is_contradicted_with_confidence_is_listed(tmp_path: Path) -> None:
    judged = {
        "sure and right": (Label.NEWS, 0.9),
        "sure and wrong": (Label.NEWS, 0.97),
        "unsure and wrong": (Label.NEWS, 0.4),
        "not labelled": (Label.NEWS, 0.99),
    }
    opinion = Opinion(
        [Paragraph(text) for text in judged],
        [Label.NEWS, Label.COMMERCE, Label.COMMERCE, None],
        np.array([row(*said) for said in judged.values()]),
    )
    path = tmp_path / "suspects.jsonl"
    write_suspects(path, find_suspects([("p1", opinion)], COLD))
    assert [json.loads(line) for line in path.read_text().splitlines()] == [
        {
            "page": "p1",
            "block": block_hash("sure and wrong"),
            "label": "commerce",
            "probability": 0.01,
            "suggested": "news",
        }
    ]


def test_nothing_is_listed_without_labels() -> None:
    opinion = Opinion([Paragraph("a")], [None], np.array([row(Label.NEWS, 0.9)]))
    assert find_suspects([("p1", opinion)], COLD) == []
