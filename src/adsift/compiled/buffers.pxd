# cython: boundscheck=False, wraparound=False, cdivision=True
# Buffers that grow, and what is written into them as UTF-8. Called for every sign of a text: so the
# functions are inline.

from cpython.unicode cimport PyUnicode_DATA, PyUnicode_GET_LENGTH, PyUnicode_KIND
from libc.stdint cimport uint32_t
from libc.stdlib cimport realloc
from libc.string cimport memcpy

cdef extern from "Python.h":
    bint PyUnicode_IS_ASCII(str) noexcept
    uint32_t PyUnicode_READ(int, void *, Py_ssize_t) noexcept

cdef struct Buffer:
    char *data
    Py_ssize_t size
    Py_ssize_t room


cdef inline int reserve(Buffer *buffer, Py_ssize_t more) except -1:
    cdef Py_ssize_t room
    cdef char *data
    if buffer.size + more <= buffer.room:
        return 0
    room = (buffer.size + more) * 3 // 2 + 4096
    data = <char *>realloc(buffer.data, room)
    if data == NULL:
        raise MemoryError()
    buffer.data = data
    buffer.room = room
    return 0


cdef inline int put(Buffer *buffer, const char *data, Py_ssize_t size) except -1:
    reserve(buffer, size)
    memcpy(buffer.data + buffer.size, data, size)
    buffer.size += size
    return 0


cdef inline void put_sign(Buffer *buffer, uint32_t sign) noexcept:
    """As UTF-8 with surrogates passed on; there is room for 4 bytes."""
    cdef char *out = buffer.data + buffer.size
    if sign < 0x80:
        out[0] = <char>sign
        buffer.size += 1
    elif sign < 0x800:
        out[0] = <char>(0xC0 | sign >> 6)
        out[1] = <char>(0x80 | sign & 63)
        buffer.size += 2
    elif sign < 0x10000:
        out[0] = <char>(0xE0 | sign >> 12)
        out[1] = <char>(0x80 | sign >> 6 & 63)
        out[2] = <char>(0x80 | sign & 63)
        buffer.size += 3
    else:
        out[0] = <char>(0xF0 | sign >> 18)
        out[1] = <char>(0x80 | sign >> 12 & 63)
        out[2] = <char>(0x80 | sign >> 6 & 63)
        out[3] = <char>(0x80 | sign & 63)
        buffer.size += 4


cdef inline int put_number(Buffer *buffer, long number) except -1:
    cdef char digits[20]
    cdef int count = 0
    while True:
        digits[count] = <char>(48 + number % 10)
        count += 1
        number //= 10
        if number == 0:
            break
    reserve(buffer, count)
    while count:
        count -= 1
        buffer.data[buffer.size] = digits[count]
        buffer.size += 1
    return 0


cdef inline int put_text(Buffer *buffer, str text) except -1:
    cdef Py_ssize_t i, size = PyUnicode_GET_LENGTH(text)
    cdef int kind = PyUnicode_KIND(text)
    cdef void *data = PyUnicode_DATA(text)
    if PyUnicode_IS_ASCII(text):
        return put(buffer, <const char *>data, size)
    reserve(buffer, 4 * size)
    for i in range(size):
        put_sign(buffer, PyUnicode_READ(kind, data, i))
    return 0
