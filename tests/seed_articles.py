"""The project's own articles with their labels, and sentences to make more of."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from adsift.document import CommerceKind, Document, Format, Label
from adsift.model.labelled_document import LabelledDocument
from adsift.segment import segment

FOLDER = Path(__file__).parents[1] / "seeds"
FORMATS: dict[str, Format] = {".txt": "text", ".md": "markdown", ".html": "html"}


@dataclass(frozen=True, slots=True)
class Seed:
    """An article, and what each of its paragraphs is."""

    path: Path
    texts: list[str]
    labels: list[str]
    kinds: list[str | None]

    @property
    def source(self) -> str:
        return self.path.read_bytes().decode()

    @property
    def format(self) -> Format:
        return FORMATS[self.path.suffix]

    @property
    def document(self) -> Document:
        return Document(self.source, name=self.path.name)

    def labelled(self) -> LabelledDocument:
        paragraphs = segment(self.document).paragraphs
        labels = [Label(label) for label in self.labels]
        kinds = [CommerceKind(kind) if kind else None for kind in self.kinds]
        return LabelledDocument(paragraphs, [*labels], [*kinds], self.path.stem)


def _read(labels_file: Path) -> Seed:
    rows = [json.loads(line) for line in labels_file.read_text(encoding="utf-8").splitlines()]
    name = labels_file.name.removesuffix(".labels.jsonl")
    (path,) = [path for path in FOLDER.glob(f"{name}.*") if path.suffix in FORMATS]
    return Seed(
        path,
        [row["text"] for row in rows],
        [row["label"] for row in rows],
        [row["kind"] for row in rows],
    )


SEEDS = [_read(path) for path in sorted(FOLDER.glob("*.labels.jsonl"))]


def seeds_of(form: str) -> list[Seed]:
    """Those of a format."""
    return [seed for seed in SEEDS if seed.format == form]


SENTENCES = [
    "The council voted 7 to 2 on Monday to close the old swing bridge for repairs.",
    "Divers found no further cracks, the harbour master said in a written statement.",
    "The cheapest plan is also the one that the town is least likely to carry out.",
    "What happens next depends on whether the county pays its share, and it rarely has.",
    "Get 25% off our storm-proof deck shoes, now only $39.99 – free shipping this week!",
    "We may earn a commission if you buy through the links on this page.",
    "Sponsored: sleep better with the Nimbus mattress, 100 nights at no risk.",
    "Support local journalism: become a member from $5 a month and read without ads.",
    "Related: Ferry timetable for the winter months",
    "Share this article",
    "By Ines Halloran | 4 min read",
    "© 2025 The Harbour Post. All rights reserved. Privacy policy",
    "What we know so far",
    "Home › News › Waterfront",
    "– Two lanes open on 3 March",
]
"""One or more of every label."""
