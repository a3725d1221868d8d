# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Compiled features n, o and e of :mod:`adsift.model.features`: the class words of the elements
around a paragraph, and their tags as a path."""

from cpython.object cimport PyObject
from cpython.unicode cimport PyUnicode_DATA, PyUnicode_GET_LENGTH, PyUnicode_KIND
from libc.stdint cimport uint32_t
from libc.stdlib cimport free
from libc.string cimport memset

from adsift.compiled.buffers cimport Buffer, put, put_sign, reserve
from adsift.compiled.class_words cimport (
    LONGEST_SELECTOR, MOST_CLASS_WORDS, NAMES_KEPT, ClassWord, Vocabulary, forget, numbers_of,
    vocabulary,
)
from adsift.compiled.feature_hashing cimport FeatureWords, emit, emit_from
from adsift.compiled.strings cimport after, make_crc_table, plain

cdef extern from "Python.h":
    PyObject *PyTuple_GET_ITEM(tuple, Py_ssize_t) noexcept
    bint PyUnicode_IS_ASCII(str) noexcept
    uint32_t PyUnicode_READ(int, void *, Py_ssize_t) noexcept

make_crc_table()

cdef uint32_t E = after(b"e=")
cdef uint32_t _stamp = 0
cdef void *_chain = NULL  # the reader whose last row has set the class words' ``above``


cdef inline uint32_t next_stamp(Vocabulary *known) noexcept:
    """One that no word has."""
    global _stamp
    cdef int i
    _stamp += 1
    if _stamp == 0:
        for i in range(known.count):
            known.words[i].stamp = 0
        _stamp = 1
    return _stamp


cdef void forget_all() noexcept:
    global _chain
    _chain = NULL
    forget()


cdef class AncestorReader:
    """Reads rows of ancestors, none longer than ``MOST_ANCESTORS``."""

    def __cinit__(self):
        memset(&self.last_made, 0, sizeof(Buffer))

    def __dealloc__(self):
        global _chain
        if _chain == <void *>self:
            _chain = NULL
        free(self.last_made.data)

    cdef int emit_ancestors(self, FeatureWords *words, tuple ancestors) except -1:
        """The features n, o, e."""
        cdef Py_ssize_t start = words.found.size
        # Lives on until all is as it should be: what dies with it might read a paragraph.
        cdef tuple before = self.row
        if ancestors is self.last_ancestors:
            return put(&words.found, self.last_made.data, self.last_made.size)
        self.last_ancestors = None
        self.make_ancestors(words, ancestors)
        self.last_made.size = 0
        put(&self.last_made, words.found.data + start, words.found.size - start)
        self.last_ancestors = ancestors
        return 0

    cdef int make_ancestors(self, FeatureWords *words, tuple ancestors) except -1:
        cdef Vocabulary *known = vocabulary()
        cdef ClassWord *word
        cdef uint32_t stamp
        cdef int count = <int>len(ancestors), nearest = max(count - 4, 0), i, k
        cdef Py_ssize_t start, last
        cdef bint overlong = False
        if known.count > NAMES_KEPT - MOST_ANCESTORS * MOST_CLASS_WORDS:
            forget_all()
        for i in range(self.read_row(ancestors, &words.arena), count):
            overlong |= PyUnicode_GET_LENGTH(ancestors[i]) > LONGEST_SELECTOR
        reserve(&words.found, 8 * self.row_ends[count] + 8)
        stamp = next_stamp(known)
        for k in range(self.row_ends[nearest], self.row_ends[count]):
            word = &known.words[self.row_words[k]]
            if word.stamp != stamp:
                word.stamp = stamp
                emit(words, word.near)
        for k in range(self.around_ends[count]):
            emit(words, known.words[self.around[k]].around)
        start = last = words.arena.size
        for i in range(nearest, count):
            if i > nearest:
                put(&words.arena, b" ", 1)
            if i == count - 2:
                last = words.arena.size
            put_tag(&words.arena, plain(ancestors[i]))
        emit_from(words, E, start)
        emit_from(words, E, last)
        if overlong:
            forget_all()
        return 0

    cdef int read_row(self, tuple ancestors, Buffer *scratch) except -1:
        """Find the class words of a row of ancestors; how many of these are as in the row before."""
        global _chain
        cdef Vocabulary *known = vocabulary()
        cdef int count = <int>len(ancestors), before = 0, same = 0, i, k, number
        if _chain == <void *>self:
            before = <int>len(self.row)
            while (
                same < before
                and same < count
                and PyTuple_GET_ITEM(self.row, same) == PyTuple_GET_ITEM(ancestors, same)
            ):
                same += 1
        else:
            for i in range(known.count):
                known.words[i].above = False
            self.row_ends[0] = self.around_ends[0] = 0
        _chain = NULL  # until all is as it should be
        for k in range(self.around_ends[same], self.around_ends[before]):
            known.words[self.around[k]].above = False
        for i in range(same, count):
            self.row_ends[i + 1] = self.row_ends[i] + numbers_of(
                ancestors[i], self.row_words + self.row_ends[i], scratch
            )
            self.around_ends[i + 1] = self.around_ends[i]
            if i == 0:
                continue
            for k in range(self.row_ends[i], self.row_ends[i + 1]):
                number = self.row_words[k]
                if not known.words[number].above:
                    known.words[number].above = True
                    self.around[self.around_ends[i + 1]] = number
                    self.around_ends[i + 1] += 1
        self.row = ancestors
        _chain = <void *>self
        return same


cdef int put_tag(Buffer *buffer, str selector) except -1:
    """What stands before the first dot or number sign."""
    cdef Py_ssize_t i = 0, size = PyUnicode_GET_LENGTH(selector)
    cdef int kind = PyUnicode_KIND(selector)
    cdef void *data = PyUnicode_DATA(selector)
    cdef const char *ascii = <const char *>data
    cdef uint32_t sign
    if PyUnicode_IS_ASCII(selector):
        while i < size and ascii[i] != 46 and ascii[i] != 35:
            i += 1
        return put(buffer, ascii, i)
    reserve(buffer, 4 * size)
    for i in range(size):
        sign = PyUnicode_READ(kind, data, i)
        if sign == 46 or sign == 35:
            break
        put_sign(buffer, sign)
    return 0
