# cython: boundscheck=False, wraparound=False
"""What an element is: its name, whether a browser shows it, and the selector that it goes by.

Stands for :func:`adsift.segment.elements.unseen` and :func:`adsift.segment.elements.selector`; what
is not ASCII goes through these.
"""

from cpython.object cimport PyObject
from libc.string cimport memcpy

from adsift.compiled.characters cimport KINDS, LETTER, SPACE, decode, is_ascii
from adsift.compiled.lexbor_names cimport (
    CLASS, DIALOG, HIDDEN, HREF, ID, OPEN, REL, STYLE, UNSEEN,
    Name, Names, attribute_identifier, attribute_name, tag_name,
)
from adsift.compiled.lexbor_nodes cimport Attribute, Bytes, Element, Node, has_value

from adsift.compiled.lexbor_names import Unknown
from adsift.segment import elements

cdef extern from "Python.h":
    const char *PyUnicode_AsUTF8AndSize(object text, Py_ssize_t *size) except NULL


cdef class Looker:
    """Looks at elements: what they are called, and whether a browser shows them."""

    def __cinit__(self, Names names):
        self.names = names
        self.own = {}

    cdef int look(self, Node *node, Look *seen) except -1:
        """Raises: Unknown: a name is not known."""
        cdef const Element *element = <const Element *> node
        cdef const Attribute *attribute = element.first_attribute
        cdef size_t identifier = element.qualified_name
        cdef Name *name = &seen.name
        cdef Name called
        cdef const Attribute *style = NULL
        cdef bint hidden = False, is_open = False
        if identifier == 0:
            identifier = node.local_name
        if not tag_name(self.names, identifier, name):
            raise Unknown
        if name.text == NULL:
            self._own_name(identifier, name)
        seen.href = seen.rel = seen.classes = seen.id = NULL
        while attribute != NULL:
            if not attribute_name(self.names, attribute_identifier(attribute), &called):
                raise Unknown
            if called.meaning == CLASS:
                seen.classes = attribute
            elif called.meaning == HREF:
                seen.href = attribute
            elif called.meaning == ID:
                seen.id = attribute
            elif called.meaning == REL:
                seen.rel = attribute
            elif called.meaning == STYLE:
                style = attribute
            elif called.meaning == HIDDEN:
                hidden = True
            elif called.meaning == OPEN:
                is_open = True
            attribute = attribute.next
        seen.unseen = (
            name.meaning & UNSEEN != 0
            or hidden
            or (name.meaning & DIALOG != 0 and not is_open)
            or (has_value(style) and _shows_nothing(style.value))
        )
        return 0

    cdef int _own_name(self, size_t identifier, Name *name) except -1:
        found = self.own.get(identifier)
        if found is None:
            text = decode(name.data, name.length)
            found = self.own[identifier] = text, self.names.meaning_of(text)
        name.text = <PyObject *> found[0]
        name.meaning = found[1]
        return 0


cdef bint _shows_nothing(const Bytes *style) except -1:
    cdef const unsigned char *wanted = b"display:none"
    cdef const unsigned char *at = style.data
    cdef const unsigned char *end = at + style.length
    cdef const unsigned char *start
    cdef size_t matched
    cdef unsigned char byte
    if style.length < 12:
        return False
    if not is_ascii(at, style.length):
        return elements.unseen("", {"style": decode(at, style.length)})
    # None of its prefixes is also its end, so that what follows a mismatch is a new start.
    matched = 0
    while at < end:
        byte = at[0]
        at += 1
        if KINDS[byte] == SPACE:
            continue
        if c'A' <= byte <= c'Z':
            byte |= 32
        if byte == wanted[matched]:
            matched += 1
            if matched == 12:
                return True
        else:
            matched = byte == wanted[0]
    return False


cdef str selector_of(str tag, const Attribute *classes, const Attribute *identifier):
    """As :func:`adsift.segment.elements.selector`."""
    cdef unsigned char made[512]
    cdef const unsigned char *at
    cdef const unsigned char *end
    cdef const unsigned char *word
    cdef size_t size, used, taken, count
    cdef Py_ssize_t length = 0
    cdef const char *name
    name = PyUnicode_AsUTF8AndSize(tag, &length)
    size = length
    if size <= 64 and not has_value(classes) and not has_value(identifier):
        return tag
    if (
        size > 64
        or (has_value(classes) and not is_ascii(classes.value.data, classes.value.length))
        or (has_value(identifier) and not is_ascii(identifier.value.data, identifier.value.length))
    ):
        return elements.selector(tag, {"class": _value(classes), "id": _value(identifier)})
    memcpy(made, name, size)
    if has_value(classes):
        at = classes.value.data
        end = at + classes.value.length
        used = count = 0
        while count < 12:
            while at < end and KINDS[at[0]] == SPACE:
                at += 1
            word = at
            while at < end and KINDS[at[0]] == LETTER:
                at += 1
            used += count > 0
            if at == word or used >= 300:
                break
            taken = min(<size_t> (at - word), 300 - used)
            made[size] = c'.'
            memcpy(made + size + 1, word, taken)
            size += taken + 1
            used += taken
            count += 1
    if has_value(identifier):
        at = identifier.value.data
        end = at + identifier.value.length
        used = 0
        while at < end and used < 80:
            if KINDS[at[0]] == LETTER:
                if used == 0:
                    made[size] = c'#'
                    size += 1
                made[size] = at[0]
                size += 1
                used += 1
            at += 1
    return decode(made, size)


cdef str _value(const Attribute *attribute):
    """The value as selectolax gives it."""
    if attribute == NULL or attribute.value == NULL or attribute.value.data == NULL:
        return None
    return decode(attribute.value.data, attribute.value.length)
