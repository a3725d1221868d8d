from __future__ import annotations

import json
from pathlib import Path

from adsift.document import Label, Paragraph, TaggedParagraph
from blocks import block_hash
from suspects import find_suspects, write_suspects


def tagged(text: str, label: Label, probability: float) -> TaggedParagraph:
    rest = (1 - probability) / 3
    probabilities = {other: probability if other == label else rest for other in Label}
    return TaggedParagraph(Paragraph(text), label, None, probabilities)


def test_only_what_is_contradicted_with_confidence_is_listed(tmp_path: Path) -> None:
    paragraphs = [
        tagged("sure and right", Label.NEWS, 0.9),
        tagged("sure and wrong", Label.NEWS, 0.97),
        tagged("unsure and wrong", Label.NEWS, 0.4),
        tagged("not labelled", Label.NEWS, 0.99),
    ]
    labels = [Label.NEWS, Label.COMMERCE, Label.COMMERCE, None]
    found = find_suspects([("p1", paragraphs, labels)])
    path = tmp_path / "suspects.jsonl"
    write_suspects(path, found)
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
    assert find_suspects([("p1", [tagged("a", Label.NEWS, 0.9)], [None])]) == []
