from libc.stdint cimport uint32_t

from adsift.compiled.buffers cimport Buffer

cdef enum:
    MOST_WORDS = 160
    MOST_TOKENS = 12016  # lower case makes at most three signs of one

cdef struct Tokens:  # of a paragraph
    Buffer text  # the tokens, a space between two
    int count
    Py_ssize_t starts[MOST_TOKENS]
    Py_ssize_t ends[MOST_TOKENS]
    uint32_t lower[MOST_TOKENS]  # the signs that are read

cdef int read_tokens(Tokens *tokens, str text) except -1
