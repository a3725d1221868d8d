# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Compiled :mod:`adsift.model.pieces`: from texts to the means of their pieces' vectors."""

from cpython.unicode cimport PyUnicode_DATA, PyUnicode_GET_LENGTH, PyUnicode_KIND
from libc.stdint cimport int8_t, int32_t, int64_t, uint8_t, uint32_t
from libc.stdlib cimport calloc, free
from libc.string cimport memcpy, memset

from adsift.compiled.objects cimport TEXT, field
from adsift.compiled.strings cimport make_crc_table, plain, prefetch, step

from zlib import crc32

import numpy as np

cdef extern from "Python.h":
    uint32_t PyUnicode_READ(int, void *, Py_ssize_t) noexcept

cdef extern from "piece_sums.h":
    ctypedef void (*AddPieces)(
        const int8_t *table, Py_ssize_t stride, int size, int heads, const int32_t *rows, int count,
        float *out) noexcept
    AddPieces best_add_pieces()
    enum: MOST_SIZE
    enum: MOST_HEADS

cdef AddPieces add_pieces = best_add_pieces()

cdef enum:
    LINE = 64  # bytes of a cache line
    CHARACTERS = 1500
    LONGEST = 40
    FIRST = 110
    LAST = 20
    SIGNS = 0x110000
    # What a sign is folded to, in the lowest bits; a mark's or letter's code point is above them.
    UNSEEN = 0
    NOTHING = 1
    SPACE = 2
    MARK = 3
    LETTER = 4
    BITS = 3

cdef uint32_t BEGIN = 0xFFFFFFFFu, INNER = ~<uint32_t>crc32(b"##")

make_crc_table()


cdef inline uint32_t hash_sign(uint32_t state, uint32_t sign) noexcept nogil:
    """The state after the sign's bytes in UTF-8."""
    if sign < 0x80:
        return step(state, sign)
    if sign < 0x800:
        return step(step(state, 0xC0 | sign >> 6), 0x80 | sign & 63)
    if sign < 0x10000:
        state = step(state, 0xE0 | sign >> 12)
    else:
        state = step(step(state, 0xF0 | sign >> 18), 0x80 | sign >> 12 & 63)
    return step(step(state, 0x80 | sign >> 6 & 63), 0x80 | sign & 63)


cdef struct Slot:
    uint32_t hashed
    int32_t row  # one more than it is: 0 is an empty slot


cdef class Reader:
    """A vocabulary, see :class:`adsift.model.pieces.Pieces`."""

    cdef Slot *slots
    cdef uint32_t mask
    cdef uint32_t *folds
    cdef const int8_t[:, ::1] table  # of each piece its vector, then its weights of two bytes
    cdef int size, heads
    cdef object fold
    cdef int32_t rows[CHARACTERS]
    # Of the text that is read: its letters, the hash up to each in its word, and where words end.
    cdef uint32_t letters[CHARACTERS]
    cdef uint32_t states[CHARACTERS]
    cdef int32_t ends[CHARACTERS]

    def __cinit__(self, const uint32_t[::1] hashes, vectors, weights):
        from adsift.model import pieces as pure

        if (pure.CHARACTERS, pure.LONGEST, pure.FIRST, pure.LAST, pure.UNKNOWN) != (
            CHARACTERS, LONGEST, FIRST, LAST, 0
        ) or (pure.MOST_NUMBERS, pure.MOST_WEIGHTS) != (MOST_SIZE, MOST_HEADS):
            raise ImportError("the compiled limits are not those of adsift.model.pieces")
        cdef uint32_t place
        cdef Py_ssize_t row, count = hashes.shape[0]
        self.fold = pure.fold
        self.size, self.heads = vectors.shape[1], weights.shape[1]
        if self.size > MOST_SIZE or self.heads > MOST_HEADS:
            raise ValueError("there is no room for so many numbers")
        used = self.size + 2 * self.heads
        lines = np.zeros((count, (used + LINE - 1) // LINE * LINE), np.int8)
        lines[:, : self.size] = vectors
        lines[:, self.size : used] = np.ascontiguousarray(weights, np.int16).view(np.int8)
        self.table = lines
        self.mask = 1
        while self.mask < 2 * count:
            self.mask *= 2
        self.slots = <Slot *>calloc(self.mask, sizeof(Slot))
        self.folds = <uint32_t *>calloc(SIGNS, sizeof(uint32_t))
        if self.slots == NULL or self.folds == NULL:
            raise MemoryError()
        self.mask -= 1
        for row in range(count):
            place = hashes[row] & self.mask
            while self.slots[place].row:
                place = (place + 1) & self.mask
            self.slots[place].hashed = hashes[row]
            self.slots[place].row = <int32_t>row + 1

    def __dealloc__(self):
        free(self.slots)
        free(self.folds)

    def cut(self, text):
        """The pieces of a text."""
        cdef str own = plain(text)
        cdef int32_t rows[FIRST + LAST]
        self.learn_signs(own)
        cdef int i, count = self.read(own)
        # Before any Python runs, and with it perhaps another thread.
        memcpy(rows, self.rows, count * sizeof(int32_t))
        return [rows[i] for i in range(count)]

    def means(self, documents, const uint8_t[::1] read, remembered=None):
        """:meth:`adsift.model.pieces.Pieces.means`.

        Args:
            documents: each one's paragraphs.
            read: which of them are wanted.
            remembered: for each document ``None``, or what is known of it: for each paragraph its
                place among those of before, or -1; their means, and which of these were read.
        """
        cdef Py_ssize_t row = 0, count = read.shape[0], width = (self.heads + 1) * self.size
        cdef Py_ssize_t place, first, known_rows = 0
        cdef const int64_t[::1] places
        cdef const float[:, ::1] before
        cdef const uint8_t[::1] read_before
        cdef int pieces
        cdef str own
        cdef float *line
        out = np.empty((count, width), np.float32)
        cdef float[:, ::1] means = out
        if remembered is None:
            remembered = [None] * len(documents)
        for document, known in zip(documents, remembered, strict=True):
            first, known_rows = row, 0
            if known is not None:
                places, before, read_before = known
                known_rows = places.shape[0]
                if (
                    known_rows != len(document)
                    or before.shape[1] != width
                    or before.shape[0] != read_before.shape[0]
                ):
                    raise ValueError("what is remembered is of other paragraphs or pieces")
            for paragraph in document:
                if row == count:
                    raise ValueError("a document has more paragraphs than it says")
                line = &means[row, 0]
                place = places[row - first] if row - first < known_rows else -1
                if place >= (before.shape[0] if known_rows else 0):
                    raise ValueError("what is remembered is of fewer paragraphs")
                if not read[row]:
                    memset(line, 0, width * sizeof(float))
                elif place >= 0 and read_before[place]:
                    memcpy(line, &before[place, 0], width * sizeof(float))
                else:
                    own = plain(field(paragraph, TEXT))
                    pieces = self.read(own)
                    if not pieces:
                        self.learn_signs(own)
                        pieces = self.read(own)
                    # Since it was read no Python ran, so no other thread has taken the rows.
                    add_pieces(
                        &self.table[0, 0], self.table.shape[1], self.size, self.heads, self.rows,
                        pieces, line,
                    )
                row += 1
        if row != count:
            raise ValueError("a document has fewer paragraphs than it says")
        return out

    cdef int learn_signs(self, str text) except -1:
        """See that every sign has its fold."""
        cdef Py_ssize_t i, size = PyUnicode_GET_LENGTH(text)
        cdef int kind = PyUnicode_KIND(text)
        cdef void *data = PyUnicode_DATA(text)
        cdef uint32_t sign
        for i in range(size if size < CHARACTERS else CHARACTERS):
            sign = PyUnicode_READ(kind, data, i)
            if self.folds[sign] == UNSEEN:
                self.folds[sign] = encoded(self.fold(sign))
        return 0

    cdef int read(self, str text) noexcept:
        """Cut a text; how many pieces there are, 0 if it has a sign whose fold is not known."""
        cdef Py_ssize_t i, size = PyUnicode_GET_LENGTH(text)
        cdef int kind = PyUnicode_KIND(text), count = 0, words = 0, first = 0, letters = 0
        cdef void *data = PyUnicode_DATA(text)
        cdef uint32_t folded, state = BEGIN
        # All words are hashed before the first is looked up: by then, where that is has come into
        # the cache.
        for i in range(size if size < CHARACTERS else CHARACTERS):
            folded = self.folds[PyUnicode_READ(kind, data, i)]
            if folded & 7 == LETTER:
                state = hash_sign(state, folded >> BITS)
                self.letters[letters] = folded >> BITS
                self.states[letters] = state
                letters += 1
            elif folded & 7 != NOTHING:
                if folded == UNSEEN:
                    return 0
                if letters > first:
                    prefetch(&self.slots[~state & self.mask])
                    self.ends[words] = first = letters
                    words += 1
                    state = BEGIN
                if folded & 7 == MARK:
                    self.letters[letters] = folded >> BITS
                    self.states[letters] = hash_sign(BEGIN, folded >> BITS)
                    letters += 1
                    self.ends[words] = first = letters
                    words += 1
        if letters > first:
            self.ends[words] = letters
            words += 1
        first = 0
        for i in range(words):
            count += self.cut_word(first, self.ends[i], count)
            first = self.ends[i]
        if not count:
            self.rows[0] = 0
            return 1
        if count > FIRST + LAST:
            for i in range(LAST):
                self.rows[FIRST + i] = self.rows[count - LAST + i]
            return FIRST + LAST
        return count

    cdef inline int32_t find(self, uint32_t state) noexcept:
        """The row of the piece that is hashed so; less than 0 if there is none."""
        cdef uint32_t hashed = ~state, place = hashed & self.mask
        while self.slots[place].row:
            if self.slots[place].hashed == hashed:
                return self.slots[place].row - 1
            place = (place + 1) & self.mask
        return -1

    cdef int cut_word(self, int first, int end, int count) noexcept:
        """Add the pieces of a word of these letters behind so many; how many they are, never more
        than letters."""
        cdef int start = first, stop, i, added = 0
        cdef int32_t row
        cdef uint32_t state
        if end - first <= LONGEST:
            while start < end:
                stop = end
                row = self.find(self.states[stop - 1])
                while row < 0 and stop - 1 > start:
                    stop -= 1
                    row = self.find(self.states[stop - 1])
                if row < 0:
                    break
                prefetch(&self.table[row, 0])
                self.rows[count + added] = row
                added += 1
                start = stop
                state = INNER
                for i in range(start, end):
                    state = hash_sign(state, self.letters[i])
                    self.states[i] = state
            else:
                return added
        self.rows[count] = 0
        return 1


cdef uint32_t encoded(str folded) except 0:
    if not folded:
        return NOTHING
    if folded == " ":
        return SPACE
    if len(folded) == 3:
        return <uint32_t>ord(folded[1]) << BITS | MARK
    return <uint32_t>ord(folded) << BITS | LETTER
