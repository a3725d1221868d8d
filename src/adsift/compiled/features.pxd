from libc.stdint cimport uint32_t

from adsift.compiled.ancestor_features cimport AncestorReader
from adsift.compiled.feature_hashing cimport FeatureWords
from adsift.compiled.link_features cimport LinkReader
from adsift.compiled.tokens cimport Tokens

cdef class FeatureReader:
    cdef FeatureWords words
    cdef Tokens tokens
    cdef LinkReader links
    cdef AncestorReader ancestors

    cdef int set_own(self, str own) except -1
    cdef int read(self, paragraph, float *facts) except -1
    cdef int emit_numbered(self, uint32_t state, Py_ssize_t start, int number) except -1
    cdef int read_pure(self, paragraph) except -1
