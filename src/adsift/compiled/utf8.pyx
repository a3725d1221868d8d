# cython: boundscheck=False, wraparound=False
"""UTF-8: whether bytes are it, and the text that they are.

Stands for ``bytes.decode("utf-8")`` where only its failing counts, and for what
:func:`adsift.decode.decode` then asks of a text whose encoding nobody has declared; and where it
does not fail, for the call itself, which grows its result several times if not all is ASCII.
"""

from cpython.unicode cimport PyUnicode_1BYTE_DATA, PyUnicode_2BYTE_DATA, PyUnicode_4BYTE_DATA
from libc.stdint cimport uint16_t, uint32_t, uint64_t
from libc.string cimport memcpy

cdef extern from "Python.h":
    str PyUnicode_New(Py_ssize_t size, Py_UCS4 most)

ctypedef fused Character:
    unsigned char
    uint16_t
    uint32_t

cdef struct Found:
    Py_ssize_t continuing   # bytes that begin no character
    Py_ssize_t lost         # characters U+FFFD
    unsigned char most      # the largest first byte


def is_utf8(const unsigned char[:] data not None, bint undeclared=False):
    """Whether ``data.decode("utf-8")`` works.

    Args:
        undeclared: nor may too much of it be U+FFFD, which stands for what was lost earlier.
    """
    cdef Found found
    if not data.shape[0]:
        return True
    if not look(&data[0], data.shape[0], &found):
        return False
    return not undeclared or found.lost == 0 or found.continuing > 4 * found.lost


def decode(bytes data not None):
    """``data.decode("utf-8")``."""
    cdef const unsigned char *at = data
    cdef Py_ssize_t size = len(data)
    cdef Found found
    if not look(at, size, &found):
        return data.decode("utf-8")  # which says what is wrong
    if found.most < 0x80:
        text = PyUnicode_New(size, 0x7F)
        memcpy(PyUnicode_1BYTE_DATA(text), at, size)
    elif found.most < 0xC4:
        text = PyUnicode_New(size - found.continuing, 0xFF)
        fill(at, size, <unsigned char *> PyUnicode_1BYTE_DATA(text))
    elif found.most < 0xF0:
        text = PyUnicode_New(size - found.continuing, 0xFFFF)
        fill(at, size, <uint16_t *> PyUnicode_2BYTE_DATA(text))
    else:
        text = PyUnicode_New(size - found.continuing, 0x10FFFF)
        fill(at, size, <uint32_t *> PyUnicode_4BYTE_DATA(text))
    return text


cdef bint look(const unsigned char *data, Py_ssize_t n, Found *found) noexcept:
    """Whether the bytes are UTF-8, and what is in them."""
    cdef Py_ssize_t i = 0, lost = 0, continuing = 0
    cdef unsigned char first, second, most = 0
    cdef int more
    while i < n:
        first = data[i]
        if first < 0x80:
            i += ascii_run(data + i, n - i)
            continue
        if first < 0xC2 or first > 0xF4:
            return False
        more = 1 if first < 0xE0 else 2 if first < 0xF0 else 3
        if n - i <= more:
            return False
        second = data[i + 1]
        # Overlong forms, surrogates, and what is beyond the last character.
        if second & 0xC0 != 0x80 or (
            (first == 0xE0 and second < 0xA0)
            or (first == 0xED and second > 0x9F)
            or (first == 0xF0 and second < 0x90)
            or (first == 0xF4 and second > 0x8F)
        ):
            return False
        if more > 1 and data[i + 2] & 0xC0 != 0x80:
            return False
        if more > 2 and data[i + 3] & 0xC0 != 0x80:
            return False
        if first == 0xEF and second == 0xBF and data[i + 2] == 0xBD:
            lost += 1
        most = max(most, first)
        continuing += more
        i += more + 1
    found[0] = Found(continuing, lost, most)
    return True


cdef inline Py_ssize_t ascii_run(const unsigned char *data, Py_ssize_t n) noexcept:
    """How many bytes of ASCII come first."""
    cdef Py_ssize_t i = 0
    cdef uint64_t eight
    cdef uint64_t many[8]
    while i + 64 <= n:
        memcpy(many, data + i, 64)
        if (
            many[0] | many[1] | many[2] | many[3] | many[4] | many[5] | many[6] | many[7]
        ) & <uint64_t> 0x8080808080808080:
            break
        i += 64
    while i + 8 <= n:
        memcpy(&eight, data + i, 8)
        if eight & <uint64_t> 0x8080808080808080:
            break
        i += 8
    while i < n and data[i] < 0x80:
        i += 1
    return i


cdef void fill(const unsigned char *data, Py_ssize_t n, Character *out) noexcept:
    """Write the characters of what is known to be UTF-8, and to have none that are too large."""
    cdef const unsigned char *end = data + n
    cdef Py_ssize_t run, i
    cdef uint32_t first
    while data < end:
        first = data[0]
        if first < 0x80:
            run = ascii_run(data, end - data)
            for i in range(run):
                out[i] = data[i]
            data += run
            out += run
        elif first < 0xE0:
            out[0] = <Character> ((first & 0x1F) << 6 | data[1] & 0x3F)
            data += 2
            out += 1
        elif first < 0xF0:
            out[0] = <Character> ((first & 0x0F) << 12 | (data[1] & 0x3F) << 6 | data[2] & 0x3F)
            data += 3
            out += 1
        else:
            out[0] = <Character> (
                (first & 0x07) << 18 | <uint32_t> (data[1] & 0x3F) << 12
                | (data[2] & 0x3F) << 6 | data[3] & 0x3F
            )
            data += 4
            out += 1
