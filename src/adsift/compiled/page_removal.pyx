# cython: boundscheck=False, wraparound=False
"""What goes from a tree along with the paragraphs that are dropped.

Stands for :func:`adsift.segment.removal.find_removals`; the rules and their reasons are there.
"""

from cpython.mem cimport PyMem_Free

from adsift.compiled.arrays cimport make_room
from adsift.compiled.characters cimport is_blank
from adsift.compiled.lexbor_names cimport (
    BLOCK, BR, FIGURE, HR, UNREMOVABLE, VOID, Names,
)
from adsift.compiled.lexbor_nodes cimport ELEMENT, TEXT, CharacterData, Node
from adsift.compiled.page_elements cimport Look, Looker
from adsift.compiled.page_paragraphs cimport Removal, Spans

from adsift.segment.removal import no_paragraph

cdef enum:
    NONE = -1

cdef struct Opened:
    Node *node
    int meaning
    bint keeps, loses
    Py_ssize_t removals, before, position
    int breaks


cdef class Removals:
    """Nodes to take out, none of which holds another, in document order."""

    def __dealloc__(self):
        PyMem_Free(self.found)

    cdef int add(self, Removal removal) except -1:
        self.found = <Removal *> make_room(
            self.found, &self.room, self.count + 1, sizeof(Removal)
        )
        self.found[self.count] = removal
        self.count += 1
        return 0


cdef Removals find_removals(Names names, Node *root, Removals earlier, Spans spans, object drop):
    """What is to be taken out of a tree, with what earlier cuts have taken out of it.

    Args:
        earlier: that; the spans are of what it leaves.

    Raises:
        IndexError: an index is not one of a paragraph.
        Unknown: the page has a name that is not known.
    """
    finder = Finder(names, earlier, spans, drop)
    finder.walk(root)
    return finder.removals


cdef class Finder:
    cdef Looker looker
    cdef Removals earlier
    cdef Spans spans
    cdef bytearray dropped
    cdef Removals removals
    cdef Py_ssize_t position, paragraph
    cdef Opened *stack
    cdef Py_ssize_t depth, room
    cdef Py_ssize_t before, removals_before
    cdef int breaks

    def __cinit__(self, Names names, Removals earlier, Spans spans, drop):
        cdef Py_ssize_t index
        self.looker = Looker(names)
        self.earlier = earlier
        self.spans = spans
        self.dropped = bytearray(spans.count)
        try:
            for index in drop:
                if not 0 <= index < spans.count:
                    raise no_paragraph(drop, spans.count)
                self.dropped[index] = 1
        except OverflowError:
            raise no_paragraph(drop, spans.count) from None
        self.removals = Removals()
        self.before = NONE
        self._push(NULL, 0)

    def __dealloc__(self):
        PyMem_Free(self.stack)

    cdef int _push(self, Node *node, int meaning) except -1:
        cdef Opened *opened
        self.stack = <Opened *> make_room(
            self.stack, &self.room, self.depth + 1, sizeof(Opened)
        )
        opened = &self.stack[self.depth]
        opened.node, opened.meaning = node, meaning
        opened.keeps = opened.loses = False
        opened.removals = self.removals.count
        opened.before, opened.breaks = self.before, self.breaks
        opened.position = self.position
        self.depth += 1
        return 0

    cdef int walk(self, Node *root) except -1:
        cdef Node *node = root
        cdef Node *following
        cdef Py_ssize_t above = 0
        cdef Look seen
        cdef const Removal *gone = self.earlier.found
        cdef const Removal *beyond = gone + self.earlier.count
        while node != NULL:
            if gone != beyond and gone.node == node:
                if gone.parts:
                    self._break()
                    self._break()
                self.removals.add(Removal(node, gone.parts, True, 0))
                gone += 1
            elif node.type == TEXT:
                self._text(node)
            elif node.type == ELEMENT:
                self.looker.look(node, &seen)
                if not seen.unseen:
                    self._open(node, seen.name.meaning)
                    if node.first_child != NULL:
                        above += 1
                        node = node.first_child
                        continue
                    if not seen.name.meaning & VOID:
                        self._close()
            following = node.next
            while following == NULL and above > 0:
                node = node.parent
                above -= 1
                if self.stack[self.depth - 1].node == node:
                    self._close()
                following = node.next
            node = following
        return 0

    cdef int _open(self, Node *node, int meaning) except -1:
        if meaning & VOID:
            if meaning & BR:
                self._break()
            if meaning & HR:
                self._end_paragraph()
            return 0
        self._push(node, meaning)
        if meaning & BLOCK:
            self._end_paragraph()
        return 0

    cdef void _break(self) noexcept:
        self.breaks += 1
        if self.breaks == 2:
            self._end_paragraph()

    cdef int _close(self) except -1:
        cdef Opened *opened
        cdef Opened *outer
        self.depth -= 1
        opened = &self.stack[self.depth]
        outer = &self.stack[self.depth - 1]
        if opened.meaning & BLOCK:
            self._end_paragraph()
        if opened.loses and not opened.keeps and not opened.meaning & UNREMOVABLE:
            self.removals.count = opened.removals
            self.removals.add(
                Removal(opened.node, False, False, self.position - opened.position)
            )
            self.before, self.breaks = opened.before, opened.breaks
        elif opened.meaning & FIGURE:
            opened.keeps = True
        outer.loses |= opened.loses
        outer.keeps |= opened.keeps
        return 0

    cdef int _text(self, Node *node) except -1:
        cdef const CharacterData *text = <const CharacterData *> node
        cdef Py_ssize_t paragraph = NONE
        while (
            self.paragraph < self.spans.count
            and self.position >= self.spans.bounds[2 * self.paragraph + 1]
        ):
            self.paragraph += 1
        if (
            self.paragraph < self.spans.count
            and self.position >= self.spans.bounds[2 * self.paragraph]
        ):
            paragraph = self.paragraph
        self.position += 1
        if paragraph != NONE and self.dropped[paragraph]:
            self.stack[self.depth - 1].loses = True
            self.removals.add(Removal(node, False, False, 1))
        elif text.data.data != NULL and not is_blank(text.data.data, text.data.length):
            self.stack[self.depth - 1].keeps = True
            if self.before != NONE and self.before != paragraph:
                self._part()
            self.before = paragraph
            self.breaks = 0
            self.removals_before = self.removals.count
        return 0

    cdef int _part(self) except -1:
        """Put a gap in the place of the first removal since the last text that stays.

        One of an earlier cut has its gap already if it needed one, and then nothing is to be parted.
        """
        cdef Py_ssize_t first
        for first in range(self.removals_before, self.removals.count):
            if not self.removals.found[first].earlier:
                self.removals.found[first].parts = True
                return 0
        raise IndexError("nothing parted what became one paragraph")

    cdef void _end_paragraph(self) noexcept:
        self.before = NONE
        self.breaks = 0
