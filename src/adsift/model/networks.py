"""Step 2 as a few small networks with one hidden layer, whose probabilities are averaged."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from adsift.compiled import compiled
from adsift.errors import BundleError
from adsift.model.blocks import ROWS, places
from adsift.model.context import CONTEXT_FEATURES, Layout
from adsift.model.probabilities import LABELS, softmax, sum_in_order
from adsift.model.tagger import CLIP, SMALLEST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from adsift.document import Paragraph
    from adsift.model.bundle import Bundle
    from adsift.model.memory import Memory

    Floats = NDArray[np.float32]
    Integers = NDArray[np.int64]

BLOCKS = 16
"""The networks take so many blocks at a time (see :mod:`.blocks`): few enough that all of their
numbers stay in a core's cache."""

_compiled = compiled("context")


class Networks(NamedTuple):
    """Step 2's networks: ``N`` of them, ``H`` hidden units each, on ``F`` context features.

    Attributes:
        mean, scale: of the features in training, shape (F,).
        hidden, hidden_bias: all hidden layers side by side, shapes (F, N * H) and (N * H,).
        output, output_bias: the output layers, shapes (N, H, labels) and (N, labels).
    """

    mean: Floats
    scale: Floats
    hidden: Floats
    hidden_bias: Floats
    output: Floats
    output_bias: Floats

    @classmethod
    def of(cls, head: str, bundle: Bundle) -> Networks:
        """Take a head's networks out of a bundle.

        Raises:
            BundleError: an array is not there, they do not fit, or the scale is not above 0.
        """
        output = bundle.arrays.get(f"{head}.output")
        count, size = (*(() if output is None else output.shape), 0, 0)[:2]
        shapes = {
            "mean": (CONTEXT_FEATURES,),
            "scale": (CONTEXT_FEATURES,),
            "hidden": (CONTEXT_FEATURES, count * size),
            "hidden_bias": (count * size,),
            "output": (count, size, len(LABELS)),
            "output_bias": (count, len(LABELS)),
        }
        found = cls(
            **{part: bundle.array(f"{head}.{part}", *shape) for part, shape in shapes.items()}
        )
        if not (found.scale > 0).all():
            raise BundleError(f"the bundle's array {head}.scale has numbers that are not above 0")
        return found

    def meanings(
        self,
        documents: Sequence[Sequence[Paragraph]],  # noqa: ARG002
        features: Floats,
        layout: Layout,  # noqa: ARG002
        memories: Sequence[Memory] | None = None,  # noqa: ARG002
    ) -> Floats:
        """See :class:`.in_context.InContext`: the context features are all."""
        return np.empty((len(features), 0), np.float32)

    def last_hidden(self, meanings: Floats, features: Floats, layout: Layout) -> Floats:  # noqa: ARG002
        """See :class:`.in_context.InContext`."""
        data = np.clip((features - self.mean) / self.scale, -CLIP, CLIP)
        return np.asarray(np.maximum(data @ self.hidden + self.hidden_bias, 0), np.float32)

    def opinions(self, meanings: Floats, features: Floats, layout: Layout) -> Floats:  # noqa: ARG002
        """See :class:`.in_context.InContext`."""
        return self.probabilities(features, layout.document)

    def probabilities(self, features: Floats, document: Integers) -> Floats:
        """The networks' mean opinion, shape (rows, labels); never 0.

        Args:
            features: shape (rows, F).
            document: for each row the number of its document, whose rows stand together.
        """
        at = places(document)
        count = int(at[-1]) // ROWS + 1
        ends = np.searchsorted(at, np.arange(0, count + BLOCKS, BLOCKS) * ROWS).tolist()
        # What padding holds is of no account: no row of a product sees another.
        blocks = np.zeros((min(count, BLOCKS), ROWS, features.shape[1]), np.float32)
        hidden = np.empty((len(blocks), ROWS, len(self.hidden_bias)), np.float32)
        output, output_bias = self._output_side_by_side()
        opinions = np.empty((len(features), len(LABELS)), np.float32)
        for number, (start, end) in enumerate(pairwise(ends)):
            first = number * BLOCKS
            own, size = at[start:end] - first * ROWS, min(count - first, BLOCKS)
            self._standardise(features[start:end], own, blocks[:size])
            self._apply_hidden(blocks[:size], hidden[:size])
            scores = (hidden[:size] @ output).reshape(size * ROWS, -1)
            _mean_opinions(scores, output_bias, own, opinions[start:end])
        return opinions

    def _standardise(self, features: Floats, places: Integers, blocks: Floats) -> None:
        """Put the rows into their places in blocks, as standard deviations from the mean."""
        flat = blocks.reshape(-1, blocks.shape[-1])
        if _compiled is not None:
            features = np.ascontiguousarray(features)
            _compiled.fill_blocks(features, self.mean, self.scale, CLIP, places, flat)
        else:
            flat[places] = np.clip((features - self.mean) / self.scale, -CLIP, CLIP)

    def _apply_hidden(self, blocks: Floats, hidden: Floats) -> None:
        # NumPy multiplies such stacks of matrices one by one, all in one shape. One network at a
        # time is so little work that no BLAS shares it between threads, of whose number the last
        # bits would depend.
        count, size, _ = self.output.shape
        by_network = hidden.reshape(len(blocks), ROWS, count, size).swapaxes(1, 2)
        weights = self.hidden.reshape(-1, count, size).swapaxes(0, 1)
        np.matmul(blocks[:, None], weights, out=by_network)
        if _compiled is not None:
            _compiled.rectify(hidden.reshape(-1, count * size), self.hidden_bias)
        else:
            hidden += self.hidden_bias
            np.maximum(hidden, 0, out=hidden)

    def _output_side_by_side(self) -> tuple[Floats, Floats]:
        """The output layers as one, of shapes (N * H, N * labels) and (N * labels,)."""
        count, size, labels = self.output.shape
        whole = np.zeros((count, size, count, labels), np.float32)
        for number in range(count):
            whole[number, :, number] = self.output[number]
        return whole.reshape(count * size, -1), self.output_bias.reshape(-1)


def _mean_opinions(scores: Floats, bias: Floats, places: Integers, opinions: Floats) -> None:
    """The networks' mean opinion of the rows at these places.

    Args:
        scores: the output layers' without bias, shape (rows in blocks, N * labels); used up.
        bias: shape (N * labels,).
        places: shape (rows,).
        opinions: takes the result, shape (rows, labels).
    """
    if _compiled is not None:
        _compiled.mean_opinions(scores, bias, places, SMALLEST, opinions)
        return
    shares = softmax((scores[places] + bias).reshape(len(places), -1, len(LABELS)))
    np.maximum(sum_in_order(shares, 1) / np.float32(shares.shape[1]), SMALLEST, out=opinions)
