"""The heads: one for documents with markup and one for plain text, each with both steps.

Step 2 is either a few small networks (:mod:`.networks`) or a tagger that knows what words mean and
reads the neighbours too (:mod:`.tagging`). Beside a tagger the networks judge documents of a few
paragraphs, see :data:`SHORT`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from adsift.errors import BundleError
from adsift.model.alone import Alone
from adsift.model.networks import Networks
from adsift.model.probabilities import KINDS, LABELS, softmax
from adsift.model.tagging import Tagging

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from adsift.document import Paragraph
    from adsift.model.bundle import Bundle
    from adsift.model.context import Layout
    from adsift.model.in_context import InContext
    from adsift.model.memory import Memory
    from adsift.model.tagger import Tagger

    Floats = NDArray[np.float32]

HEADS = ("markup", "plain")
"""Documents whose paragraphs have a tag (HTML, Markdown), and those without (text)."""

SHORT = 8
"""A document of fewer paragraphs is no page as the tagger was trained on: it takes a tenth of lone
sentences of news for something else. The networks, which see less, lose next to none of these."""


COLDEST, HOTTEST = 1e-4, 1e4
"""Between these a temperature lies: what is divided by a smaller one may be no number any more."""


class Head:
    """The model for one kind of document."""

    def __init__(self, name: str, bundle: Bundle, tagger: Tagger | None) -> None:
        outputs = len(LABELS) + len(KINDS)
        alone = bundle.array(f"{name}.alone", bundle.config.get("width"), outputs)
        alone_bias = bundle.array(f"{name}.alone_bias", outputs)
        self.step2: InContext
        self.short: Networks | None = None
        if tagger is None:
            self.step2 = Networks.of(name, bundle)
        else:
            self.step2 = Tagging.of(name, tagger, bundle)
            self.short = Networks.of(f"{name}.short", bundle)
        self.alone = Alone(alone, alone_bias)
        temperatures = bundle.config.get("temperature")
        temperature = temperatures.get(name) if isinstance(temperatures, dict) else None
        if not isinstance(temperature, (int, float)) or not is_temperature(temperature):
            raise BundleError(
                f"the bundle states no temperature from {COLDEST} to {HOTTEST:.0f} for its {name} "
                "head"
            )
        self.temperature = float(temperature)

    def calls_short(self, paragraphs: int) -> bool:
        """Whether a document of so many has a step 2 of its own."""
        return self.short is not None and paragraphs < SHORT

    def judge_of(self, short: bool) -> InContext:
        """Step 2 for short documents, or for the others."""
        return self.short if short and self.short is not None else self.step2

    def in_context(
        self,
        step2: InContext,
        documents: Sequence[Sequence[Paragraph]],
        features: Floats,
        layout: Layout,
        memories: Sequence[Memory] | None = None,
    ) -> Floats:
        """What one of them says: calibrated probabilities of shape (rows, labels)."""
        meanings = step2.meanings(documents, features, layout, memories)
        opinions = step2.opinions(meanings, features, layout)
        return softmax(np.log(opinions) / self.temperature)


def is_temperature(number: float) -> bool:
    """Whether probabilities can be calibrated by it."""
    return COLDEST <= number <= HOTTEST


def head_of(document: Sequence[Paragraph]) -> str:
    """Which head judges a document."""
    return "markup" if any(paragraph.tag for paragraph in document) else "plain"
