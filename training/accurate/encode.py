"""What the encoder makes of many texts, as the runtime evaluates it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from joblib import Parallel, delayed

from accurate.graph import make_graph
from adsift.model.bundle import Bundle, as_read, as_stored
from adsift.model.transformer.encoder import Encoder
from adsift.model.transformer.nibbles import to_nibbles

if TYPE_CHECKING:
    from accurate.published import Published
    from adsift.model.bundle import Arrays

WORDS = "words"

MATRICES = (".attention", ".output", ".up", ".down")
"""How the names of what is multiplied end."""

CHUNK = 2000
"""Texts of a job."""

Say = Callable[[str], None]


def encoder_bundle(published: Published) -> Bundle:
    """The part of a bundle that is the encoder: its matrices and its vocabulary in four bits."""
    arrays: Arrays = {}
    for name, array in published.arrays.items():
        bare = name.removesuffix(".weight")
        if name == WORDS or bare.endswith(MATRICES):
            arrays |= to_nibbles(array).arrays(bare)
        else:
            arrays[name] = array
    # As a bundle that was written and read holds them.
    stored = {name: as_read(name, as_stored(name, array)) for name, array in arrays.items()}
    return Bundle({}, stored, "", make_graph(published.sizes), published.tokenizer)


class States(NamedTuple):
    """The states of texts, each evaluated once.

    Attributes:
        table: shape (texts, S), float16.
        rows: of each text in the table.
    """

    table: np.ndarray
    rows: dict[str, int]

    @classmethod
    def of(cls, bundle: Bundle, texts: Iterable[str], jobs: int, say: Say) -> States:
        """Evaluate texts.

        Args:
            bundle: the encoder's.
            texts: in any order.
            jobs: processes.
            say: told of the progress.
        """
        distinct = sorted(set(texts))
        # Neighbours in the order are alike, so a job takes every so many.
        count = max(len(distinct) // CHUNK, 1)
        table = np.empty((0, 0), np.float16)
        run = Parallel(n_jobs=jobs, return_as="generator")
        found = run(delayed(_evaluate)(bundle, distinct[start::count]) for start in range(count))
        for start, states in enumerate(found):
            if start == 0:
                table = np.empty((len(distinct), states.shape[1]), np.float16)
            table[start::count] = states
            if start % 20 == 19:
                say(f"{start + 1} of {count} lots of paragraphs read")
        return cls(table, {text: row for row, text in enumerate(distinct)})

    def including(self, bundle: Bundle, texts: Iterable[str]) -> States:
        """These and those of more texts."""
        new = States.of(bundle, set(texts) - self.rows.keys(), 1, lambda _: None)
        shifted = {text: row + len(self.table) for text, row in new.rows.items()}
        return States(np.concatenate([self.table, new.table]), self.rows | shifted)

    def rows_of(self, texts: Sequence[str]) -> list[int]:
        """Where the states of texts stand in the table."""
        return [self.rows[text] for text in texts]


class WellRead(Encoder):
    """An encoder that looks up what stands in the states; these are rounded to float16."""

    def __init__(self, bundle: Bundle, known: States) -> None:
        super().__init__(bundle)
        self._known = known

    def states(self, texts: Sequence[str]) -> np.ndarray:
        """See :class:`Encoder`."""
        out = np.empty((len(texts), self.size), np.float32)
        for row, text in enumerate(texts):
            known = self._known.rows.get(text)
            out[row] = super().states([text])[0] if known is None else self._known.table[known]
        return out


def _evaluate(bundle: Bundle, texts: list[str]) -> np.ndarray:
    return Encoder(bundle).states(texts).astype(np.float16)
