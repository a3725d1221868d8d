"""The accurate tier's encoder at run time: a published transformer, frozen, reads each paragraph
alone.

What it makes of a paragraph are the states of its tokens after some of the layers, averaged. ONNX
Runtime evaluates it, a paragraph a run: so a paragraph's states do not depend on what it is read
with.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from adsift.errors import BundleError
from adsift.model.transformer.nibbles import PACKED, SCALES, Nibbles
from adsift.model.transformer.tokens import CHARACTERS, EXTRA, LONGEST, make_tokenizer

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from adsift.model.bundle import Arrays, Bundle

    Floats = NDArray[np.float32]

PARTS = ("attention.", "embedding.", "layer.")
"""How the names of the graph's weights begin."""

REMEMBERED = 4096
"""Paragraphs whose states are kept: 25 MB at 1,536 numbers, and their texts."""


class Encoder:
    """The encoder in memory.

    Attributes:
        size: numbers that it makes of a paragraph, S.
    """

    def __init__(self, bundle: Bundle) -> None:
        """Put the bundle's weights and graph together.

        Raises:
            BundleError: a package is missing, or the bundle is incomplete.
        """
        self._bundle = bundle
        runtime = _runtime()
        try:
            words, positions = Nibbles.of(bundle.arrays, "words"), bundle.arrays["positions"]
            count, size = words.shape
            if positions.shape != (LONGEST, size):
                raise ValueError(f"the positions have the shape {positions.shape}")
            weights = graph_weights(bundle.arrays)
            for name, array in [
                ("words", words.scales),
                ("positions", positions),
                *weights.items(),
            ]:
                if not np.isfinite(array).all():
                    raise ValueError(f"{name} has numbers that are not finite")
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise BundleError(f"the accurate bundle is incomplete: {error!r}") from error
        encode = make_tokenizer(bundle.tokenizer, count)
        self._kept = {  # the session reads them where they lie
            name: runtime.OrtValue.ortvalue_from_numpy(array) for name, array in weights.items()
        }
        session, self.size = _session(runtime, bundle.graph, self._kept)

        # A strip judges what is left anew, and a site's pages have much in common. It does not hold
        # the encoder itself, which would then outlive its last use by far.
        @lru_cache(maxsize=REMEMBERED)
        def state_of(text: str) -> Floats:
            tokens = encode(text)
            embedded = words.matrix(np.array(tokens)) + positions[: len(tokens)]
            (state,) = session.run(["states"], {"embedded": embedded})
            evaluated: Floats = state
            return evaluated

        self._state_of = state_of

    def __reduce__(self) -> tuple[type[Encoder], tuple[Bundle]]:
        # ONNX Runtime's session cannot be pickled; of the bundle it is made again.
        return type(self), (self._bundle,)

    def states(self, texts: Sequence[str]) -> Floats:
        """What the encoder makes of paragraphs, shape (n, S)."""
        out = np.empty((len(texts), self.size), np.float32)
        for row, text in enumerate(texts):
            # So that no page's endless paragraph is remembered whole.
            out[row] = self._state_of(text[:CHARACTERS])
        return out


def _runtime() -> Any:
    try:
        import onnxruntime
    except ImportError as error:
        raise BundleError(f"the accurate tier needs the package onnxruntime, {EXTRA}") from error
    return onnxruntime


def _session(runtime: Any, graph: bytes, weights: dict[str, Any]) -> tuple[Any, int]:
    """The graph with its weights, and how many numbers it makes of a paragraph."""
    options = runtime.SessionOptions()
    # One thread: sums come out the same whatever the machine's load, and workers do not
    # fight for cores.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    # Paragraphs are of many lengths, and a plan of memory for each would pile up.
    options.enable_mem_pattern = False
    options.log_severity_level = 3
    options.add_external_initializers(list(weights), list(weights.values()))
    try:
        session = runtime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        (inputs,), (found,) = session.get_inputs(), session.get_outputs()
        if inputs.name != "embedded" or found.name != "states":
            raise ValueError(f"it makes {found.name} of {inputs.name}")
        (size,) = found.shape
    except Exception as error:  # ONNX Runtime's own exceptions share no base but this
        raise BundleError(
            f"ONNX Runtime cannot put the bundle's graph together: {error}"
        ) from error
    return session, size


def graph_weights(arrays: Arrays) -> Arrays:
    """What the graph is given of a bundle's arrays. Its matrices are of bytes, which ONNX Runtime
    multiplies the fastest."""
    weights: Arrays = {}
    for name, array in arrays.items():
        if not name.startswith(PARTS):
            continue
        matrix = name.removesuffix(PACKED)
        if matrix != name:
            whole, scales = Nibbles.of(arrays, matrix).transposed()
            weights |= {f"{matrix}.whole": whole, f"{matrix}.scale": scales}
        elif not name.endswith(SCALES):
            weights[name] = np.ascontiguousarray(array, np.float32)
    return weights
