# cython: boundscheck=False, wraparound=False, cdivision=True
# Feature hashing, as of :func:`adsift.model.features.hash_rows`. No word is ever made into a string:
# its bytes are written into one buffer and hashed there. Called for every word: so the functions are
# inline.

from libc.stdint cimport uint32_t

from adsift.compiled.buffers cimport Buffer, reserve
from adsift.compiled.strings cimport steps
from adsift.compiled.word_set cimport WordSet, is_new

cdef struct FeatureWords:  # of a paragraph
    Buffer arena  # the bytes of words that are made up
    Buffer found  # hashes of the words, uint32
    WordSet *seen


cdef inline void emit(FeatureWords *words, uint32_t state) noexcept:
    """A word whose hash is in this state at its end; there is room."""
    (<uint32_t *>(words.found.data + words.found.size))[0] = ~state
    words.found.size += 4


cdef inline int emit_from(FeatureWords *words, uint32_t state, Py_ssize_t start) except -1:
    """The word that the arena holds from ``start`` on."""
    reserve(&words.found, 4)
    emit(words, steps(state, words.arena.data + start, words.arena.size - start))
    return 0


cdef inline int emit_new(FeatureWords *words, uint32_t state, Py_ssize_t start) except -1:
    """The same, unless it has been seen."""
    cdef Py_ssize_t size = words.arena.size - start
    cdef uint32_t hashed = steps(state, words.arena.data + start, size)
    if is_new(words.seen, hashed, words.arena.data, start, size):
        reserve(&words.found, 4)
        emit(words, hashed)
    return 0


cdef inline int bits(long number) noexcept nogil:
    """``int.bit_length``, by which features know sizes."""
    cdef int count = 0
    while number:
        number >>= 1
        count += 1
    return count
