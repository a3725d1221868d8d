# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Compiled :mod:`adsift.model.links`: whose page an address leads to, whether somebody is paid for
the click, and which host is the page's own.

What is rare, an address that is not ASCII, is left to the pure functions.
"""

from cpython.unicode cimport PyUnicode_DATA, PyUnicode_DecodeASCII, PyUnicode_GET_LENGTH
from libc.stdint cimport uint8_t, uint32_t
from libc.string cimport memcmp, memcpy, memset

from adsift.compiled.objects cimport LINKS, field
from adsift.compiled.strings cimport make_crc_table, plain, steps

from adsift.model import links as pure_links

cdef extern from "Python.h":
    bint PyUnicode_IS_ASCII(str) noexcept

if pure_links.LONGEST != LONGEST:
    raise ImportError("the compiled limit of addresses is not that of adsift.model.links")

make_crc_table()

# ---------------------------------------------------------------- known hosts and keys

cdef enum:
    KNOWN = 1024  # a power of 2, at least twice as many as there are

cdef enum:
    SOCIAL = 8  # a flag beside those of what is paid for

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


# ---------------------------------------------------------------- the page's own host


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
