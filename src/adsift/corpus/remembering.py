"""A model that knows what recurs on a site.

docs/site-memory.md has what it was measured to be worth.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from adsift.corpus.site_memory import SiteMemory
from adsift.document import CommerceKind, Label, Paragraph, TaggedParagraph

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from adsift.model.bundle import Bundle
    from adsift.model.classifier import Classifier
    from adsift.model.load import Model
    from adsift.model.memory import Memory

    Floats = NDArray[np.float64]

STRENGTH = 1.6
"""By how much the log-odds of furniture against content grow with the logarithm of the pages
beyond the second. Fitted by ``training/site_memory_check.py``."""

FEWEST = 3
"""Pages from which on a paragraph counts as recurring. On two, it is often the same article under
two addresses."""

MOST = 8
"""More pages say no more: the data that the strength was fitted on have no site with more."""

LEAST_SHARE = 0.02
"""Of the site's pages. On less, a paragraph may be a quotation or an article in a few copies."""

UNSEEN_KIND = CommerceKind.SPONSORED
"""The kind of a paragraph that only its recurrence made commerce; the model gives none then."""


class RememberingModel:
    """A model whose probabilities are shifted by what a site memory knows.

    It can be given to :class:`adsift.Separator` like any other. The bounds on lost content that
    its bundle certifies do not hold for it, since they are for the unshifted probabilities.
    """

    def __init__(self, model: Model, memory: SiteMemory) -> None:
        """Take a model and a memory that has counted the pages to be judged."""
        from adsift.model.decisions import read_costs

        self.model = model
        self.memory = memory
        self.costs = read_costs(model.bundle)

    @property
    def bundle(self) -> Bundle:
        """The model's own."""
        return self.model.bundle

    @property
    def fast(self) -> Classifier:
        """The model that judges first."""
        return self.model.fast

    def classify(
        self,
        documents: Sequence[Sequence[Paragraph]],
        urls: Sequence[str | None],
        memories: Sequence[Memory] | None = None,
    ) -> list[list[TaggedParagraph]]:
        """Label the paragraphs of many documents, as the model does, then with the memory."""
        return [
            self._remember(tagged, url)
            for tagged, url in zip(
                self.model.classify(documents, urls, memories), urls, strict=True
            )
        ]

    def _remember(self, tagged: list[TaggedParagraph], url: str | None) -> list[TaggedParagraph]:
        counts, pages = self.memory.recurrences(url, [paragraph.text for paragraph in tagged])
        return retag(tagged, counts, pages, self.costs)


def retag(
    tagged: list[TaggedParagraph],
    counts: Sequence[int],
    pages: int,
    costs: Mapping[str, NDArray[np.floating]],
    strength: float = STRENGTH,
) -> list[TaggedParagraph]:
    """A document's paragraphs with the labels that they have once their recurrence is known.

    Args:
        tagged: by a model, with the probabilities of all labels.
        counts: of each, on how many pages of its site it was seen.
        pages: of the site that were counted.
        costs: by head, what it costs to miss each label.
        strength: see :data:`STRENGTH`.
    """
    import numpy as np

    recurs = _recur(np.array(counts), pages)
    if not recurs.any():
        return tagged

    from adsift.model.heads import head_of
    from adsift.model.probabilities import LABELS

    before = np.array([[p.probabilities[label] for label in LABELS] for p in tagged])
    after = adjust(before, np.array(counts), pages, strength)
    # Chosen as the model chooses: the least expected cost, not the largest probability.
    chosen = (after * costs[head_of([p.paragraph for p in tagged])]).argmax(axis=1)
    return [
        _relabelled(paragraph, LABELS[label], dict(zip(LABELS, row, strict=True)))
        if anew
        else paragraph
        for paragraph, label, row, anew in zip(
            tagged, chosen.tolist(), after.tolist(), recurs.tolist(), strict=True
        )
    ]


def adjust(
    probabilities: Floats, counts: NDArray[np.integer], pages: int, strength: float = STRENGTH
) -> Floats:
    """Probabilities once it is known on how many pages of its site each paragraph stands.

    The odds of boilerplate and commerce together against news and analysis grow with the count.
    Which of the two it is, the count does not tell, so their proportion stays.

    Args:
        probabilities: shape (n, labels), in the order of the labels.
        counts: shape (n,).
        pages: of the site that were counted.
        strength: see :data:`STRENGTH`.

    Returns:
        Probabilities in millionths, shape (n, labels); rows that do not recur as they were.
    """
    import numpy as np

    from adsift.model.probabilities import LABELS, in_millionths

    recurs = _recur(counts, pages)
    factor = np.where(recurs, (np.clip(counts, 2, MOST) - 1.0) ** strength, 1.0)
    furniture = np.array([label in (Label.BOILERPLATE, Label.COMMERCE) for label in LABELS])
    raised = np.where(furniture, probabilities * factor[:, None], probabilities)
    shifted = in_millionths(raised / raised.sum(axis=1, keepdims=True))
    return np.where(recurs[:, None], shifted, probabilities)


def _recur(counts: NDArray[np.integer], pages: int) -> NDArray[np.bool_]:
    return (counts >= FEWEST) & (counts >= LEAST_SHARE * pages)


def _relabelled(
    paragraph: TaggedParagraph, label: Label, probabilities: dict[Label, float]
) -> TaggedParagraph:
    kind = (paragraph.kind or UNSEEN_KIND) if label is Label.COMMERCE else None
    return TaggedParagraph(paragraph.paragraph, label, kind, probabilities)
