# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Compiled :mod:`adsift.model.context`, and of :mod:`adsift.model.classifier` what lies around
step 2's matrix products."""

from cpython.unicode cimport PyUnicode_GET_LENGTH
from libc.math cimport rint
from libc.stdint cimport int64_t, uint32_t
from libc.stdlib cimport calloc, free
from libc.string cimport memset

import numpy as np

from adsift.document import CommerceKind, Label, TaggedParagraph
from adsift.model.context import HEADINGS

cdef extern from "Python.h":
    uint32_t PyUnicode_READ_CHAR(str, Py_ssize_t) noexcept
    bint Py_UNICODE_ISALNUM(uint32_t) noexcept

DEF SIGNALS = 12
DEF LABELS = 4
DEF LOGS = 8192

cdef frozenset _HEADINGS = HEADINGS

# NumPy's logarithm need not have the C library's last bits.
_logs = np.log1p(np.arange(LOGS)) / 6
cdef const double[::1] _log = _logs


cdef inline double log_of(int64_t number) except? -1:
    """As :func:`adsift.model.context._size` takes it of counts and lengths."""
    if 0 <= number < LOGS:
        return _log[number]
    return (np.log1p(np.array([number])) / 6)[0]


def read_layout(documents):
    """The arrays of :class:`adsift.model.context.Layout`."""
    cdef Py_ssize_t rows = sum([len(document) for document in documents]), row = 0
    cdef Py_ssize_t count = len(documents), number
    cdef int64_t sections = -1
    cdef dict builds
    cdef str text, tag
    cdef bint heading, first
    arrays = [np.empty(count + 1, np.int64)] + [np.empty(rows, np.int64) for _ in range(4)]
    cdef int64_t[::1] offsets = arrays[0], document_of = arrays[1], section = arrays[2]
    cdef int64_t[::1] build = arrays[3], lengths = arrays[4]
    cdef int64_t built = 0
    offsets[0] = 0
    for number in range(count):
        builds = {}
        first = True
        for paragraph in documents[number]:
            text = paragraph.text
            tag = paragraph.tag
            key = (tag, paragraph.ancestors)
            found = builds.get(key)
            if found is None:
                found = builds[key] = built
                built += 1
            build[row] = found
            lengths[row] = PyUnicode_GET_LENGTH(text)
            if tag:
                heading = tag in _HEADINGS
            else:
                heading = lengths[row] < 80 and Py_UNICODE_ISALNUM(
                    PyUnicode_READ_CHAR(text, lengths[row] - 1)
                )
            if heading or first:
                sections += 1
                first = False
            section[row] = sections
            document_of[row] = number
            row += 1
        offsets[number + 1] = row
    return arrays


cdef int64_t largest(const int64_t[::1] groups) noexcept:
    cdef int64_t most = -1
    cdef Py_ssize_t row
    for row in range(groups.shape[0]):
        if groups[row] > most:
            most = groups[row]
    return most


cdef struct Groups:
    # Of each group: the sums of its rows' signals, its size, its first row.
    double *sums
    double *sizes
    int64_t *counts
    int64_t *firsts


cdef int add_groups(
    Groups *groups, const int64_t[::1] group, const float[:, ::1] signals, const float *weights
) except -1:
    cdef int64_t count = largest(group) + 1, g
    cdef Py_ssize_t row
    cdef int k
    cdef float product
    groups.sums = <double *>calloc(count * SIGNALS + 1, sizeof(double))
    groups.sizes = <double *>calloc(count + 1, sizeof(double))
    groups.counts = <int64_t *>calloc(count + 1, sizeof(int64_t))
    groups.firsts = <int64_t *>calloc(count + 1, sizeof(int64_t))
    if groups.sums == NULL or groups.sizes == NULL or groups.counts == NULL or groups.firsts == NULL:
        raise MemoryError()
    for row in range(group.shape[0]):
        g = group[row]
        if groups.counts[g] == 0:
            groups.firsts[g] = row
        groups.counts[g] += 1
        if weights == NULL:
            groups.sizes[g] += 1
            for k in range(SIGNALS):
                groups.sums[g * SIGNALS + k] += signals[row, k]
        else:
            groups.sizes[g] += weights[row]
            for k in range(SIGNALS):
                product = weights[row] * signals[row, k]  # in single precision, as NumPy has it
                groups.sums[g * SIGNALS + k] += product
    return 0


cdef void free_groups(Groups *groups) noexcept:
    free(groups.sums)
    free(groups.sizes)
    free(groups.counts)
    free(groups.firsts)


cdef inline void put_group(float *out, Groups *groups, int64_t g) noexcept:
    cdef int k
    cdef double size = groups.sizes[g] if groups.sizes[g] > 1 else 1
    for k in range(SIGNALS):
        out[k] = <float>(groups.sums[g * SIGNALS + k] / size)


def context_features(const float[:, ::1] signals, layout, int columns):
    """:func:`adsift.model.context.context_features`."""
    cdef Py_ssize_t rows = signals.shape[0], row, start, end
    cdef const int64_t[::1] offsets = layout.offsets, document = layout.document
    cdef const int64_t[::1] section = layout.section, build = layout.build
    cdef const int64_t[::1] lengths = layout.lengths
    cdef int64_t first = 0, last = 0, count = 0, place, before = 0, number = -1, whole = 0
    cdef int k, w
    cdef int *widths = [1, 2, 4, 8, 20]
    cdef double size
    cdef double *sums = NULL
    cdef double *high
    cdef double *low
    cdef float *out
    cdef Groups sections, builds, documents, weighted
    cdef float[::1] weights = np.empty(rows + 1, np.float32)
    features = np.empty((rows, columns), np.float32)
    cdef float[:, ::1] feature = features
    if columns != SIGNALS * 16 + 9 or signals.shape[1] != SIGNALS:
        raise ValueError(f"the compiled core has not {columns} context features")
    if rows == 0:
        return features
    if document.shape[0] != rows or offsets[offsets.shape[0] - 1] != rows:
        raise ValueError("the layout is one of other paragraphs")
    memset(&sections, 0, sizeof(Groups))
    memset(&builds, 0, sizeof(Groups))
    memset(&documents, 0, sizeof(Groups))
    memset(&weighted, 0, sizeof(Groups))
    try:
        sums = <double *>calloc((rows + 1) * SIGNALS, sizeof(double))
        if sums == NULL:
            raise MemoryError()
        for row in range(rows):
            weights[row] = <float>((lengths[row] if lengths[row] < 360 else 360) + 6.0)
            for k in range(SIGNALS):
                sums[(row + 1) * SIGNALS + k] = sums[row * SIGNALS + k] + signals[row, k]
        add_groups(&sections, section, signals, NULL)
        add_groups(&builds, build, signals, NULL)
        add_groups(&documents, document, signals, NULL)
        add_groups(&weighted, document, signals, &weights[0])
        for row in range(rows):
            if document[row] != number:
                number = document[row]
                first, last = offsets[number], offsets[number + 1]
                count = last - first
                before = whole = 0
                for place in range(first, last):
                    whole += lengths[place]
            place = row - first
            out = &feature[row, 0]
            for k in range(SIGNALS):
                out[k] = signals[row, k]
            out += SIGNALS
            out[0] = <float>log_of(lengths[row])
            out[1] = <float>log_of(count)
            out[2] = <float>(<double>place / <double>count)
            out[3] = <float>(<double>before / <double>whole)
            out[4] = <float>log_of(place)
            out[5] = <float>log_of(count - 1 - place)
            out[6] = <float>log_of(builds.counts[build[row]])
            out[7] = <float>log_of(sections.counts[section[row]])
            out[8] = place - sections.firsts[section[row]] + first < 1
            before += lengths[row]
            out += 9
            for w in range(5):
                start = row - widths[w] if row - widths[w] > first else first
                size = <double>(row - start if row > start else 1)
                high = sums + row * SIGNALS
                low = sums + start * SIGNALS
                for k in range(SIGNALS):
                    out[k] = <float>((high[k] - low[k]) / size)
                out += SIGNALS
            for w in range(5):
                end = row + 1 + widths[w] if row + 1 + widths[w] < last else last
                size = <double>(end - row - 1 if end > row + 1 else 1)
                high = sums + end * SIGNALS
                low = sums + (row + 1) * SIGNALS
                for k in range(SIGNALS):
                    out[k] = <float>((high[k] - low[k]) / size)
                out += SIGNALS
            for k in range(SIGNALS):
                out[k] = signals[sections.firsts[section[row]], k]
            out += SIGNALS
            put_group(out, &sections, section[row])
            put_group(out + SIGNALS, &builds, build[row])
            put_group(out + 2 * SIGNALS, &documents, document[row])
            put_group(out + 3 * SIGNALS, &weighted, document[row])
    finally:
        free(sums)
        free_groups(&sections)
        free_groups(&builds)
        free_groups(&documents)
        free_groups(&weighted)
    return features


def fill_blocks(
    const float[:, ::1] features,
    const float[::1] mean,
    const float[::1] scale,
    float clip,
    const int64_t[::1] places,
    float[:, ::1] blocks,
):
    """Put standardised rows of features, clipped, into their places in blocks of zeros."""
    cdef Py_ssize_t row, k, columns = features.shape[1]
    cdef const float *data
    cdef float *out
    cdef float value
    for row in range(features.shape[0]):
        data = &features[row, 0]
        out = &blocks[places[row], 0]
        for k in range(columns):
            value = (data[k] - mean[k]) / scale[k]
            value = -clip if value < -clip else value
            out[k] = clip if value > clip else value


def rectify(float[:, ::1] hidden, const float[::1] bias):
    """Add a bias to each row, and make what is below 0 zero; in place."""
    cdef Py_ssize_t row, k, columns = hidden.shape[1]
    cdef float *data
    cdef float value
    for row in range(hidden.shape[0]):
        data = &hidden[row, 0]
        for k in range(columns):
            value = data[k] + bias[k]
            data[k] = value if value > 0 else 0


def places(const int64_t[::1] document, Py_ssize_t size):
    """Where each row goes, so that every document begins a block of its own, of ``size`` rows."""
    cdef Py_ssize_t row, rows = document.shape[0], place = 0
    found = np.empty(rows, np.int64)
    cdef int64_t[::1] out = found
    for row in range(rows):
        if row and document[row] != document[row - 1]:
            place = (place + size - 1) // size * size
        out[row] = place
        place += 1
    return found


def subtract_largest(float[:, ::1] scores):
    """Subtract from each four scores their largest, in place."""
    cdef Py_ssize_t row, k, j
    cdef float *data
    cdef float most
    for row in range(scores.shape[0]):
        data = &scores[row, 0]
        for k in range(0, scores.shape[1] - LABELS + 1, LABELS):
            most = data[k]
            for j in range(1, LABELS):
                most = data[k + j] if data[k + j] > most else most
            for j in range(LABELS):
                data[k + j] = data[k + j] - most


def mean_share(const float[:, ::1] raised, float smallest):
    """The mean over networks of each label's share, and ``smallest`` where it is less.

    Args:
        raised: shape (rows, networks * labels).

    Returns:
        Shape (rows, labels).
    """
    cdef Py_ssize_t row, k, j, networks = raised.shape[1] // LABELS
    cdef const float *data
    cdef float total, share
    means = np.empty((raised.shape[0], LABELS), np.float32)
    cdef float[:, ::1] out = means
    for row in range(raised.shape[0]):
        for j in range(LABELS):
            out[row, j] = 0
        data = &raised[row, 0]
        for k in range(networks):
            total = data[0]
            for j in range(1, LABELS):
                total = total + data[j]
            for j in range(LABELS):
                out[row, j] += data[j] / total
            data += LABELS
        for j in range(LABELS):
            share = out[row, j] / <float>networks
            out[row, j] = share if share > smallest else smallest
    return means


def in_millionths(const float[:, ::1] probabilities):
    """:func:`adsift.model.classifier.in_millionths`, of four labels."""
    cdef Py_ssize_t row, k, best
    cdef double total
    rounded = np.empty((probabilities.shape[0], LABELS), np.float64)
    cdef double[:, ::1] out = rounded
    for row in range(probabilities.shape[0]):
        best = 0
        total = 0
        for k in range(LABELS):
            out[row, k] = rint(<double>probabilities[row, k] * 1e6)
            total += out[row, k]
            if out[row, k] > out[row, best]:
                best = k
        out[row, best] += 1e6 - total
        for k in range(LABELS):
            out[row, k] /= 1e6
    return rounded


# ---------------------------------------------------------------- tagged paragraphs

cdef extern from "Python.h":
    ctypedef int (*descrsetfunc)(object, object, object) except -1
    ctypedef struct PyTypeObject:
        descrsetfunc tp_descr_set
    PyTypeObject *Py_TYPE(object) noexcept
    void PyObject_GC_UnTrack(void *) noexcept

cdef tuple _LABELS = tuple(Label)
cdef tuple _KINDS = tuple(CommerceKind)
cdef object _NEW = TaggedParagraph.__new__
cdef object _TAGGED = TaggedParagraph
# The class is frozen: its slots are written by their descriptors, as its own constructor does.
cdef object _paragraph = TaggedParagraph.__dict__["paragraph"]
cdef object _label = TaggedParagraph.__dict__["label"]
cdef object _kind = TaggedParagraph.__dict__["kind"]
cdef object _probabilities = TaggedParagraph.__dict__["probabilities"]
cdef descrsetfunc _set = Py_TYPE(_paragraph).tp_descr_set
if _set == NULL or len(_LABELS) != LABELS:
    raise ImportError("tagged paragraphs are not made as they were")


def tag_paragraphs(document, const double[:, ::1] probabilities, kinds, const float[::1] costs):
    """:func:`adsift.model.classifier.tag_paragraphs`, with the costs of the document's head."""
    cdef Py_ssize_t row, k, best, commerce = _LABELS.index(Label.COMMERCE)
    cdef double score, most
    cdef list out = []
    cdef const int64_t[::1] kind = kinds
    cdef dict numbers
    if len(document) != probabilities.shape[0] or probabilities.shape[1] != LABELS:
        raise ValueError("as many rows of probabilities are needed as there are paragraphs")
    for row in range(probabilities.shape[0]):
        best = 0
        most = probabilities[row, 0] * costs[0]
        numbers = {}
        for k in range(LABELS):
            numbers[_LABELS[k]] = probabilities[row, k]
            score = probabilities[row, k] * costs[k]
            if score > most:
                most = score
                best = k
        tagged = _NEW(_TAGGED)
        _set(_paragraph, tagged, document[row])
        _set(_label, tagged, _LABELS[best])
        _set(_kind, tagged, _KINDS[kind[row]] if best == commerce else None)
        _set(_probabilities, tagged, numbers)
        # Nothing here can lead back to itself, so the garbage collector need not look at it; a
        # dictionary that is given something else is tracked again.
        PyObject_GC_UnTrack(<void *>numbers)
        PyObject_GC_UnTrack(<void *>tagged)
        out.append(tagged)
    return out
