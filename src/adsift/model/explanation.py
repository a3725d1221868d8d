"""What an explanation consists of. How it is found: :mod:`.explain`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adsift.document import Label, TaggedParagraph

MEANING, ALONGSIDE = "meaning of its words", "paragraphs read alongside"
"""What a tagger looks at beside the views."""

ROUNDING = "rounding and bounds of units"
"""What its whole numbers add to the score besides."""


@dataclass(frozen=True, slots=True)
class WordPart:
    """What a feature word adds to step 1's score.

    Attributes:
        words: the word as the model reads it, such as ``p=$ 02``; several if they share a column
            of the hash.
        readable: the same for people.
        contribution: the part of the score.
    """

    words: tuple[str, ...]
    readable: tuple[str, ...]
    contribution: float


@dataclass(frozen=True, slots=True)
class AloneExplanation:
    """Step 1: the paragraph alone. ``bias`` and the words' contributions add up to ``score``.

    Attributes:
        score: the label's, a logit.
        bias: what it begins with.
        words: in order of size.
        probabilities: step 1's own, of each label.
    """

    score: float
    bias: float
    words: list[WordPart]
    probabilities: dict[Label, float]


@dataclass(frozen=True, slots=True)
class FeaturePart:
    """What one of step 2's features adds to the score.

    Attributes:
        name: a label for step 1's probability of it, or a fact, such as ``price``; of the view
            :data:`MEANING` a word.
        value: the feature's; of a word, how many pieces it was cut into, wherever it stands.
        average: its mean in training; of a word 0.
        contribution: the part of the score.
    """

    name: str
    value: float
    average: float
    contribution: float


@dataclass(frozen=True, slots=True)
class ViewPart:
    """What a view of the document adds to the score: the sum of its features.

    Attributes:
        name: as in :data:`adsift.model.context.VIEWS`; of a tagger also :data:`MEANING`,
            :data:`ALONGSIDE`, which is what comes of the other paragraphs' words and views, and
            :data:`ROUNDING`.
        contribution: the part of the score.
        unclaimed: how much of it no paragraph can claim.
        features: in the model's order; words in that of size, and none of :data:`ALONGSIDE` and
            :data:`ROUNDING`.
    """

    name: str
    contribution: float
    unclaimed: float
    features: list[FeaturePart]


@dataclass(frozen=True, slots=True)
class ParagraphPart:
    """What a paragraph of the document adds to the score.

    Attributes:
        index: its place in the document, from 0.
        paragraph: the paragraph and its own label.
        contribution: the part of the score, the sum of ``views``.
        views: by the view that sees it.
    """

    index: int
    paragraph: TaggedParagraph
    contribution: float
    views: dict[str, float]


@dataclass(frozen=True, slots=True)
class InContextExplanation:
    """Step 2: the paragraph in its document.

    ``baseline`` and the views' contributions add up to ``score``; so do ``baseline``,
    ``unclaimed`` and the paragraphs' contributions. Of a tagger they do so but for
    :data:`adsift.model.tracing.TOLERANCE`.

    Attributes:
        score: log-odds of the label against the rest, log(p / (1 - p)), before p is rounded.
        baseline: the same for the average paragraph of the training data; of a tagger, in a
            document of such paragraphs.
        views: in the model's order.
        paragraphs: those that any view sees, in reading order; the explained one among them.
        unclaimed: sum over the views.
    """

    score: float
    baseline: float
    views: list[ViewPart]
    paragraphs: list[ParagraphPart]
    unclaimed: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a paragraph has a label, or has it not.

    Attributes:
        index: the paragraph's place in the document, from 0.
        paragraph: the paragraph with the label and the probabilities that the fast model gives it.
        label: the label that is explained.
        alone: step 1's score of that label.
        in_context: step 2's, which decides.
        decided: of the accurate tier, the paragraph as that has tagged it; what is explained is the
            fast model behind it. ``None`` where the fast model decides.
    """

    index: int
    paragraph: TaggedParagraph
    label: Label
    alone: AloneExplanation
    in_context: InContextExplanation
    decided: TaggedParagraph | None = None
