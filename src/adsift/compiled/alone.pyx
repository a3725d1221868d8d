# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Compiled :mod:`adsift.model.alone`: from paragraphs to the columns of their feature words, and to
step 1's scores."""

from libc.math cimport sqrt
from libc.stdint cimport int32_t, int64_t, uint32_t
from libc.string cimport memcpy, memset

from adsift.compiled.facts cimport FACT_COUNT
from adsift.compiled.features cimport FeatureReader
from adsift.compiled.objects cimport LINKS, field
from adsift.compiled.strings cimport prefetch

import numpy as np

from adsift.compiled.links import own_host

cdef enum:
    OUTPUTS = 8


def own_hosts(documents, urls):
    """:func:`adsift.model.alone.own_hosts`."""
    return [own_host(url, page) for page, url in zip(documents, urls, strict=True)]


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
    cdef FeatureReader reader = FeatureReader()
    documents = held(documents)
    cdef Py_ssize_t rows = sum([len(document) for document in documents]), row = 0, i
    facts = np.empty((rows, FACT_COUNT), np.float32)
    ends = np.zeros(rows + 1, np.int32)
    cdef float[:, ::1] fact = facts
    cdef int32_t[::1] end = ends
    for document, own in zip(documents, owns, strict=True):
        reader.set_own(own)
        for paragraph in document:
            reader.read(paragraph, &fact[row, 0])
            row += 1
            end[row] = <int32_t>(reader.words.found.size // 4)
    columns = np.empty(reader.words.found.size // 4, np.int32)
    cdef int32_t[::1] column = columns
    cdef uint32_t mask = <uint32_t>width - 1
    for i in range(reader.words.found.size // 4):
        column[i] = <int32_t>((<uint32_t *>reader.words.found.data)[i] & mask)
    return columns, ends, facts


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
        cdef FeatureReader reader = self.spare.pop() if self.spare else FeatureReader()
        try:
            return self.score_with(reader, documents, owns, remembered)
        finally:
            self.spare.append(reader)

    cdef tuple score_with(self, FeatureReader reader, documents, owns, remembered):
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
        self, FeatureReader reader, tuple document, known, float[:, ::1] scores, float[:, ::1] facts
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

    cdef int judge(self, FeatureReader reader, paragraph, float *scores, float *facts) except -1:
        cdef uint32_t mask = <uint32_t>self.weights.shape[0] - 1
        cdef const float *base = &self.weights[0, 0]
        cdef const float *line
        cdef uint32_t *found
        cdef Py_ssize_t i, count
        cdef int k
        cdef float value
        cdef float out[OUTPUTS]  # its address is nobody else's, so that it can be in registers
        reader.words.found.size = 0
        reader.read(paragraph, facts)
        found = <uint32_t *>reader.words.found.data
        count = reader.words.found.size // 4
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
