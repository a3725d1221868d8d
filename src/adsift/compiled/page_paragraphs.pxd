from adsift.compiled.lexbor_names cimport Names
from adsift.compiled.lexbor_nodes cimport Node

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
