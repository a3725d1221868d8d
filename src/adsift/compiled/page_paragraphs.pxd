from adsift.compiled.lexbor_names cimport Name, Names
from adsift.compiled.lexbor_nodes cimport Attribute, Node

cdef struct Look:       # an element as far as paragraphs go
    Name name           # its text is never NULL
    bint unseen
    const Attribute *href
    const Attribute *rel
    const Attribute *classes
    const Attribute *id


cdef class Looker:
    cdef Names names
    cdef dict own       # names that only this page has: number to (text, meaning)

    cdef int look(self, Node *node, Look *seen) except -1
    cdef int _own_name(self, size_t identifier, Name *name) except -1


cdef class Spans:       # for each paragraph which text nodes hold it
    cdef Py_ssize_t *bounds
    cdef Py_ssize_t count, room

    cdef int add(self, Py_ssize_t first, Py_ssize_t stop) except -1


cdef struct Removal:    # a node to take out
    Node *node
    bint parts          # a gap (two line breaks) takes its place
    bint earlier        # an earlier cut has taken it out
    Py_ssize_t texts    # in it, of those that earlier cuts have left

cdef tuple read_without(
    Names names, Node *root, const Removal *removed, Py_ssize_t count, list paragraphs, Spans spans
)

cdef void *make_room(void *array, Py_ssize_t *room, Py_ssize_t needed, size_t item) except NULL
cdef bint is_ascii(const unsigned char *data, size_t length) noexcept
cdef bint is_blank(const unsigned char *data, size_t length) except -1
