# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Compiled :mod:`adsift.model.features` and :mod:`adsift.model.links`, and the facts of
:mod:`adsift.model.context`: from paragraphs to the columns of their feature words, and to step 1's
scores.

No word is ever made into a string: its bytes are written into one buffer and hashed there. What
is rare (addresses that are not ASCII, paragraphs with more ancestors than a segmenter gives) is left to
the pure functions.
"""

from cpython.object cimport PyObject
from cpython.ref cimport Py_CLEAR, Py_INCREF
from cpython.unicode cimport PyUnicode_DATA, PyUnicode_DecodeASCII, PyUnicode_GET_LENGTH, PyUnicode_KIND
from libc.math cimport rint, sqrt
from libc.stdint cimport int32_t, int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport free, malloc, realloc
from libc.string cimport memchr, memcmp, memcpy, memmove, memset, strlen

from adsift.compiled.objects cimport ANCESTORS, LINK_SHARE, LINKS, RELS, TAG, TEXT, field
from adsift.compiled.strings cimport PyUnicode_CheckExact, make_crc_table, plain, prefetch, step

import os

import numpy as np

from adsift.model import links as pure_links
from adsift.model.context import FACTS, HEADINGS
from adsift.model.features import MAX_WORDS, paragraph_words

cdef extern from "Python.h":
    PyObject *PyTuple_GET_ITEM(tuple, Py_ssize_t) noexcept
    # Of signs as numbers: Cython takes a Py_UCS4 for a string as soon as it is reckoned with.
    bint PyUnicode_IS_ASCII(str) noexcept
    uint32_t PyUnicode_READ(int, void *, Py_ssize_t) noexcept
    uint32_t PyUnicode_READ_CHAR(str, Py_ssize_t) noexcept
    bint Py_UNICODE_ISALNUM(uint32_t) noexcept
    bint Py_UNICODE_ISALPHA(uint32_t) noexcept
    bint Py_UNICODE_ISDECIMAL(uint32_t) noexcept
    bint Py_UNICODE_ISDIGIT(uint32_t) noexcept
    bint Py_UNICODE_ISUPPER(uint32_t) noexcept
    bint Py_UNICODE_ISSPACE(uint32_t) noexcept
    uint32_t Py_UNICODE_TOLOWER(uint32_t) noexcept

# ---------------------------------------------------------------- hashing (zlib's CRC-32)

make_crc_table()


cdef inline uint32_t steps(uint32_t state, const char *data, Py_ssize_t size) noexcept nogil:
    cdef Py_ssize_t i
    for i in range(size):
        state = step(state, <uint8_t>data[i])
    return state


cdef uint32_t after(bytes prefix):
    return steps(0xFFFFFFFFu, prefix, len(prefix))


cdef uint32_t W = after(b"w="), P = after(b"p="), F = after(b"f="), L = after(b"l=")
cdef uint32_t T = after(b"t="), S = after(b"s="), A = after(b"a="), R = after(b"r=")
cdef uint32_t H = after(b"h="), N = after(b"n="), O = after(b"o="), E = after(b"e=")
cdef uint32_t MARKUP = ~after(b"markup"), PLAIN = ~after(b"plain")

# ---------------------------------------------------------------- growing buffers

cdef struct Buffer:
    char *data
    Py_ssize_t size
    Py_ssize_t room


cdef int reserve(Buffer *buffer, Py_ssize_t more) except -1:
    cdef Py_ssize_t room
    cdef char *data
    if buffer.size + more <= buffer.room:
        return 0
    room = (buffer.size + more) * 3 // 2 + 4096
    data = <char *>realloc(buffer.data, room)
    if data == NULL:
        raise MemoryError()
    buffer.data = data
    buffer.room = room
    return 0


cdef inline int put(Buffer *buffer, const char *data, Py_ssize_t size) except -1:
    reserve(buffer, size)
    memcpy(buffer.data + buffer.size, data, size)
    buffer.size += size
    return 0


cdef inline void put_sign(Buffer *buffer, uint32_t sign) noexcept:
    """As UTF-8 with surrogates passed on; there is room for 4 bytes."""
    cdef char *out = buffer.data + buffer.size
    if sign < 0x80:
        out[0] = <char>sign
        buffer.size += 1
    elif sign < 0x800:
        out[0] = <char>(0xC0 | sign >> 6)
        out[1] = <char>(0x80 | sign & 63)
        buffer.size += 2
    elif sign < 0x10000:
        out[0] = <char>(0xE0 | sign >> 12)
        out[1] = <char>(0x80 | sign >> 6 & 63)
        out[2] = <char>(0x80 | sign & 63)
        buffer.size += 3
    else:
        out[0] = <char>(0xF0 | sign >> 18)
        out[1] = <char>(0x80 | sign >> 12 & 63)
        out[2] = <char>(0x80 | sign >> 6 & 63)
        out[3] = <char>(0x80 | sign & 63)
        buffer.size += 4


cdef inline int put_number(Buffer *buffer, long number) except -1:
    cdef char digits[20]
    cdef int count = 0
    while True:
        digits[count] = <char>(48 + number % 10)
        count += 1
        number //= 10
        if number == 0:
            break
    reserve(buffer, count)
    while count:
        count -= 1
        buffer.data[buffer.size] = digits[count]
        buffer.size += 1
    return 0


cdef int put_text(Buffer *buffer, str text) except -1:
    cdef Py_ssize_t i, size = PyUnicode_GET_LENGTH(text)
    cdef int kind = PyUnicode_KIND(text)
    cdef void *data = PyUnicode_DATA(text)
    if PyUnicode_IS_ASCII(text):
        return put(buffer, <const char *>data, size)
    reserve(buffer, 4 * size)
    for i in range(size):
        put_sign(buffer, PyUnicode_READ(kind, data, i))
    return 0


cdef uint32_t hash_sign(uint32_t state, uint32_t sign) noexcept:
    """The state after the sign's bytes."""
    cdef char data[4]
    cdef Buffer buffer
    buffer.data = data
    buffer.size = 0
    put_sign(&buffer, sign)
    return steps(state, data, buffer.size)


cdef inline int bits(long number) noexcept nogil:
    cdef int count = 0
    while number:
        number >>= 1
        count += 1
    return count


# ---------------------------------------------------------------- words seen once

DEF TABLE = 1024  # at least twice the words of a paragraph's links, which are most

cdef struct Slot:
    uint32_t stamp
    uint32_t hashed
    int32_t start
    int32_t size

cdef struct Seen:
    # Open addressing; a slot counts while its stamp is the set's, so a set is emptied in no time.
    Slot slots[TABLE]
    uint32_t stamp


cdef inline void clear(Seen *seen) noexcept nogil:
    seen.stamp += 1
    if seen.stamp == 0:
        memset(seen.slots, 0, sizeof(seen.slots))
        seen.stamp = 1


cdef inline bint is_new(
    Seen *seen, uint32_t hashed, const char *base, Py_ssize_t start, Py_ssize_t size
) noexcept nogil:
    """Put in a word, the bytes of ``base`` from ``start``; whether it was not there."""
    cdef uint32_t place = (hashed * 0x9E3779B1u) >> 22
    cdef Slot *slot = &seen.slots[place]
    while slot.stamp == seen.stamp:
        if (
            slot.hashed == hashed
            and slot.size == size
            and memcmp(base + slot.start, base + start, size) == 0
        ):
            return False
        place = (place + 1) & (TABLE - 1)
        slot = &seen.slots[place]
    slot.stamp = seen.stamp
    slot.hashed = hashed
    slot.start = <int32_t>start
    slot.size = <int32_t>size
    return True


# ---------------------------------------------------------------- known hosts and keys

DEF KNOWN = 1024
cdef enum:
    AFFILIATE = 1
    ADVERTISING = 2
    SHOP = 4
    SOCIAL = 8
    KEY = 16
    REDIRECT = 32
    FOREIGN = 64

cdef struct Name:
    uint32_t hashed
    int flags
    int size
    char data[40]

cdef Name known_names[KNOWN]


cdef int learn(names, int flag) except -1:
    cdef bytes name
    cdef uint32_t hashed, slot
    for text in sorted(names):
        name = text.encode()
        if len(name) > 40:
            raise ValueError(f"{text} is too long to be a known name")
        hashed = steps(0xFFFFFFFFu, name, len(name))
        slot = hashed & (KNOWN - 1)
        while known_names[slot].size and not (
            known_names[slot].hashed == hashed
            and known_names[slot].size == len(name)
            and memcmp(known_names[slot].data, <const char *>name, len(name)) == 0
        ):
            slot = (slot + 1) & (KNOWN - 1)
        known_names[slot].hashed = hashed
        known_names[slot].size = <int>len(name)
        known_names[slot].flags |= flag
        memcpy(known_names[slot].data, <const char *>name, len(name))
    return 0


memset(known_names, 0, sizeof(known_names))
learn(pure_links.AFFILIATE_HOSTS, AFFILIATE)
learn(pure_links.ADVERTISING_HOSTS, ADVERTISING)
learn(pure_links.SHOP_HOSTS, SHOP)
learn(pure_links.SOCIAL_HOSTS, SOCIAL)
learn(pure_links.AFFILIATE_KEYS, KEY)
learn(pure_links.REDIRECTS, REDIRECT)


cdef int flags_of(const char *data, Py_ssize_t size) noexcept nogil:
    cdef uint32_t hashed, slot
    if size == 0 or size > 40:
        return 0
    hashed = steps(0xFFFFFFFFu, data, size)
    slot = hashed & (KNOWN - 1)
    while known_names[slot].size:
        if (
            known_names[slot].hashed == hashed
            and known_names[slot].size == size
            and memcmp(known_names[slot].data, data, size) == 0
        ):
            return known_names[slot].flags
        slot = (slot + 1) & (KNOWN - 1)
    return 0


# ---------------------------------------------------------------- addresses

DEF LONGEST = 2000
cdef enum:
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


cdef inline bint is_space(uint8_t sign) noexcept nogil:
    return sign == 32 or 9 <= sign <= 13 or 28 <= sign <= 31


cdef inline bint is_letter(uint8_t sign) noexcept nogil:
    return 97 <= sign <= 122


cdef inline bint is_digit(uint8_t sign) noexcept nogil:
    return 48 <= sign <= 57


cdef inline bint in_key(uint8_t sign) noexcept nogil:
    return is_letter(sign) or is_digit(sign) or sign == 95 or sign == 46 or sign == 45


cdef inline bint ends_host(char sign) noexcept nogil:
    return sign == 47 or sign == 63 or sign == 35 or sign == 92  # / ? # \\


cdef void read_target(Target *target, const char *address, int size, bint whole) noexcept nogil:
    """:func:`adsift.model.links.read_target`, of ASCII; without words and keys if not ``whole``."""
    cdef char *lower = target.lower
    cdef int i, start, end, at, labels, second, last
    cdef bint slashes
    cdef uint8_t sign
    if size > LONGEST:
        size = LONGEST
    for i in range(size):
        sign = <uint8_t>address[i]
        lower[i] = <char>(sign + 32 if 65 <= sign <= 90 else sign)
    target.words = target.keys = 0
    target.host.start = target.host.size = target.full_host.start = target.full_host.size = 0
    at = 0
    while at < size and is_space(<uint8_t>lower[at]):
        at += 1
    start = at
    target.scheme.size = 0
    if at < size and is_letter(<uint8_t>lower[at]):
        end = at + 1
        while end < size and (
            is_letter(<uint8_t>lower[end])
            or is_digit(<uint8_t>lower[end])
            or lower[end] == 43
            or lower[end] == 46
            or lower[end] == 45
        ):
            end += 1
        if end < size and lower[end] == 58:
            target.scheme.start = start
            target.scheme.size = end - start
            at = end + 1
    slashes = at + 1 < size and lower[at] == 47 and lower[at + 1] == 47
    if target.scheme.size and not (
        slashes
        and (
            (target.scheme.size == 4 and memcmp(lower + start, <const char *>b"http", 4) == 0)
            or (target.scheme.size == 5 and memcmp(lower + start, <const char *>b"https", 5) == 0)
        )
    ):
        target.relation = IS_SCHEME
        if target.scheme.size > 12:
            target.scheme.size = 12
        # In Python a scheme of this name is the relation of this name.
        if target.scheme.size == 7 and memcmp(lower + start, <const char *>b"foreign", 7) == 0:
            target.relation = IS_FOREIGN
        return
    if not slashes:
        if size and lower[0] == 35:
            target.relation = IS_FRAGMENT
            return
        target.relation = IS_RELATIVE
        if whole:
            read_path(target, 0, size)
        return
    target.relation = IS_FOREIGN
    start = at + 2
    end = start
    while end < size and not ends_host(lower[end]):
        end += 1
    if whole:
        read_path(target, end, size)
    for i in range(end - 1, start - 1, -1):
        if lower[i] == 64:
            start = i + 1
            break
    for i in range(start, end):
        if lower[i] == 58:
            end = i
            break
    if end - start >= 4 and memcmp(lower + start, <const char *>b"www.", 4) == 0:
        start += 4
    target.full_host.start = start
    target.full_host.size = end - start
    while start < end and lower[start] == 46:
        start += 1
    while end > start and lower[end - 1] == 46:
        end -= 1
    # The registered domain: the last two labels, or three behind such as co.uk.
    labels = 1
    last = second = start
    for i in range(end - 1, start - 1, -1):
        if lower[i] == 46:
            labels += 1
            if labels == 2:
                last = i + 1
            elif labels == 3:
                second = i + 1
            elif labels == 4:
                break
    if labels > 2:
        at = second
        if end - last == 2 and is_second_level(lower + second, last - 1 - second):
            at = start
            if labels > 3:
                at = i + 1
        start = at
    target.host.start = start
    target.host.size = end - start


cdef bint is_second_level(const char *data, int size) noexcept nogil:
    if size == 2:
        return memcmp(data, <const char *>b"co", 2) == 0 or memcmp(data, <const char *>b"ac", 2) == 0
    if size == 3:
        return (
            memcmp(data, <const char *>b"com", 3) == 0
            or memcmp(data, <const char *>b"org", 3) == 0
            or memcmp(data, <const char *>b"net", 3) == 0
            or memcmp(data, <const char *>b"gov", 3) == 0
            or memcmp(data, <const char *>b"edu", 3) == 0
            or memcmp(data, <const char *>b"ltd", 3) == 0
            or memcmp(data, <const char *>b"plc", 3) == 0
        )
    return False


if set(pure_links.SECOND_LEVEL) != {"co", "ac", "com", "org", "net", "gov", "edu", "ltd", "plc"}:
    raise ImportError("the compiled second-level names are not those of adsift.model.links")


cdef void read_path(Target *target, int start, int size) noexcept nogil:
    cdef char *lower = target.lower
    cdef int end = size if size - start < 120 else start + 120
    cdef int i = start, first
    while i < end and target.words < 6 and lower[i] != 63:
        if not is_letter(<uint8_t>lower[i]):
            i += 1
            continue
        first = i
        while i < end and i - first < 20 and is_letter(<uint8_t>lower[i]):
            i += 1
        if i - first >= 3:
            target.word[target.words].start = first
            target.word[target.words].size = i - first
            target.words += 1
    i = start
    while i < size and target.keys < 12:
        if lower[i] != 63 and lower[i] != 38 and lower[i] != 59:
            i += 1
            continue
        first = i + 1
        i += 1
        if first < size and (is_letter(<uint8_t>lower[first]) or lower[first] == 95):
            end = first + 1
            while end < size and end - first < 31 and in_key(<uint8_t>lower[end]):
                end += 1
            if end < size and lower[end] == 61:
                target.key[target.keys].start = first
                target.key[target.keys].size = end - first
                target.keys += 1
                i = end + 1


cdef int paid_flags(Target *target, bint is_own) noexcept nogil:
    """:func:`adsift.model.links.paid_for`: which of the flags hold."""
    cdef int i, flags = 0, found
    cdef char *lower = target.lower
    if not is_own:
        found = flags_of(lower + target.host.start, target.host.size)
        found |= flags_of(lower + target.full_host.start, target.full_host.size)
        flags |= found & (AFFILIATE | ADVERTISING | SHOP)
        for i in range(target.keys):
            if flags_of(lower + target.key[i].start, target.key[i].size) & KEY:
                flags |= KEY
                break
    if target.words and flags_of(lower + target.word[0].start, target.word[0].size) & REDIRECT:
        flags |= REDIRECT
    return flags


# ---------------------------------------------------------------- signs of a text

cdef enum:
    OTHER = 0
    LETTER = 1
    DIGIT = 2
    MARK = 3

cdef uint8_t CLASS[128]
cdef char LOWER[128]


cdef void make_classes() noexcept:
    cdef int sign
    for sign in range(128):
        CLASS[sign] = OTHER
        LOWER[sign] = <char>(sign + 32 if 65 <= sign <= 90 else sign)
        if 65 <= sign <= 90 or 97 <= sign <= 122:
            CLASS[sign] = LETTER
        elif 48 <= sign <= 57:
            CLASS[sign] = DIGIT
    for sign in b"$%!?:;|#@&+*/-":
        CLASS[sign] = MARK


make_classes()


cdef extern from *:
    """
    /* Copies the letters that come first in a text of ASCII, in lower case; how many. Up to seven
       bytes more are written. */
    static inline Py_ssize_t adsift_copy_letters(const char *at, const char *end, char *out) {
        const char *start = at;
    #if defined(__GNUC__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
        const uint64_t ones = 0x0101010101010101u;
        while (end - at >= 8) {
            uint64_t eight, letters;
            memcpy(&eight, at, 8);
            eight |= 0x20 * ones;
            memcpy(out, &eight, 8);
            letters = (eight + (0x80 - 'a') * ones) & ~(eight + (0x7f - 'z') * ones) & 0x80 * ones;
            if (letters != 0x80 * ones)
                return at + (__builtin_ctzll(letters ^ 0x80 * ones) >> 3) - start;
            at += 8;
            out += 8;
        }
    #endif
        while (at < end && (unsigned char) ((*at | 0x20) - 'a') < 26)
            *out++ = *at++ | 0x20;
        return at - start;
    }
    """
    Py_ssize_t copy_letters "adsift_copy_letters" (
        const char *at, const char *end, char *out) noexcept


cdef inline int class_of(uint32_t sign) noexcept:
    if sign < 128:
        return CLASS[sign]
    if not 0x2000 <= sign < 0x2070:  # typographic marks are frequent, and none of them is a letter
        if Py_UNICODE_ISDECIMAL(sign):
            return DIGIT
        if Py_UNICODE_ISALNUM(sign):
            return LETTER
    # € £ ¥ © ® ™ → » › • – —
    if sign in (0x20AC, 0xA3, 0xA5, 0xA9, 0xAE, 0x2122, 0x2192, 0xBB, 0x203A, 0x2022, 0x2013, 0x2014):
        return MARK
    return OTHER


cdef extern from *:
    """
    /* Counts the digits and capitals of ASCII, and the signs that others may be: those that are not
       ASCII, but for typographic marks. In steps of which many are made at once. */
    #define ADSIFT_COUNT_SIGNS(NAME, SIGN, BEYOND) \\
    static void NAME(const SIGN *data, Py_ssize_t size, int *digits, int *capitals, int *others) { \\
        *digits = *capitals = *others = 0; \\
        for (Py_ssize_t from = 0; from < size; from += 128) { \\
            SIGN some[3] = {0, 0, 0}; \\
            Py_ssize_t end = size - from < 128 ? size : from + 128; \\
            for (Py_ssize_t i = from; i < end; i++) { \\
                some[0] += (SIGN) (data[i] - 48) < 10; \\
                some[1] += (SIGN) (data[i] - 65) < 26; \\
                some[2] += BEYOND; \\
            } \\
            *digits += some[0]; \\
            *capitals += some[1]; \\
            *others += some[2]; \\
        } \\
    }
    ADSIFT_COUNT_SIGNS(adsift_count_latin, Py_UCS1, data[i] > 127)
    ADSIFT_COUNT_SIGNS(
        adsift_count_wide, Py_UCS2, (data[i] > 127) & ((Py_UCS2) (data[i] - 0x2000) >= 0x70))
    """
    void count_latin "adsift_count_latin" (
        const void *data, Py_ssize_t size, int *digits, int *capitals, int *others) noexcept
    void count_wide "adsift_count_wide" (
        const void *data, Py_ssize_t size, int *digits, int *capitals, int *others) noexcept


cdef inline bint is_currency(uint32_t sign) noexcept:
    return sign == 36 or sign == 0x20AC or sign == 0xA3 or sign == 0xA5


cdef inline uint32_t folded(uint32_t sign) noexcept:
    """Such that signs which ``re.I`` takes for one another are equal, as far as a price needs."""
    if 65 <= sign <= 90:
        return sign + 32
    return 115 if sign == 0x17F else sign


cdef bint has_price(int kind, void *data, Py_ssize_t size) noexcept:
    """Whether the pattern of :func:`adsift.model.context.facts` is in the first 1000 signs."""
    cdef Py_ssize_t i, at
    cdef uint32_t sign, one, two
    if size > 1000:
        size = 1000
    for i in range(size):
        sign = PyUnicode_READ(kind, data, i)
        if sign < 128:
            if not is_digit(<uint8_t>sign):
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


# ---------------------------------------------------------------- shapes

# States at the end of the shape's words, or where a letter follows.
cdef uint32_t SHAPE_WORDS[9]
cdef uint32_t SHAPE_LENGTH[65]
cdef uint32_t SHAPE_DIGITS[21]
cdef uint32_t SHAPE_CAPITALS[21]
cdef uint32_t SHAPE_SENTENCES[5]
cdef uint32_t SHAPE_NAME[7][9]
cdef uint32_t SHAPE_BEGINS = after(b"s=begins ")


def make_shapes() -> None:
    cdef int i, k
    for i in range(9):
        SHAPE_WORDS[i] = after(b"s=words %d" % i)
        for k in range(7):
            SHAPE_NAME[k][i] = after(b"s=name %d %d" % (k, i))
    for i in range(65):
        SHAPE_LENGTH[i] = after(b"s=length %d " % i)
    for i in range(21):
        SHAPE_DIGITS[i] = after(b"s=digits %d" % i)
        SHAPE_CAPITALS[i] = after(b"s=capitals %d" % i)
    for i in range(5):
        SHAPE_SENTENCES[i] = after(b"s=sentences %d" % i)


make_shapes()

# ---------------------------------------------------------------- paragraphs

DEF MOST_WORDS = 160
DEF FIRST_WORDS = 110
DEF LAST_WORDS = 50
DEF READ_SIGNS = 4000
DEF MOST_TOKENS = 12016  # lower case makes at most three signs of one
DEF FACT_COUNT = 8
DEF MOST_ANCESTORS = 64
DEF MOST_CLASS_WORDS = 24
DEF SELECTORS_KEPT = 512  # a power of 2
DEF NAMES_KEPT = 8192
DEF NAME_SLOTS = 16384  # a power of 2, twice as many
DEF LONGEST_SELECTOR = 1000  # segmenters cut selectors off well before

if MAX_WORDS != MOST_WORDS or pure_links.LONGEST != LONGEST or len(FACTS) != FACT_COUNT:
    raise ImportError("the compiled limits are not those of adsift.model")

# ---------------------------------------------------------------- class words

cdef struct ClassWord:
    uint64_t begin  # its first eight bytes
    uint32_t near, around  # its hashes as words of the two features
    uint32_t stamp  # of the row that has it already
    bint above  # while ``_chain`` is set: whether an element of its row has it, but the outermost
    int32_t size
    Py_ssize_t start  # of its bytes in ``_letters``

cdef struct Selector:
    PyObject *text  # owned; NULL where none is kept
    int count
    int32_t numbers[MOST_CLASS_WORDS]

# What is found in these is what would be made, so results do not depend on what was read before.
# Only who holds Python's lock uses them, and nothing in between runs Python code.
cdef ClassWord _words[NAMES_KEPT]
cdef int _word_count = 0
cdef Buffer _letters
cdef int32_t _slots[NAME_SLOTS]  # a class word's number + 1, by its hash; 0 where there is none
cdef Selector _selectors[SELECTORS_KEPT]  # by address: most rows have those of the row before
cdef uint32_t _stamp = 0
cdef void *_chain = NULL  # the reader whose last row has set the words' ``above``
# A page made by who knew it could have names that all fall into one slot. (Long ones can do so
# anyway, and then make the search among those that are kept a few times longer.)
cdef uint64_t _factor = int.from_bytes(os.urandom(8), "little") | 1

cdef uint8_t _used[9][8]  # of so many bytes, all bits of those that count

memset(&_letters, 0, sizeof(_letters))
memset(_slots, 0, sizeof(_slots))
memset(_selectors, 0, sizeof(_selectors))


cdef void make_used() noexcept:
    cdef int count
    memset(_used, 0, sizeof(_used))
    for count in range(9):
        memset(_used[count], 255, count)


make_used()


cdef void forget() noexcept:
    global _word_count, _chain
    _chain = NULL
    cdef int i
    memset(_slots, 0, sizeof(_slots))
    _word_count = 0
    free(_letters.data)
    memset(&_letters, 0, sizeof(_letters))
    for i in range(SELECTORS_KEPT):
        Py_CLEAR(_selectors[i].text)


cdef inline void next_stamp() noexcept:
    global _stamp
    cdef int i
    _stamp += 1
    if _stamp == 0:
        for i in range(_word_count):
            _words[i].stamp = 0
        _stamp = 1


cdef inline uint64_t eight(const uint8_t *data, Py_ssize_t size, bint readable) noexcept:
    """Up to eight letters and digits as one number, in lower case.

    Args:
        readable: whether eight bytes can be read there, even if fewer count.
    """
    cdef uint64_t letters = 0, used
    memcpy(&used, _used[size if size < 8 else 8], 8)
    if readable:
        memcpy(&letters, data, 8)
    else:
        memcpy(&letters, data, size if size < 8 else 8)
    return (letters | 0x2020202020202020u) & used


cdef inline bint has_letters(const ClassWord *word, const uint8_t *data) noexcept:
    """Whether the rest of a long word is this one's, too."""
    cdef const uint8_t *own = <const uint8_t *>_letters.data + word.start
    cdef Py_ssize_t i
    for i in range(8, word.size):
        if own[i] != (data[i] | 32):
            return False
    return True


cdef int32_t number_of(const uint8_t *data, Py_ssize_t size, bint readable) except -1:
    """The number of a class word, given one if it has none.

    Args:
        data: its letters and digits, not yet in lower case.
        readable: whether eight bytes can be read there.
    """
    global _word_count
    cdef uint64_t begin = eight(data, size, readable), hashed = begin * _factor
    cdef int32_t slot, number
    cdef ClassWord *word
    cdef char *out
    cdef Py_ssize_t i
    for i in range(8, size):
        hashed = (hashed + (data[i] | 32)) * _factor
    slot = <int32_t>(hashed >> 50)
    while _slots[slot]:
        number = _slots[slot] - 1
        word = &_words[number]
        if word.begin == begin and word.size == size and (size <= 8 or has_letters(word, data)):
            return number
        slot = (slot + 1) & (NAME_SLOTS - 1)
    reserve(&_letters, size)
    out = _letters.data + _letters.size
    for i in range(size):
        out[i] = <char>(data[i] | 32)
    number = _word_count
    _words[number] = ClassWord(
        begin, steps(N, out, size), steps(O, out, size), 0, False, <int32_t>size, _letters.size
    )
    _letters.size += size
    _word_count += 1
    _slots[slot] = number + 1
    return number


cdef int class_words(const uint8_t *data, Py_ssize_t size, int32_t *numbers) except -1:
    """:func:`adsift.model.features.class_words` of a selector in Latin-1, as numbers; how many."""
    cdef Py_ssize_t i = 0, first, k
    cdef int count = 0
    cdef int32_t number
    cdef uint8_t sign
    while i < size and count < MOST_CLASS_WORDS:
        sign = data[i]
        first = i
        i += 1
        if 65 <= sign <= 90:
            while i < size and 97 <= data[i] <= 122:
                i += 1
            if i - first < 3:
                i = first + 1
                while i < size and 65 <= data[i] <= 90:
                    i += 1
                if i - first < 2:
                    continue
        elif 97 <= sign <= 122:
            while i < size and 97 <= data[i] <= 122:
                i += 1
            if i - first < 2:
                if not (sign == 104 and i < size and 49 <= data[i] <= 54):
                    continue
                i += 1
                if i < size and (data[i] == 95 or Py_UNICODE_ISALNUM(data[i])):
                    i -= 1
                    continue
        else:
            continue
        number = number_of(data + first, i - first, size - first >= 8)
        for k in range(count):
            if numbers[k] == number:
                break
        else:
            numbers[count] = number
            count += 1
    return count


cdef frozenset _HEADINGS = HEADINGS


cdef class _Reader:
    """Reads paragraphs. It holds the buffers, so one serves many of them."""

    cdef Buffer arena
    cdef Buffer found  # hashes of the words, uint32
    cdef Seen *seen
    cdef Target target
    cdef uint32_t lower[MOST_TOKENS]
    cdef int digits, capitals  # of the paragraph's first signs
    cdef Py_ssize_t starts[MOST_TOKENS]
    cdef Py_ssize_t ends[MOST_TOKENS]
    cdef uint32_t pairs[MOST_WORDS]
    cdef str own
    cdef tuple last_ancestors  # most paragraphs have those of the one before
    cdef Buffer last_made  # and what they gave
    # The elements of a row are mostly those of the row before, up to one of them.
    cdef tuple row
    cdef int32_t row_words[MOST_ANCESTORS * MOST_CLASS_WORDS]  # numbers of its class words
    cdef int row_ends[MOST_ANCESTORS + 1]  # where those of an element end
    cdef int32_t around[MOST_ANCESTORS * MOST_CLASS_WORDS]  # its class words but the outermost's, once
    cdef int around_ends[MOST_ANCESTORS + 1]  # where those end that an element or one above it has
    cdef const char *own_data  # NULL if it is not ASCII: then no address that is can be of it
    cdef Py_ssize_t own_size

    def __cinit__(self):
        memset(&self.arena, 0, sizeof(Buffer))
        memset(&self.found, 0, sizeof(Buffer))
        memset(&self.last_made, 0, sizeof(Buffer))
        self.seen = <Seen *>malloc(sizeof(Seen))
        if self.seen == NULL:
            raise MemoryError()
        memset(self.seen, 0, sizeof(Seen))

    def __dealloc__(self):
        global _chain
        if _chain == <void *>self:
            _chain = NULL
        free(self.arena.data)
        free(self.found.data)
        free(self.last_made.data)
        free(self.seen)

    cdef int set_own(self, str own) except -1:
        self.own = own
        self.own_data = NULL
        self.own_size = 0
        if PyUnicode_IS_ASCII(own):
            self.own_data = <const char *>PyUnicode_DATA(own)
            self.own_size = PyUnicode_GET_LENGTH(own)
        return 0

    cdef inline bint is_own(self) noexcept:
        return (
            self.own_data != NULL
            and self.target.host.size == self.own_size
            and memcmp(
                self.target.lower + self.target.host.start, self.own_data, self.own_size
            ) == 0
        )

    cdef inline void emit(self, uint32_t state) noexcept:
        """A word whose hash is in this state at its end; there is room."""
        (<uint32_t *>(self.found.data + self.found.size))[0] = ~state
        self.found.size += 4

    cdef inline int emit_from(self, uint32_t state, Py_ssize_t start) except -1:
        """The word that the arena holds from ``start`` on."""
        reserve(&self.found, 4)
        self.emit(steps(state, self.arena.data + start, self.arena.size - start))
        return 0

    cdef inline int emit_new(self, uint32_t state, Py_ssize_t start) except -1:
        """The same, unless it has been seen."""
        cdef Py_ssize_t size = self.arena.size - start
        cdef uint32_t hashed = steps(state, self.arena.data + start, size)
        if is_new(self.seen, hashed, self.arena.data, start, size):
            reserve(&self.found, 4)
            self.emit(hashed)
        return 0

    cdef int emit_named(
        self, uint32_t state, const char *name, const char *data, Py_ssize_t size
    ) except -1:
        cdef Py_ssize_t start = self.arena.size
        put(&self.arena, name, strlen(name))
        put(&self.arena, data, size)
        return self.emit_new(state, start)

    # -- words of the text

    cdef int read_tokens(self, str text) except -1:
        """Write :func:`adsift.model.features.tokens` into the arena, a space between two."""
        cdef Py_ssize_t i = 0, first, size = PyUnicode_GET_LENGTH(text), start
        cdef int found, count = 0
        cdef uint32_t sign
        cdef const char *ascii
        cdef Buffer *arena = &self.arena
        arena.size = 0
        if size > READ_SIGNS:
            size = READ_SIGNS
        if PyUnicode_IS_ASCII(text):
            ascii = <const char *>PyUnicode_DATA(text)
            reserve(arena, 4 * size + 64)
            while i < size:
                found = CLASS[<uint8_t>ascii[i]]
                if found == OTHER:
                    i += 1
                    continue
                if count:
                    arena.data[arena.size] = 32
                    arena.size += 1
                self.starts[count] = arena.size
                if found == LETTER:
                    while True:
                        first = copy_letters(ascii + i, ascii + size, arena.data + arena.size)
                        arena.size += first
                        i += first
                        if i >= size:
                            break
                        if (
                            ascii[i] == 39
                            and i + 1 < size
                            and CLASS[<uint8_t>ascii[i + 1]] == LETTER
                            and found == LETTER
                        ):
                            found = OTHER  # one apostrophe a word
                            arena.data[arena.size] = 39
                            arena.size += 1
                            i += 1
                            continue
                        break
                elif found == DIGIT:
                    first = i
                    while i < size and CLASS[<uint8_t>ascii[i]] == DIGIT:
                        i += 1
                    arena.data[arena.size] = 48
                    arena.size += 1
                    put_number(arena, i - first)
                else:
                    arena.data[arena.size] = ascii[i]
                    arena.size += 1
                    i += 1
                self.ends[count] = arena.size
                count += 1
        else:
            size = self.read_lower(text, size)
            reserve(arena, 6 * size + 64)
            while i < size:
                sign = self.lower[i]
                found = class_of(sign)
                if found == OTHER:
                    i += 1
                    continue
                if count:
                    arena.data[arena.size] = 32
                    arena.size += 1
                start = arena.size
                self.starts[count] = start
                first = i
                if found == LETTER:
                    while True:
                        put_sign(arena, self.lower[i])
                        i += 1
                        while i < size and self.lower[i] < 128 and CLASS[self.lower[i]] == LETTER:
                            arena.data[arena.size] = <char>self.lower[i]
                            arena.size += 1
                            i += 1
                        if i >= size:
                            break
                        sign = self.lower[i]
                        if class_of(sign) == LETTER:
                            continue
                        if (
                            (sign == 39 or sign == 0x2019)
                            and i + 1 < size
                            and class_of(self.lower[i + 1]) == LETTER
                            and found == LETTER
                        ):
                            found = OTHER
                            continue
                        break
                    if Py_UNICODE_ISDIGIT(self.lower[first]):
                        arena.size = start
                        arena.data[arena.size] = 48
                        arena.size += 1
                        put_number(arena, i - first)
                elif found == DIGIT:
                    while i < size and class_of(self.lower[i]) == DIGIT:
                        i += 1
                    arena.data[arena.size] = 48
                    arena.size += 1
                    put_number(arena, i - first)
                else:
                    put_sign(arena, sign)
                    i += 1
                self.ends[count] = arena.size
                count += 1
        if count > MOST_WORDS:
            first = self.starts[count - LAST_WORDS]
            start = self.ends[FIRST_WORDS - 1] + 1
            memmove(arena.data + start, arena.data + first, arena.size - first)
            arena.size -= first - start
            for found in range(LAST_WORDS):
                self.starts[FIRST_WORDS + found] = self.starts[count - LAST_WORDS + found] - first + start
                self.ends[FIRST_WORDS + found] = self.ends[count - LAST_WORDS + found] - first + start
            count = MOST_WORDS
        return count

    cdef Py_ssize_t read_lower(self, str text, Py_ssize_t size) except -1:
        """Write the first signs in lower case into ``lower``; how many these are."""
        cdef Py_ssize_t i
        cdef int kind = PyUnicode_KIND(text)
        cdef void *data = PyUnicode_DATA(text)
        cdef uint32_t sign
        for i in range(size):
            sign = PyUnicode_READ(kind, data, i)
            if sign < 128:
                self.lower[i] = <uint8_t>LOWER[sign]
            elif 0x2000 <= sign < 0x2070:
                self.lower[i] = sign
            elif sign == 0x130 or sign == 0x3A3:
                # One becomes two signs, the other depends on its neighbours.
                text = text[:size].lower()
                size = PyUnicode_GET_LENGTH(text)
                kind = PyUnicode_KIND(text)
                data = PyUnicode_DATA(text)
                for i in range(size):
                    self.lower[i] = PyUnicode_READ(kind, data, i)
                return size
            else:
                self.lower[i] = Py_UNICODE_TOLOWER(sign)
        return size

    cdef int emit_words(self, int count) except -1:
        """The features w, p, f, l, t."""
        cdef const char *data = self.arena.data
        cdef uint32_t word, pair, begun, behind = 0
        cdef Py_ssize_t at, start, end
        cdef int i
        cdef uint8_t byte
        reserve(&self.found, 4 * (2 * MOST_WORDS + 8))
        clear(self.seen)
        for i in range(count):
            word = W
            begun = P
            pair = behind
            start = self.starts[i]
            end = self.ends[i]
            # Three hashes at once, since each waits for its own last byte.
            for at in range(start, end):
                byte = <uint8_t>data[at]
                word = step(word, byte)
                begun = step(begun, byte)
                pair = step(pair, byte)
            behind = step(begun, 32)
            if i:
                self.pairs[i] = pair
            if is_new(self.seen, word, data, start, end - start):
                self.emit(word)
        clear(self.seen)
        for i in range(1, count):
            start = self.starts[i - 1]
            if is_new(self.seen, self.pairs[i], data, start, self.ends[i] - start):
                self.emit(self.pairs[i])
        if count:
            end = self.ends[0]
            self.emit(steps(F, data, end))
            self.emit(steps(F, data, self.ends[2 if count > 2 else count - 1]))
            start, end = self.starts[count - 1], self.ends[count - 1]
            self.emit(steps(L, data + start, end - start))
            start = self.starts[count - 2 if count > 1 else 0]
            self.emit(steps(L, data + start, end - start))
        if count <= 6:
            self.emit(steps(T, data, self.ends[count - 1] if count else 0))
        return 0

    # -- shape

    cdef void count_signs(self, str text) noexcept:
        """Count the digits and capitals among the first 1000 signs."""
        cdef Py_ssize_t i, size = PyUnicode_GET_LENGTH(text)
        cdef int kind = PyUnicode_KIND(text), digits = 0, capitals = 0, others = 1
        cdef void *data = PyUnicode_DATA(text)
        cdef uint32_t sign
        if size > 1000:
            size = 1000
        if kind == 1:
            count_latin(data, size, &digits, &capitals, &others)
        elif kind == 2:
            count_wide(data, size, &digits, &capitals, &others)
        for i in range(size if others else 0):
            sign = PyUnicode_READ(kind, data, i)
            if sign >= 128:
                if not 0x2000 <= sign < 0x2070:
                    digits += Py_UNICODE_ISDIGIT(sign)
                    capitals += Py_UNICODE_ISUPPER(sign)
            elif kind == 4:
                digits += 48 <= sign <= 57
                capitals += 65 <= sign <= 90
        self.digits = digits
        self.capitals = capitals

    cdef int emit_shape(self, str text, int count) except -1:
        cdef Py_ssize_t i, start, size = PyUnicode_GET_LENGTH(text)
        cdef Py_ssize_t read = size if size < 1000 else 1000
        cdef int kind = PyUnicode_KIND(text), sentences = 0, dash = 0
        cdef void *data = PyUnicode_DATA(text)
        cdef uint32_t last = PyUnicode_READ(kind, data, size - 1), state
        cdef const char *ascii
        cdef const char *found
        cdef Buffer *arena = &self.arena
        for i in range(count if count < 7 else 7):
            start = self.starts[i]
            if (self.ends[i] - start == 1 and arena.data[start] == 45) or (
                self.ends[i] - start == 3
                and memcmp(arena.data + start, <const char *>b"\xe2\x80", 2) == 0
                and (<uint8_t>arena.data[start + 2] == 0x93 or <uint8_t>arena.data[start + 2] == 0x94)
            ):
                dash = <int>i
                break
        if PyUnicode_IS_ASCII(text):
            ascii = <const char *>data
            found = ascii
            while sentences < 4:
                found = <const char *>memchr(found, 46, ascii + size - found)
                if found == NULL:
                    break
                found += 1
                if found < ascii + size and found[0] == 32:
                    sentences += 1
                    found += 1
        else:
            i = 0
            while i + 1 < size and sentences < 4:
                if PyUnicode_READ(kind, data, i) == 46 and PyUnicode_READ(kind, data, i + 1) == 32:
                    sentences += 1
                    i += 2
                else:
                    i += 1
        reserve(&self.found, 4 * 7)
        self.emit(SHAPE_WORDS[bits(count)])
        self.emit(hash_sign(SHAPE_LENGTH[bits(size)], 97 if Py_UNICODE_ISALNUM(last) else last))
        self.emit(SHAPE_DIGITS[self.digits * 20 // read])
        self.emit(SHAPE_CAPITALS[self.capitals * 20 // read])
        self.emit(SHAPE_SENTENCES[sentences])
        state = hash_sign(SHAPE_BEGINS, letter_class(PyUnicode_READ(kind, data, 0)))
        self.emit(hash_sign(steps(state, b" ends ", 6), letter_class(last)))
        self.emit(SHAPE_NAME[dash][bits(count)])
        return 0

    # -- markup

    cdef int read_links(self, tuple links, float *facts, bint emitting) except -1:
        """The facts of the links, and the words of the first 20."""
        cdef Py_ssize_t i, start
        cdef str address
        cdef bint own
        for i in range(len(links)):
            if i >= 20:
                emitting = False
            if not emitting and facts[0] and facts[1]:
                break
            address = plain(links[i])
            if PyUnicode_IS_ASCII(address):
                read_target(
                    &self.target,
                    <const char *>PyUnicode_DATA(address),
                    <int>min(PyUnicode_GET_LENGTH(address), LONGEST),
                    True,
                )
                own = self.is_own()
                if not facts[0] and paid_flags(&self.target, own):
                    facts[0] = 1
                if self.target.host.size and not own:
                    facts[1] = 1
                if emitting:
                    self.emit_link(own)
                continue
            if pure_links.paid_for(address, self.own):
                facts[0] = 1
            if pure_links.read_target(address).host not in ("", self.own):
                facts[1] = 1
            if emitting:
                for word in pure_links.link_words(address, self.own):
                    start = self.arena.size
                    put_text(&self.arena, word)
                    self.emit_new(A, start)
        return 0

    cdef int emit_links(self, tuple links, tuple rels, float *facts) except -1:
        cdef Py_ssize_t i, start, count = len(links)
        if not count:
            reserve(&self.found, 4)
            self.emit(steps(A, b"none", 4))
            return 0
        clear(self.seen)
        self.read_links(links, facts, True)
        for i in range(min(len(rels), 10)):
            start = self.arena.size
            put(&self.arena, b"rel:", 4)
            put_text(&self.arena, plain(rels[i]))
            self.emit_new(A, start)
        start = self.arena.size
        put(&self.arena, b"count ", 6)
        put_number(&self.arena, bits(count))
        return self.emit_new(A, start)

    cdef int emit_link(self, bint own) except -1:
        cdef Target *target = &self.target
        cdef char *lower = target.lower
        cdef int i, flags
        if target.relation != IS_FOREIGN or own:
            if target.relation == IS_FOREIGN:
                self.emit_named(A, b"to:", b"own", 3)
            elif target.relation == IS_RELATIVE:
                self.emit_named(A, b"to:", b"relative", 8)
            elif target.relation == IS_FRAGMENT:
                self.emit_named(A, b"to:", b"fragment", 8)
            else:
                self.emit_named(A, b"to:", lower + target.scheme.start, target.scheme.size)
        for i in range(target.words):
            self.emit_named(A, b"path:", lower + target.word[i].start, target.word[i].size)
        if target.relation != IS_FOREIGN or own:
            return 0
        self.emit_named(A, b"to:", b"foreign", 7)
        self.emit_named(A, b"host:", lower + target.host.start, target.host.size)
        for i in range(target.keys):
            self.emit_named(A, b"key:", lower + target.key[i].start, target.key[i].size)
        flags = paid_flags(target, own)
        if flags & AFFILIATE:
            self.emit_named(A, b"paid:", b"affiliate", 9)
        if flags & ADVERTISING:
            self.emit_named(A, b"paid:", b"advertising", 11)
        if flags & SHOP:
            self.emit_named(A, b"paid:", b"shop", 4)
        if flags & KEY:
            self.emit_named(A, b"paid:", b"key", 3)
        if flags & REDIRECT:
            self.emit_named(A, b"paid:", b"redirect", 8)
        return 0

    cdef int emit_numbered(self, uint32_t state, Py_ssize_t start, int number) except -1:
        """The word that the arena holds from ``start`` on, and that with a number behind it."""
        self.emit_from(state, start)
        put(&self.arena, b" ", 1)
        put_number(&self.arena, number)
        return self.emit_from(state, start)

    cdef int emit_ancestors(self, tuple ancestors) except -1:
        """The features n, o, e."""
        cdef Py_ssize_t start = self.found.size
        # Lives on until all is as it should be: what dies with it might read a paragraph.
        cdef tuple before = self.row
        if ancestors is self.last_ancestors:
            return put(&self.found, self.last_made.data, self.last_made.size)
        self.last_ancestors = None
        self.make_ancestors(ancestors)
        self.last_made.size = 0
        put(&self.last_made, self.found.data + start, self.found.size - start)
        self.last_ancestors = ancestors
        return 0

    cdef int make_ancestors(self, tuple ancestors) except -1:
        cdef int count = <int>len(ancestors), nearest = max(count - 4, 0), i, k
        cdef Py_ssize_t start, last
        cdef bint overlong = False
        if _word_count > NAMES_KEPT - MOST_ANCESTORS * MOST_CLASS_WORDS:
            forget()
        for i in range(self.read_row(ancestors), count):
            overlong |= PyUnicode_GET_LENGTH(ancestors[i]) > LONGEST_SELECTOR
        reserve(&self.found, 8 * self.row_ends[count] + 8)
        next_stamp()
        for k in range(self.row_ends[nearest], self.row_ends[count]):
            if _words[self.row_words[k]].stamp != _stamp:
                _words[self.row_words[k]].stamp = _stamp
                self.emit(_words[self.row_words[k]].near)
        for k in range(self.around_ends[count]):
            self.emit(_words[self.around[k]].around)
        start = last = self.arena.size
        for i in range(nearest, count):
            if i > nearest:
                put(&self.arena, b" ", 1)
            if i == count - 2:
                last = self.arena.size
            put_tag(&self.arena, plain(ancestors[i]))
        self.emit_from(E, start)
        self.emit_from(E, last)
        if overlong:
            forget()
        return 0

    cdef int read_row(self, tuple ancestors) except -1:
        """Find the class words of a row of ancestors; how many of these are as in the row before."""
        global _chain
        cdef int count = <int>len(ancestors), before = 0, same = 0, i, k, number
        if _chain == <void *>self:
            before = <int>len(self.row)
            while (
                same < before
                and same < count
                and PyTuple_GET_ITEM(self.row, same) == PyTuple_GET_ITEM(ancestors, same)
            ):
                same += 1
        else:
            for i in range(_word_count):
                _words[i].above = False
            self.row_ends[0] = self.around_ends[0] = 0
        _chain = NULL  # until all is as it should be
        for k in range(self.around_ends[same], self.around_ends[before]):
            _words[self.around[k]].above = False
        for i in range(same, count):
            self.row_ends[i + 1] = self.row_ends[i] + self.numbers_of(
                ancestors[i], self.row_words + self.row_ends[i]
            )
            self.around_ends[i + 1] = self.around_ends[i]
            if i == 0:
                continue
            for k in range(self.row_ends[i], self.row_ends[i + 1]):
                number = self.row_words[k]
                if not _words[number].above:
                    _words[number].above = True
                    self.around[self.around_ends[i + 1]] = number
                    self.around_ends[i + 1] += 1
        self.row = ancestors
        _chain = <void *>self
        return same

    cdef int numbers_of(self, selector, int32_t *numbers) except -1:
        """Write the numbers of a selector's class words; how many these are."""
        cdef Selector *kept = &_selectors[
            (<uint32_t>(<size_t><void *>selector >> 4) * 0x9E3779B1u) >> 23
        ]
        cdef str text
        if kept.text == <PyObject *>selector:
            memcpy(numbers, kept.numbers, kept.count * sizeof(int32_t))
            return kept.count
        text = plain(selector)
        cdef Py_ssize_t i, size = PyUnicode_GET_LENGTH(text), start = self.arena.size
        cdef int kind = PyUnicode_KIND(text), count
        cdef void *data = PyUnicode_DATA(text)
        cdef uint32_t sign
        if kind == 1:
            count = class_words(<const uint8_t *>data, size, numbers)
        else:
            # A letter or digit that is not ASCII is no part of a word, but "h1" ends at none.
            reserve(&self.arena, size)
            for i in range(size):
                sign = PyUnicode_READ(kind, data, i)
                if sign > 127:
                    sign = 48 if Py_UNICODE_ISALNUM(sign) else 32
                self.arena.data[start + i] = <char>sign
            count = class_words(<const uint8_t *>self.arena.data + start, size, numbers)
        if text is selector and size <= LONGEST_SELECTOR:
            Py_CLEAR(kept.text)
            Py_INCREF(text)
            kept.text = <PyObject *>text
            kept.count = count
            memcpy(kept.numbers, numbers, count * sizeof(int32_t))
        return count

    # -- the whole of a paragraph

    cdef int read(self, paragraph, float *facts) except -1:
        """Add the hashes of its words to ``found``, and write its facts."""
        cdef str text = plain(field(paragraph, TEXT)), tag = plain(field(paragraph, TAG))
        cdef tuple links, ancestors
        cdef double link_share = 0
        cdef int count, share
        cdef Py_ssize_t size = PyUnicode_GET_LENGTH(text), start
        if not size:
            raise IndexError("a paragraph has no text")
        cdef uint32_t last = PyUnicode_READ_CHAR(text, size - 1)
        facts[0] = facts[1] = facts[3] = 0
        self.count_signs(text)
        facts[2] = self.digits and has_price(PyUnicode_KIND(text), PyUnicode_DATA(text), size)
        facts[4] = size < 40
        facts[6] = 0
        # . ! ? ” " …
        facts[7] = last in (46, 33, 63, 0x201D, 34, 0x2026)
        if tag:
            link_share = field(paragraph, LINK_SHARE)
            links = tuple(field(paragraph, LINKS))
            ancestors = tuple(field(paragraph, ANCESTORS))
            facts[3] = <float>link_share
            facts[5] = tag in _HEADINGS
            facts[6] = tag == "li"
            if len(ancestors) > MOST_ANCESTORS:
                self.read_links(links, facts, False)
                return self.read_pure(paragraph)
        else:
            facts[5] = size < 80 and Py_UNICODE_ISALNUM(last)
        reserve(&self.found, 4)
        self.emit(~(MARKUP if tag else PLAIN))
        count = self.read_tokens(text)
        self.emit_words(count)
        self.emit_shape(text, count)
        if not tag:
            return 0
        self.emit_links(links, tuple(field(paragraph, RELS)), facts)
        share = <int>rint(link_share * 8)
        start = self.arena.size
        if share < 0:
            put(&self.arena, b"-", 1)
        put_number(&self.arena, abs(<long>share))
        self.emit_numbered(R, start, bits(count))
        start = self.arena.size
        put_text(&self.arena, tag)
        self.emit_numbered(H, start, bits(count))
        return self.emit_ancestors(ancestors)

    cdef int read_pure(self, paragraph) except -1:
        cdef bytes word
        reserve(&self.found, 4)
        for text in paragraph_words(paragraph, self.own):
            word = text.encode("utf-8", "surrogatepass")
            reserve(&self.found, 4)
            self.emit(steps(0xFFFFFFFFu, word, len(word)))
        return 0


cdef int put_tag(Buffer *buffer, str selector) except -1:
    """What stands before the first dot or number sign."""
    cdef Py_ssize_t i = 0, size = PyUnicode_GET_LENGTH(selector)
    cdef int kind = PyUnicode_KIND(selector)
    cdef void *data = PyUnicode_DATA(selector)
    cdef const char *ascii = <const char *>data
    cdef uint32_t sign
    if PyUnicode_IS_ASCII(selector):
        while i < size and ascii[i] != 46 and ascii[i] != 35:
            i += 1
        return put(buffer, ascii, i)
    reserve(buffer, 4 * size)
    for i in range(size):
        sign = PyUnicode_READ(kind, data, i)
        if sign == 46 or sign == 35:
            break
        put_sign(buffer, sign)
    return 0


cdef inline uint32_t letter_class(uint32_t sign) noexcept:
    if Py_UNICODE_ISDIGIT(sign):
        return 48
    if Py_UNICODE_ISALPHA(sign):
        return 65 if Py_UNICODE_ISUPPER(sign) else 97
    return sign


def own_host(url, document) -> str:
    """:func:`adsift.model.links.own_host` of a page and its paragraphs."""
    cdef Target target
    cdef str address, host
    cdef dict hosts = {}
    cdef tuple links
    cdef object link
    cdef str last = ""  # the host of the link before, which most have again
    cdef Py_ssize_t again = 0, size, begin = 0
    cdef const char *data
    cdef str alike = ""  # that link, whose signs up to ``begin`` most have again, too
    if url:
        host = pure_links.read_target(url).host
        if host:
            return host
    for paragraph in document:
        links = tuple(field(paragraph, LINKS))
        for link in links:
            address = plain(link)
            if PyUnicode_IS_ASCII(address):
                data = <const char *>PyUnicode_DATA(address)
                size = min(PyUnicode_GET_LENGTH(address), LONGEST)
                if (data[0] == 47 and data[1] != 47) or data[0] == 35:
                    continue  # "/path" and "#place" have no host
                if (
                    0 < begin <= size
                    and memcmp(data, PyUnicode_DATA(alike), begin) == 0
                    and (begin == size or ends_host(data[begin]))
                ):
                    again += 1
                    continue
                read_target(&target, data, <int>size, False)
                if not target.host.size:
                    continue
                if target.host.size == PyUnicode_GET_LENGTH(last) and memcmp(
                    target.lower + target.host.start, PyUnicode_DATA(last), target.host.size
                ) == 0:
                    again += 1
                    continue
                if flags_of(target.lower + target.host.start, target.host.size) & (
                    AFFILIATE | ADVERTISING | SHOP | SOCIAL
                ):
                    continue
                if last:
                    hosts[last] = hosts.get(last, 0) + again
                last = PyUnicode_DecodeASCII(
                    target.lower + target.host.start, target.host.size, NULL
                )
                again = 1
                alike, begin = address, target.full_host.start + target.full_host.size
                while begin < size and not ends_host(data[begin]):
                    begin += 1
            else:
                host = pure_links.read_target(address).host
                if not host or host in pure_links.EVERYBODYS:
                    continue
                hosts[host] = hosts.get(host, 0) + 1
    if last:
        hosts[last] = hosts.get(last, 0) + again
    return max(hosts, key=lambda host: (hosts[host], host)) if hosts else ""


cdef list held(documents):
    """The paragraphs of each document, which nobody changes while rows are counted and written."""
    return [tuple(document) for document in documents]


def hash_documents(documents, owns, int width):
    """The columns of all paragraphs' words.

    Args:
        documents: each one's paragraphs.
        owns: each one's own host.
        width: number of columns.

    Raises:
        ValueError: the width is not positive.

    Returns:
        ``columns`` int32, ``ends`` int32 of shape (rows + 1,), and the facts, float32 of shape
        (rows, facts).
    """
    if width < 1:
        raise ValueError("rows have at least one column")
    cdef _Reader reader = _Reader()
    documents = held(documents)
    cdef Py_ssize_t rows = sum([len(document) for document in documents]), row = 0, i
    facts = np.empty((rows, 8), np.float32)
    ends = np.zeros(rows + 1, np.int32)
    cdef float[:, ::1] fact = facts
    cdef int32_t[::1] end = ends
    for document, own in zip(documents, owns, strict=True):
        reader.set_own(own)
        for paragraph in document:
            reader.read(paragraph, &fact[row, 0])
            row += 1
            end[row] = <int32_t>(reader.found.size // 4)
    columns = np.empty(reader.found.size // 4, np.int32)
    cdef int32_t[::1] column = columns
    cdef uint32_t mask = <uint32_t>width - 1
    for i in range(reader.found.size // 4):
        column[i] = <int32_t>((<uint32_t *>reader.found.data)[i] & mask)
    return columns, ends, facts


DEF OUTPUTS = 8


cdef class Scorer:
    """Step 1 with its weights: :meth:`adsift.model.alone.Alone.score`."""

    cdef const float[:, ::1] weights
    cdef const float[::1] bias
    cdef list spare  # readers that no call uses: reading may let another thread call, too

    def __init__(self, weights, bias):
        if not weights.shape[0] or weights.shape[1] != OUTPUTS or bias.shape != (OUTPUTS,):
            raise ValueError(
                f"weights have at least one row, and {OUTPUTS} outputs, as many as biases"
            )
        self.weights = weights
        self.bias = bias
        self.spare = []

    def score(self, documents, owns, remembered=None):
        """The scores, float32 of shape (rows, 8), and the facts, of shape (rows, facts).

        Args:
            documents: each one's paragraphs.
            owns: each one's own host.
            remembered: for each document ``None``, or what is known of it: for each paragraph its
                place among those that were judged before, or -1; their scores and facts; and
                whether the own host was the same.
        """
        cdef _Reader reader = self.spare.pop() if self.spare else _Reader()
        try:
            return self.score_with(reader, documents, owns, remembered)
        finally:
            self.spare.append(reader)

    cdef tuple score_with(self, _Reader reader, documents, owns, remembered):
        documents = held(documents)
        cdef Py_ssize_t rows = sum([len(document) for document in documents]), row = 0
        facts = np.empty((rows, FACT_COUNT), np.float32)
        scores = np.empty((rows, OUTPUTS), np.float32)
        cdef float[:, ::1] fact = facts
        cdef float[:, ::1] score = scores
        if remembered is None:
            remembered = [None] * len(documents)
        for document, own, known in zip(documents, owns, remembered, strict=True):
            reader.set_own(own)
            if known is not None:
                self.judge_again(reader, document, known, score[row:], fact[row:])
                row += len(document)
                continue
            for paragraph in document:
                self.judge(reader, paragraph, &score[row, 0], &fact[row, 0])
                row += 1
        return scores, facts

    cdef int judge_again(
        self, _Reader reader, tuple document, known, float[:, ::1] scores, float[:, ::1] facts
    ) except -1:
        """Judge what is new in a document; what is not, comes from before."""
        cdef const int64_t[::1] places
        cdef const float[:, ::1] scores_before, facts_before
        cdef bint same_host
        cdef Py_ssize_t row, place
        places, scores_before, facts_before, same_host = known
        if (
            places.shape[0] != len(document)
            or scores_before.shape[1] != OUTPUTS
            or facts_before.shape[1] != FACT_COUNT
        ):
            raise ValueError("what is remembered is of other paragraphs or another model")
        for row in range(len(document)):
            place = places[row]
            if place < 0 or not (same_host or not field(document[row], LINKS)):
                self.judge(reader, document[row], &scores[row, 0], &facts[row, 0])
                continue
            if place >= scores_before.shape[0] or place >= facts_before.shape[0]:
                raise ValueError("what is remembered is of fewer paragraphs")
            memcpy(&scores[row, 0], &scores_before[place, 0], OUTPUTS * sizeof(float))
            memcpy(&facts[row, 0], &facts_before[place, 0], FACT_COUNT * sizeof(float))
        return 0

    cdef int judge(self, _Reader reader, paragraph, float *scores, float *facts) except -1:
        cdef uint32_t mask = <uint32_t>self.weights.shape[0] - 1
        cdef const float *base = &self.weights[0, 0]
        cdef const float *line
        cdef uint32_t *found
        cdef Py_ssize_t i, count
        cdef int k
        cdef float value
        cdef float out[OUTPUTS]  # its address is nobody else's, so that it can be in registers
        reader.found.size = 0
        reader.read(paragraph, facts)
        found = <uint32_t *>reader.found.data
        count = reader.found.size // 4
        value = <float>(1 / sqrt(<double>count))
        memset(out, 0, sizeof(out))
        for i in range(count if count < 16 else 16):
            prefetch(base + (found[i] & mask) * OUTPUTS)
        for i in range(count):
            if i + 16 < count:
                prefetch(base + (found[i + 16] & mask) * OUTPUTS)
            line = base + (found[i] & mask) * OUTPUTS
            for k in range(OUTPUTS):
                out[k] += value * line[k]
        for k in range(OUTPUTS):
            scores[k] = out[k] + self.bias[k]
        return 0
