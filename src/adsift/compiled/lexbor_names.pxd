from cpython.ref cimport PyObject

from adsift.compiled.lexbor_nodes cimport Attribute, LongName, Node, name_text

cdef enum:
    TABLE = 1024        # identifiers below are places in lexbor's own tables of names
    ADDRESSES = 65536   # and those from here on addresses; what is between is not known
    NAMESPACES = 16

cdef enum Tag:          # what a tag's name means
    BLOCK = 1
    UNSEEN = 2
    VOID = 4
    UNREMOVABLE = 8
    A = 16
    BR = 32
    HR = 64
    DIALOG = 128
    FIGURE = 256
    NO_END = 512        # lexbor writes no end tag, if it is an HTML element
    RAW = 1024          # lexbor writes text in it as it is
    TEMPLATE = 2048

cdef enum Attr:
    HREF = 1
    REL = 2
    CLASS = 3
    ID = 4
    STYLE = 5
    HIDDEN = 6
    OPEN = 7

cdef struct Name:
    const unsigned char *data
    size_t length
    PyObject *text      # NULL for a name that only this page has
    int meaning

cdef class Names:
    cdef Name tags[TABLE]
    cdef Name attributes[TABLE]
    cdef bint written[NAMESPACES]   # attributes are written with their qualified name
    cdef size_t html
    cdef dict meanings
    cdef list kept
    cdef object parse

    cdef int meaning_of(self, str tag) except -1
    cdef int _keep_attribute(self, size_t identifier, str name) except -1
    cdef int _keep(self, Name *place, str text, int meaning) except -1


cdef inline bint find_name(const Name *known, size_t identifier, Name *name) noexcept:
    """Look a name up; false if it is not known, and the page must be left alone. One that is not in
    the table lies at the address that its identifier is, and has no meaning."""
    cdef const LongName *found
    if identifier < TABLE:
        name[0] = known[identifier]
        return name.data != NULL
    if identifier < ADDRESSES:
        return False
    found = <const LongName *> identifier
    name.data = name_text(found)
    name.length = found.length
    name.text = NULL
    name.meaning = 0
    return True


cdef inline bint tag_name(Names names, size_t identifier, Name *name) noexcept:
    return find_name(names.tags, identifier, name)


cdef inline bint attribute_name(Names names, size_t identifier, Name *name) noexcept:
    if not find_name(names.attributes, identifier, name):
        return False
    if identifier >= ADDRESSES:
        name.meaning = attribute_meaning(name.data, name.length)
    return True


cdef int attribute_meaning(const unsigned char *name, size_t length) noexcept


cdef inline size_t attribute_identifier(const Attribute *attribute) noexcept:
    if attribute.qualified_name != 0:
        return attribute.qualified_name
    return attribute.node.local_name
