# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Compiled :func:`adsift.model.context.facts`, but for the facts of links, which come with their words
(``link_features.pyx``)."""

from cpython.unicode cimport PyUnicode_DATA, PyUnicode_GET_LENGTH, PyUnicode_KIND
from libc.stdint cimport uint32_t

from adsift.model.context import FACTS, HEADINGS

cdef extern from "Python.h":
    # Of signs as numbers: Cython takes a Py_UCS4 for a string as soon as it is reckoned with.
    uint32_t PyUnicode_READ(int, void *, Py_ssize_t) noexcept
    uint32_t PyUnicode_READ_CHAR(str, Py_ssize_t) noexcept
    bint Py_UNICODE_ISALNUM(uint32_t) noexcept
    bint Py_UNICODE_ISDECIMAL(uint32_t) noexcept
    bint Py_UNICODE_ISSPACE(uint32_t) noexcept

if FACTS != ("paid", "foreign", "price", "linked", "short", "heading", "item", "sentence"):
    raise ImportError("the compiled facts are not those of adsift.model.context")

cdef frozenset _HEADINGS = HEADINGS


cdef int write_facts(
    str text, str tag, double link_share, bint has_digits, float *facts
) except -1:
    """What a text, which is not empty, and its markup tell; of its links nothing yet.

    Args:
        has_digits: whether there are any among the first 1000 signs.
    """
    cdef Py_ssize_t size = PyUnicode_GET_LENGTH(text)
    cdef uint32_t last = PyUnicode_READ_CHAR(text, size - 1)
    facts[PAID] = facts[FOREIGN] = 0
    facts[PRICE] = has_digits and has_price(PyUnicode_KIND(text), PyUnicode_DATA(text), size)
    facts[SHORT] = size < 40
    # . ! ? ” " …
    facts[SENTENCE] = last in (46, 33, 63, 0x201D, 34, 0x2026)
    if tag:
        facts[LINKED] = <float>link_share
        facts[HEADING] = tag in _HEADINGS
        facts[ITEM] = tag == "li"
    else:
        facts[LINKED] = facts[ITEM] = 0
        facts[HEADING] = size < 80 and Py_UNICODE_ISALNUM(last)
    return 0


cdef bint has_price(int kind, void *data, Py_ssize_t size) noexcept:
    """Whether the pattern of :func:`adsift.model.context.facts` is in the first 1000 signs."""
    cdef Py_ssize_t i, at
    cdef uint32_t sign, one, two
    if size > 1000:
        size = 1000
    for i in range(size):
        sign = PyUnicode_READ(kind, data, i)
        if sign < 128:
            if not 48 <= sign <= 57:
                continue
        elif not Py_UNICODE_ISDECIMAL(sign):
            continue
        if i:
            sign = PyUnicode_READ(kind, data, i - 1)
            if is_currency(sign):
                return True
            if i > 1 and Py_UNICODE_ISSPACE(sign) and is_currency(PyUnicode_READ(kind, data, i - 2)):
                return True
        at = i + 1
        if at < size and Py_UNICODE_ISSPACE(PyUnicode_READ(kind, data, at)):
            at += 1
        if at >= size:
            continue
        sign = folded(PyUnicode_READ(kind, data, at))
        if sign == 0x20AC:
            return True
        if sign == 37:  # %, white space, "off"
            at += 1
            if at >= size or not Py_UNICODE_ISSPACE(PyUnicode_READ(kind, data, at)):
                continue
            while at < size and Py_UNICODE_ISSPACE(PyUnicode_READ(kind, data, at)):
                at += 1
            if (
                at + 2 < size
                and folded(PyUnicode_READ(kind, data, at)) == 111
                and folded(PyUnicode_READ(kind, data, at + 1)) == 102
                and folded(PyUnicode_READ(kind, data, at + 2)) == 102
            ):
                return True
        elif at + 2 < size and (sign == 117 or sign == 101 or sign == 103):
            one = folded(PyUnicode_READ(kind, data, at + 1))
            two = folded(PyUnicode_READ(kind, data, at + 2))
            if (
                (sign == 117 and one == 115 and two == 100)  # USD
                or (sign == 101 and one == 117 and two == 114)  # EUR
                or (sign == 103 and one == 98 and two == 112)  # GBP
            ):
                return True
    return False


cdef inline bint is_currency(uint32_t sign) noexcept:
    return sign == 36 or sign == 0x20AC or sign == 0xA3 or sign == 0xA5


cdef inline uint32_t folded(uint32_t sign) noexcept:
    """Such that signs which ``re.I`` takes for one another are equal, as far as a price needs."""
    if 65 <= sign <= 90:
        return sign + 32
    return 115 if sign == 0x17F else sign
