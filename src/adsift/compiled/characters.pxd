# Characters and texts, as UTF-8; see characters.h.

from cpython.unicode cimport PyUnicode_DecodeUTF8

cdef extern from "characters.h":
    enum:   # kinds of bytes
        LETTER "ADSIFT_LETTER"
        SPACE "ADSIFT_SPACE"
        BEYOND "ADSIFT_BEYOND"

    const unsigned char *KINDS "adsift_kinds"   # of each byte

    Py_UCS4 character_at "adsift_character" (
        const unsigned char *at, const unsigned char *end, int *width)
    bint is_zero_width "adsift_is_zero_width" (Py_UCS4 character)
    bint is_ascii "adsift_is_ascii" (const unsigned char *data, size_t length)
    bint is_blank "adsift_is_blank" (const unsigned char *data, size_t length)
    size_t skip_spaces "adsift_skip_spaces" (const unsigned char *at, const unsigned char *end)
    size_t copy_words "adsift_copy_words" (
        const unsigned char *at, const unsigned char *end, unsigned char *out, size_t *spaces)

cdef extern from "Python.h":
    bint Py_UNICODE_ISSPACE(Py_UCS4 character)


cdef inline str decode(const unsigned char *data, size_t length):
    return PyUnicode_DecodeUTF8(<const char *> data, length, "replace")
