"""What training takes of labelled documents, from scratch as well as on top of a base: how much
each paragraph counts, and the shapes in which a strip will show the documents to step 2."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from adsift.document import Label
from adsift.model.context import Layout, read_layout
from adsift.model.probabilities import columns

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from adsift.document import Paragraph
    from adsift.model.labelled_document import LabelledDocument

    Floats = NDArray[np.float32]
    Integers = NDArray[np.int64]

COUNTED_WORDS = 60
"""A paragraph weighs as many words as it has, up to this many, plus one; a page weighs 1."""

STRIPS: tuple[tuple[Label, ...], ...] = ((Label.COMMERCE,), (Label.COMMERCE, Label.BOILERPLATE))
"""What is dropped in the shapes that step 2 learns from beside whole documents."""


def counted_words(paragraphs: Sequence[Paragraph]) -> Floats:
    """A document's weights as the score counts them, before they are divided by their sum."""
    words = [len(paragraph.text.split()) for paragraph in paragraphs]
    return np.minimum(np.array(words, np.float32), COUNTED_WORDS) + 1


def paragraph_weights(documents: Sequence[LabelledDocument]) -> Floats:
    """Square root of the paragraphs' weights in the score, which keeps long pages from ruling
    and short ones too; 1 on average over the documents that have a weight."""
    found = []
    for document in documents:
        counted = counted_words(document.paragraphs)
        found.append(np.sqrt(document.weight * counted / counted.sum()))
    weights = np.concatenate(found)
    return np.asarray(weights / weights[weights > 0].mean(), np.float32)


class Shape(NamedTuple):
    """Documents as step 2 may meet them: ``rows`` of the paragraphs that are left, the documents
    of these, and their layout, in which every document still has its number."""

    rows: Integers
    documents: Sequence[Sequence[Paragraph]]
    layout: Layout


def shapes(paragraphs: Sequence[Sequence[Paragraph]], labels: Integers) -> Iterator[Shape]:
    """The documents as they are, and as a strip will leave those that it changes.

    A strip judges what it has left until nothing more is to be dropped. Without examples of
    stripped documents step 2 takes their bareness for a sign of more to drop.

    Args:
        paragraphs: of each document.
        labels: of all paragraphs, one document after the other; -1 where nobody labelled one.
    """
    whole = read_layout(paragraphs)
    yield Shape(np.arange(len(labels)), paragraphs, whole)
    for strip in STRIPS:
        gone = np.isin(labels, columns(strip))
        changed = np.bincount(whole.document, gone, len(paragraphs)) > 0
        kept = ~gone & changed[whole.document]
        if kept.any():
            left = [
                [p for p, keep in zip(document, kept[start:], strict=False) if keep]
                for document, start in zip(paragraphs, whole.offsets[:-1], strict=True)
            ]
            yield Shape(np.flatnonzero(kept), left, read_layout(left))
