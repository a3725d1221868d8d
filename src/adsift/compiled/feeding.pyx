# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
"""Compiled :mod:`adsift.segment.parsing`: the loop that feeds a page and watches."""

from libc.stdint cimport uint64_t
from libc.string cimport memchr

cdef extern from *:
    """
    #include <stddef.h>

    typedef unsigned int (*adsift_feed)(void *, const unsigned char *, size_t);

    typedef struct adsift_chunk adsift_chunk;
    struct adsift_chunk {
        unsigned char *data;
        size_t used, size;
        adsift_chunk *after, *before;
    };
    typedef struct { adsift_chunk *newest, *first; size_t least, chunks; } adsift_pool;
    typedef struct { const size_t *entries; size_t room, length; } adsift_array;
    """
    ctypedef unsigned int (*Feed "adsift_feed")(void *, const unsigned char *, size_t) nogil

    ctypedef struct Chunk "adsift_chunk":
        size_t size
        Chunk *before

    ctypedef struct Pool "adsift_pool":
        Chunk *newest
        size_t chunks

    ctypedef struct Array "adsift_array":
        const size_t *entries
        size_t length


def feed(
    size_t function, size_t document, size_t open_elements, size_t formatting, size_t mark,
    tuple pools, bytes data, size_t most, size_t least, uint64_t at_once, size_t open_free,
    size_t formatting_free, size_t weight, uint64_t time, uint64_t room, uint64_t room_per_byte,
):
    """The fields of :class:`adsift.segment.parsing.Fed`.

    Args:
        function: the address of ``lxb_html_document_parse_chunk``.
        document, open_elements, formatting, mark, pools: of
            :class:`adsift.segment.lexbor_library.Watched`.
        data: the page.
        most, least, at_once, open_free, formatting_free, weight, time, room, room_per_byte: the
            limits.
    """
    cdef const unsigned char *start = data
    cdef const unsigned char *found
    cdef size_t size = len(data), end = 0, done, at, piece = most, crowd, i, compared, marks
    cdef size_t chunks[2]
    cdef const Pool *nodes = <const Pool *> <size_t> pools[0]
    cdef const Pool *texts = <const Pool *> <size_t> pools[1]
    cdef const Array *opened = <const Array *> open_elements
    cdef const Array *listed = <const Array *> formatting
    cdef uint64_t spent = 0, memory = 0, before = 0, fitting
    cdef unsigned int status = 0
    cdef bint costly
    chunks[0] = chunks[1] = 0
    with nogil:
        while end < size:
            done = end
            end = size
            at = done + piece - 1
            if at < size:
                found = <const unsigned char *> memchr(start + at, 62, size - at)
                if found != NULL:
                    end = found - start + 1
            status = (<Feed> function)(<void *> document, start + done, end - done)
            memory += growth(nodes, &chunks[0]) + growth(texts, &chunks[1])
            compared, marks = listed.length, 0
            for i in range(listed.length):
                if listed.entries[i] == mark:
                    compared = listed.length - 1 - i
                    marks += 1
            if marks == listed.length:
                before = memory
            fitting = 4 * at_once // (memory - before + 1)
            piece = <size_t> min(<uint64_t> most, max(<uint64_t> least, fitting))
            crowd = opened.length - open_free if opened.length > open_free else 0
            if compared > formatting_free:
                crowd += weight * (compared - formatting_free)
            if crowd:
                spent += crowd * signs(start + done, end - done)
            costly = spent > time or memory > room + room_per_byte * end
            if status or (costly and end < size):
                break
    return end, status, opened.length, memory


cdef uint64_t growth(const Pool *pool, size_t *known) noexcept nogil:
    cdef const Chunk *chunk = pool.newest
    cdef uint64_t size = 0
    while known[0] < pool.chunks:
        size += chunk.size
        chunk = chunk.before
        known[0] += 1
    return size


cdef size_t signs(const unsigned char *data, size_t size) noexcept nogil:
    cdef size_t i, count = 0
    for i in range(size):
        count += data[i] == 60
    return count
