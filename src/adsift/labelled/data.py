"""What the readers give: documents, and where each of their paragraphs stands."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from adsift.document import Label
from adsift.model.labelled_document import LabelledDocument


@dataclass(slots=True)
class LabelledData:
    """Labelled documents and where they come from.

    Attributes:
        documents: in the order of the files.
        places: for each document and each of its paragraphs the file and the line (in a JSON
            array, the number of the record), as messages name it.
        skipped: records that nobody has labelled, or that the annotators rejected.
        disputed: records of which several annotations have labels, and not the same.
        unused_spans: labelled spans that are less than half of every paragraph they touch.
    """

    documents: list[LabelledDocument] = field(default_factory=list)
    places: list[list[str]] = field(default_factory=list)
    skipped: int = 0
    disputed: int = 0
    unused_spans: int = 0

    def add(self, document: LabelledDocument, places: list[str]) -> None:
        """Take in one document."""
        self.documents.append(document)
        self.places.append(places)

    @property
    def counts(self) -> dict[str, int]:
        """Labelled paragraphs by label, in the order of the labels, none left out."""
        found = Counter(label for document in self.documents for label in document.labels)
        return {label.value: found[label] for label in Label}

    @property
    def unlabelled(self) -> int:
        """Paragraphs without a label."""
        return sum(document.labels.count(None) for document in self.documents)
