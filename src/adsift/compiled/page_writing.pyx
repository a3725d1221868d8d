# cython: boundscheck=False, wraparound=False
"""A page written out without some of its nodes.

Stands for taking the nodes out of the tree and writing it by selectolax, in
:meth:`adsift.segment.lexbor.LexborSegmentation.without`. It writes byte for byte what lexbor
writes, which is what the HTML standard asks for but for a few things; the names of elements
that are written in a way of their own are learned from lexbor, see
:mod:`adsift.compiled.lexbor_names`.
"""

from cpython.mem cimport PyMem_Free
from cpython.ref cimport Py_INCREF, Py_XDECREF, PyObject
from libc.string cimport memcpy

from adsift.compiled.arrays cimport make_room
from adsift.compiled.lexbor_names cimport (
    NAMESPACES, NO_END, RAW, TABLE, TEMPLATE, Name, Names, attribute_identifier, attribute_name,
    tag_name,
)
from adsift.compiled.lexbor_nodes cimport (
    COMMENT, DOCTYPE, DOCUMENT, ELEMENT, INSTRUCTION, TEXT, Attribute, Bytes, CharacterData, Doctype,
    Element, Instruction, Node, Template,
)
from adsift.compiled.page_paragraphs cimport Spans, read_without
from adsift.compiled.page_removal cimport Removals, find_removals
from adsift.compiled.page_stability cimport Stability

from adsift.compiled.lexbor_names import Unknown

cdef extern from "Python.h":
    object PyBytes_FromStringAndSize(const char *data, Py_ssize_t size)
    char *PyBytes_AS_STRING(object data)
    int _PyBytes_Resize(PyObject **data, Py_ssize_t size) except -1

cdef extern from *:
    """
    #include <stdint.h>
    #include <string.h>

    /* Whether any byte may have to be escaped; without a branch, for many at a time. */
    static int adsift_has_special(const unsigned char *data, size_t length, unsigned char quote) {
        unsigned char found = 0;
        for (size_t i = 0; i < length; i++) {
            unsigned char byte = data[i];
            found |= (byte == '&') | (byte == '<') | (byte == '>') | (byte == 0xC2)
                | (byte == quote);
        }
        return found;
    }

    /* A place up to which none has, at most fifteen bytes before the first that may. */
    static const unsigned char *adsift_skip_plain(
        const unsigned char *at, const unsigned char *end, unsigned char quote
    ) {
    #if defined(__GNUC__)
        typedef unsigned char Bytes16 __attribute__((vector_size(16)));
        for (; end - at >= 16; at += 16) {
            Bytes16 bytes;
            uint64_t found[2];
            memcpy(&bytes, at, 16);
            bytes = (Bytes16) ((bytes == '&') | (bytes == '<') | (bytes == '>') | (bytes == 0xC2)
                | (bytes == quote));
            memcpy(found, &bytes, 16);
            if (found[0] | found[1])
                break;
        }
    #endif
        return at;
    }
    """
    const unsigned char *skip_plain "adsift_skip_plain" (
        const unsigned char *at, const unsigned char *end, unsigned char quote) noexcept
    bint has_special "adsift_has_special"(
        const unsigned char *data, size_t length, unsigned char quote
    )


def write_without(
    Names names, tree, Removals earlier, list paragraphs, Spans spans, drop, Py_ssize_t size,
    Stability stability,
):
    """The page without some of its paragraphs.

    Args:
        tree: a ``LexborHTMLParser``, as parsed; it stays as it is.
        earlier: what is no more in the page, though in the tree.
        paragraphs, spans: of the page.
        drop: their indexes.
        size: about how many bytes the page has.

    Returns:
        HTML in UTF-8, and what of the tree is not in it; then the paragraphs that a reader of that
        will find and their spans, or ``None`` if this has to be found out by parsing it.

    Raises:
        IndexError: an index is not one of a paragraph.
        Unknown: the page has anything that is not known.
    """
    cdef Node *root
    cdef Removals removals
    node = tree.root
    if node is None:
        raise Unknown
    root = <Node *> <size_t> node.mem_id
    removals = find_removals(names, root, earlier, spans, drop)
    # Most pages become as long as they were, but for what escapes make longer.
    written = Writer(names, removals, size * 9 // 8 + 1024).write(root.parent)
    if not stability.holds(root.parent, removals, written):
        return written, removals, None
    left = read_without(names, root, removals.found, removals.count, paragraphs, spans)
    return written, removals, left


cdef class Writer:
    """Writes into memory of its own, which grows in proportion to the page."""

    cdef Names names
    cdef Removals removals
    cdef Py_ssize_t removed
    cdef PyObject *made         # bytes, longer than what was written
    cdef unsigned char *out     # in them
    cdef Py_ssize_t size, room
    cdef Node **templates       # elements whose template content is being written
    cdef Node **around          # and what they stand in themselves
    cdef Py_ssize_t depth, templates_room, around_room

    def __cinit__(self, Names names, Removals removals, Py_ssize_t expected):
        self.names, self.removals = names, removals
        made = PyBytes_FromStringAndSize(NULL, expected)
        Py_INCREF(made)
        self.made = <PyObject *> made
        self.out = <unsigned char *> PyBytes_AS_STRING(made)
        self.room = expected

    def __dealloc__(self):
        Py_XDECREF(self.made)
        PyMem_Free(self.templates)
        PyMem_Free(self.around)

    cdef bytes write(self, Node *document):
        """Raises: Unknown: the page has anything that is not known."""
        cdef Node *around = document
        cdef Node *node
        cdef bint enter
        if document == NULL or document.type != DOCUMENT:
            raise Unknown
        node = document.first_child
        while node != NULL:
            if self.removed < self.removals.count and (
                self.removals.found[self.removed].node == node
            ):
                if self.removals.found[self.removed].parts:
                    self._put(b"<br><br>", 8)
                self.removed += 1
            else:
                self._start(node)
                if self._has_content(node):
                    self._enter_template(node, around)
                    around = (<Template *> node).content
                    node = around.first_child
                    continue
                if node.first_child != NULL and not self._is_void(node):
                    node = node.first_child
                    continue
                self._end(node)
            while node.next == NULL:
                node = node.parent
                if node != around:
                    self._end(node)
                    continue
                if self.depth == 0:
                    return self._bytes()
                self.depth -= 1
                node = self.templates[self.depth]
                around = self.around[self.depth]
                self._end(node)
            node = node.next
        return self._bytes()

    cdef bytes _bytes(self):
        cdef PyObject *made
        self._resize(self.size)
        made = self.made
        self.made = NULL
        result = <object> made
        Py_XDECREF(made)
        return result

    cdef int _resize(self, Py_ssize_t size) except -1:
        _PyBytes_Resize(&self.made, size)
        self.out = <unsigned char *> PyBytes_AS_STRING(<object> self.made)
        self.room = size
        return 0

    cdef bint _is_void(self, Node *node) noexcept:
        return (
            node.type == ELEMENT
            and node.ns == self.names.html
            and node.local_name < TABLE
            and self.names.tags[node.local_name].meaning & NO_END != 0
        )

    cdef bint _has_content(self, Node *node) except -1:
        cdef Node *content
        if (
            node.type != ELEMENT
            or node.ns != self.names.html
            or node.local_name >= TABLE
            or not self.names.tags[node.local_name].meaning & TEMPLATE
        ):
            return False
        content = (<Template *> node).content
        if content == NULL or content.first_child == NULL:
            return False
        if node.first_child != NULL:    # no parser puts children beside the content
            raise Unknown
        return True

    cdef int _enter_template(self, Node *node, Node *around) except -1:
        self.templates = <Node **> make_room(
            self.templates, &self.templates_room, self.depth + 1, sizeof(Node *)
        )
        self.around = <Node **> make_room(
            self.around, &self.around_room, self.depth + 1, sizeof(Node *)
        )
        self.templates[self.depth], self.around[self.depth] = node, around
        self.depth += 1
        return 0

    # -------------------------------------------------------------------------- nodes

    cdef int _start(self, Node *node) except -1:
        cdef const CharacterData *data = <const CharacterData *> node
        cdef Name name
        if node.type == ELEMENT:
            return self._start_element(<const Element *> node)
        if node.type == TEXT:
            if self._is_raw(node.parent):
                return self._put(data.data.data, data.data.length)
            return self._escape(&data.data, c'&')
        if node.type == COMMENT:
            self._put(b"<!--", 4)
            self._put(data.data.data, data.data.length)
            return self._put(b"-->", 3)
        if node.type == INSTRUCTION:
            self._put(b"<?", 2)
            self._put(
                (<const Instruction *> node).target.data, (<const Instruction *> node).target.length
            )
            self._put(b" ", 1)
            self._put(data.data.data, data.data.length)
            return self._put(b"?>", 2)
        if node.type != DOCTYPE:
            raise Unknown
        self._put(b"<!DOCTYPE ", 10)
        if (<const Doctype *> node).name != 0:
            if not attribute_name(self.names, (<const Doctype *> node).name, &name):
                raise Unknown
            self._put(name.data, name.length)
        return self._put(b">", 1)

    cdef bint _is_raw(self, const Node *parent) noexcept:
        return (
            parent != NULL
            and parent.type == ELEMENT
            and parent.local_name < TABLE
            and self.names.tags[parent.local_name].meaning & RAW != 0
        )

    cdef int _tag(self, const Element *element) except -1:
        cdef Name name
        cdef size_t identifier = element.qualified_name
        if identifier == 0:
            identifier = element.node.local_name
        if not tag_name(self.names, identifier, &name):
            raise Unknown
        return self._put(name.data, name.length)

    cdef int _start_element(self, const Element *element) except -1:
        cdef const Attribute *attribute = element.first_attribute
        cdef Name name
        # How it is written depends on what it is, and not on what it is called.
        if element.node.local_name < TABLE and not (
            self.names.tags[element.node.local_name].data
        ):
            raise Unknown
        if element.is_value != NULL:
            raise Unknown
        self._put(b"<", 1)
        self._tag(element)
        while attribute != NULL:
            if attribute.node.ns >= NAMESPACES or not self.names.written[attribute.node.ns]:
                raise Unknown
            if not attribute_name(self.names, attribute_identifier(attribute), &name):
                raise Unknown
            self._put(b" ", 1)
            self._put(name.data, name.length)
            self._put(b'="', 2)
            if attribute.value != NULL:
                self._escape(attribute.value, c'"')
            self._put(b'"', 1)
            attribute = attribute.next
        return self._put(b">", 1)

    cdef int _end(self, Node *node) except -1:
        if node.type != ELEMENT or self._is_void(node):
            return 0
        self._put(b"</", 2)
        self._tag(<const Element *> node)
        return self._put(b">", 1)

    # -------------------------------------------------------------------------- bytes

    cdef inline int _put(self, const unsigned char *data, size_t length) except -1:
        if <size_t> (self.room - self.size) < length:
            self._resize(max(2 * self.room, self.size + <Py_ssize_t> length))
        if length:
            memcpy(self.out + self.size, data, length)
        self.size += length
        return 0

    cdef int _escape(self, const Bytes *text, unsigned char quote) except -1:
        """Args: quote: a character that is escaped beside those that always are."""
        cdef const unsigned char *at = text.data
        cdef const unsigned char *end = at + text.length
        cdef const unsigned char *start = at
        cdef unsigned char byte
        if not has_special(at, text.length, quote):
            return self._put(at, text.length)
        at = skip_plain(at, end, quote)
        while at < end:
            byte = at[0]
            at += 1
            if byte == 0xC2:
                # A no-break space, or another letter that starts like it.
                if at < end and at[0] == 0xA0:
                    self._put(start, at - 1 - start)
                    self._put(b"&nbsp;", 6)
                    at += 1
                    start = at
                at = skip_plain(at, end, quote)
            elif byte == c'&' or byte == c'<' or byte == c'>' or byte == quote:
                self._put(start, at - 1 - start)
                start = at
                if byte == c'&':
                    self._put(b"&amp;", 5)
                elif byte == c'<':
                    self._put(b"&lt;", 4)
                elif byte == c'>':
                    self._put(b"&gt;", 4)
                else:
                    self._put(b"&quot;", 6)
                at = skip_plain(at, end, quote)
        return self._put(start, end - start)
