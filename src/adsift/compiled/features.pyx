# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Compiled :func:`adsift.model.features.paragraph_words`, hashed, and the facts of
:mod:`adsift.model.context` beside them: the table of a paragraph's features.

Paragraphs with more ancestors than a segmenter gives are left to the pure functions.
"""

from cpython.unicode cimport PyUnicode_GET_LENGTH
from libc.math cimport rint
from libc.stdint cimport uint32_t
from libc.stdlib cimport free, malloc
from libc.string cimport memset

from adsift.compiled.ancestor_features cimport MOST_ANCESTORS, AncestorReader
from adsift.compiled.buffers cimport Buffer, put, put_number, put_text, reserve
from adsift.compiled.facts cimport write_facts
from adsift.compiled.feature_hashing cimport FeatureWords, bits, emit, emit_from
from adsift.compiled.link_features cimport LinkReader
from adsift.compiled.objects cimport ANCESTORS, LINK_SHARE, LINKS, RELS, TAG, TEXT, field
from adsift.compiled.shape_features cimport Signs, count_signs, emit_shape
from adsift.compiled.strings cimport after, make_crc_table, plain, steps
from adsift.compiled.text_features cimport emit_text_words
from adsift.compiled.tokens cimport read_tokens
from adsift.compiled.word_set cimport WordSet

from adsift.model.features import paragraph_words

make_crc_table()

cdef uint32_t R = after(b"r="), H = after(b"h=")
cdef uint32_t MARKUP = ~after(b"markup"), PLAIN = ~after(b"plain")


cdef class FeatureReader:
    """Reads paragraphs. It holds the buffers, so one serves many of them."""

    def __cinit__(self):
        memset(&self.words, 0, sizeof(FeatureWords))
        memset(&self.tokens.text, 0, sizeof(Buffer))
        self.words.seen = <WordSet *>malloc(sizeof(WordSet))
        if self.words.seen == NULL:
            raise MemoryError()
        memset(self.words.seen, 0, sizeof(WordSet))
        self.links = LinkReader()
        self.ancestors = AncestorReader()

    def __dealloc__(self):
        free(self.words.arena.data)
        free(self.words.found.data)
        free(self.words.seen)
        free(self.tokens.text.data)

    cdef int set_own(self, str own) except -1:
        """The host of the page that the next paragraphs are from."""
        return self.links.set_own(own)

    cdef int read(self, paragraph, float *facts) except -1:
        """Add the hashes of its words to those that were found, and write its facts."""
        cdef str text = plain(field(paragraph, TEXT)), tag = plain(field(paragraph, TAG))
        cdef FeatureWords *words = &self.words
        cdef tuple links, ancestors
        cdef double link_share = 0
        cdef int share, size
        cdef Py_ssize_t start
        cdef Signs signs
        if not PyUnicode_GET_LENGTH(text):
            raise IndexError("a paragraph has no text")
        if tag:
            link_share = field(paragraph, LINK_SHARE)
            links = tuple(field(paragraph, LINKS))
            ancestors = tuple(field(paragraph, ANCESTORS))
        count_signs(text, &signs)
        write_facts(text, tag, link_share, signs.digits != 0, facts)
        if tag and len(ancestors) > MOST_ANCESTORS:
            self.links.read_links(words, links, facts, False)
            return self.read_pure(paragraph)
        words.arena.size = 0
        reserve(&words.found, 4)
        emit(words, ~(MARKUP if tag else PLAIN))
        read_tokens(&self.tokens, text)
        emit_text_words(words, &self.tokens)
        emit_shape(words, text, &self.tokens, signs)
        if not tag:
            return 0
        self.links.emit_links(words, links, tuple(field(paragraph, RELS)), facts)
        size = bits(self.tokens.count)
        share = <int>rint(link_share * 8)
        start = words.arena.size
        if share < 0:
            put(&words.arena, b"-", 1)
        put_number(&words.arena, abs(<long>share))
        self.emit_numbered(R, start, size)
        start = words.arena.size
        put_text(&words.arena, tag)
        self.emit_numbered(H, start, size)
        return self.ancestors.emit_ancestors(words, ancestors)

    cdef int emit_numbered(self, uint32_t state, Py_ssize_t start, int number) except -1:
        """The word that the arena holds from ``start`` on, and that with a number behind it."""
        emit_from(&self.words, state, start)
        put(&self.words.arena, b" ", 1)
        put_number(&self.words.arena, number)
        return emit_from(&self.words, state, start)

    cdef int read_pure(self, paragraph) except -1:
        cdef bytes word
        reserve(&self.words.found, 4)
        for text in paragraph_words(paragraph, self.links.own):
            word = text.encode("utf-8", "surrogatepass")
            reserve(&self.words.found, 4)
            emit(&self.words, steps(0xFFFFFFFFu, word, len(word)))
        return 0
