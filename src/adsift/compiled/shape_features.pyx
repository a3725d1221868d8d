# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Compiled feature s of :mod:`adsift.model.features`: a text's length, digits, capitals and
punctuation."""

from cpython.unicode cimport PyUnicode_DATA, PyUnicode_GET_LENGTH, PyUnicode_KIND
from libc.stdint cimport uint8_t, uint32_t
from libc.string cimport memchr, memcmp

from adsift.compiled.buffers cimport Buffer, put_sign, reserve
from adsift.compiled.feature_hashing cimport FeatureWords, bits, emit
from adsift.compiled.strings cimport after, make_crc_table, steps
from adsift.compiled.tokens cimport Tokens

cdef extern from "Python.h":
    # Of signs as numbers: Cython takes a Py_UCS4 for a string as soon as it is reckoned with.
    bint PyUnicode_IS_ASCII(str) noexcept
    uint32_t PyUnicode_READ(int, void *, Py_ssize_t) noexcept
    bint Py_UNICODE_ISALNUM(uint32_t) noexcept
    bint Py_UNICODE_ISALPHA(uint32_t) noexcept
    bint Py_UNICODE_ISDIGIT(uint32_t) noexcept
    bint Py_UNICODE_ISUPPER(uint32_t) noexcept

make_crc_table()

# States at the end of the shape's words, or where a letter follows.
cdef uint32_t SHAPE_WORDS[9]
cdef uint32_t SHAPE_LENGTH[65]
cdef uint32_t SHAPE_DIGITS[21]
cdef uint32_t SHAPE_CAPITALS[21]
cdef uint32_t SHAPE_SENTENCES[5]
cdef uint32_t SHAPE_NAME[7][9]
cdef uint32_t SHAPE_BEGINS = after(b"s=begins ")


def make_shapes() -> None:
    cdef int i, k
    for i in range(9):
        SHAPE_WORDS[i] = after(b"s=words %d" % i)
        for k in range(7):
            SHAPE_NAME[k][i] = after(b"s=name %d %d" % (k, i))
    for i in range(65):
        SHAPE_LENGTH[i] = after(b"s=length %d " % i)
    for i in range(21):
        SHAPE_DIGITS[i] = after(b"s=digits %d" % i)
        SHAPE_CAPITALS[i] = after(b"s=capitals %d" % i)
    for i in range(5):
        SHAPE_SENTENCES[i] = after(b"s=sentences %d" % i)


make_shapes()


cdef extern from *:
    """
    /* Counts the digits and capitals of ASCII, and the signs that others may be: those that are not
       ASCII, but for typographic marks. In steps of which many are made at once. */
    #define ADSIFT_COUNT_SIGNS(NAME, SIGN, BEYOND) \\
    static void NAME(const SIGN *data, Py_ssize_t size, int *digits, int *capitals, int *others) { \\
        *digits = *capitals = *others = 0; \\
        for (Py_ssize_t from = 0; from < size; from += 128) { \\
            SIGN some[3] = {0, 0, 0}; \\
            Py_ssize_t end = size - from < 128 ? size : from + 128; \\
            for (Py_ssize_t i = from; i < end; i++) { \\
                some[0] += (SIGN) (data[i] - 48) < 10; \\
                some[1] += (SIGN) (data[i] - 65) < 26; \\
                some[2] += BEYOND; \\
            } \\
            *digits += some[0]; \\
            *capitals += some[1]; \\
            *others += some[2]; \\
        } \\
    }
    ADSIFT_COUNT_SIGNS(adsift_count_latin, Py_UCS1, data[i] > 127)
    ADSIFT_COUNT_SIGNS(
        adsift_count_wide, Py_UCS2, (data[i] > 127) & ((Py_UCS2) (data[i] - 0x2000) >= 0x70))
    """
    void count_latin "adsift_count_latin" (
        const void *data, Py_ssize_t size, int *digits, int *capitals, int *others) noexcept
    void count_wide "adsift_count_wide" (
        const void *data, Py_ssize_t size, int *digits, int *capitals, int *others) noexcept


cdef void count_signs(str text, Signs *signs) noexcept:
    """Count the digits and capitals among the first 1000 signs."""
    cdef Py_ssize_t i, size = PyUnicode_GET_LENGTH(text)
    cdef int kind = PyUnicode_KIND(text), digits = 0, capitals = 0, others = 1
    cdef void *data = PyUnicode_DATA(text)
    cdef uint32_t sign
    if size > 1000:
        size = 1000
    if kind == 1:
        count_latin(data, size, &digits, &capitals, &others)
    elif kind == 2:
        count_wide(data, size, &digits, &capitals, &others)
    for i in range(size if others else 0):
        sign = PyUnicode_READ(kind, data, i)
        if sign >= 128:
            if not 0x2000 <= sign < 0x2070:
                digits += Py_UNICODE_ISDIGIT(sign)
                capitals += Py_UNICODE_ISUPPER(sign)
        elif kind == 4:
            digits += 48 <= sign <= 57
            capitals += 65 <= sign <= 90
    signs.digits = digits
    signs.capitals = capitals


cdef uint32_t hash_sign(uint32_t state, uint32_t sign) noexcept:
    """The state after the sign's bytes."""
    cdef char data[4]
    cdef Buffer buffer
    buffer.data = data
    buffer.size = 0
    put_sign(&buffer, sign)
    return steps(state, data, buffer.size)


cdef inline uint32_t letter_class(uint32_t sign) noexcept:
    if Py_UNICODE_ISDIGIT(sign):
        return 48
    if Py_UNICODE_ISALPHA(sign):
        return 65 if Py_UNICODE_ISUPPER(sign) else 97
    return sign


cdef int emit_shape(
    FeatureWords *words, str text, const Tokens *tokens, Signs signs
) except -1:
    """The feature s."""
    cdef Py_ssize_t i, start, size = PyUnicode_GET_LENGTH(text)
    cdef Py_ssize_t read = size if size < 1000 else 1000
    cdef int kind = PyUnicode_KIND(text), sentences = 0, dash = 0
    cdef void *data = PyUnicode_DATA(text)
    cdef uint32_t last = PyUnicode_READ(kind, data, size - 1), state
    cdef const char *ascii
    cdef const char *found
    cdef const char *letters = tokens.text.data
    cdef int count = tokens.count
    for i in range(count if count < 7 else 7):
        start = tokens.starts[i]
        if (tokens.ends[i] - start == 1 and letters[start] == 45) or (
            tokens.ends[i] - start == 3
            and memcmp(letters + start, <const char *>b"\xe2\x80", 2) == 0
            and (<uint8_t>letters[start + 2] == 0x93 or <uint8_t>letters[start + 2] == 0x94)
        ):
            dash = <int>i
            break
    if PyUnicode_IS_ASCII(text):
        ascii = <const char *>data
        found = ascii
        while sentences < 4:
            found = <const char *>memchr(found, 46, ascii + size - found)
            if found == NULL:
                break
            found += 1
            if found < ascii + size and found[0] == 32:
                sentences += 1
                found += 1
    else:
        i = 0
        while i + 1 < size and sentences < 4:
            if PyUnicode_READ(kind, data, i) == 46 and PyUnicode_READ(kind, data, i + 1) == 32:
                sentences += 1
                i += 2
            else:
                i += 1
    reserve(&words.found, 4 * 7)
    emit(words, SHAPE_WORDS[bits(count)])
    emit(words, hash_sign(SHAPE_LENGTH[bits(size)], 97 if Py_UNICODE_ISALNUM(last) else last))
    emit(words, SHAPE_DIGITS[signs.digits * 20 // read])
    emit(words, SHAPE_CAPITALS[signs.capitals * 20 // read])
    emit(words, SHAPE_SENTENCES[sentences])
    state = hash_sign(SHAPE_BEGINS, letter_class(PyUnicode_READ(kind, data, 0)))
    emit(words, hash_sign(steps(state, b" ends ", 6), letter_class(last)))
    emit(words, SHAPE_NAME[dash][bits(count)])
    return 0
