# cython: boundscheck=False, wraparound=False
"""The text of a paragraph, put together of the text nodes that hold it.

Stands for what :func:`adsift.segment.html.read_paragraphs` does with white space.
"""

from cpython.mem cimport PyMem_Free
from libc.string cimport memcpy

from adsift.compiled.arrays cimport make_room
from adsift.compiled.characters cimport (
    KINDS, LETTER, SPACE, Py_UNICODE_ISSPACE, character_at, copy_words, decode, is_zero_width,
    skip_spaces,
)


cdef class Text:
    """The text so far, without white space and zero width at its start. What stands at its end is
    only known not to be its end when something to see follows."""

    def __dealloc__(self):
        PyMem_Free(self.data)

    cdef void clear(self) noexcept:
        self.gap = False
        self.size = self.characters = self.visible_size = self.visible_characters = 0

    cdef int add(
        self, const unsigned char *data, size_t length, Py_ssize_t *letters, bint *visible
    ) except -1:
        """Add a piece of text, its white space collapsed.

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
        cdef bytes repaired
        # A space before each word at most, and what is not ASCII is copied as it is.
        self.data = <unsigned char *> make_room(self.data, &self.room, size + length + 8, 1)
        out = self.data
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
                character = character_at(at, end, &width)
                if character == 0:  # no UTF-8; nothing is added yet
                    repaired = decode(data, length).encode()
                    return self.add(repaired, len(repaired), letters, visible)
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
        return 0

    cdef str whole(self):
        return decode(self.data, self.visible_size)
