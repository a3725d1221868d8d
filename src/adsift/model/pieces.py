"""Word pieces: what a paragraph's words mean, as a few numbers.

A text is cut into the longest parts of words that a vocabulary knows (WordPiece: Schuster and
Nakajima 2012; greedy as in Devlin et al. 2019, arXiv:1810.04805). Every piece has a vector and a
few weights; a paragraph is the weighted means of its pieces' vectors, and their maximum.
All of these are whole numbers so small that float32 holds their sums exactly: then the order of
adding is of no account, and the compiled core gives the same bits.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np

from adsift.compiled import compiled
from adsift.errors import BundleError
from adsift.model.memory import Meant, Memory, slices

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from adsift.document import Paragraph

    Floats = NDArray[np.float32]
    Flags = NDArray[np.bool_]

CHARACTERS = 1500
"""Of a paragraph that are cut into pieces."""

LONGEST = 40
"""Letters of the longest word that is looked up."""

FIRST, LAST = 110, 20
"""Pieces of a longer paragraph that are read, from its start and from its end."""

MOST_NUMBERS, MOST_WEIGHTS = 256, 8
"""Of a piece, that the compiled core has room for."""

LARGEST, HEAVIEST = 127, 511
"""Bounds of the vectors' numbers and of the weights, so that sums of products stay below 2**24."""

UNKNOWN = 0
"""The piece for a word that the vocabulary does not know, and for a paragraph without any."""

INNER = "##"
"""Stands before a piece that does not begin its word."""

REMEMBERED = 100_000
"""So many words' pieces are kept at most."""

_compiled = compiled("pieces")


def fold(sign: int) -> str:
    """What is read of a sign: nothing, a space, a mark as a word of its own, or a letter in lower
    case without its accent.

    Args:
        sign: its code point.
    """
    character = chr(sign)
    if character.isspace():
        return " "
    if character.isalnum():
        return unicodedata.normalize("NFD", character.lower())[0]
    if unicodedata.category(character) in ("Mn", "Me", "Cc", "Cf", "Cs"):
        return ""
    return f" {character} "


class _Folds(dict[int, str]):
    """As :meth:`str.translate` wants them; each is made when it is first met."""

    def __missing__(self, sign: int) -> str:
        folded = self[sign] = fold(sign)
        return folded


_folds = _Folds()


class Pieces:
    """A vocabulary of ``V`` pieces with vectors of ``D`` numbers and ``M`` weights.

    Attributes:
        width: of what a paragraph is made into, M * D + D.
    """

    def __init__(self, hashes: NDArray[np.uint32], vectors: Floats, weights: Floats) -> None:
        """Take the arrays.

        Args:
            hashes: CRC-32 of each piece's bytes, the first that of :data:`UNKNOWN`; shape (V,).
            vectors: whole numbers from -127 to 127, shape (V, D).
            weights: whole numbers from 1 to 511, shape (V, M).

        Raises:
            BundleError: they are not so, or two pieces have one hash.
        """
        if (
            [hashes.ndim, vectors.ndim, weights.ndim] != [1, 2, 2]
            or hashes.dtype != np.uint32
            or not len(hashes) == len(vectors) == len(weights)
            or not (vectors.size and weights.size)
            or vectors.shape[1] > MOST_NUMBERS
            or weights.shape[1] > MOST_WEIGHTS
            or not all(np.array_equal(array, np.rint(array)) for array in (vectors, weights))
            or np.abs(vectors).max() > LARGEST
            or not 1 <= weights.min() <= weights.max() <= HEAVIEST
        ):
            raise BundleError("the bundle's word pieces are no vocabulary with whole numbers")
        if len(np.unique(hashes)) != len(hashes):
            raise BundleError("two of the bundle's word pieces have the same hash")
        # Of zeros with a sign a maximum may take either.
        self.hashes, self.vectors, self.weights = hashes, vectors + np.float32(0), weights
        self.width = (weights.shape[1] + 1) * vectors.shape[1]
        self._rows: dict[int, int] = {}
        self._words: dict[str, list[int]] = {}
        self._reader = (
            None
            if _compiled is None
            else _compiled.Reader(np.ascontiguousarray(hashes), self.vectors, weights)
        )

    def __reduce__(self) -> tuple[type[Pieces], tuple[NDArray[np.uint32], Floats, Floats]]:
        return Pieces, (self.hashes, self.vectors, self.weights)

    def cut(self, text: str) -> list[int]:
        """The pieces of a text that are read, at least one: rows of the vocabulary."""
        if self._reader is not None:
            cut: list[int] = self._reader.cut(text)
            return cut
        return [row for _, row in self.words(text)]

    def words(self, text: str) -> list[tuple[str, int]]:
        """The pieces as :meth:`cut` gives them, each behind the word that it is a part of."""
        words = text[:CHARACTERS].translate(_folds).split()
        pieces = [(word, row) for word in words for row in self._cut_word(word)]
        if len(pieces) > FIRST + LAST:
            pieces = pieces[:FIRST] + pieces[-LAST:]
        return pieces or [("", UNKNOWN)]

    def means(
        self,
        documents: Sequence[Sequence[Paragraph]],
        read: Flags | None = None,
        memories: Sequence[Memory] | None = None,
    ) -> Floats:
        """What each paragraph of the documents is made into, shape (paragraphs, width).

        Args:
            documents: paragraphs in reading order.
            read: which of them are wanted, shape (paragraphs,); the others become zeros.
            memories: of each document, which have looked at these paragraphs; what they hold is
                not read again.
        """
        count = sum(map(len, documents))
        read = np.ones(count, np.bool_) if read is None else read
        if self._reader is not None:
            remembered = None if memories is None else [*map(_remembered, memories)]
            out: Floats = self._reader.means(documents, read.view(np.uint8), remembered)
        else:
            out = self._means(documents, read, memories)
        if memories is not None:
            for memory, part in zip(memories, slices(documents), strict=True):
                memory.now.meant = Meant(out[part], read[part])
        return out

    def _means(
        self,
        documents: Sequence[Sequence[Paragraph]],
        read: Flags,
        memories: Sequence[Memory] | None,
    ) -> Floats:
        out = np.zeros((len(read), self.width), np.float32)
        new = read.copy()
        for memory, part in zip(memories or (), slices(documents), strict=memories is not None):
            before, places = memory.before.meant, memory.places
            if before is not None:
                same = (places >= 0) & before.read[places] & read[part]
                out[part][same] = before.means[places[same]]
                new[part][same] = False
        size = self.vectors.shape[1]
        paragraphs = list(chain.from_iterable(documents))
        for number in np.flatnonzero(new).tolist():
            row, own = out[number], self.cut(paragraphs[number].text)
            vectors, weights = self.vectors[own], self.weights[own]
            sums = (weights.T @ vectors) / weights.sum(axis=0)[:, None]
            row[:-size] = sums.ravel()
            row[-size:] = vectors.max(axis=0)
        return out

    def _cut_word(self, word: str) -> list[int]:
        if len(word) > LONGEST:
            return [UNKNOWN]
        found = self._words.get(word)
        if found is None:
            if len(self._words) >= REMEMBERED:
                self._words.clear()
            found = self._words[word] = self._longest_parts(word)
        return found

    def _longest_parts(self, word: str) -> list[int]:
        if not self._rows:
            self._rows = {hashed: row for row, hashed in enumerate(self.hashes.tolist())}
        parts: list[int] = []
        start = 0
        while start < len(word):
            for end in range(len(word), start, -1):
                row = self._rows.get(hash_piece(INNER * (start > 0) + word[start:end]))
                if row is not None:
                    break
            else:
                return [UNKNOWN]
            parts.append(row)
            start = end
        return parts


def _remembered(memory: Memory) -> tuple[NDArray[np.int64], Floats, NDArray[np.uint8]] | None:
    """What the compiled core wants to know of a document that was judged before."""
    before = memory.before.meant
    return before and (memory.places, before.means, before.read.view(np.uint8))


def hash_piece(piece: str) -> int:
    """CRC-32 of a piece's bytes."""
    return crc32(piece.encode())
