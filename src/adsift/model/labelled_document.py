"""A document with the labels of its paragraphs: what training and adapting learn from."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from adsift.document import CommerceKind, Label, Paragraph
from adsift.errors import LabelledDataError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class LabelledDocument:
    """A document with the labels of its paragraphs.

    Attributes:
        paragraphs: in reading order.
        labels: one for each paragraph; ``None`` where nobody labelled it.
        kinds: for commerce, what it sells, where that is known.
        group: what must not be on both sides of a split, such as the site.
        url: address of the page, if known.
        weight: how much the document counts beside others.
        taught: a teacher's probabilities, a row of four for each paragraph, to learn from
            beside the labels (knowledge distillation, Hinton et al. 2015, arXiv:1503.02531).
        made_up: indices of paragraphs that were put in for training. The probabilities are not
            calibrated on them.
        id: what the data calls the document; empty if it has no name there.
        site: where it comes from; empty if that is not known.
    """

    paragraphs: list[Paragraph]
    labels: list[Label | None]
    kinds: list[CommerceKind | None]
    group: str
    url: str | None = None
    weight: float = 1.0
    taught: Floats | None = None
    made_up: frozenset[int] = frozenset()
    id: str = ""
    site: str = ""

    def check(self) -> None:
        """See that every paragraph has its label and its kind, and the document a weight.

        Raises:
            LabelledDataError: there are more or fewer, or the weight is negative or not finite.
        """
        count = len(self.paragraphs)
        if len(self.labels) != count or len(self.kinds) != count:
            raise LabelledDataError(
                f"a document of the group {self.group!r} has {count} paragraphs, "
                f"{len(self.labels)} labels and {len(self.kinds)} kinds"
            )
        if not 0 <= self.weight < math.inf:
            raise LabelledDataError(
                f"a document of the group {self.group!r} has the weight {self.weight}: "
                "it must be a number from 0 on"
            )
