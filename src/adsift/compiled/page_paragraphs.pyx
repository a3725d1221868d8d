# cython: boundscheck=False, wraparound=False
"""The paragraphs of a page, read from lexbor's nodes where they lie in memory.

Stands for :func:`adsift.segment.lexbor.lexbor_events` and
:func:`adsift.segment.html.read_paragraphs` together; the rules and their reasons are there.
"""

from cpython.mem cimport PyMem_Free

from adsift.compiled.arrays cimport make_room
from adsift.compiled.lexbor_names cimport A, BLOCK, BR, HR, VOID, Names
from adsift.compiled.lexbor_nodes cimport (
    COMMENT, DOCTYPE, ELEMENT, INSTRUCTION, TEXT, Bytes, CharacterData, Node,
)
from adsift.compiled.objects cimport ANCESTORS, field, make_paragraph
from adsift.compiled.page_elements cimport Look, Looker
from adsift.compiled.page_links cimport Links
from adsift.compiled.page_open_elements cimport OpenElements, Opened
from adsift.compiled.page_text cimport Text

from adsift.compiled.lexbor_names import Unknown

cdef object ZERO = 0.0


def read_tree(Names names, tree):
    """The paragraphs of a page, and for each the range of text nodes that hold it.

    Raises:
        Unknown: the page has anything that is not known.
    """
    root = tree.root
    if root is None:
        return [], Spans()
    return read_without(names, <Node *> <size_t> root.mem_id, NULL, 0, None, None)


cdef tuple read_without(
    Names names, Node *root, const Removal *removed, Py_ssize_t count, list paragraphs, Spans spans
):
    """As :func:`read_tree`, but for some nodes.

    Args:
        removed: these, in document order, and the root not one of them.
        paragraphs, spans: what was found before those of them were gone that are not ``earlier``.
            What is still the same paragraph is the same object.

    Raises:
        Unknown: as there.
    """
    reading = Reading(Looker(names))
    if spans is not None and len(paragraphs) == spans.count:
        reading.known, reading.known_spans = list(paragraphs), spans  # which nobody shortens
    reading.read(root, removed, count)
    return reading.paragraphs, reading.spans


cdef class Spans:
    """For each paragraph which text nodes hold it, as :class:`adsift.segment.html.Blocks` says."""

    def __dealloc__(self):
        PyMem_Free(self.bounds)

    def __len__(self):
        return self.count

    def __getitem__(self, Py_ssize_t index):
        if not 0 <= index < self.count:
            raise IndexError(index)
        return range(self.bounds[2 * index], self.bounds[2 * index + 1])

    cdef int add(self, Py_ssize_t first, Py_ssize_t stop) except -1:
        self.bounds = <Py_ssize_t *> make_room(
            self.bounds, &self.room, self.count + 1, 2 * sizeof(Py_ssize_t)
        )
        self.bounds[2 * self.count] = first
        self.bounds[2 * self.count + 1] = stop
        self.count += 1
        return 0


cdef class Reading:
    """One page while it is read."""

    cdef Looker looker
    cdef OpenElements open
    cdef Links links
    cdef Text text
    cdef list paragraphs
    cdef Spans spans
    cdef Py_ssize_t first, position         # TEXT events
    cdef int breaks
    cdef bint begun                         # something to see has come
    cdef tuple ancestors
    # What was found before some nodes were gone. Whatever lies between two edges of blocks is read
    # as it was, unless such a node lay there too.
    cdef list known
    cdef Spans known_spans
    cdef Py_ssize_t known_place             # none of those before it is still to come
    cdef Py_ssize_t skipped                 # TEXT events that were read then, and are not now
    cdef bint untouched                     # nothing is gone since the last edge of a block
    cdef Py_ssize_t same                    # which of them the paragraph is, or -1

    def __cinit__(self, Looker looker):
        self.looker = looker
        self.open = OpenElements()
        self.links = Links()
        self.text = Text()
        self.paragraphs = []
        self.spans = Spans()
        self.untouched = True
        self._start()

    cdef int read(self, Node *root, const Removal *removed, Py_ssize_t count) except -1:
        cdef const Removal *beyond = removed + count
        cdef Node *node = root
        cdef Node *following
        cdef Py_ssize_t above = 0
        cdef Look seen
        while node != NULL:
            if removed != beyond and removed.node == node:
                if not removed.earlier:
                    self.skipped += removed.texts
                    self.untouched = False
                    self.same = -1
                if removed.parts:
                    self._break()
                    self._break()
                removed += 1
            elif node.type == TEXT:
                self._read_text(&(<CharacterData *> node).data)
            elif node.type == ELEMENT:
                self.looker.look(node, &seen)
                if not seen.unseen:
                    self._open(node, &seen)
                    if node.first_child != NULL:
                        above += 1
                        node = node.first_child
                        continue
                    if not seen.name.meaning & VOID:
                        self._close()
            elif node.type not in (COMMENT, DOCTYPE, INSTRUCTION):
                raise Unknown
            following = node.next
            while following == NULL and above > 0:
                node = node.parent
                above -= 1
                if self.open.depth and self.open.stack[self.open.depth - 1].node == node:
                    self._close()
                following = node.next
            node = following
        self._flush()
        return 0

    cdef int _start(self) except -1:
        self.first = self.position
        self.begun = False
        self.text.clear()
        self.links.clear()
        self.ancestors = None
        self.breaks = 0
        self.same = -1
        return 0

    cdef int _open(self, Node *node, Look *seen) except -1:
        cdef int meaning = seen.name.meaning
        cdef bint is_link = meaning & A and seen.href != NULL
        if meaning & VOID:
            if meaning & BR:
                self._break()
            if meaning & HR:
                self._edge()
            return 0
        if meaning & BLOCK:
            self._edge()
        self.open.push(node, seen, meaning & BLOCK | (A if is_link else 0))
        if is_link:
            self.links.open(seen.href, seen.rel)
        return 0

    cdef int _break(self) except -1:
        self.text.gap = True
        self.breaks += 1
        if self.breaks == 2:
            self._flush()
        return 0

    cdef int _close(self) except -1:
        cdef Opened *opened = &self.open.stack[self.open.depth - 1]
        if opened.meaning & BLOCK:
            # Its text is still its own.
            self._edge()
        elif opened.meaning & A:
            self.links.open_count -= 1
        self.open.pop()
        return 0

    cdef int _read_text(self, const Bytes *data) except -1:
        cdef Py_ssize_t letters = 0
        cdef bint visible = False
        self.position += 1
        if data.data == NULL:
            return 0
        self.text.add(data.data, data.length, &letters, &visible)
        if not visible:
            return 0
        self.breaks = 0
        if not self.begun:
            self.begun = True
            if self.known is not None and self.untouched and self._recognise():
                self.ancestors = field(self.known[self.same], ANCESTORS)
            else:
                self.ancestors = self.open.ancestors()
        if self.links.open_count:
            self.links.hold(letters)
        return 0

    cdef bint _recognise(self) noexcept:
        """Whether the text was in a paragraph before."""
        cdef Py_ssize_t position = self.position - 1 + self.skipped
        cdef const Py_ssize_t *bounds = self.known_spans.bounds
        while (
            self.known_place < self.known_spans.count
            and bounds[2 * self.known_place + 1] <= position
        ):
            self.known_place += 1
        if (
            self.known_place < self.known_spans.count
            and bounds[2 * self.known_place] <= position
        ):
            self.same = self.known_place
        return self.same >= 0

    cdef int _flush(self) except -1:
        if self.begun:
            self._end_paragraph()
        return self._start()

    cdef int _edge(self) except -1:
        """A block begins or ends."""
        self._flush()
        self.untouched = True
        return 0

    cdef int _end_paragraph(self) except -1:
        if self.same >= 0:
            self.paragraphs.append(self.known[self.same])
            self.spans.add(self.first, self.position)
            return 0
        share = ZERO
        if self.links.letters:
            share = min(1.0, <double> self.links.letters / <double> self.text.visible_characters)
        self.paragraphs.append(
            make_paragraph(
                self.text.whole(),
                None,
                None,
                self.open.block(),
                share,
                self.links.targets() if self.links.count else (),
                self.links.rels() if self.links.count else (),
                self.ancestors,
            )
        )
        self.spans.add(self.first, self.position)
        return 0
