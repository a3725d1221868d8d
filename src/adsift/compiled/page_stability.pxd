from adsift.compiled.lexbor_names cimport TABLE, Names
from adsift.compiled.lexbor_nodes cimport Bytes, Node
from adsift.compiled.page_removal cimport Removals

cdef struct Around:     # an open element
    int kind
    int inside
    size_t ns
    bint begun          # something stands in it
    const Bytes *text   # what stood in it last, if that was a text

cdef class Stability:
    cdef Names names
    cdef unsigned char kinds[TABLE]
    cdef unsigned char traits[TABLE]
    cdef Around *stack
    cdef Py_ssize_t depth, room
    cdef bint doctype       # has come
    cdef bint in_template
    cdef int following      # which of html, head and body has to come next

    cdef bint holds(self, Node *document, Removals removals, bytes written) except -1
    cdef int _push(self, int kind, int inside, size_t ns) except -1
    cdef bint _walk(self, Node *document, Removals removals) except -1
    cdef bint _content_fits(self, Node *node) except -1
    cdef bint _takes_breaks(self) noexcept
    cdef bint _fits(self, Node *node) except -1
    cdef bint _follows(self, const Node *node) except -1
    cdef bint _text_fits(self, const Bytes *data, Around *around) noexcept
    cdef bint _element_fits(self, Node *node, Around *around) except -1
    cdef bint _takes(self, int around, int kind) noexcept
    cdef bint _closes_nothing(self, Node *node, int kind, Around *around) noexcept
    cdef bint _enter(self, Node *node) except -1
    cdef int _kind(self, const Node *node) except -1
    cdef int _traits(self, const Node *node) noexcept
