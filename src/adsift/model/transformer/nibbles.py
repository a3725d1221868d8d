"""Matrices of four-bit numbers, as the transformer's lie in a bundle.

A row is cut into blocks of 64 numbers, and each block has a scale of its own: the size at which
four bits cost a transformer least (Dettmers and Zettlemoyer 2023, arXiv:2212.09720). The number of
a block that is farthest from 0 becomes -8.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from adsift.model.bundle import Arrays

    Floats = NDArray[np.float32]
    Bytes = NDArray[np.uint8]

BLOCK = 64
"""Numbers that share a scale."""

MIDDLE = 8
"""What 0 is stored as: the four bits have no sign."""

LARGEST = 63
"""Of what is multiplied as bytes: twice this times the 255 of the other side is held by 16 bits, in
which processors without instructions of their own for it add two products."""

LEAST = float(np.finfo(np.float16).tiny)
"""The smallest scale."""

PACKED, SCALES = ".nibbles", ".scales"
"""How the names of a matrix's two arrays end."""


class Nibbles(NamedTuple):
    """A matrix of shape (rows, blocks * BLOCK).

    Attributes:
        packed: two numbers a byte, the first in the lower half, shape (rows, blocks, BLOCK / 2).
        scales: of the blocks, shape (rows, blocks).
    """

    packed: Bytes
    scales: Floats

    @classmethod
    def of(cls, arrays: Arrays, name: str) -> Nibbles:
        """Take a matrix out of a bundle's arrays.

        Raises:
            KeyError: it is not there.
            ValueError: its two arrays do not fit together.
        """
        packed, scales = arrays[name + PACKED], arrays[name + SCALES]
        fits = packed.shape == (*scales.shape, BLOCK // 2) and scales.ndim == 2
        if packed.dtype != np.uint8 or not fits:
            raise ValueError(f"{name} has the shapes {packed.shape} and {scales.shape}")
        return cls(packed, scales)

    @property
    def shape(self) -> tuple[int, int]:
        """Of the matrix."""
        rows, blocks = self.scales.shape
        return rows, blocks * BLOCK

    def arrays(self, name: str) -> Arrays:
        """What a bundle holds of it."""
        return {name + PACKED: self.packed, name + SCALES: self.scales}

    def unpacked(self) -> Bytes:
        """The numbers from 0 to 15, each in a byte, shape (rows, blocks, BLOCK)."""
        out = np.empty((*self.scales.shape, BLOCK), np.uint8)
        np.bitwise_and(self.packed, 15, out=out[..., 0::2])
        np.right_shift(self.packed, 4, out=out[..., 1::2])
        return out

    def matrix(self, rows: NDArray[np.int64] | slice = slice(None)) -> Floats:
        """The matrix as float32, or some of its rows."""
        some = Nibbles(self.packed[rows], self.scales[rows])
        numbers = some.unpacked().astype(np.float32) - MIDDLE
        return (numbers * some.scales[..., None]).reshape(len(numbers), -1)

    def transposed(self) -> tuple[NDArray[np.int8], Floats]:
        """The matrix as it is multiplied: bytes with a scale for each row of it.

        Returns:
            The bytes, shape (blocks * BLOCK, rows), and the scales, shape (rows,).
        """
        matrix = self.matrix()
        scales = np.abs(matrix).max(axis=1) / LARGEST
        scales = np.where(scales == 0, 1, scales).astype(np.float32)
        whole = np.rint(matrix / scales[:, None]).astype(np.int8)
        return np.ascontiguousarray(whole.T), scales


def to_nibbles(matrix: Floats) -> Nibbles:
    """The nearest matrix of four-bit numbers.

    Args:
        matrix: shape (rows, columns); the columns are a multiple of :data:`BLOCK`.
    """
    blocks = np.asarray(matrix, np.float32).reshape(len(matrix), -1, BLOCK)
    farthest = np.abs(blocks).argmax(axis=-1)[..., None]
    # Rounded as a bundle stores them, so that the numbers fit the scales that are read back; what
    # float16 holds but in part is 0.
    rounded = (np.take_along_axis(blocks, farthest, -1) / -MIDDLE).astype(np.float16)
    scales = np.where(np.abs(rounded) < LEAST, 1, rounded).astype(np.float32)
    numbers = np.clip(np.rint(blocks / scales), -MIDDLE, MIDDLE - 1) + MIDDLE
    whole = numbers.astype(np.uint8)
    return Nibbles(whole[..., 0::2] | whole[..., 1::2] << 4, scales[..., 0])
