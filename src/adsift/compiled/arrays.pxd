# Arrays that grow.

from cpython.mem cimport PyMem_Realloc


cdef inline void *make_room(void *array, Py_ssize_t *room, Py_ssize_t needed, size_t item) except NULL:
    """Make an array large enough."""
    cdef Py_ssize_t more
    cdef void *grown
    if needed <= room[0]:
        return array
    more = max(needed, 2 * room[0], 64)
    grown = PyMem_Realloc(array, more * item)
    if grown == NULL:
        raise MemoryError
    room[0] = more
    return grown
