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
    """
    ctypedef unsigned int (*Feed "adsift_feed")(void *, const unsigned char *, size_t) nogil

    ctypedef struct Chunk "adsift_chunk":
        size_t size
        Chunk *before

    ctypedef struct Pool "adsift_pool":
        Chunk *newest
        size_t chunks

cdef enum:
    POOLS = 8


def feed(
    size_t function, size_t document, size_t open_elements, size_t formatting, tuple pools,
    bytes data, size_t most, size_t open_free, size_t formatting_free, size_t weight,
    uint64_t time, uint64_t room, uint64_t room_per_byte,
):
    """The fields of :class:`adsift.segment.parsing.Fed`.

    Args:
        function: the address of ``lxb_html_document_parse_chunk``.
        document, open_elements, formatting, pools: of :class:`adsift.segment.parsing.Watched`.
        data: the page.
        most, open_free, formatting_free, weight, time, room, room_per_byte: the limits.
    """
    cdef const unsigned char *start = data
    cdef const unsigned char *found
    cdef size_t known[POOLS]
    cdef size_t size = len(data), end = 0, done, piece, at, crowd
    cdef const size_t *opened = <const size_t *> open_elements
    cdef const size_t *unclosed = <const size_t *> formatting
    cdef Pool *watched[POOLS]
    cdef int i, count = <int> len(pools)
    cdef uint64_t spent = 0, memory = 0
    cdef unsigned int status = 0
    cdef bint costly
    if count > POOLS:
        raise ValueError("there is no room for so many pools")
    for i in range(count):
        watched[i] = <Pool *> <size_t> pools[i]
        known[i] = 0
    with nogil:
        while end < size:
            done = end
            end = size
            piece = most // (1 + unclosed[0] // formatting_free)
            at = done + (piece if piece else 1) - 1
            if at < size:
                found = <const unsigned char *> memchr(start + at, 62, size - at)
                if found != NULL:
                    end = found - start + 1
            status = (<Feed> function)(<void *> document, start + done, end - done)
            for i in range(count):
                memory += growth(watched[i], &known[i])
            crowd = opened[0] - open_free if opened[0] > open_free else 0
            if unclosed[0] > formatting_free:
                crowd += weight * (unclosed[0] - formatting_free)
            if crowd:
                spent += crowd * signs(start + done, end - done)
            costly = spent > time or memory > room + room_per_byte * end
            if status or (costly and end < size):
                break
    return end, status, opened[0], memory


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
