# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Compiled :mod:`adsift.model.context` and :mod:`adsift.model.probabilities`, of
:mod:`adsift.model.memory` what compares paragraphs, of :mod:`adsift.model.networks` and
:mod:`adsift.model.tagging` what lies around step 2's matrix products, and of
:mod:`adsift.model.decisions` what makes the tags."""

from cpython.dict cimport PyDict_Copy, PyDict_SetItem
from cpython.object cimport Py_EQ, PyObject
from cpython.unicode cimport PyUnicode_GET_LENGTH
from libc.stdint cimport int64_t, uint32_t
from libc.stdlib cimport calloc, free
from libc.string cimport memset

from adsift.compiled.objects cimport (
    ANCESTORS, LINK_SHARE, LINKS, RELS, TAG, TEXT, field, make_tagged,
)

import numpy as np

from adsift.document import CommerceKind, Label
from adsift.model.context import HEADINGS

cdef extern from *:
    """
    /* A string knows its hash once it was asked for it. */
    static inline Py_hash_t adsift_hash(PyObject *object) {
        if (PyUnicode_CheckExact(object) && ((PyASCIIObject *) object)->hash != -1)
            return ((PyASCIIObject *) object)->hash;
        return PyObject_Hash(object);
    }
    """
    Py_hash_t hash_of "adsift_hash" (PyObject *) except? -1

cdef extern from "Python.h":
    Py_ssize_t PyTuple_GET_SIZE(tuple) noexcept
    PyObject *PyTuple_GET_ITEM(tuple, Py_ssize_t) noexcept
    bint PyObject_RichCompareBool(PyObject *, PyObject *, int) except -1
    # As an object, since a text may be of a class of its own.
    uint32_t PyUnicode_READ_CHAR(PyObject *, Py_ssize_t) noexcept
    bint Py_UNICODE_ISALNUM(uint32_t) noexcept

cdef enum:
    SIGNALS = 12
    LABELS = 4
    LOGS = 8192

cdef extern from *:
    """
    #include <float.h>
    #include <math.h>

    /* The nearest whole number, the even one of two, as rint gives it. Where a processor may have no
       instruction for that, rint is a call; a sum that has no room for the fraction rounds, too,
       unless sums are made in a wider type. */
    static inline float adsift_nearest_float(float number) {
        const float large = 12582912.0f; /* 1.5 * 2**23 */
        if (FLT_EVAL_METHOD == 0 && fabsf(number) < 4194304.0f)
            return copysignf((number + large) - large, number);
        return rintf(number);
    }
    static inline double adsift_nearest(double number) {
        const double large = 6755399441055744.0; /* 1.5 * 2**52 */
        if (FLT_EVAL_METHOD == 0 && fabs(number) < 2251799813685248.0)
            return copysign((number + large) - large, number);
        return rint(number);
    }
    """
    float nearest_float "adsift_nearest_float" (float number) noexcept nogil
    double nearest "adsift_nearest" (double number) noexcept nogil


cdef extern from "label_sums.h":
    void sum_labels(
        const float *hidden, Py_ssize_t rows, Py_ssize_t units, const float *output,
        const float *bias, float *scores) noexcept nogil

cdef frozenset _HEADINGS = HEADINGS

cdef struct Build:
    PyObject *tag  # NULL where there is none
    PyObject *ancestors
    size_t hashed
    int64_t number

# NumPy's logarithm need not have the C library's last bits.
_logs = np.log1p(np.arange(LOGS)) / 6
cdef const double[::1] _log = _logs


cdef inline double log_of(int64_t number) except? -1:
    """As :func:`adsift.model.context._size` takes it of lengths."""
    if 0 <= number < LOGS:
        return _log[number]
    return (np.log1p(np.array([number])) / 6)[0]


def read_layout(documents):
    """The arrays of :class:`adsift.model.context.Layout`."""
    cdef Py_ssize_t rows = sum([len(document) for document in documents]), row = 0
    cdef Py_ssize_t count = len(documents), number
    cdef int64_t sections = -1
    cdef object text
    cdef bint heading, first, named = False, titled = False
    cdef Builds builds
    cdef Build *build_of
    arrays = [np.empty(count + 1, np.int64)] + [np.empty(rows, np.int64) for _ in range(4)]
    cdef int64_t[::1] offsets = arrays[0], document_of = arrays[1], section = arrays[2]
    cdef int64_t[::1] build = arrays[3], lengths = arrays[4]
    cdef int64_t built = 0
    offsets[0] = 0
    for number in range(count):
        builds = Builds(len(documents[number]))
        build_of = NULL
        first = True
        for paragraph in documents[number]:
            text = field(paragraph, TEXT)
            tag = field(paragraph, TAG)
            ancestors = field(paragraph, ANCESTORS)
            if type(ancestors) is not tuple:
                ancestors = tuple(ancestors or ())
            if not isinstance(text, str):
                raise TypeError(f"a paragraph's text is a string, not {type(text).__name__}")
            if row == rows:
                raise ValueError("a document has more paragraphs than it says")
            # Many have the build of the one before, and its very objects.
            if (
                build_of == NULL
                or build_of.tag != <PyObject *> tag
                or build_of.ancestors != <PyObject *> ancestors
            ):
                build_of = builds.find(tag, ancestors)
                if build_of.number < 0:
                    build_of.number = built
                    built += 1
            build[row] = build_of.number
            lengths[row] = PyUnicode_GET_LENGTH(text)
            if first or tag is not last_tag:
                last_tag, named = tag, bool(tag)
                titled = named and tag in _HEADINGS
            if named:
                heading = titled
            elif lengths[row] == 0:
                raise IndexError("a paragraph has no text")
            else:
                heading = lengths[row] < 80 and Py_UNICODE_ISALNUM(
                    PyUnicode_READ_CHAR(<PyObject *> text, lengths[row] - 1)
                )
            if heading or first:
                sections += 1
                first = False
            section[row] = sections
            document_of[row] = number
            row += 1
        offsets[number + 1] = row
    return arrays


cdef class Builds:
    """The numbers of a document's builds: a dictionary that makes no object for what it looks up."""

    cdef Build *slots
    cdef size_t mask
    cdef Py_ssize_t left
    cdef list kept

    def __cinit__(self, Py_ssize_t most):
        self.kept = []
        self.left = most
        self.mask = 1
        while self.mask < 2 * <size_t> most:
            self.mask *= 2
        self.slots = <Build *>calloc(self.mask, sizeof(Build))
        self.mask -= 1
        if self.slots == NULL:
            raise MemoryError()

    def __dealloc__(self):
        free(self.slots)

    cdef Build *find(self, tag, tuple ancestors) except NULL:
        """The build of these; one without a number if it is new."""
        cdef size_t hashed = <size_t> hash_of(<PyObject *> tag)
        cdef Py_ssize_t i
        cdef size_t place
        cdef Build *build
        for i in range(PyTuple_GET_SIZE(ancestors)):
            hashed = hashed * 1000003 ^ <size_t> hash_of(PyTuple_GET_ITEM(ancestors, i))
        hashed ^= hashed >> 4 * sizeof(size_t)
        place = hashed & self.mask
        while self.slots[place].tag != NULL:
            build = &self.slots[place]
            if build.hashed == hashed and <object> build.tag == tag and alike(
                <tuple> build.ancestors, ancestors
            ):
                return build
            place = (place + 1) & self.mask
        if not self.left:
            raise ValueError("a document has more paragraphs than it says")
        self.left -= 1
        self.kept.append(tag)
        self.kept.append(ancestors)
        self.slots[place] = Build(<PyObject *> tag, <PyObject *> ancestors, hashed, -1)
        return &self.slots[place]


cdef bint alike(tuple one, tuple other) except -1:
    """Whether two rows of ancestors are equal; most of what they hold is the same."""
    cdef Py_ssize_t i, size = PyTuple_GET_SIZE(one)
    if one is other:
        return True
    if PyTuple_GET_SIZE(other) != size:
        return False
    for i in range(size):
        if not PyObject_RichCompareBool(
            PyTuple_GET_ITEM(one, i), PyTuple_GET_ITEM(other, i), Py_EQ
        ):
            return False
    return True


def same_places(before, after, left):
    """:func:`adsift.model.memory.same_places`."""
    cdef Py_ssize_t row = 0
    places = np.empty(len(after), np.int64)
    cdef int64_t[::1] out = places
    cdef object alike = None, alike_before = None  # ancestors found alike, which most have again
    for paragraph, place in zip(after, left, strict=True):
        if row == out.shape[0]:
            raise ValueError("there are more paragraphs than there were")
        out[row] = -1
        if place is not None:
            old = before[place]
            if old is paragraph:
                out[row] = place
                row += 1
                continue
            ancestors, ancestors_before = field(paragraph, ANCESTORS), field(old, ANCESTORS)
            if (
                field(paragraph, TEXT) == field(old, TEXT)
                and field(paragraph, TAG) == field(old, TAG)
                and field(paragraph, LINK_SHARE) == field(old, LINK_SHARE)
                and field(paragraph, LINKS) == field(old, LINKS)
                and field(paragraph, RELS) == field(old, RELS)
            ):
                if ancestors is not alike or ancestors_before is not alike_before:
                    alike = alike_before = None
                    if ancestors == ancestors_before:
                        alike, alike_before = ancestors, ancestors_before
                if alike is not None:
                    out[row] = place
        row += 1
    return places


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
    # No count and no place is larger than the number of rows.
    cdef const double[::1] logs = _logs if rows < LOGS else np.log1p(np.arange(rows + 1)) / 6
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
            out[1] = <float>logs[count]
            out[2] = <float>(<double>place / <double>count)
            out[3] = <float>(<double>before / <double>whole)
            out[4] = <float>logs[place]
            out[5] = <float>logs[count - 1 - place]
            out[6] = <float>logs[builds.counts[build[row]]]
            out[7] = <float>logs[sections.counts[section[row]]]
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
    """Put standardised rows of features, clipped, into their places in the blocks.

    Args:
        features: shape (n, columns).
        mean, scale: of the features.
        clip: how far from 0 a number may be.
        places: of the rows.
        blocks: takes them.
    """
    cdef Py_ssize_t row, k, columns = features.shape[1]
    cdef const float *data
    cdef float *out
    cdef float value
    if not columns == blocks.shape[1] == mean.shape[0] == scale.shape[0]:
        raise ValueError(f"blocks, mean and scale are not of {columns} features")
    _check_places(places, features.shape[0], blocks.shape[0])
    if not columns:
        return
    for row in range(features.shape[0]):
        data, out = &features[row, 0], &blocks[places[row], 0]
        for k in range(columns):
            value = (data[k] - mean[k]) / scale[k]
            value = -clip if value < -clip else value
            out[k] = clip if value > clip else value


cdef int _check_places(const int64_t[::1] places, Py_ssize_t rows, Py_ssize_t room) except -1:
    cdef Py_ssize_t row
    if places.shape[0] != rows:
        raise ValueError("every row has one place")
    for row in range(rows):
        if not 0 <= places[row] < room:
            raise ValueError("a place lies outside of the blocks")
    return 0


def rectify(float[:, ::1] hidden, const float[::1] bias):
    """Add a bias to each row, and make what is below 0 zero; in place."""
    cdef Py_ssize_t row, k, columns = hidden.shape[1]
    cdef float *data
    cdef float value
    if bias.shape[0] != columns:
        raise ValueError(f"there is no bias of {columns} units")
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


cdef inline void lower(float *scores) noexcept:
    """Subtract their largest from a label's scores, so that no exponential is too large."""
    cdef int k
    cdef float most = scores[0]
    for k in range(1, LABELS):
        most = scores[k] if scores[k] > most else most
    for k in range(LABELS):
        scores[k] = scores[k] - most


cdef inline void share(const float *raised, float *shares) noexcept:
    """Each one's share of their sum, added up from the first on."""
    cdef int k
    cdef float total = raised[0]
    for k in range(1, LABELS):
        total = total + raised[k]
    for k in range(LABELS):
        shares[k] = raised[k] / total


def softmax(const float[:, :] scores):
    """:func:`adsift.model.probabilities.softmax`, of one row of four labels after the other."""
    cdef Py_ssize_t row, rows = scores.shape[0]
    cdef int k
    if scores.shape[1] != LABELS:
        raise ValueError("a row has not as many scores as there are labels")
    raised = np.empty((rows, LABELS), np.float32)
    cdef float[:, ::1] out = raised
    for row in range(rows):
        for k in range(LABELS):
            out[row, k] = scores[row, k]
        lower(&out[row, 0])
    np.exp(raised, out=raised)  # the C library's need not have the same last bits
    for row in range(rows):
        share(&out[row, 0], &out[row, 0])
    return raised


def mean_opinions(
    scores,
    const float[::1] bias,
    const int64_t[::1] places,
    float smallest,
    float[:, ::1] opinions,
):
    """The mean over networks of the softmax of each one's scores, ``smallest`` where it is less.

    Args:
        scores: without bias, shape (rows in blocks, networks * labels); used up.
        bias: shape (networks * labels,).
        places: the rows that count.
        opinions: takes the result of those rows, shape (places, labels).
    """
    cdef float[:, ::1] score = scores
    cdef Py_ssize_t row, k, j, columns = score.shape[1], networks = score.shape[1] // LABELS
    cdef const float *raised
    cdef float *data
    cdef float *out
    cdef float shares[LABELS]
    cdef float value
    if networks == 0 or columns != networks * LABELS or bias.shape[0] != columns:
        raise ValueError("there are not as many scores as networks and labels ask for")
    if opinions.shape[1] != LABELS:
        raise ValueError("an opinion has not as many numbers as there are labels")
    _check_places(places, opinions.shape[0], score.shape[0])
    for row in range(score.shape[0]):
        data = &score[row, 0]
        for k in range(columns):
            data[k] = data[k] + bias[k]
        for k in range(networks):
            lower(data + k * LABELS)
    np.exp(scores, out=scores)
    for row in range(places.shape[0]):
        raised = &score[places[row], 0]
        out = &opinions[row, 0]
        share(raised, out)
        for k in range(1, networks):
            share(raised + k * LABELS, shares)
            for j in range(LABELS):
                out[j] = out[j] + shares[j]
        for j in range(LABELS):
            value = out[j] / <float>networks
            out[j] = value if value > smallest else smallest


def output_scores(
    const float[:, ::1] hidden, const float[:, ::1] output, const float[::1] bias
):
    """:func:`adsift.model.tagging.output_scores`, of four labels."""
    cdef Py_ssize_t rows = hidden.shape[0], units = hidden.shape[1]
    if output.shape[0] != units or output.shape[1] != LABELS or bias.shape[0] != LABELS:
        raise ValueError("the output layer is not one of so many units and of the labels")
    scores = np.empty((rows, LABELS), np.float32)
    cdef float[:, ::1] score = scores
    if rows:
        sum_labels(&hidden[0, 0], rows, units, &output[0, 0], &bias[0], &score[0, 0])
    return scores


def make_signals(const float[:, :] probabilities, const float[:, :] known, float grid):
    """:func:`adsift.model.probabilities.make_signals`."""
    cdef Py_ssize_t row, k, rows = probabilities.shape[0]
    cdef Py_ssize_t before = probabilities.shape[1], after = known.shape[1]
    cdef float *out
    if known.shape[0] != rows:
        raise ValueError("there are not as many rows of facts as of probabilities")
    signals = np.empty((rows, before + after), np.float32)
    cdef float[:, ::1] signal = signals
    for row in range(rows):
        out = &signal[row, 0]
        for k in range(before):
            out[k] = nearest_float(probabilities[row, k] * grid) / grid
        out += before
        for k in range(after):
            out[k] = nearest_float(known[row, k] * grid) / grid
    return signals


def in_millionths(const float[:, ::1] probabilities):
    """:func:`adsift.model.probabilities.in_millionths`, of four labels."""
    cdef Py_ssize_t row, k, best
    cdef double total
    rounded = np.empty((probabilities.shape[0], LABELS), np.float64)
    cdef double[:, ::1] out = rounded
    for row in range(probabilities.shape[0]):
        best = 0
        total = 0
        for k in range(LABELS):
            out[row, k] = nearest(<double>probabilities[row, k] * 1e6)
            total += out[row, k]
            if out[row, k] > out[row, best]:
                best = k
        out[row, best] += 1e6 - total
        for k in range(LABELS):
            out[row, k] /= 1e6
    return rounded


# ---------------------------------------------------------------- tagged paragraphs

cdef tuple _LABELS = tuple(Label)
cdef tuple _KINDS = tuple(CommerceKind)
cdef Py_ssize_t COMMERCE = _LABELS.index(Label.COMMERCE)
cdef dict _NUMBERS = dict.fromkeys(_LABELS, 0.0)

if len(_LABELS) != LABELS:
    raise ImportError(f"the compiled core has not {len(_LABELS)} labels")


def tag_paragraphs(
    document, const double[:, :] probabilities, const Py_ssize_t[:] kinds, const float[::1] costs
):
    """:func:`adsift.model.decisions.tag_paragraphs`, with the costs of the document's head."""
    cdef Py_ssize_t row = 0, k, best, rows = probabilities.shape[0]
    cdef double score, most
    cdef list out = [None] * rows
    cdef dict numbers
    if len(document) != rows or kinds.shape[0] != rows:
        raise ValueError("a document has as many probabilities and kinds as paragraphs")
    if probabilities.shape[1] != LABELS or costs.shape[0] != LABELS:
        raise ValueError("there are not as many probabilities and costs as labels")
    for row in range(rows):
        best = 0
        most = probabilities[row, 0] * costs[0]
        numbers = PyDict_Copy(_NUMBERS)
        for k in range(LABELS):
            PyDict_SetItem(numbers, _LABELS[k], probabilities[row, k])
            score = probabilities[row, k] * costs[k]
            if score > most:
                most = score
                best = k
        kind = None
        if best == COMMERCE:
            if not 0 <= kinds[row] < len(_KINDS):
                raise IndexError(f"there is no commerce kind {kinds[row]}")
            kind = _KINDS[kinds[row]]
        out[row] = make_tagged(document[row], _LABELS[best], kind, numbers)
    return out
