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


cdef str selector_of(str tag, const Attribute *classes, const Attribute *identifier)
