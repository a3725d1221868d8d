"""Policy: which tagged paragraphs a strip takes out. It knows nothing of the model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import SupportsFloat

from adsift.document import Label, TaggedParagraph
from adsift.errors import PolicyError

BOUNDABLE = frozenset({Label.COMMERCE, Label.BOILERPLATE})
"""Labels that a strip with a bound can drop. The bound is on the loss of the others."""

CONFIDENCE = 0.95
"""With which a bound holds if nothing else is said."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What to drop, and how sure one must be.

    Attributes:
        drop: the labels to take out.
        min_probability: a paragraph goes only if its label is at least this probable, 0 to 1.
    """

    drop: frozenset[Label]
    min_probability: float = 0.0

    @classmethod
    def of(cls, drop: str | Iterable[str], min_probability: float = 0.0) -> Policy:
        """Make a policy of label names.

        Raises:
            PolicyError: a name is no label, or the probability is not within 0 and 1.
        """
        labels = _labels(drop)
        # A text, as configuration files and environments have it, is no number.
        if not isinstance(min_probability, SupportsFloat) or not 0.0 <= min_probability <= 1.0:
            raise PolicyError(f"the least probability must be from 0 to 1, not {min_probability!r}")
        return cls(labels, min_probability)

    def choose(self, tagged: Sequence[TaggedParagraph]) -> list[int]:
        """Indices of the paragraphs to drop."""
        drop, least = self.drop, self.min_probability
        if not least:
            return [index for index, paragraph in enumerate(tagged) if paragraph.label in drop]
        return [
            index
            for index, paragraph in enumerate(tagged)
            if paragraph.label in drop and paragraph.probability >= least
        ]


@dataclass(frozen=True, slots=True)
class Bound:
    """How much news and analysis a strip may lose.

    Attributes:
        drop: the labels to take out: commerce, boilerplate or both.
        max_content_loss: share of news and analysis that may be lost, between 0 and 1.
        confidence: how sure that must be, between 0 and 1.
    """

    drop: frozenset[Label]
    max_content_loss: float
    confidence: float = CONFIDENCE

    @classmethod
    def of(
        cls, drop: str | Iterable[str], max_content_loss: float, confidence: float = CONFIDENCE
    ) -> Bound:
        """Make a bound of label names.

        Raises:
            PolicyError: a name is no label, the labels are not commerce, boilerplate or
                both, or a number is not between 0 and 1.
        """
        labels = _labels(drop)
        if not labels or not labels <= BOUNDABLE:
            raise PolicyError(
                "a bound on lost news and analysis can be set for dropping commerce, boilerplate "
                f"or both, not {', '.join(sorted(labels)) or 'nothing'}"
            )
        for name, number in (
            ("bound on lost content", max_content_loss),
            ("confidence", confidence),
        ):
            if not isinstance(number, SupportsFloat) or not 0.0 < number < 1.0:
                raise PolicyError(f"the {name} must be between 0 and 1, not {number!r}")
        return cls(labels, max_content_loss, confidence)


def check_together(
    min_probability: float, max_content_loss: float | None, confidence: float
) -> None:
    """See that the conditions of a strip go together.

    Args:
        min_probability, max_content_loss, confidence: as for :meth:`adsift.Separator.strip`.

    Raises:
        PolicyError: there are a least probability and a bound, or a confidence without a bound.
    """
    if max_content_loss is not None and min_probability:
        raise PolicyError("give a least probability or a bound on lost content, not both")
    if max_content_loss is None and confidence != CONFIDENCE:
        raise PolicyError("a confidence is that of a bound on lost content, which is missing")


@dataclass(frozen=True, slots=True)
class BoundedPolicy:
    """What to drop such that a bound holds.

    A paragraph goes if the labels to drop are together probable enough, even where a single other
    label is more probable than each of them: this is the rule that thresholds are certified for.

    Attributes:
        drop: the labels to take out.
        threshold_of: gives the least probability for a document of these paragraphs, 0 to 1, or
            ``None`` if nothing of it may go.
    """

    drop: frozenset[Label]
    threshold_of: Callable[[Sequence[TaggedParagraph]], float | None]

    def choose(self, tagged: Sequence[TaggedParagraph]) -> list[int]:
        """Indices of the paragraphs to drop."""
        threshold = self.threshold_of(tagged)
        if threshold is None:
            return []
        return [
            index
            for index, paragraph in enumerate(tagged)
            if self._probability(paragraph) >= threshold
        ]

    def _probability(self, paragraph: TaggedParagraph) -> float:
        # Rounded, since a sum of decimal fractions may fall a hair short of the threshold.
        return round(sum(paragraph.probabilities.get(label, 0.0) for label in self.drop), 6)


def _labels(drop: str | Iterable[str]) -> frozenset[Label]:
    if not isinstance(drop, Iterable) or isinstance(drop, (bytes, bytearray, memoryview)):
        raise PolicyError(
            f"the labels to drop must be names, not {type(drop).__name__}; to drop none: ()"
        )
    names = [drop] if isinstance(drop, str) else list(drop)
    unknown = [str(name) for name in names if name not in [*Label]]
    if unknown:
        raise PolicyError(
            f"no such label to drop: {', '.join(unknown)}; the labels are {', '.join(Label)}"
        )
    return frozenset(map(Label, names))
