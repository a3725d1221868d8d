cdef enum:
    LONGEST = 2000  # signs of an address that are read

cdef enum:  # why a click may be paid for
    AFFILIATE = 1
    ADVERTISING = 2
    SHOP = 4
    KEY = 16
    REDIRECT = 32

cdef enum:  # an address's relation to a page
    IS_FOREIGN
    IS_RELATIVE
    IS_FRAGMENT
    IS_SCHEME

cdef struct Span:
    int start
    int size

cdef struct Target:
    # Spans are of ``lower``, the address in lower case.
    int relation
    Span scheme
    Span host
    Span full_host
    int words
    Span word[6]
    int keys
    Span key[12]
    char lower[LONGEST]

cdef void read_target(Target *target, const char *address, int size, bint whole) noexcept nogil
cdef int paid_flags(Target *target, bint is_own) noexcept nogil
