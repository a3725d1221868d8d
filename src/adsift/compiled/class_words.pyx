# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Compiled :func:`adsift.model.features.class_words`: the words in an element's tag, classes and id,
each found under a number by all that read selectors."""

from cpython.object cimport PyObject
from cpython.ref cimport Py_CLEAR, Py_INCREF
from cpython.unicode cimport PyUnicode_DATA, PyUnicode_GET_LENGTH, PyUnicode_KIND
from libc.stdint cimport int32_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport free
from libc.string cimport memcpy, memset

from adsift.compiled.buffers cimport Buffer, reserve
from adsift.compiled.strings cimport after, make_crc_table, plain, steps

import os

cdef extern from "Python.h":
    # Of signs as numbers: Cython takes a Py_UCS4 for a string as soon as it is reckoned with.
    uint32_t PyUnicode_READ(int, void *, Py_ssize_t) noexcept
    bint Py_UNICODE_ISALNUM(uint32_t) noexcept

cdef enum:
    SELECTORS_KEPT = 512  # a power of 2
    NAME_SLOTS = 16384  # a power of 2, twice as many as names

make_crc_table()

cdef uint32_t N = after(b"n="), O = after(b"o=")

cdef struct Selector:
    PyObject *text  # owned; NULL where none is kept
    int count
    int32_t numbers[MOST_CLASS_WORDS]

# What is found in these is what would be made, so results do not depend on what was read before.
# Only who holds Python's lock uses them, and nothing in between runs Python code.
cdef Vocabulary _vocabulary
cdef Buffer _letters
cdef int32_t _slots[NAME_SLOTS]  # a class word's number + 1, by its hash; 0 where there is none
cdef Selector _selectors[SELECTORS_KEPT]  # by address: most rows have those of the row before
# A page made by who knew it could have names that all fall into one slot. (Long ones can do so
# anyway, and then make the search among those that are kept a few times longer.)
cdef uint64_t _factor = int.from_bytes(os.urandom(8), "little") | 1

cdef uint8_t _used[9][8]  # of so many bytes, all bits of those that count

memset(&_letters, 0, sizeof(_letters))
memset(_slots, 0, sizeof(_slots))
memset(_selectors, 0, sizeof(_selectors))


cdef void make_used() noexcept:
    cdef int count
    memset(_used, 0, sizeof(_used))
    for count in range(9):
        memset(_used[count], 255, count)


make_used()


cdef Vocabulary *vocabulary() noexcept:
    """The class words that are kept; who reads a selector sees to it that there is room for its."""
    return &_vocabulary


cdef void forget() noexcept:
    """Keep none of them: their numbers are those of others from now on."""
    cdef int i
    memset(_slots, 0, sizeof(_slots))
    _vocabulary.count = 0
    free(_letters.data)
    memset(&_letters, 0, sizeof(_letters))
    for i in range(SELECTORS_KEPT):
        Py_CLEAR(_selectors[i].text)


cdef inline uint64_t eight(const uint8_t *data, Py_ssize_t size, bint readable) noexcept:
    """Up to eight letters and digits as one number, in lower case.

    Args:
        readable: whether eight bytes can be read there, even if fewer count.
    """
    cdef uint64_t letters = 0, used
    memcpy(&used, _used[size if size < 8 else 8], 8)
    if readable:
        memcpy(&letters, data, 8)
    else:
        memcpy(&letters, data, size if size < 8 else 8)
    return (letters | 0x2020202020202020u) & used


cdef inline bint has_letters(const ClassWord *word, const uint8_t *data) noexcept:
    """Whether the rest of a long word is this one's, too."""
    cdef const uint8_t *own = <const uint8_t *>_letters.data + word.start
    cdef Py_ssize_t i
    for i in range(8, word.size):
        if own[i] != (data[i] | 32):
            return False
    return True


cdef int32_t number_of(const uint8_t *data, Py_ssize_t size, bint readable) except -1:
    """The number of a class word, given one if it has none.

    Args:
        data: its letters and digits, not yet in lower case.
        readable: whether eight bytes can be read there.
    """
    cdef uint64_t begin = eight(data, size, readable), hashed = begin * _factor
    cdef int32_t slot, number
    cdef ClassWord *word
    cdef char *out
    cdef Py_ssize_t i
    for i in range(8, size):
        hashed = (hashed + (data[i] | 32)) * _factor
    slot = <int32_t>(hashed >> 50)
    while _slots[slot]:
        number = _slots[slot] - 1
        word = &_vocabulary.words[number]
        if word.begin == begin and word.size == size and (size <= 8 or has_letters(word, data)):
            return number
        slot = (slot + 1) & (NAME_SLOTS - 1)
    reserve(&_letters, size)
    out = _letters.data + _letters.size
    for i in range(size):
        out[i] = <char>(data[i] | 32)
    number = _vocabulary.count
    _vocabulary.words[number] = ClassWord(
        begin, steps(N, out, size), steps(O, out, size), 0, False, <int32_t>size, _letters.size
    )
    _letters.size += size
    _vocabulary.count += 1
    _slots[slot] = number + 1
    return number


cdef int class_words(const uint8_t *data, Py_ssize_t size, int32_t *numbers) except -1:
    """:func:`adsift.model.features.class_words` of a selector in Latin-1, as numbers; how many."""
    cdef Py_ssize_t i = 0, first, k
    cdef int count = 0
    cdef int32_t number
    cdef uint8_t sign
    while i < size and count < MOST_CLASS_WORDS:
        sign = data[i]
        first = i
        i += 1
        if 65 <= sign <= 90:
            while i < size and 97 <= data[i] <= 122:
                i += 1
            if i - first < 3:
                i = first + 1
                while i < size and 65 <= data[i] <= 90:
                    i += 1
                if i - first < 2:
                    continue
        elif 97 <= sign <= 122:
            while i < size and 97 <= data[i] <= 122:
                i += 1
            if i - first < 2:
                if not (sign == 104 and i < size and 49 <= data[i] <= 54):
                    continue
                i += 1
                if i < size and (data[i] == 95 or Py_UNICODE_ISALNUM(data[i])):
                    i -= 1
                    continue
        else:
            continue
        number = number_of(data + first, i - first, size - first >= 8)
        for k in range(count):
            if numbers[k] == number:
                break
        else:
            numbers[count] = number
            count += 1
    return count


cdef int numbers_of(selector, int32_t *numbers, Buffer *scratch) except -1:
    """Write the numbers of a selector's class words; how many these are.

    Args:
        numbers: with room for as many as a selector can have.
        scratch: what is free of it is overwritten.
    """
    cdef Selector *kept = &_selectors[
        (<uint32_t>(<size_t><void *>selector >> 4) * 0x9E3779B1u) >> 23
    ]
    cdef str text
    if kept.text == <PyObject *>selector:
        memcpy(numbers, kept.numbers, kept.count * sizeof(int32_t))
        return kept.count
    text = plain(selector)
    cdef Py_ssize_t i, size = PyUnicode_GET_LENGTH(text), start = scratch.size
    cdef int kind = PyUnicode_KIND(text), count
    cdef void *data = PyUnicode_DATA(text)
    cdef uint32_t sign
    if kind == 1:
        count = class_words(<const uint8_t *>data, size, numbers)
    else:
        # A letter or digit that is not ASCII is no part of a word, but "h1" ends at none.
        reserve(scratch, size)
        for i in range(size):
            sign = PyUnicode_READ(kind, data, i)
            if sign > 127:
                sign = 48 if Py_UNICODE_ISALNUM(sign) else 32
            scratch.data[start + i] = <char>sign
        count = class_words(<const uint8_t *>scratch.data + start, size, numbers)
    if text is selector and size <= LONGEST_SELECTOR:
        Py_CLEAR(kept.text)
        Py_INCREF(text)
        kept.text = <PyObject *>text
        kept.count = count
        memcpy(kept.numbers, numbers, count * sizeof(int32_t))
    return count
