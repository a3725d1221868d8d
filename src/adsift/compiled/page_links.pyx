# cython: boundscheck=False, wraparound=False
"""The links of a page, and which of them a paragraph has.

Stands for what :func:`adsift.segment.html.read_paragraphs` does with them.
"""

from cpython.mem cimport PyMem_Free
from cpython.object cimport PyObject
from cpython.ref cimport Py_INCREF, Py_XDECREF
from cpython.tuple cimport PyTuple_New, PyTuple_SET_ITEM
from libc.string cimport memcmp

from adsift.compiled.arrays cimport make_room
from adsift.compiled.characters cimport BEYOND, KINDS, SPACE, decode
from adsift.compiled.lexbor_nodes cimport Attribute, Bytes, has_value


cdef class Links:
    """Those that are open, and those of the paragraph that is read."""

    def __cinit__(self):
        self.made = {}

    def __dealloc__(self):
        cdef Py_ssize_t i
        for i in range(self.link_count):
            Py_XDECREF(self.links[i].target)
        PyMem_Free(self.links)
        PyMem_Free(self.opened)
        PyMem_Free(self.own)

    cdef void clear(self) noexcept:
        """A paragraph begins; links stay open."""
        self.letters = self.count = 0

    cdef int open(self, const Attribute *href, const Attribute *rel) except -1:
        self.links = <Link *> make_room(
            self.links, &self.links_room, self.link_count + 1, sizeof(Link)
        )
        self.links[self.link_count] = Link(href, rel, NULL)
        self.link_count += 1
        self.opened = <Py_ssize_t *> make_room(
            self.opened, &self.open_room, self.open_count + 1, sizeof(Py_ssize_t)
        )
        self.opened[self.open_count] = self.link_count - 1
        self.open_count += 1
        return self._add(self.link_count - 1)

    cdef int hold(self, Py_ssize_t letters) except -1:
        """Text of the paragraph stands in the innermost open link."""
        cdef Py_ssize_t link = self.opened[self.open_count - 1]
        self.letters += letters
        if not self.count or self.own[self.count - 1] != link:
            self._add(link)
        return 0

    cdef int _add(self, Py_ssize_t link) except -1:
        self.own = <Py_ssize_t *> make_room(
            self.own, &self.own_room, self.count + 1, sizeof(Py_ssize_t)
        )
        self.own[self.count] = link
        self.count += 1
        return 0

    cdef tuple targets(self):
        cdef Py_ssize_t i
        cdef Link *link
        targets = PyTuple_New(self.count)
        for i in range(self.count):
            link = &self.links[self.own[i]]
            if link.target == NULL:
                target = _stripped(link.href)
                Py_INCREF(target)
                link.target = <PyObject *> target
            target = <str> link.target
            Py_INCREF(target)
            PyTuple_SET_ITEM(targets, i, target)
        return targets

    cdef tuple rels(self):
        cdef Py_ssize_t i
        cdef const Attribute *rel
        cdef const Bytes *first = NULL
        for i in range(self.count):
            rel = self.links[self.own[i]].rel
            if not has_value(rel):
                continue
            if first == NULL:
                first = rel.value
            elif first.length != rel.value.length or memcmp(
                first.data, rel.value.data, first.length
            ) != 0:
                return self._several_rels()
        if first == NULL:
            return ()
        key = first.data[:first.length]
        found = self.made.get(key)
        if found is None:
            found = self.made[key] = _sorted_words({decode(first.data, first.length)})
        return found

    cdef tuple _several_rels(self):
        values = set()
        for i in range(self.count):
            rel = self.links[self.own[i]].rel
            if has_value(rel):
                values.add(decode(rel.value.data, rel.value.length))
        return _sorted_words(values)


cdef tuple _sorted_words(set values):
    words = set()
    for value in values:
        words.update((<str> value).lower().split())
    return tuple(sorted(words))


cdef str _stripped(const Attribute *attribute):
    cdef const unsigned char *start
    cdef const unsigned char *end
    if not has_value(attribute):
        return ""
    start = attribute.value.data
    end = start + attribute.value.length
    while start < end and KINDS[start[0]] == SPACE:
        start += 1
    while start < end and KINDS[(end - 1)[0]] == SPACE:
        end -= 1
    text = decode(start, end - start)
    # White space that is not ASCII.
    if start < end and (KINDS[start[0]] == BEYOND or KINDS[(end - 1)[0]] == BEYOND):
        return text.strip()
    return text
