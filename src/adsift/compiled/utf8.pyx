# cython: boundscheck=False, wraparound=False
"""Whether bytes are UTF-8, without making a text of them.

Stands for ``bytes.decode("utf-8")`` where only its failing counts, and for what
:func:`adsift.decode.decode` then asks of a text whose encoding nobody has declared.
"""

from libc.stdint cimport uint64_t
from libc.string cimport memcpy


def is_utf8(const unsigned char[:] data not None, bint undeclared=False):
    """Whether ``data.decode("utf-8")`` works.

    Args:
        undeclared: nor may too much of it be U+FFFD, which stands for what was lost earlier.
    """
    cdef Py_ssize_t i = 0, n = data.shape[0], lost = 0, continuing = 0
    cdef uint64_t eight
    cdef uint64_t many[8]
    cdef unsigned char first, second
    cdef int more
    while i < n:
        first = data[i]
        if first < 0x80:
            while i + 64 <= n:
                memcpy(many, &data[i], 64)
                if (
                    many[0] | many[1] | many[2] | many[3] | many[4] | many[5] | many[6] | many[7]
                ) & <uint64_t> 0x8080808080808080:
                    break
                i += 64
            while i + 8 <= n:
                memcpy(&eight, &data[i], 8)
                if eight & <uint64_t> 0x8080808080808080:
                    break
                i += 8
            while i < n and data[i] < 0x80:
                i += 1
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
        else:
            continuing += more
        i += more + 1
    return not undeclared or lost == 0 or continuing > 2 * lost
