"""A convolutional tagger: what the words mean, pooled over each paragraph, and the page around it.

Every word piece has a vector and a few weights, which a small network made from the published
encoder's embeddings once for the whole vocabulary, so that a word that training has never seen
still lies beside its like. A paragraph is the weighted means of its pieces' vectors and their
maximum, beside step 2's features; then the page as a whole and convolutions over its paragraphs
have their say. It reads every paragraph, and takes a fortieth of the transformer's time a page.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from adsift.document import Paragraph
from adsift.model.classifier import LABELS
from adsift.model.context import CONTEXT_FEATURES
from adsift.model.examples import counted_words
from adsift.model.transformer.network import gelu, standardize

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from adsift.model.transformer.sequences import Encode

    Floats = NDArray[np.float32]
    Integers = NDArray[np.int64]

CHARACTERS = 1500
"""Of a paragraph that are cut into word pieces."""

FIRST, LAST = 110, 20
"""Word pieces of a longer paragraph that are read, from its start and from its end."""

UNKNOWN = 100
"""The vocabulary's piece for what it does not know; a paragraph without any piece has this one."""

SMALL = 1e-4
"""Keeps a mean from being divided by nothing."""

LOWEST = -5.0
"""Where the maximum over a paragraph's pieces starts."""

EPSILON = 1e-5
"""Of the layer normalization."""


def word_pieces(paragraphs: Sequence[Paragraph], encode: Encode) -> list[list[int]]:
    """The pieces of each paragraph that the tagger reads, at least one."""
    return [
        (pieces[:FIRST] + pieces[-LAST:] if len(pieces) > FIRST + LAST else pieces) or [UNKNOWN]
        for pieces in encode([paragraph.text[:CHARACTERS] for paragraph in paragraphs])
    ]


class Tagger(NamedTuple):
    """The tagger's arrays: ``V`` pieces, vectors of ``D``, ``M`` means, ``F`` features and ``H``
    units.

    Attributes:
        vectors, weights: of the pieces, shapes (V, D) and (V, M), in half precision.
        mean, scale: of the context features in training, shape (F,).
        inner, inner_bias: shapes (M * D + D + F, H) and (H,).
        page, page_bias: shapes (2 * H, H) and (H,).
        near, near_bias, far, far_bias: the convolutions, shapes (width, H, H) and (H,).
        norm, norm_bias: shape (H,).
        output, output_bias: shapes (H, labels) and (labels,).
    """

    vectors: Floats
    weights: Floats
    mean: Floats
    scale: Floats
    inner: Floats
    inner_bias: Floats
    page: Floats
    page_bias: Floats
    near: Floats
    near_bias: Floats
    far: Floats
    far_bias: Floats
    norm: Floats
    norm_bias: Floats
    output: Floats
    output_bias: Floats

    @classmethod
    def of(cls, arrays: dict[str, Floats]) -> Tagger:
        """Take the tagger's arrays out of a bundle's, and see that they fit together.

        Raises:
            KeyError: one is missing.
            ValueError: they do not fit.
        """
        tagger = cls(*(arrays[f"tagger.{name}"] for name in cls._fields))
        shapes = [array.shape for array in tagger]
        units, pieces = len(tagger.inner_bias), len(tagger.vectors)
        size, means = tagger.vectors.shape[-1], tagger.weights.shape[-1]
        width = len(tagger.near)
        expected = [
            (pieces, size),
            (pieces, means),
            *[(CONTEXT_FEATURES,)] * 2,
            (means * size + size + CONTEXT_FEATURES, units),
            (units,),
            (2 * units, units),
            (units,),
            *[(width, units, units), (units,)] * 2,
            *[(units,)] * 2,
            (units, len(LABELS)),
            (len(LABELS),),
        ]
        if shapes != expected or width % 2 == 0 or pieces <= UNKNOWN:
            raise ValueError(f"the tagger's arrays have the shapes {shapes}")
        return tagger

    def scores(
        self, document: Sequence[Paragraph], features: Floats, encode: Encode
    ) -> NDArray[np.float64]:
        """Scores of the labels, shape (n, labels); their softmax are probabilities.

        Args:
            document: its ``n`` paragraphs, at least one.
            features: step 2's, shape (n, F).
            encode: the encoder's tokenizer.
        """
        pooled = self._pool(word_pieces(document, encode))
        standard = standardize(features, self.mean, self.scale)
        x = gelu(np.concatenate([pooled, standard], axis=1) @ self.inner + self.inner_bias)
        counted = counted_words(document)
        whole = np.concatenate([counted @ x / counted.sum(), x.max(axis=0)])
        x = x + gelu(whole @ self.page + self.page_bias)
        x = x + gelu(_convolve(x, self.near) + self.near_bias)
        x = x + gelu(_convolve(x, self.far) + self.far_bias)
        centred = x - x.mean(axis=1, keepdims=True)
        spread = np.sqrt((centred**2).mean(axis=1, keepdims=True) + EPSILON)
        normal = centred / spread * self.norm + self.norm_bias
        return np.asarray(normal @ self.output + self.output_bias, np.float64)

    def _pool(self, pieces: list[list[int]]) -> Floats:
        """Each paragraph's weighted means and maximum, shape (n, M * D + D)."""
        starts = np.concatenate([[0], np.cumsum([len(own) for own in pieces])[:-1]])
        every = np.concatenate([np.array(own, np.int64) for own in pieces])
        every = np.where(every < len(self.vectors), every, UNKNOWN)
        vectors = self.vectors[every].astype(np.float32)
        weights = self.weights[every].astype(np.float32)
        parts = [
            np.add.reduceat(vectors * weight[:, None], starts)
            / (np.add.reduceat(weight, starts)[:, None] + SMALL)
            for weight in weights.T
        ]
        highest = np.maximum(np.maximum.reduceat(vectors, starts), LOWEST)
        return np.asarray(np.concatenate([*parts, highest], axis=1), np.float32)


def _convolve(x: Floats, kernel: Floats) -> Floats:
    """A convolution over the rows, which are as many afterwards; beyond the ends is nothing."""
    half = len(kernel) // 2
    padded = np.pad(x, ((half, half), (0, 0)))
    windows = np.concatenate([padded[at : at + len(x)] for at in range(len(kernel))], axis=1)
    return np.asarray(windows @ kernel.reshape(-1, kernel.shape[2]), np.float32)
