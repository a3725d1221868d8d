"""From probabilities to labels: the one with the least expected cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from adsift.compiled import compiled
from adsift.document import Label, TaggedParagraph
from adsift.errors import BundleError
from adsift.model.heads import HEADS, head_of
from adsift.model.probabilities import KINDS, LABELS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from adsift.document import Paragraph
    from adsift.model.bundle import Bundle

    Floats = NDArray[np.float32]

_compiled = compiled("context")


def read_costs(bundle: Bundle) -> dict[str, Floats]:
    """What it costs to miss a paragraph of each label, by head; 1 where the bundle is silent.

    Raises:
        BundleError: they are no numbers above 0, one for each label.
    """
    stated = bundle.config.get("costs", {})
    costs = {}
    for name in HEADS:
        try:
            costs[name] = np.array(stated.get(name, [1.0] * len(LABELS)), np.float32)
        except (AttributeError, TypeError, ValueError) as error:
            raise BundleError("the bundle's costs are no lists of numbers") from error
        if costs[name].shape != (len(LABELS),) or not (costs[name] > 0).all():
            raise BundleError("the bundle's costs are not one number above 0 for each label")
    return costs


def tag_paragraphs(
    document: Sequence[Paragraph],
    probabilities: NDArray[np.float64],
    kinds: NDArray[np.intp],
    costs: Mapping[str, Floats],
) -> list[TaggedParagraph]:
    """A document's paragraphs with their labels.

    Args:
        document: in reading order.
        probabilities, kinds: those of :class:`.classifier.Judgement`.
        costs: by head, what it costs to miss a paragraph of each label. The label is the one
            with the least expected cost, so the most probable one where all cost the same.
    """
    cost = costs[head_of(document)]
    if _compiled is not None:
        tagged: list[TaggedParagraph] = _compiled.tag_paragraphs(
            document, probabilities, kinds, cost
        )
        return tagged
    labels = (probabilities * cost).argmax(axis=1).tolist()
    return [
        TaggedParagraph(
            paragraph,
            LABELS[label],
            KINDS[kind] if LABELS[label] is Label.COMMERCE else None,
            dict(zip(LABELS, numbers, strict=True)),
        )
        for paragraph, label, numbers, kind in zip(
            document, labels, probabilities.tolist(), kinds.tolist(), strict=True
        )
    ]
