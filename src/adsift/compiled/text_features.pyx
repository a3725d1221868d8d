# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Compiled features w, p, f, l and t of :mod:`adsift.model.features`: the words of a text, their
pairs, and how it begins, ends and reads as a whole."""

from libc.stdint cimport uint8_t, uint32_t

from adsift.compiled.buffers cimport reserve
from adsift.compiled.feature_hashing cimport FeatureWords, emit
from adsift.compiled.strings cimport after, make_crc_table, step, steps
from adsift.compiled.tokens cimport MOST_WORDS, Tokens
from adsift.compiled.word_set cimport clear, is_new

make_crc_table()

cdef uint32_t W = after(b"w="), P = after(b"p="), F = after(b"f="), L = after(b"l=")
cdef uint32_t T = after(b"t=")


cdef int emit_text_words(FeatureWords *words, const Tokens *tokens) except -1:
    """The features w, p, f, l, t."""
    cdef const char *data = tokens.text.data
    cdef uint32_t *out  # of all that the loops need this takes one register less than ``words``
    cdef uint32_t pairs[MOST_WORDS]
    cdef uint32_t word, pair, begun, behind = 0
    cdef Py_ssize_t at, start, end
    cdef int i, count = tokens.count
    cdef uint8_t byte
    reserve(&words.found, 4 * (2 * MOST_WORDS + 8))
    out = <uint32_t *>(words.found.data + words.found.size)
    clear(words.seen)
    for i in range(count):
        word = W
        begun = P
        pair = behind
        start = tokens.starts[i]
        end = tokens.ends[i]
        # Three hashes at once, since each waits for its own last byte.
        for at in range(start, end):
            byte = <uint8_t>data[at]
            word = step(word, byte)
            begun = step(begun, byte)
            pair = step(pair, byte)
        behind = step(begun, 32)
        if i:
            pairs[i] = pair
        if is_new(words.seen, word, data, start, end - start):
            out[0] = ~word
            out += 1
    clear(words.seen)
    for i in range(1, count):
        start = tokens.starts[i - 1]
        if is_new(words.seen, pairs[i], data, start, tokens.ends[i] - start):
            out[0] = ~pairs[i]
            out += 1
    words.found.size = <char *>out - words.found.data
    if count:
        end = tokens.ends[0]
        emit(words, steps(F, data, end))
        emit(words, steps(F, data, tokens.ends[2 if count > 2 else count - 1]))
        start, end = tokens.starts[count - 1], tokens.ends[count - 1]
        emit(words, steps(L, data + start, end - start))
        start = tokens.starts[count - 2 if count > 1 else 0]
        emit(words, steps(L, data + start, end - start))
    if count <= 6:
        emit(words, steps(T, data, tokens.ends[count - 1] if count else 0))
    return 0
