"""What training from scratch needs of its documents, and data of users does not always have."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from adsift.document import Paragraph
from adsift.model.heads import head_of
from adsift.model.labelled_document import LabelledDocument

LIGHTEST = 1e-15
"""A smaller share of the heaviest document's weight is as good as nothing, and is lost in sums."""


def with_weight(documents: Sequence[LabelledDocument]) -> list[LabelledDocument]:
    """The documents that weigh more than nothing beside the others.

    Only the proportions of the weights matter, so that where all are tiny, none is.

    Raises:
        LabelledDataError: a document has not one label and one kind for each paragraph, or a
            weight that is none.
    """
    for document in documents:
        document.check()
    heaviest = max((document.weight for document in documents), default=0.0)
    if heaviest == 0:
        return []
    # By a power of 4, also its square root changes nothing but exponents.
    exponent = -(math.frexp(heaviest)[1] // 2) * 2
    scaled = (replace(d, weight=math.ldexp(d.weight, exponent)) for d in documents)
    return [document for document in scaled if document.weight >= LIGHTEST]


def for_both_heads(documents: Sequence[LabelledDocument]) -> list[LabelledDocument]:
    """The documents, and what stands in for those that one of the two heads would lack.

    Documents with markup are learned from once more as plain text, as users also meet them.
    Where none has markup, each stands as one of bare ``<p>`` elements too: that head then knows
    no more than words.
    """
    marked = [document for document in documents if head_of(document.paragraphs) == "markup"]
    if marked:
        return [*documents, *(_with_tag(document, "") for document in marked)]
    return [*documents, *(_with_tag(document, "p") for document in documents)]


def with_numbered_groups(documents: Sequence[LabelledDocument]) -> list[LabelledDocument]:
    """The documents, their groups called by a number, in the order in which they are met.

    Groups are drawn in the order of their names, and where nobody has said what belongs together,
    these hold the path of the file, which must not change the model.

    Raises:
        LabelledDataError: a document has not one label and one kind for each paragraph, or a
            weight that is none.
    """
    numbers: dict[str, str] = {}
    for document in documents:
        document.check()  # while its group has a name to be found by
    return [
        replace(document, group=numbers.setdefault(document.group, f"{len(numbers):09}"))
        for document in documents
    ]


def with_enough_groups(
    documents: Sequence[LabelledDocument], at_least: int
) -> list[LabelledDocument]:
    """The documents, each a group of its own if there are too few groups to part them by."""
    if len({document.group for document in documents}) >= at_least:
        return list(documents)
    return [
        replace(document, group=f"{document.group}#{number}")
        for number, document in enumerate(documents)
    ]


def _with_tag(document: LabelledDocument, tag: str) -> LabelledDocument:
    paragraphs = [Paragraph(paragraph.text, tag=tag) for paragraph in document.paragraphs]
    return replace(document, paragraphs=paragraphs)
