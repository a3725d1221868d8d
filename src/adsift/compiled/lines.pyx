# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
"""Compiled :mod:`adsift.segment.text`: the paragraphs of plain text.

The rules and their reasons are there. A paragraph with an address in it is made there as well.
"""

from cpython.mem cimport PyMem_Free, PyMem_Realloc
from libc.stdint cimport uint8_t, uint16_t, uint32_t

from adsift.compiled.objects cimport make_paragraph

from adsift.segment import text as pure

cdef extern from "Python.h":
    int PyUnicode_KIND(str) noexcept
    void *PyUnicode_DATA(str) noexcept
    Py_ssize_t PyUnicode_GET_LENGTH(str) noexcept
    str PyUnicode_Substring(str, Py_ssize_t, Py_ssize_t)
    str PyUnicode_New(Py_ssize_t, uint32_t)
    bint Py_UNICODE_ISSPACE(Py_UCS4) noexcept
    bint Py_UNICODE_ISDECIMAL(Py_UCS4) noexcept

ctypedef fused Char:
    uint8_t
    uint16_t
    uint32_t

cdef Py_ssize_t LONGEST_WRAPPED_LINE = pure.LONGEST_WRAPPED_LINE
cdef Py_ssize_t LONGEST_USUAL_LINE = pure.LONGEST_USUAL_LINE
cdef str BREAKS = pure.BREAKS
cdef str BULLETS = pure.BULLETS
cdef object ZERO = 0.0

# ------------------------------------------------------------------------------ characters

cdef enum:
    OTHER = 0
    SPACE = 1       # white space that breaks no line
    BREAK = 2

cdef uint8_t KINDS[256]
cdef bint PLAIN[256]    # other, and no address has it where one is looked for


cdef int _sort_characters() except -1:
    cdef int code
    for code in range(256):
        KINDS[code] = BREAK if chr(code) in BREAKS else SPACE if chr(code).isspace() else OTHER
        PLAIN[code] = KINDS[code] == OTHER and chr(code) not in "/."
    return 0


_sort_characters()


cdef inline int kind_of(Py_UCS4 character) noexcept:
    if character < 256:
        return KINDS[character]
    if character == 0x2028 or character == 0x2029:
        return BREAK
    return SPACE if Py_UNICODE_ISSPACE(character) else OTHER


cdef inline bint is_plain(Py_UCS4 character) noexcept:
    return PLAIN[character] if character < 256 else kind_of(character) == OTHER


if any(ord(c) > 255 and c not in "\u2028\u2029" for c in BREAKS):
    raise ImportError("the compiled core knows other line breaks")

# ------------------------------------------------------------------------------ lines

cdef struct Line:
    Py_ssize_t start        # of the first character that is not white space
    Py_ssize_t end          # after the last one
    bint parted             # a blank line stands before it
    bint address            # it may hold one
    bint collapsed          # its only white space is single spaces


cdef struct Lines:
    Line *items
    Py_ssize_t count, room
    Py_ssize_t longest      # how long one is
    bint unwrapped          # one is too long to have been wrapped
    bint parted             # a blank line stands between two of them


cdef Line *new_line(Lines *lines) except NULL:
    cdef Line *items
    cdef Py_ssize_t room
    if lines.count == lines.room:
        room = 2 * lines.room + 64
        items = <Line *> PyMem_Realloc(lines.items, room * sizeof(Line))
        if items == NULL:
            raise MemoryError()
        lines.items, lines.room = items, room
    lines.count += 1
    return &lines.items[lines.count - 1]


cdef int read_lines(const Char *data, Py_ssize_t length, Lines *lines) except -1:
    cdef Py_ssize_t at = 0, spaces, inner, end
    cdef Py_ssize_t breaks = 0, gap
    cdef int kind
    cdef Line *line
    cdef Py_UCS4 character
    while True:
        # White space up to the next line; CR LF is one break.
        while at < length:
            kind = kind_of(data[at])
            if kind == OTHER:
                break
            if kind == BREAK:
                breaks += 1
                if data[at] == 13 and at + 1 < length and data[at + 1] == 10:
                    at += 1
            at += 1
        if at >= length:
            return 0
        line = new_line(lines)
        line.start = at
        line.parted = lines.count > 1 and breaks > 1
        lines.parted = lines.parted or line.parted
        line.address = False
        line.collapsed = True
        end = at
        spaces = inner = 0      # up to here, and up to the last that is not white space
        gap = 0                 # white space since then
        while at < length:
            character = data[at]
            kind = kind_of(character)
            if kind == OTHER:
                if gap:
                    # White space other than one space.
                    if gap > 1 or data[at - 1] != 32:
                        line.collapsed = False
                    inner = spaces
                    gap = 0
                at += 1
                if is_plain(character):
                    while at < length and is_plain(data[at]):
                        at += 1
                elif character == 47:   # ://
                    if at - line.start > 2 and data[at - 2] == 47 and data[at - 3] == 58:
                        line.address = True
                else:                   # www. in any case; no other letter is a w in lower case
                    if (
                        at - line.start > 3
                        and data[at - 2] | 32 == 119
                        and data[at - 3] | 32 == 119
                        and data[at - 4] | 32 == 119
                    ):
                        line.address = True
                end = at
            elif kind == SPACE:
                gap += 1
                spaces += character == 32
                at += 1
            else:
                break
        line.end = end
        lines.longest = max(lines.longest, end - line.start)
        if end - line.start > LONGEST_WRAPPED_LINE and inner > 2:
            lines.unwrapped = True
        breaks = 0


cdef bint is_item(const Char *data, Py_ssize_t length, Py_ssize_t at) noexcept:
    """Whether a list marker stands here."""
    cdef Py_ssize_t start, digits = 0, numerals = 0
    cdef bint bracket
    if at + 1 < length and <Py_UCS4> data[at] in BULLETS and is_gap(data[at + 1]):
        return True
    bracket = data[at] == 40
    at += bracket
    start = at
    while at < length and digits < 4 and Py_UNICODE_ISDECIMAL(data[at]):
        digits += 1
        at += 1
    if 1 <= digits <= 3 and at + 1 < length and is_gap(data[at + 1]):
        if data[at] == 41 or (data[at] == 46 and not bracket):
            return True
    at = start
    if at + 2 < length and is_letter(data[at]) and data[at + 1] == 41 and is_gap(data[at + 2]):
        return True
    while at < length and numerals < 6 and data[at] in (105, 118, 120):
        numerals += 1
        at += 1
    return 2 <= numerals <= 5 and at + 1 < length and data[at] == 41 and is_gap(data[at + 1])


cdef inline bint is_gap(Py_UCS4 character) noexcept:
    return character == 32 or character == 9


cdef inline bint is_letter(Py_UCS4 character) noexcept:
    return 65 <= character <= 90 or 97 <= character <= 122


cdef int join_lines(const Char *data, Py_ssize_t length, Lines *lines) except -1:
    """Make paragraphs of lines, in place."""
    cdef Py_ssize_t i, count = 0
    cdef Line *line
    cdef Line *last
    if lines.unwrapped or not lines.parted:
        return 0
    for i in range(lines.count):
        line = &lines.items[i]
        if i == 0 or line.parted or is_item(data, length, line.start):
            lines.items[count] = line[0]
            count += 1
            continue
        last = &lines.items[count - 1]
        last.collapsed = (
            last.collapsed
            and line.collapsed
            and line.start - last.end == 1
            and data[last.end] == 32
        )
        last.address = last.address or line.address
        last.end = line.end
    lines.count = count
    return 0

# ------------------------------------------------------------------------------ paragraphs

cdef str collapse(const Char *data, Py_ssize_t start, Py_ssize_t end):
    """:func:`adsift.segment.whitespace.collapse` of what neither begins nor ends with white space."""
    cdef Py_ssize_t at, size = 0
    cdef uint32_t together = 0
    cdef bint gap = False
    cdef int kind
    for at in range(start, end):
        if kind_of(data[at]) == OTHER:
            together |= data[at]
            size += 1 + gap
            gap = False
        else:
            gap = True
    # Their bits together need the same width as the largest of them.
    text = PyUnicode_New(size, min(together, <uint32_t> 0x10FFFF))
    kind = PyUnicode_KIND(text)
    if kind == 1:
        put_collapsed(data, start, end, <uint8_t *> PyUnicode_DATA(text))
    elif kind == 2:
        put_collapsed(data, start, end, <uint16_t *> PyUnicode_DATA(text))
    else:
        put_collapsed(data, start, end, <uint32_t *> PyUnicode_DATA(text))
    return text


ctypedef fused Out:
    uint8_t
    uint16_t
    uint32_t


cdef void put_collapsed(const Char *data, Py_ssize_t start, Py_ssize_t end, Out *out) noexcept:
    cdef Py_ssize_t at
    cdef bint gap = False
    for at in range(start, end):
        if kind_of(data[at]) == OTHER:
            if gap:
                out[0] = 32
                out += 1
                gap = False
            out[0] = <Out> data[at]
            out += 1
        else:
            gap = True


cdef list make_paragraphs(str source, const Char *data, Py_ssize_t length):
    cdef Lines lines
    cdef Line *line
    cdef Py_ssize_t i
    cdef list paragraphs = []
    cdef str text
    lines.items = NULL
    lines.count = lines.room = lines.longest = 0
    lines.unwrapped = lines.parted = False
    try:
        read_lines(data, length, &lines)
        if lines.count > 1 and not lines.parted and lines.longest <= LONGEST_USUAL_LINE:
            return pure.read_paragraphs(source)     # few texts are such that lines may be joined
        join_lines(data, length, &lines)
        for i in range(lines.count):
            line = &lines.items[i]
            if line.address:
                paragraphs.append(pure.make_paragraph(source, line.start, line.end))
                continue
            if line.collapsed:
                text = PyUnicode_Substring(source, line.start, line.end)
            else:
                text = collapse(data, line.start, line.end)
            paragraphs.append(
                make_paragraph(text, line.start, line.end, "", ZERO, (), (), ())
            )
        return paragraphs
    finally:
        PyMem_Free(lines.items)


def read_paragraphs(str source not None):
    """:func:`adsift.segment.text.read_paragraphs`."""
    cdef Py_ssize_t length = PyUnicode_GET_LENGTH(source)
    cdef int kind = PyUnicode_KIND(source)
    if kind == 1:
        return make_paragraphs(source, <const uint8_t *> PyUnicode_DATA(source), length)
    if kind == 2:
        return make_paragraphs(source, <const uint16_t *> PyUnicode_DATA(source), length)
    return make_paragraphs(source, <const uint32_t *> PyUnicode_DATA(source), length)
