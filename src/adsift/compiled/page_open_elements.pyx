# cython: boundscheck=False, wraparound=False
"""The elements that are open at a place of a page, and the ancestors that a paragraph there has.

Stands for what :func:`adsift.segment.html.read_paragraphs` keeps of them.
"""

from cpython.mem cimport PyMem_Free
from cpython.object cimport PyObject
from cpython.ref cimport Py_INCREF, Py_XDECREF
from cpython.tuple cimport PyTuple_GET_SIZE, PyTuple_New, PyTuple_SET_ITEM

from adsift.compiled.arrays cimport make_room
from adsift.compiled.lexbor_names cimport BLOCK
from adsift.compiled.lexbor_nodes cimport Node, same_value
from adsift.compiled.page_elements cimport Look, selector_of

from adsift.segment import html

cdef Py_ssize_t MAX_ANCESTORS = html.MAX_ANCESTORS


cdef class OpenElements:
    """A stack of them, the innermost last."""

    def __dealloc__(self):
        cdef Py_ssize_t i
        for i in range(self.depth):
            self._forget(&self.stack[i])
        for i in range(self.made_count):
            Py_XDECREF(self.made[i].selector)
        PyMem_Free(self.stack)
        PyMem_Free(self.made)

    cdef int push(self, Node *node, const Look *seen, int meaning) except -1:
        """Args: meaning: what of the element's meaning its end must know."""
        cdef Opened *opened
        self.stack = <Opened *> make_room(
            self.stack, &self.room, self.depth + 1, sizeof(Opened)
        )
        opened = &self.stack[self.depth]
        opened.node = node
        opened.meaning = meaning
        opened.tag = seen.name.text
        opened.classes, opened.id = seen.classes, seen.id
        opened.selector = opened.last = opened.row = NULL
        if meaning & BLOCK:
            opened.block = self.depth
        else:
            opened.block = self.stack[self.depth - 1].block if self.depth else -1
        self.depth += 1
        return 0

    cdef void pop(self) noexcept:
        self.depth -= 1
        self._forget(&self.stack[self.depth])

    cdef void _forget(self, Opened *opened) noexcept:
        Py_XDECREF(opened.selector)
        Py_XDECREF(opened.last)
        Py_XDECREF(opened.row)

    cdef str block(self):
        """The tag of the innermost block."""
        cdef Py_ssize_t block = self.stack[self.depth - 1].block if self.depth else -1
        return <str> self.stack[block].tag if block >= 0 else ""

    cdef tuple ancestors(self):
        cdef Opened *parent
        cdef Py_ssize_t i, count
        if self.depth == 0:
            return ()
        own = self._selector(self.depth - 1)
        parent = &self.stack[self.depth - 2] if self.depth > 1 else NULL
        if parent != NULL and parent.row != NULL and own == <str> parent.last:
            self.row = <tuple> parent.row
            return self.row
        count = min(self.depth, MAX_ANCESTORS)
        # In a list, the elements are others but look alike.
        if not self._is_row(count):
            row = PyTuple_New(count)
            for i in range(count):
                selector = self._selector(self.depth - count + i)
                Py_INCREF(selector)
                PyTuple_SET_ITEM(row, i, selector)
            self.row = row
        if parent != NULL:
            Py_XDECREF(parent.last)
            Py_XDECREF(parent.row)
            Py_INCREF(own)
            Py_INCREF(self.row)
            parent.last = <PyObject *> own
            parent.row = <PyObject *> self.row
        return self.row

    cdef bint _is_row(self, Py_ssize_t count) except -1:
        """Whether the ancestors are those of the paragraph before."""
        cdef Py_ssize_t i
        if self.row is None or PyTuple_GET_SIZE(self.row) != count:
            return False
        for i in range(count - 1, -1, -1):
            if self._selector(self.depth - count + i) != <str> self.row[i]:
                return False
        return True

    cdef str _selector(self, Py_ssize_t place):
        cdef Opened *opened = &self.stack[place]
        cdef Made *made
        if opened.selector != NULL:
            return <str> opened.selector
        self.made = <Made *> make_room(self.made, &self.made_room, place + 1, sizeof(Made))
        while self.made_count <= place:
            self.made[self.made_count] = Made(NULL, NULL, NULL, NULL)
            self.made_count += 1
        made = &self.made[place]
        # In a list and in a table, elements of one depth look alike: one string for all of them.
        if (
            made.selector != NULL
            and made.tag == opened.tag
            and same_value(made.classes, opened.classes)
            and same_value(made.id, opened.id)
        ):
            selector = <str> made.selector
        else:
            selector = selector_of(<str> opened.tag, opened.classes, opened.id)
            Py_XDECREF(made.selector)
            Py_INCREF(selector)
            made[0] = Made(<PyObject *> selector, opened.tag, opened.classes, opened.id)
        Py_INCREF(selector)
        opened.selector = <PyObject *> selector
        return selector
