# cython: boundscheck=False, wraparound=False, cdivision=True
# Sets of words, by which a feature has each word once. Called for every word: so the functions are
# inline.

from libc.stdint cimport int32_t, uint32_t
from libc.string cimport memcmp, memset

cdef enum:
    TABLE = 1024  # at least twice the words of a paragraph's links, which are most

cdef struct Slot:
    uint32_t stamp
    uint32_t hashed
    int32_t start
    int32_t size

cdef struct WordSet:
    # Open addressing; a slot counts while its stamp is the set's, so a set is emptied in no time.
    Slot slots[TABLE]
    uint32_t stamp


cdef inline void clear(WordSet *seen) noexcept nogil:
    seen.stamp += 1
    if seen.stamp == 0:
        memset(seen.slots, 0, sizeof(seen.slots))
        seen.stamp = 1


cdef inline bint is_new(
    WordSet *seen, uint32_t hashed, const char *base, Py_ssize_t start, Py_ssize_t size
) noexcept nogil:
    """Put in a word, the bytes of ``base`` from ``start``; whether it was not there."""
    cdef uint32_t place = (hashed * 0x9E3779B1u) >> 22
    cdef Slot *slot = &seen.slots[place]
    while slot.stamp == seen.stamp:
        if (
            slot.hashed == hashed
            and slot.size == size
            and memcmp(base + slot.start, base + start, size) == 0
        ):
            return False
        place = (place + 1) & (TABLE - 1)
        slot = &seen.slots[place]
    slot.stamp = seen.stamp
    slot.hashed = hashed
    slot.start = <int32_t>start
    slot.size = <int32_t>size
    return True
