"""How well a bundle labels data that it was not trained on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from adsift.document import CONTENT, Label
from adsift.model.bundle import Bundle
from adsift.model.classifier import Classifier
from adsift.model.examples import COUNTED_WORDS
from adsift.model.labelled_document import LabelledDocument
from adsift.model.probabilities import columns

_CONTENT = columns(CONTENT)
_COMMERCE = [*Label].index(Label.COMMERCE)


def label_scores(bundle: Bundle, documents: Sequence[LabelledDocument]) -> dict[str, float]:
    """F1 of each label that the documents have; their mean, the macro-F1; the share of news and
    analysis that is lost as boilerplate or commerce, and of commerce that is left in as content.

    Every document weighs its ``weight``, and inside it a paragraph as many words as it has, up
    to :data:`.examples.COUNTED_WORDS`, plus one.

    Args:
        bundle: the model.
        documents: with at least one labelled paragraph.

    Raises:
        BundleError: the bundle was made for other labels or features.
    """
    tagged = Classifier(bundle).classify(
        [document.paragraphs for document in documents], [document.url for document in documents]
    )
    confusion = np.zeros((len(Label), len(Label)))
    order = list(Label)
    for document, paragraphs in zip(documents, tagged, strict=True):
        sizes = [min(len(p.text.split()), COUNTED_WORDS) + 1.0 for p in paragraphs]
        counted = [
            (size, truth, p.label)
            for size, truth, p in zip(sizes, document.labels, paragraphs, strict=True)
            if truth is not None
        ]
        total = sum(size for size, _, _ in counted)
        for size, truth, label in counted:
            confusion[order.index(truth), order.index(label)] += document.weight * size / total
    right, there, said = confusion.diagonal(), confusion.sum(axis=1), confusion.sum(axis=0)
    found = {
        label: 2 * right[index] / (there[index] + said[index])
        for index, label in enumerate(order)
        if there[index] > 0
    }
    scores = {"macro-F1": float(np.mean([*found.values()])) if found else 0.0}
    scores |= {f"F1 {label}": float(value) for label, value in found.items()}
    kept = confusion[:, _CONTENT].sum(axis=1)
    if content := there[_CONTENT].sum():
        scores["content lost"] = float(1 - kept[_CONTENT].sum() / content)
    if commerce := there[_COMMERCE]:
        scores["commerce leaked"] = float(kept[_COMMERCE] / commerce)
    return scores
