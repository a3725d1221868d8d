# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Compiled feature a of :mod:`adsift.model.features`, and the facts of links of
:mod:`adsift.model.context`: where a paragraph's links lead, and who pays for the click."""

from cpython.unicode cimport PyUnicode_DATA, PyUnicode_GET_LENGTH
from libc.stdint cimport uint32_t
from libc.string cimport memcmp, strlen

from adsift.compiled.buffers cimport put, put_number, put_text, reserve
from adsift.compiled.facts cimport FOREIGN, PAID
from adsift.compiled.feature_hashing cimport FeatureWords, bits, emit, emit_new
from adsift.compiled.links cimport (
    ADVERTISING, AFFILIATE, IS_FOREIGN, IS_FRAGMENT, IS_RELATIVE, KEY, LONGEST, REDIRECT, SHOP,
    Target, paid_flags, read_target,
)
from adsift.compiled.strings cimport after, make_crc_table, plain, steps
from adsift.compiled.word_set cimport clear

from adsift.model import links as pure_links

cdef extern from "Python.h":
    bint PyUnicode_IS_ASCII(str) noexcept

make_crc_table()

cdef uint32_t A = after(b"a=")


cdef class LinkReader:
    """Reads the links of paragraphs, seen from a page of one host."""

    cdef int set_own(self, str own) except -1:
        self.own = own
        self.own_data = NULL
        self.own_size = 0
        if PyUnicode_IS_ASCII(own):
            self.own_data = <const char *>PyUnicode_DATA(own)
            self.own_size = PyUnicode_GET_LENGTH(own)
        return 0

    cdef int emit_links(self, FeatureWords *words, tuple links, tuple rels, float *facts) except -1:
        """The feature a, and the facts of links."""
        cdef Py_ssize_t i, start, count = len(links)
        if not count:
            reserve(&words.found, 4)
            emit(words, steps(A, b"none", 4))
            return 0
        clear(words.seen)
        self.read_links(words, links, facts, True)
        for i in range(min(len(rels), 10)):
            start = words.arena.size
            put(&words.arena, b"rel:", 4)
            put_text(&words.arena, plain(rels[i]))
            emit_new(words, A, start)
        start = words.arena.size
        put(&words.arena, b"count ", 6)
        put_number(&words.arena, bits(count))
        return emit_new(words, A, start)

    cdef int read_links(
        self, FeatureWords *words, tuple links, float *facts, bint emitting
    ) except -1:
        """The facts of the links, and the words of the first 20."""
        cdef Py_ssize_t i, start
        cdef str address
        cdef bint own
        for i in range(len(links)):
            if i >= 20:
                emitting = False
            if not emitting and facts[PAID] and facts[FOREIGN]:
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
                if not facts[PAID] and paid_flags(&self.target, own):
                    facts[PAID] = 1
                if self.target.host.size and not own:
                    facts[FOREIGN] = 1
                if emitting:
                    self.emit_link(words, own)
                continue
            if pure_links.paid_for(address, self.own):
                facts[PAID] = 1
            if pure_links.read_target(address).host not in ("", self.own):
                facts[FOREIGN] = 1
            if emitting:
                for word in pure_links.link_words(address, self.own):
                    start = words.arena.size
                    put_text(&words.arena, word)
                    emit_new(words, A, start)
        return 0

    cdef int emit_link(self, FeatureWords *words, bint own) except -1:
        """As :func:`adsift.model.links.link_words` has them."""
        cdef Target *target = &self.target
        cdef char *lower = target.lower
        cdef int i, flags
        if target.relation != IS_FOREIGN or own:
            if target.relation == IS_FOREIGN:
                emit_named(words, b"to:", b"own", 3)
            elif target.relation == IS_RELATIVE:
                emit_named(words, b"to:", b"relative", 8)
            elif target.relation == IS_FRAGMENT:
                emit_named(words, b"to:", b"fragment", 8)
            else:
                emit_named(words, b"to:", lower + target.scheme.start, target.scheme.size)
        for i in range(target.words):
            emit_named(words, b"path:", lower + target.word[i].start, target.word[i].size)
        if target.relation != IS_FOREIGN or own:
            return 0
        emit_named(words, b"to:", b"foreign", 7)
        emit_named(words, b"host:", lower + target.host.start, target.host.size)
        for i in range(target.keys):
            emit_named(words, b"key:", lower + target.key[i].start, target.key[i].size)
        flags = paid_flags(target, own)
        if flags & AFFILIATE:
            emit_named(words, b"paid:", b"affiliate", 9)
        if flags & ADVERTISING:
            emit_named(words, b"paid:", b"advertising", 11)
        if flags & SHOP:
            emit_named(words, b"paid:", b"shop", 4)
        if flags & KEY:
            emit_named(words, b"paid:", b"key", 3)
        if flags & REDIRECT:
            emit_named(words, b"paid:", b"redirect", 8)
        return 0

    cdef bint is_own(self) noexcept:
        return (
            self.own_data != NULL
            and self.target.host.size == self.own_size
            and memcmp(
                self.target.lower + self.target.host.start, self.own_data, self.own_size
            ) == 0
        )


cdef int emit_named(
    FeatureWords *words, const char *name, const char *data, Py_ssize_t size
) except -1:
    cdef Py_ssize_t start = words.arena.size
    put(&words.arena, name, strlen(name))
    put(&words.arena, data, size)
    return emit_new(words, A, start)
