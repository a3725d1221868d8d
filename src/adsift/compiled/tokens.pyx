# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Compiled :func:`adsift.model.features.tokens`: the words, numbers and telling marks of a text."""

from cpython.unicode cimport PyUnicode_DATA, PyUnicode_GET_LENGTH, PyUnicode_KIND
from libc.stdint cimport uint8_t, uint32_t
from libc.string cimport memmove

from adsift.compiled.buffers cimport Buffer, put_number, put_sign, reserve

from adsift.model.features import MAX_WORDS

cdef extern from "Python.h":
    # Of signs as numbers: Cython takes a Py_UCS4 for a string as soon as it is reckoned with.
    bint PyUnicode_IS_ASCII(str) noexcept
    uint32_t PyUnicode_READ(int, void *, Py_ssize_t) noexcept
    bint Py_UNICODE_ISALNUM(uint32_t) noexcept
    bint Py_UNICODE_ISDECIMAL(uint32_t) noexcept
    bint Py_UNICODE_ISDIGIT(uint32_t) noexcept
    uint32_t Py_UNICODE_TOLOWER(uint32_t) noexcept

cdef enum:
    FIRST_WORDS = 110
    LAST_WORDS = 50
    READ_SIGNS = 4000

if MAX_WORDS != MOST_WORDS:
    raise ImportError("the compiled limit of words is not that of adsift.model.features")

cdef enum:
    OTHER = 0
    LETTER = 1
    DIGIT = 2
    MARK = 3

cdef uint8_t CLASS[128]
cdef char LOWER[128]


cdef void make_classes() noexcept:
    cdef int sign
    for sign in range(128):
        CLASS[sign] = OTHER
        LOWER[sign] = <char>(sign + 32 if 65 <= sign <= 90 else sign)
        if 65 <= sign <= 90 or 97 <= sign <= 122:
            CLASS[sign] = LETTER
        elif 48 <= sign <= 57:
            CLASS[sign] = DIGIT
    for sign in b"$%!?:;|#@&+*/-":
        CLASS[sign] = MARK


make_classes()


cdef extern from *:
    """
    /* Copies the letters that come first in a text of ASCII, in lower case; how many. Up to seven
       bytes more are written. */
    static inline Py_ssize_t adsift_copy_letters(const char *at, const char *end, char *out) {
        const char *start = at;
    #if defined(__GNUC__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
        const uint64_t ones = 0x0101010101010101u;
        while (end - at >= 8) {
            uint64_t eight, letters;
            memcpy(&eight, at, 8);
            eight |= 0x20 * ones;
            memcpy(out, &eight, 8);
            letters = (eight + (0x80 - 'a') * ones) & ~(eight + (0x7f - 'z') * ones) & 0x80 * ones;
            if (letters != 0x80 * ones)
                return at + (__builtin_ctzll(letters ^ 0x80 * ones) >> 3) - start;
            at += 8;
            out += 8;
        }
    #endif
        while (at < end && (unsigned char) ((*at | 0x20) - 'a') < 26)
            *out++ = *at++ | 0x20;
        return at - start;
    }
    """
    Py_ssize_t copy_letters "adsift_copy_letters" (
        const char *at, const char *end, char *out) noexcept


cdef inline int class_of(uint32_t sign) noexcept:
    if sign < 128:
        return CLASS[sign]
    if not 0x2000 <= sign < 0x2070:  # typographic marks are frequent, and none of them is a letter
        if Py_UNICODE_ISDECIMAL(sign):
            return DIGIT
        if Py_UNICODE_ISALNUM(sign):
            return LETTER
    # € £ ¥ © ® ™ → » › • – —
    if sign in (0x20AC, 0xA3, 0xA5, 0xA9, 0xAE, 0x2122, 0x2192, 0xBB, 0x203A, 0x2022, 0x2013, 0x2014):
        return MARK
    return OTHER


cdef int read_tokens(Tokens *tokens, str text) except -1:
    """:func:`adsift.model.features.tokens`."""
    cdef Py_ssize_t i = 0, first, size = PyUnicode_GET_LENGTH(text), start
    cdef int found, count = 0
    cdef uint32_t sign
    cdef const char *ascii
    cdef Buffer *out = &tokens.text
    out.size = 0
    if size > READ_SIGNS:
        size = READ_SIGNS
    if PyUnicode_IS_ASCII(text):
        ascii = <const char *>PyUnicode_DATA(text)
        reserve(out, 4 * size + 64)
        while i < size:
            found = CLASS[<uint8_t>ascii[i]]
            if found == OTHER:
                i += 1
                continue
            if count:
                out.data[out.size] = 32
                out.size += 1
            tokens.starts[count] = out.size
            if found == LETTER:
                while True:
                    first = copy_letters(ascii + i, ascii + size, out.data + out.size)
                    out.size += first
                    i += first
                    if i >= size:
                        break
                    if (
                        ascii[i] == 39
                        and i + 1 < size
                        and CLASS[<uint8_t>ascii[i + 1]] == LETTER
                        and found == LETTER
                    ):
                        found = OTHER  # one apostrophe a word
                        out.data[out.size] = 39
                        out.size += 1
                        i += 1
                        continue
                    break
            elif found == DIGIT:
                first = i
                while i < size and CLASS[<uint8_t>ascii[i]] == DIGIT:
                    i += 1
                out.data[out.size] = 48
                out.size += 1
                put_number(out, i - first)
            else:
                out.data[out.size] = ascii[i]
                out.size += 1
                i += 1
            tokens.ends[count] = out.size
            count += 1
    else:
        size = read_lower(tokens, text, size)
        reserve(out, 6 * size + 64)
        while i < size:
            sign = tokens.lower[i]
            found = class_of(sign)
            if found == OTHER:
                i += 1
                continue
            if count:
                out.data[out.size] = 32
                out.size += 1
            start = out.size
            tokens.starts[count] = start
            first = i
            if found == LETTER:
                while True:
                    put_sign(out, tokens.lower[i])
                    i += 1
                    while i < size and tokens.lower[i] < 128 and CLASS[tokens.lower[i]] == LETTER:
                        out.data[out.size] = <char>tokens.lower[i]
                        out.size += 1
                        i += 1
                    if i >= size:
                        break
                    sign = tokens.lower[i]
                    if class_of(sign) == LETTER:
                        continue
                    if (
                        (sign == 39 or sign == 0x2019)
                        and i + 1 < size
                        and class_of(tokens.lower[i + 1]) == LETTER
                        and found == LETTER
                    ):
                        found = OTHER
                        continue
                    break
                if Py_UNICODE_ISDIGIT(tokens.lower[first]):
                    out.size = start
                    out.data[out.size] = 48
                    out.size += 1
                    put_number(out, i - first)
            elif found == DIGIT:
                while i < size and class_of(tokens.lower[i]) == DIGIT:
                    i += 1
                out.data[out.size] = 48
                out.size += 1
                put_number(out, i - first)
            else:
                put_sign(out, sign)
                i += 1
            tokens.ends[count] = out.size
            count += 1
    if count > MOST_WORDS:
        first = tokens.starts[count - LAST_WORDS]
        start = tokens.ends[FIRST_WORDS - 1] + 1
        memmove(out.data + start, out.data + first, out.size - first)
        out.size -= first - start
        for found in range(LAST_WORDS):
            tokens.starts[FIRST_WORDS + found] = (
                tokens.starts[count - LAST_WORDS + found] - first + start
            )
            tokens.ends[FIRST_WORDS + found] = (
                tokens.ends[count - LAST_WORDS + found] - first + start
            )
        count = MOST_WORDS
    tokens.count = count
    return 0


cdef Py_ssize_t read_lower(Tokens *tokens, str text, Py_ssize_t size) except -1:
    """Write the first signs in lower case into ``lower``; how many these are."""
    cdef Py_ssize_t i
    cdef int kind = PyUnicode_KIND(text)
    cdef void *data = PyUnicode_DATA(text)
    cdef uint32_t sign
    for i in range(size):
        sign = PyUnicode_READ(kind, data, i)
        if sign < 128:
            tokens.lower[i] = <uint8_t>LOWER[sign]
        elif 0x2000 <= sign < 0x2070:
            tokens.lower[i] = sign
        elif sign == 0x130 or sign == 0x3A3:
            # One becomes two signs, the other depends on its neighbours.
            text = text[:size].lower()
            size = PyUnicode_GET_LENGTH(text)
            kind = PyUnicode_KIND(text)
            data = PyUnicode_DATA(text)
            for i in range(size):
                tokens.lower[i] = PyUnicode_READ(kind, data, i)
            return size
        else:
            tokens.lower[i] = Py_UNICODE_TOLOWER(sign)
    return size
