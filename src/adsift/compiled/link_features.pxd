from adsift.compiled.feature_hashing cimport FeatureWords
from adsift.compiled.links cimport Target

cdef class LinkReader:
    cdef Target target  # of the link that is read
    cdef str own
    cdef const char *own_data  # NULL if it is not ASCII: then no address that is can be of it
    cdef Py_ssize_t own_size

    cdef int set_own(self, str own) except -1
    cdef int emit_links(self, FeatureWords *words, tuple links, tuple rels, float *facts) except -1
    cdef int read_links(
        self, FeatureWords *words, tuple links, float *facts, bint emitting
    ) except -1
    cdef int emit_link(self, FeatureWords *words, bint own) except -1
    cdef bint is_own(self) noexcept
