cdef class Text:        # as UTF-8
    cdef unsigned char *data
    cdef Py_ssize_t size, room, characters
    cdef Py_ssize_t visible_size, visible_characters
    cdef bint gap       # white space has come since

    cdef void clear(self) noexcept
    cdef int add(
        self, const unsigned char *data, size_t length, Py_ssize_t *letters, bint *visible
    ) except -1
    cdef str whole(self)
