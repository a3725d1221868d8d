from adsift.compiled.lexbor_names cimport Names
from adsift.compiled.lexbor_nodes cimport Node
from adsift.compiled.page_paragraphs cimport Removal, Spans


cdef class Removals:
    cdef Removal *found
    cdef Py_ssize_t count, room

    cdef int add(self, Removal removal) except -1


cdef Removals find_removals(
    Names names, Node *root, Removals earlier, Spans spans, object drop
)
