"""Matrix products whose rows do not depend on each other, nor on how many threads there are.

The last bits of a row of a product depend on the matrix's shape, on the row's place in it and on
how BLAS shares the work out. So every document's rows are multiplied in blocks of one shape that
hold no other document's, and a block is so little work that no BLAS shares it between threads.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from adsift.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Integers = NDArray[np.int64]

ROWS = 16
"""Rows of a block, all of one document."""

BLOCKS = 64
"""So many blocks are multiplied at a time, which bounds the memory."""

LITTLE = 2**18
"""Multiplications that BLAS does not share out; those of more are parted by column."""

_compiled = compiled("context")


def places(document: Integers) -> Integers:
    """Where each row goes, so that every document begins a block of its own.

    Args:
        document: for each row the number of its document, whose rows stand together.
    """
    if _compiled is not None:
        found: Integers = _compiled.places(np.ascontiguousarray(document, np.int64), ROWS)
        return found
    starts = np.flatnonzero(np.diff(document, prepend=-1))
    sizes = np.diff(starts, append=len(document))
    blocks = -(-sizes // ROWS)
    first = (np.cumsum(blocks) - blocks) * ROWS
    return np.asarray(np.arange(len(document)) + np.repeat(first - starts, sizes), np.int64)


def product(rows: Floats, weights: Floats, at: Integers) -> Floats:
    """``rows @ weights``, block by block.

    Args:
        rows: shape (n, inputs).
        weights: shape (inputs, outputs).
        at: the rows' places, not empty.
    """
    inputs, outputs = weights.shape
    parts = next(
        parts
        for parts in range(1, outputs + 1)
        if parts == outputs or (outputs % parts == 0 and ROWS * inputs * outputs // parts <= LITTLE)
    )
    by_part = weights.reshape(inputs, parts, -1).swapaxes(0, 1)
    out = np.empty((len(at), outputs), np.float32)
    lot = BLOCKS * ROWS
    ends = np.searchsorted(at, np.arange(0, int(at[-1]) + lot + 1, lot)).tolist()
    for number, (start, end) in enumerate(pairwise(ends)):
        own = at[start:end] - number * lot
        count = int(own[-1]) // ROWS + 1
        blocks = np.zeros((count * ROWS, inputs), np.float32)
        blocks[own] = rows[start:end]
        found = np.empty((count, ROWS, outputs), np.float32)
        # NumPy multiplies such stacks of matrices one by one, all in one shape.
        np.matmul(
            blocks.reshape(count, 1, ROWS, inputs),
            by_part,
            out=found.reshape(count, ROWS, parts, -1).swapaxes(1, 2),
        )
        out[start:end] = found.reshape(-1, outputs)[own]
    return out
