from cpython.object cimport PyObject

from adsift.compiled.lexbor_nodes cimport Attribute, Node
from adsift.compiled.page_elements cimport Look

cdef struct Opened:
    Node *node
    int meaning
    Py_ssize_t block        # place of the innermost block around, itself if it is one, or -1
    PyObject *tag
    const Attribute *classes
    const Attribute *id
    PyObject *selector      # owned, as are the two below; NULL until needed
    PyObject *last          # the selector of the child that ``row`` ends with
    PyObject *row           # ancestors, the same for all such children

cdef struct Made:         # the last selector of a depth
    PyObject *selector      # owned; NULL if none was made
    PyObject *tag
    const Attribute *classes
    const Attribute *id


cdef class OpenElements:
    cdef Opened *stack
    cdef Py_ssize_t depth, room
    cdef Made *made
    cdef Py_ssize_t made_count, made_room
    cdef tuple row          # ancestors of the paragraph before

    cdef int push(self, Node *node, const Look *seen, int meaning) except -1
    cdef void pop(self) noexcept
    cdef void _forget(self, Opened *opened) noexcept
    cdef str block(self)
    cdef tuple ancestors(self)
    cdef bint _is_row(self, Py_ssize_t count) except -1
    cdef str _selector(self, Py_ssize_t place)
