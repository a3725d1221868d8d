from cpython.object cimport PyObject

from adsift.compiled.lexbor_nodes cimport Attribute

cdef struct Link:
    const Attribute *href
    const Attribute *rel
    PyObject *target        # owned, NULL until needed


cdef class Links:
    cdef Link *links                        # of the page so far
    cdef Py_ssize_t link_count, links_room
    cdef Py_ssize_t *opened                 # those that are open
    cdef Py_ssize_t open_count, open_room
    cdef Py_ssize_t *own                    # those of the paragraph
    cdef Py_ssize_t count, own_room
    cdef Py_ssize_t letters                 # of the paragraph, within links
    cdef dict made

    cdef void clear(self) noexcept
    cdef int open(self, const Attribute *href, const Attribute *rel) except -1
    cdef int hold(self, Py_ssize_t letters) except -1
    cdef int _add(self, Py_ssize_t link) except -1
    cdef tuple targets(self)
    cdef tuple rels(self)
    cdef tuple _several_rels(self)
