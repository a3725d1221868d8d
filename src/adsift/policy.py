"""Policy: which tagged paragraphs a strip takes out. It knows nothing of the model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from adsift.document import Label, TaggedParagraph
from adsift.errors import PolicyError


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
        names = [drop] if isinstance(drop, str) else list(drop)
        unknown = [str(name) for name in names if name not in set(Label)]
        if unknown:
            raise PolicyError(
                f"no such label to drop: {', '.join(unknown)}; the labels are {', '.join(Label)}"
            )
        if not 0.0 <= min_probability <= 1.0:
            raise PolicyError(f"the least probability must be from 0 to 1, not {min_probability}")
        return cls(frozenset(map(Label, names)), min_probability)

    def choose(self, tagged: Sequence[TaggedParagraph]) -> list[int]:
        """Indices of the paragraphs to drop."""
        return [
            index
            for index, paragraph in enumerate(tagged)
            if paragraph.label in self.drop and paragraph.probability >= self.min_probability
        ]
