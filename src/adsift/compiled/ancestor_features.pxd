from libc.stdint cimport int32_t

from adsift.compiled.buffers cimport Buffer
from adsift.compiled.class_words cimport MOST_CLASS_WORDS
from adsift.compiled.feature_hashing cimport FeatureWords

cdef enum:
    MOST_ANCESTORS = 64

cdef class AncestorReader:
    cdef tuple last_ancestors  # most paragraphs have those of the one before
    cdef Buffer last_made  # and what they gave
    # The elements of a row are mostly those of the row before, up to one of them.
    cdef tuple row
    cdef int32_t row_words[MOST_ANCESTORS * MOST_CLASS_WORDS]  # numbers of its class words
    cdef int row_ends[MOST_ANCESTORS + 1]  # where those of an element end
    # Its class words but the outermost's, once.
    cdef int32_t around[MOST_ANCESTORS * MOST_CLASS_WORDS]
    cdef int around_ends[MOST_ANCESTORS + 1]  # where those end that an element or one above it has

    cdef int emit_ancestors(self, FeatureWords *words, tuple ancestors) except -1
    cdef int make_ancestors(self, FeatureWords *words, tuple ancestors) except -1
    cdef int read_row(self, tuple ancestors, Buffer *scratch) except -1
