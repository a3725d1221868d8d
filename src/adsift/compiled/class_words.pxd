from libc.stdint cimport int32_t, uint32_t, uint64_t

from adsift.compiled.buffers cimport Buffer

cdef enum:
    MOST_CLASS_WORDS = 24  # of a selector
    NAMES_KEPT = 8192
    LONGEST_SELECTOR = 1000  # segmenters cut selectors off well before

cdef struct ClassWord:
    uint64_t begin  # its first eight bytes
    uint32_t near, around  # its hashes as words of the two features
    # Marks of who reads rows of selectors: they lie here to be in the cache along with the hashes.
    uint32_t stamp  # of the row that has it already
    bint above  # whether an element of the row, but the outermost, has it
    int32_t size
    Py_ssize_t start  # of its bytes among the letters of all

cdef struct Vocabulary:
    ClassWord words[NAMES_KEPT]  # by their numbers
    int count

cdef Vocabulary *vocabulary() noexcept
cdef int numbers_of(selector, int32_t *numbers, Buffer *scratch) except -1
cdef void forget() noexcept
