# What the modules that hash words share. The functions are inline, so each has its own table.

from libc.stdint cimport uint8_t, uint32_t

cdef extern from *:
    """
    static uint32_t adsift_crc[256];
    static inline void adsift_make_crc(void) {
        for (uint32_t number = 0; number < 256; number++) {
            uint32_t value = number;
            for (int bit = 0; bit < 8; bit++)
                value = (value >> 1) ^ (value & 1 ? 0xEDB88320u : 0);
            adsift_crc[number] = value;
        }
    }
    static inline uint32_t adsift_step(uint32_t state, uint32_t byte) {
        return adsift_crc[(state ^ byte) & 255] ^ (state >> 8);
    }
    """
    void make_crc_table "adsift_make_crc" () noexcept  # once, before the first step
    uint32_t step "adsift_step" (uint32_t state, uint32_t byte) noexcept nogil  # of zlib's CRC-32


cdef inline uint32_t steps(uint32_t state, const char *data, Py_ssize_t size) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(size):
        state = step(state, <uint8_t>data[i])
    return state


cdef inline uint32_t after(bytes prefix):
    # The state behind what stands before all words of a feature.
    return steps(0xFFFFFFFFu, prefix, len(prefix))


cdef extern from *:
    """
    #if defined(__GNUC__)
    #define ADSIFT_PREFETCH(p) __builtin_prefetch(p)
    #else
    #define ADSIFT_PREFETCH(p)
    #endif
    """
    void prefetch "ADSIFT_PREFETCH" (const void *) noexcept nogil

cdef extern from "Python.h":
    bint PyUnicode_CheckExact(object) noexcept
    str PyUnicode_FromObject(object)


cdef inline str plain(value):
    # The string itself: a subclass may say other things of itself than what it holds, and one of
    # Beautiful Soup's keeps its whole tree alive.
    return <str>value if PyUnicode_CheckExact(value) else PyUnicode_FromObject(value)
