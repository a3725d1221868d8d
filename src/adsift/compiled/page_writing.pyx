# cython: boundscheck=False, wraparound=False
"""A page written out without some of its nodes.

Stands for taking the nodes out of the tree and writing it by selectolax, in
:meth:`adsift.segment.lexbor.LexborSegmentation.without`. It writes byte for byte what lexbor
writes, which is what the HTML standard asks for but for a few things; the names of elements
that are written in a way of their own are learned from lexbor, see
:mod:`adsift.compiled.lexbor_names`.
"""

from cpython.mem cimport PyMem_Free
from libc.string cimport memcpy

from adsift.compiled.lexbor_names cimport (
    NAMESPACES, NO_END, RAW, TABLE, TEMPLATE, Name, Names, attribute_identifier, attribute_name,
    tag_name,
)
from adsift.compiled.lexbor_nodes cimport (
    COMMENT, DOCTYPE, DOCUMENT, ELEMENT, INSTRUCTION, TEXT, Attribute, Bytes, CharacterData, Doctype,
    Element, Instruction, Node, Template,
)
from adsift.compiled.page_paragraphs cimport Spans, make_room
from adsift.compiled.page_removal cimport Removals, find_removals

from adsift.compiled.lexbor_names import Unknown

cdef enum:
    IN_TEXT = 1
    IN_ATTRIBUTE = 2

cdef unsigned char ESCAPED[256]
ESCAPED[c'&'] = ESCAPED[c'<'] = ESCAPED[c'>'] = IN_TEXT | IN_ATTRIBUTE
ESCAPED[0xC2] = IN_TEXT | IN_ATTRIBUTE      # where a no-break space starts
ESCAPED[c'"'] = IN_ATTRIBUTE


def write_without(Names names, tree, Spans spans, drop):
    """The page without some of its paragraphs, as HTML in UTF-8.

    Args:
        tree: a ``LexborHTMLParser``, as parsed; it stays as it is.
        spans: of its paragraphs.
        drop: their indexes, all of them valid.

    Raises:
        Unknown: the page has anything that is not known.
    """
    cdef Node *root
    node = tree.root
    if node is None:
        raise Unknown
    root = <Node *> <size_t> node.mem_id
    return Writer(names, find_removals(names, root, spans, drop)).write(root.parent)


cdef class Writer:
    """Writes into memory of its own, which grows in proportion to the page."""

    cdef Names names
    cdef Removals removals
    cdef Py_ssize_t removed
    cdef unsigned char *out
    cdef Py_ssize_t size, room
    cdef Node **templates       # elements whose template content is being written
    cdef Node **around          # and what they stand in themselves
    cdef Py_ssize_t depth, templates_room, around_room

    def __cinit__(self, Names names, Removals removals):
        self.names, self.removals = names, removals

    def __dealloc__(self):
        PyMem_Free(self.out)
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
                    return self.out[:self.size]
                self.depth -= 1
                node = self.templates[self.depth]
                around = self.around[self.depth]
                if node.first_child != NULL:
                    break
                self._end(node)
            else:
                node = node.next
                continue
            node = node.first_child     # of a template that has children beside its content
        return self.out[:self.size]

    cdef bint _is_void(self, Node *node) noexcept:
        return (
            node.type == ELEMENT
            and node.ns == self.names.html
            and node.local_name < TABLE
            and self.names.tags[node.local_name].meaning & NO_END != 0
        )

    cdef bint _has_content(self, Node *node) noexcept:
        cdef Node *content
        if (
            node.type != ELEMENT
            or node.ns != self.names.html
            or node.local_name >= TABLE
            or not self.names.tags[node.local_name].meaning & TEMPLATE
        ):
            return False
        content = (<Template *> node).content
        return content != NULL and content.first_child != NULL

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
            return self._escape(&data.data, IN_TEXT)
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
                self._escape(attribute.value, IN_ATTRIBUTE)
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

    cdef int _put(self, const unsigned char *data, size_t length) except -1:
        self.out = <unsigned char *> make_room(self.out, &self.room, self.size + length, 1)
        if length:
            memcpy(self.out + self.size, data, length)
        self.size += length
        return 0

    cdef int _escape(self, const Bytes *text, int where) except -1:
        cdef const unsigned char *at = text.data
        cdef const unsigned char *end = at + text.length
        cdef const unsigned char *start = at
        while at < end:
            if not ESCAPED[at[0]] & where:
                at += 1
                continue
            if at[0] == 0xC2:
                if at + 1 == end or at[1] != 0xA0:
                    at += 1
                    continue
                self._put(start, at - start)
                self._put(b"&nbsp;", 6)
                at += 2
                start = at
                continue
            self._put(start, at - start)
            if at[0] == c'&':
                self._put(b"&amp;", 5)
            elif at[0] == c'<':
                self._put(b"&lt;", 4)
            elif at[0] == c'>':
                self._put(b"&gt;", 4)
            else:
                self._put(b"&quot;", 6)
            at += 1
            start = at
        return self._put(start, end - start)
