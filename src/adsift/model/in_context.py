"""Step 2 of a head, whether it is networks (:mod:`.networks`) or a tagger (:mod:`.tagging`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from adsift.document import Paragraph
    from adsift.model.context import Layout
    from adsift.model.memory import Memory

    Floats = NDArray[np.float32]


class InContext(Protocol):
    """Step 2 of a head: ``N`` networks with ``H`` units in the last layer but one."""

    @property
    def output(self) -> Floats:
        """The output layers, shape (N, H, labels)."""

    @property
    def output_bias(self) -> Floats:
        """Shape (N, labels)."""

    def meanings(
        self,
        documents: Sequence[Sequence[Paragraph]],
        features: Floats,
        layout: Layout,
        memories: Sequence[Memory] | None = None,
    ) -> Floats:
        """What it reads of each paragraph beside its context features, shape (rows, P)."""

    def last_hidden(self, meanings: Floats, features: Floats, layout: Layout) -> Floats:
        """What the output layers read, shape (rows, N * H)."""

    def opinions(self, meanings: Floats, features: Floats, layout: Layout) -> Floats:
        """Probabilities before calibration, shape (rows, labels); never 0."""
