# cython: boundscheck=False, wraparound=False
"""The paragraphs of a page, read from lexbor's nodes where they lie in memory.

Stands for :func:`adsift.segment.lexbor.lexbor_events` and
:func:`adsift.segment.html.read_paragraphs` together; the rules and their reasons are there. What is
not ASCII or not usual goes through the same Python functions as there.
"""

from cpython.mem cimport PyMem_Free, PyMem_Realloc
from cpython.object cimport PyObject
from cpython.ref cimport Py_INCREF, Py_XDECREF
from cpython.tuple cimport PyTuple_GET_SIZE, PyTuple_New, PyTuple_SET_ITEM
from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.string cimport memcmp, memcpy

from adsift.compiled.lexbor_names cimport (
    A, ADDRESSES, BLOCK, BR, CLASS, DIALOG, HIDDEN, HR, HREF, ID, OPEN, REL, STYLE, UNSEEN, VOID,
    Name, Names, attribute_identifier, attribute_name, tag_name,
)
from adsift.compiled.lexbor_nodes cimport (
    COMMENT, DOCTYPE, ELEMENT, INSTRUCTION, TEXT, Attribute, Bytes, CharacterData, Element, Node,
)
from adsift.compiled.objects cimport ANCESTORS, field, make_paragraph

from adsift.compiled.lexbor_names import Unknown
from adsift.segment import elements, html
from adsift.segment.elements import selector as select

cdef extern from *:
    """
    #include <stdint.h>
    #include <string.h>

    /* A character of UTF-8; 0 for what is none (and for NUL, which is asked for nowhere). */
    static inline Py_UCS4 adsift_character(
        const unsigned char *at, const unsigned char *end, int *width
    ) {
        Py_ssize_t left = end - at;
        Py_UCS4 first = at[0], c;
        if (first >= 0xC2 && first < 0xE0) {
            if (left < 2 || (at[1] & 0xC0) != 0x80) return 0;
            *width = 2;
            return (first & 0x1F) << 6 | (at[1] & 0x3F);
        }
        if (first >= 0xE0 && first < 0xF0) {
            if (left < 3 || (at[1] & 0xC0) != 0x80 || (at[2] & 0xC0) != 0x80) return 0;
            c = (first & 0x0F) << 12 | (at[1] & 0x3F) << 6 | (at[2] & 0x3F);
            if (c < 0x800 || (c >= 0xD800 && c < 0xE000)) return 0;
            *width = 3;
            return c;
        }
        if (first >= 0xF0 && first < 0xF5) {
            if (left < 4 || (at[1] & 0xC0) != 0x80 || (at[2] & 0xC0) != 0x80
                || (at[3] & 0xC0) != 0x80) return 0;
            c = (first & 0x07) << 18 | (Py_UCS4) (at[1] & 0x3F) << 12
                | (at[2] & 0x3F) << 6 | (at[3] & 0x3F);
            if (c < 0x10000 || c > 0x10FFFF) return 0;
            *width = 4;
            return c;
        }
        return 0;
    }

    /* How many spaces come first, down to a multiple of eight: pages are indented. */
    static inline size_t adsift_skip_spaces(const unsigned char *at, const unsigned char *end) {
        const unsigned char *start = at;
        while (end - at >= 8 && memcmp(at, "        ", 8) == 0)
            at += 8;
        return at - start;
    }

    /* Copies words of bytes from "!" to "~", single spaces between them, eight bytes at a time. The
       first byte is one of a word, and so is the last that is copied; up to seven more are written.

       Returns how many, and in `spaces` how many of these are spaces. */
    static inline size_t adsift_copy_words(
        const unsigned char *at, const unsigned char *end, unsigned char *out, size_t *spaces
    ) {
        const unsigned char *start = at;
        int after_space = 0, ended = 0;
        *spaces = 0;
    #if defined(__GNUC__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
        const uint64_t ones = 0x0101010101010101u, highest = 0x80 * ones;
        while (!ended && end - at >= 8) {
            uint64_t eight, space, stop;
            int before = 64;
            memcpy(&eight, at, 8);
            memcpy(out, &eight, 8);
            space = eight ^ 0x20 * ones;
            space = ~(((space & ~highest) + ~highest) | space | ~highest);
            /* What is carried to the next byte is of no account: the first that is another tells. */
            stop = ((eight - 0x20 * ones) | (eight + ones) | eight) & highest;
            stop |= space & (space << 8 | (after_space ? 0x80 : 0));
            if (stop) {
                before = __builtin_ctzll(stop) & ~7;
                space &= ((uint64_t) 1 << before) - 1;
            }
            *spaces += ((space >> 7) * ones) >> 56;
            at += before / 8;
            out += before / 8;
            after_space = space >> 63;
            ended = stop != 0;
        }
    #endif
        while (!ended && at < end && (*at - 0x21u < 0x5e || (*at == ' ' && !after_space))) {
            after_space = *at == ' ';
            *spaces += after_space;
            *out++ = *at++;
        }
        if (at > start && at[-1] == ' ') {
            at--;
            --*spaces;
        }
        return at - start;
    }
    """
    size_t skip_spaces "adsift_skip_spaces" (
        const unsigned char *at, const unsigned char *end) noexcept
    size_t copy_words "adsift_copy_words" (
        const unsigned char *at, const unsigned char *end, unsigned char *out, size_t *spaces) noexcept
    Py_UCS4 adsift_character(const unsigned char *at, const unsigned char *end, int *width)
    const char *PyUnicode_AsUTF8AndSize(object text, Py_ssize_t *size) except NULL
    bint Py_UNICODE_ISSPACE(Py_UCS4 character)

cdef Py_ssize_t MAX_ANCESTORS = html.MAX_ANCESTORS
cdef object ZERO = 0.0

# ------------------------------------------------------------------------------ characters

cdef enum Kind:
    LETTER = 0      # whatever is no other
    SPACE = 1
    BEYOND = 2      # part of a character that is not ASCII

cdef unsigned char KINDS[256]


cdef int _sort_characters() except -1:
    cdef int byte
    for byte in range(256):
        KINDS[byte] = BEYOND if byte > 127 else SPACE if chr(byte).isspace() else LETTER
    return 0


_sort_characters()


cdef bint is_zero_width(Py_UCS4 character) noexcept:
    return character in (0xAD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF)


cdef bint is_ascii(const unsigned char *data, size_t length) noexcept:
    cdef size_t i
    cdef unsigned char together = 0
    for i in range(length):
        together |= data[i]
    return together < 128


cdef bint is_blank(const unsigned char *data, size_t length) except -1:
    """Whether a text has no character that a reader could see."""
    cdef const unsigned char *end = data + length
    cdef Py_UCS4 character
    cdef int width = 0
    while data < end:
        if KINDS[data[0]] == SPACE:
            data += 1
            data += skip_spaces(data, end)
        elif KINDS[data[0]] == LETTER:
            return False
        else:
            character = adsift_character(data, end, &width)
            # What is no character is read as one that can be seen.
            if not character or not (
                is_zero_width(character) or Py_UNICODE_ISSPACE(character)
            ):
                return False
            data += width
    return True


cdef str decode(const unsigned char *data, size_t length):
    return PyUnicode_DecodeUTF8(<const char *> data, length, "replace")


cdef str value_of(const Attribute *attribute):
    """The value as selectolax gives it."""
    if attribute == NULL or attribute.value == NULL or attribute.value.data == NULL:
        return None
    return decode(attribute.value.data, attribute.value.length)


cdef bint has_value(const Attribute *attribute) noexcept:
    return (
        attribute != NULL and attribute.value != NULL
        and attribute.value.data != NULL and attribute.value.length > 0
    )



cdef bint same_value(const Attribute *one, const Attribute *other) noexcept:
    """Whether both have the same value, or neither has any."""
    if not has_value(one) or not has_value(other):
        return has_value(one) == has_value(other)
    return one.value.length == other.value.length and (
        memcmp(one.value.data, other.value.data, one.value.length) == 0
    )

# ------------------------------------------------------------------------------ elements

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

# ------------------------------------------------------------------------------ paragraphs

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


cdef struct Opened:
    Node *node
    int meaning
    Py_ssize_t block        # place of the innermost block around, itself if it is one, or -1
    PyObject *tag
    const Attribute *classes
    const Attribute *id
    PyObject *selector      # owned, as are the two below; NULL until needed
    PyObject *last          # the selector of the child that ``row`` ends with
    PyObject *row           # ancestors, the same for all such children

cdef struct Made:
    PyObject *selector      # owned; NULL if none was made
    PyObject *tag
    const Attribute *classes
    const Attribute *id

cdef struct Link:
    const Attribute *href
    const Attribute *rel
    PyObject *target        # owned, NULL until needed


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


cdef void *make_room(void *array, Py_ssize_t *room, Py_ssize_t needed, size_t item) except NULL:
    """Make an array large enough."""
    cdef Py_ssize_t more
    cdef void *grown
    if needed <= room[0]:
        return array
    more = max(needed, 2 * room[0], 64)
    grown = PyMem_Realloc(array, more * item)
    if grown == NULL:
        raise MemoryError
    room[0] = more
    return grown


cdef class Reading:
    """One page while it is read."""

    cdef Looker looker
    cdef list paragraphs
    cdef Spans spans
    cdef Py_ssize_t first, position         # TEXT events
    cdef int breaks
    cdef bint begun                         # something to see has come
    cdef tuple ancestors
    # The text so far, as UTF-8, without white space and zero width at its start. What stands at
    # its end is only known not to be its end when something to see follows.
    cdef unsigned char *text
    cdef Py_ssize_t size, room, characters
    cdef Py_ssize_t visible_size, visible_characters
    cdef bint gap
    cdef Py_ssize_t linked
    cdef Opened *stack
    cdef Py_ssize_t depth, stack_room
    cdef Made *made                         # the last selector of each depth
    cdef Py_ssize_t made_count, made_room
    cdef Link *links
    cdef Py_ssize_t link_count, links_room
    cdef Py_ssize_t *open_links
    cdef Py_ssize_t open_count, open_room
    cdef Py_ssize_t *targets
    cdef Py_ssize_t target_count, targets_room
    cdef dict rels
    cdef tuple row  # ancestors of the paragraph before
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
        self.paragraphs = []
        self.spans = Spans()
        self.rels = {}
        self.untouched = True
        self._start()

    def __dealloc__(self):
        cdef Py_ssize_t i
        for i in range(self.depth):
            self._forget(&self.stack[i])
        for i in range(self.made_count):
            Py_XDECREF(self.made[i].selector)
        for i in range(self.link_count):
            Py_XDECREF(self.links[i].target)
        PyMem_Free(self.text)
        PyMem_Free(self.stack)
        PyMem_Free(self.made)
        PyMem_Free(self.links)
        PyMem_Free(self.open_links)
        PyMem_Free(self.targets)

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
                if self.depth and self.stack[self.depth - 1].node == node:
                    self._close()
                following = node.next
            node = following
        self._flush()
        return 0

    cdef int _start(self) except -1:
        self.first = self.position
        self.begun = self.gap = False
        self.size = self.characters = self.visible_size = self.visible_characters = 0
        self.linked = self.target_count = 0
        self.ancestors = None
        self.breaks = 0
        self.same = -1
        return 0

    cdef int _open(self, Node *node, Look *seen) except -1:
        cdef int meaning = seen.name.meaning
        cdef Opened *opened
        if meaning & VOID:
            if meaning & BR:
                self._break()
            if meaning & HR:
                self._edge()
            return 0
        if meaning & BLOCK:
            self._edge()
        self.stack = <Opened *> make_room(
            self.stack, &self.stack_room, self.depth + 1, sizeof(Opened)
        )
        opened = &self.stack[self.depth]
        opened.node = node
        opened.meaning = meaning & BLOCK
        opened.tag = seen.name.text
        opened.classes, opened.id = seen.classes, seen.id
        opened.selector = opened.last = opened.row = NULL
        if meaning & BLOCK:
            opened.block = self.depth
        else:
            opened.block = self.stack[self.depth - 1].block if self.depth else -1
        self.depth += 1
        if meaning & A and seen.href != NULL:
            opened.meaning |= A
            self._open_link(seen)
        return 0

    cdef int _break(self) except -1:
        self.gap = True
        self.breaks += 1
        if self.breaks == 2:
            self._flush()
        return 0

    cdef int _open_link(self, Look *seen) except -1:
        self.links = <Link *> make_room(
            self.links, &self.links_room, self.link_count + 1, sizeof(Link)
        )
        self.links[self.link_count] = Link(seen.href, seen.rel, NULL)
        self.link_count += 1
        self.open_links = <Py_ssize_t *> make_room(
            self.open_links, &self.open_room, self.open_count + 1, sizeof(Py_ssize_t)
        )
        self.open_links[self.open_count] = self.link_count - 1
        self.open_count += 1
        return self._aim(self.link_count - 1)

    cdef int _aim(self, Py_ssize_t link) except -1:
        self.targets = <Py_ssize_t *> make_room(
            self.targets, &self.targets_room, self.target_count + 1, sizeof(Py_ssize_t)
        )
        self.targets[self.target_count] = link
        self.target_count += 1
        return 0

    cdef int _close(self) except -1:
        cdef Opened *opened = &self.stack[self.depth - 1]
        if opened.meaning & BLOCK:
            # Its text is still its own.
            self._edge()
        elif opened.meaning & A:
            self.open_count -= 1
        self.depth -= 1
        self._forget(opened)
        return 0

    cdef void _forget(self, Opened *opened) noexcept:
        Py_XDECREF(opened.selector)
        Py_XDECREF(opened.last)
        Py_XDECREF(opened.row)

    # -------------------------------------------------------------------------- text

    cdef int _read_text(self, const Bytes *data) except -1:
        cdef Py_ssize_t letters = 0
        cdef bint visible = False
        cdef bytes repaired
        self.position += 1
        if data.data == NULL:
            return 0
        if not self._add(data.data, data.length, &letters, &visible):
            repaired = decode(data.data, data.length).encode()
            self._add(repaired, len(repaired), &letters, &visible)
        if not visible:
            return 0
        self.breaks = 0
        if not self.begun:
            self.begun = True
            if self.known is not None and self.untouched and self._recognise():
                self.ancestors = field(self.known[self.same], ANCESTORS)
            else:
                self.ancestors = self._ancestors()
        if self.open_count:
            self.linked += letters
            link = self.open_links[self.open_count - 1]
            if not self.target_count or self.targets[self.target_count - 1] != link:
                self._aim(link)
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

    cdef bint _add(
        self, const unsigned char *data, size_t length, Py_ssize_t *letters, bint *visible
    ) except -1:
        """Add a piece of text, its white space collapsed; false, and nothing is added, if it is
        no UTF-8.

        Args:
            letters: where to put how many of its characters are not white space.
            visible: where to put whether one of them can be seen.
        """
        cdef const unsigned char *at = data
        cdef const unsigned char *end = data + length
        cdef const unsigned char *start
        cdef unsigned char *out
        cdef Py_ssize_t size = self.size, characters = self.characters, count = 0
        cdef Py_ssize_t visible_size = self.visible_size
        cdef Py_ssize_t visible_characters = self.visible_characters
        cdef bint gap = self.gap, begun = self.visible_size > 0, seen = False, zero_width
        cdef Py_UCS4 character
        cdef int width = 0
        cdef size_t spaces
        # A space before each word at most, and what is not ASCII is copied as it is.
        self.text = <unsigned char *> make_room(self.text, &self.room, size + length + 8, 1)
        out = self.text
        while at < end:
            if KINDS[at[0]] == SPACE:
                gap = True
                at += 1
                at += skip_spaces(at, end)
                continue
            start = at
            if KINDS[at[0]] == LETTER:
                if gap and begun:
                    out[size] = c' '
                    size += 1
                gap = False
                at += copy_words(at, end, out + size, &spaces)
                size += at - start
                while at < end and KINDS[at[0]] == LETTER:  # such as a control character
                    out[size] = at[0]
                    size += 1
                    at += 1
                count += at - start - spaces
                characters += at - start - spaces
            else:
                character = adsift_character(at, end, &width)
                if character == 0:
                    return False
                at += width
                if Py_UNICODE_ISSPACE(character):
                    gap = True
                    continue
                count += 1
                zero_width = is_zero_width(character)
                if zero_width and not begun:
                    continue
                if gap and begun:
                    out[size] = c' '
                    size += 1
                gap = False
                memcpy(out + size, start, width)
                size += width
                characters += 1
                if zero_width:
                    continue
            visible_size = size
            visible_characters = characters
            begun = seen = True
        visible[0] = seen
        self.size, self.characters = size, characters
        self.visible_size, self.visible_characters = visible_size, visible_characters
        self.gap = gap
        letters[0] = count
        return True

    # -------------------------------------------------------------------------- ancestors

    cdef tuple _ancestors(self):
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
            selector = _selector_of(<str> opened.tag, opened.classes, opened.id)
            Py_XDECREF(made.selector)
            Py_INCREF(selector)
            made[0] = Made(<PyObject *> selector, opened.tag, opened.classes, opened.id)
        Py_INCREF(selector)
        opened.selector = <PyObject *> selector
        return selector

    # -------------------------------------------------------------------------- the end

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
        cdef Py_ssize_t block = self.stack[self.depth - 1].block if self.depth else -1
        if self.same >= 0:
            self.paragraphs.append(self.known[self.same])
            self.spans.add(self.first, self.position)
            return 0
        share = ZERO
        if self.linked:
            share = min(1.0, <double> self.linked / <double> self.visible_characters)
        self.paragraphs.append(
            make_paragraph(
                decode(self.text, self.visible_size),
                None,
                None,
                <str> self.stack[block].tag if block >= 0 else "",
                share,
                self._targets() if self.target_count else (),
                self._rels() if self.target_count else (),
                self.ancestors,
            )
        )
        self.spans.add(self.first, self.position)
        return 0

    cdef tuple _targets(self):
        cdef Py_ssize_t i
        cdef Link *link
        targets = PyTuple_New(self.target_count)
        for i in range(self.target_count):
            link = &self.links[self.targets[i]]
            if link.target == NULL:
                target = _stripped(link.href)
                Py_INCREF(target)
                link.target = <PyObject *> target
            target = <str> link.target
            Py_INCREF(target)
            PyTuple_SET_ITEM(targets, i, target)
        return targets

    cdef tuple _rels(self):
        cdef Py_ssize_t i
        cdef const Attribute *rel
        cdef const Bytes *first = NULL
        for i in range(self.target_count):
            rel = self.links[self.targets[i]].rel
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
        found = self.rels.get(key)
        if found is None:
            found = self.rels[key] = _sorted_words({decode(first.data, first.length)})
        return found

    cdef tuple _several_rels(self):
        values = set()
        for i in range(self.target_count):
            rel = self.links[self.targets[i]].rel
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


cdef str _selector_of(str tag, const Attribute *classes, const Attribute *identifier):
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
        return select(tag, {"class": value_of(classes), "id": value_of(identifier)})
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
