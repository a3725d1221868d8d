"""The accurate tier's transformer at run time.

ONNX Runtime evaluates the encoder's layers, window by window; a small network of ours then judges
each paragraph by its state, by the page's states together (their weighted mean and their maximum:
what kind of page this is), and by step 2's context features.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from adsift.document import Paragraph
from adsift.errors import BundleError
from adsift.model.classifier import LABELS
from adsift.model.context import CONTEXT_FEATURES
from adsift.model.examples import counted_words
from adsift.model.tagger import CLIP
from adsift.model.transformer.nibbles import PACKED, SCALES, Nibbles
from adsift.model.transformer.sequences import WINDOW, make_windows
from adsift.model.transformer.tokens import EXTRA, make_tokenizer

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from adsift.model.bundle import Arrays, Bundle
    from adsift.model.classifier import Judgement
    from adsift.model.transformer.sequences import Window

    Floats = NDArray[np.float32]
    Integers = NDArray[np.int64]


class Opinion(NamedTuple):
    """What the transformer thinks of the paragraphs that it has read.

    Attributes:
        rows: their numbers in the document, shape (m,).
        scores: of the labels, shape (m, labels); their softmax are probabilities.
    """

    rows: Integers
    scores: Floats


class Transformer:
    """The transformer in memory."""

    def __init__(self, bundle: Bundle) -> None:
        """Put the bundle's weights and graph together.

        Raises:
            BundleError: a package is missing, or the bundle is incomplete.
        """
        try:
            import onnxruntime
        except ImportError as error:
            raise BundleError(
                f"the accurate tier needs the package onnxruntime, {EXTRA}"
            ) from error
        try:
            self.words = Nibbles.of(bundle.arrays, "words")
            self.positions = bundle.arrays["positions"]
            count, size = self.words.shape
            if self.positions.shape != (WINDOW, size):
                raise ValueError(f"the positions have the shape {self.positions.shape}")
            self.head = Head.of(bundle.arrays)
            self.head.check(size)
            weights = graph_weights(bundle.arrays)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise BundleError(f"the accurate bundle is incomplete: {error!r}") from error
        self.encode = make_tokenizer(bundle.tokenizer, count)
        options = onnxruntime.SessionOptions()
        # One thread: sums come out the same whatever the machine's load, and workers do not
        # fight for cores.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        # Windows are of many lengths, and a plan of memory for each would pile up.
        options.enable_mem_pattern = False
        options.log_severity_level = 3
        self._kept = [  # the session reads them where they lie
            onnxruntime.OrtValue.ortvalue_from_numpy(array) for array in weights.values()
        ]
        options.add_external_initializers(list(weights), self._kept)
        try:
            self.session: Any = onnxruntime.InferenceSession(
                bundle.graph, options, providers=["CPUExecutionProvider"]
            )
            inputs = {tensor.name for tensor in self.session.get_inputs()}
            if inputs != {"embedded", "places", "features"}:
                raise ValueError(f"it takes {', '.join(sorted(inputs))}")
        except Exception as error:  # ONNX Runtime's own exceptions share no base but this
            raise BundleError(
                f"ONNX Runtime cannot put the bundle's graph together: {error}"
            ) from error

    def judge(
        self, document: Sequence[Paragraph], judgement: Judgement, url: str | None
    ) -> Opinion | None:
        """Read a document; ``None`` if there is nothing in it to be read.

        Args:
            document: its paragraphs.
            judgement: what the fast model thinks of them.
            url: address of the page, if known.
        """
        windows = make_windows(document, judgement.signals, url, self.encode)
        if not windows:
            return None
        rows = np.concatenate([window.rows for window in windows])
        features = self.head.standardize(judgement.features[rows])
        states = self._states(windows, features)
        counted = counted_words([document[row] for row in rows])
        scores = self.head.scores(states, features, counted)
        return Opinion(rows, scores)

    def _states(self, windows: Sequence[Window], features: Floats) -> Floats:
        out = []
        start = 0
        for window in windows:
            end = start + len(window.rows)
            embedded = self.words.matrix(window.tokens) + self.positions[: len(window.tokens)]
            inputs = {
                "embedded": embedded,
                "places": window.places,
                "features": features[start:end],
            }
            out.append(self.session.run(["states"], inputs)[0])
            start = end
        return np.concatenate(out)


class Head(NamedTuple):
    """The network on top of the encoder: one hidden layer of ``H`` units.

    Attributes:
        mean, scale: of the context features in training, shape (F,).
        hidden, hidden_bias: shapes (3 * size + F, H) and (H,).
        output, output_bias: shapes (H, labels) and (labels,).
    """

    mean: Floats
    scale: Floats
    hidden: Floats
    hidden_bias: Floats
    output: Floats
    output_bias: Floats

    @classmethod
    def of(cls, arrays: dict[str, Floats]) -> Head:
        """Take the head's arrays out of a bundle's."""
        return cls(*(arrays[f"head.{name}"] for name in cls._fields))

    def check(self, size: int) -> None:
        """See that the arrays fit together.

        Args:
            size: of the encoder's states.

        Raises:
            ValueError: they do not.
        """
        units = len(self.hidden_bias)
        shapes = [array.shape for array in self]
        seen = 3 * size + CONTEXT_FEATURES
        expected = [
            (CONTEXT_FEATURES,),
            (CONTEXT_FEATURES,),
            (seen, units),
            (units,),
            (units, len(LABELS)),
            (len(LABELS),),
        ]
        if shapes != expected:
            raise ValueError(f"the head's arrays have the shapes {shapes}")

    def standardize(self, features: Floats) -> Floats:
        """Context features as the encoder and the head take them."""
        return standardize(features, self.mean, self.scale)

    def scores(self, states: Floats, features: Floats, counted: Floats) -> Floats:
        """Scores of the labels, a row for each paragraph.

        Args:
            states: the encoder's, shape (m, size).
            features: standardized, shape (m, F).
            counted: the paragraphs' weights in the page's mean, shape (m,).
        """
        mean = counted @ states / counted.sum()
        page = np.broadcast_to(
            np.concatenate([mean, states.max(axis=0)]), (len(states), 2 * len(mean))
        )
        hidden = _gelu(
            np.concatenate([states, page, features], axis=1) @ self.hidden + self.hidden_bias
        )
        return np.asarray(hidden @ self.output + self.output_bias, np.float32)


def standardize(features: Floats, mean: Floats, scale: Floats) -> Floats:
    """Context features in standard deviations from their mean in training, within limits."""
    return np.asarray(np.clip((features - mean) / scale, -CLIP, CLIP), np.float32)


def graph_weights(arrays: Arrays) -> Arrays:
    """What the graph is given of a bundle's arrays. Its matrices are of bytes, which ONNX Runtime
    multiplies the fastest."""
    weights: Arrays = {}
    for name, array in arrays.items():
        if not name.startswith(("attention.", "embedding.", "inject.", "layer.")):
            continue
        matrix = name.removesuffix(PACKED)
        if matrix != name:
            whole, scales = Nibbles.of(arrays, matrix).transposed()
            weights |= {f"{matrix}.whole": whole, f"{matrix}.scale": scales}
        elif not name.endswith(SCALES):
            weights[name] = np.ascontiguousarray(array, np.float32)
    return weights


def _gelu(x: Floats) -> Floats:
    """Gaussian error linear unit (Hendrycks & Gimpel 2016, arXiv:1606.08415)."""
    from scipy.special import erf

    return np.asarray(0.5 * x * (1 + erf(x / np.sqrt(2))), np.float32)
