# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""Compiled layers of :mod:`adsift.model.tagger`, for processors that multiply whole numbers."""

from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy, memset

import numpy as np

from adsift.model import tagger as pure

cdef extern from "tagger_layers.h" nogil:
    enum: COLUMNS, PAIRS, BYTES
    ctypedef struct Dense:
        const void *weights
        const int32_t *start
        const float *scale
        const float *bias
        Py_ssize_t inputs
    ctypedef struct Network:
        const float *mean
        const float *factor
        float bound, grid
        int unit
        Py_ssize_t columns, half
        Dense inner, near, far
        const double *page
        const double *page_scale
        const double *page_bias
        const float *step
    ctypedef void (*RunDocument)(
        const Network *net, const float *meanings, Py_ssize_t meant, const float *features,
        Py_ssize_t featured, const int64_t *rows, const int64_t *weights, Py_ssize_t count,
        uint8_t *scratch, float *out, Py_ssize_t width, Py_ssize_t units)
    bint can_multiply(int kind)
    RunDocument run_document(int kind)
    size_t scratch_size(const Network *net, Py_ssize_t most)

_ORDERS = {"bytes": (BYTES, 4, 32, np.int8), "pairs": (PAIRS, 2, 16, np.int16)}
"""For each way to multiply its number, how many inputs and columns the processor takes at once, and
of which type the weights are."""

cdef enum:
    MULTIPLE = 4  # of inputs, which any way to multiply can divide
    LABELS = 4
    UNREAD = LABELS + 1

if (pure.LABELS, pure.UNREAD) != (LABELS, UNREAD):
    raise ImportError("the compiled labels are not those of adsift.model.tagger")

cdef Py_ssize_t BOILERPLATE = pure.BOILERPLATE
cdef int64_t LETTERS = pure.LETTERS, MORE = pure.MORE
cdef float SURE = pure.SURE, SMALLEST = pure.SMALLEST

KERNELS = tuple(name for name, order in _ORDERS.items() if can_multiply(order[0]))
"""Ways to multiply that this processor knows, the fastest first: bytes (AVX-512 VNNI), or pairs of 16
bits (AVX2)."""


cdef class Kernel:
    """The layers, in the order in which they are read.

    Args:
        quantised: :class:`adsift.model.quantised.Quantised`.
        bound: of the inputs.
        unit: bound of the units.
        grid: parts of a unit in the page's layer.
        kernel: one of :data:`KERNELS`.
    """

    cdef Network net
    cdef RunDocument run_document
    cdef Py_ssize_t inputs, units, group, across
    cdef object kind
    cdef list held

    def __init__(self, quantised, float bound, int unit, float grid, kernel):
        cdef Py_ssize_t width
        if kernel not in KERNELS:
            raise ValueError(f"this processor does not multiply {kernel}")
        number, self.group, self.across, self.kind = _ORDERS[kernel]
        self.run_document = run_document(number)
        width, self.units, _ = quantised.near.weights.shape
        self.inputs = len(quantised.mean)
        self.net.columns = (self.units + COLUMNS - 1) // COLUMNS * COLUMNS
        self.net.half = width // 2
        self.net.bound, self.net.unit, self.net.grid = bound, unit, grid
        self.held = []
        self.net.mean = <const float *> self._hold(quantised.mean, np.float32)
        self.net.factor = <const float *> self._hold(quantised.factor, np.float32)
        # The inputs are read as they are plus 128, so that none is below 0.
        self._take(&self.net.inner, quantised.inner, 128)
        self._take(&self.net.near, self._spread(quantised.near), 0)
        self._take(&self.net.far, self._spread(quantised.far), 0)
        page = np.zeros((2, self.net.columns, self.net.columns))
        page[:, : self.units, : self.units] = quantised.page.weights.reshape(
            2, self.units, self.units
        )
        self.net.page = <const double *> self._hold(page, np.float64)
        self.net.page_scale = <const double *> self._hold(
            self._padded(quantised.page.scale), np.float64
        )
        self.net.page_bias = <const double *> self._hold(
            self._padded(quantised.page.bias), np.float64
        )
        self.net.step = <const float *> self._hold(self._padded(quantised.step), np.float32)

    cdef void *_hold(self, array, kind) except NULL:
        """The numbers of an array, which lives as long as this does."""
        held = np.ascontiguousarray(array, kind)
        self.held.append(held)
        cdef const uint8_t[::1] numbers = held.reshape(-1).view(np.uint8)
        return <void *> &numbers[0]

    def _padded(self, array):
        """With zeros for the units that are not there."""
        missing = self.net.columns - self.units
        return np.pad(array, [(0, 0)] * (array.ndim - 1) + [(0, missing)])

    def _spread(self, kernel):
        """A convolution as a layer whose inputs are the rows around, one behind the other."""
        missing = self.net.columns - self.units
        weights = np.pad(kernel.weights, [(0, 0), (0, missing), (0, 0)])
        return kernel._replace(weights=weights.reshape(-1, self.units))

    cdef int _take(self, Dense *dense, layer, int above) except -1:
        weights = self._padded(layer.weights)
        weights = np.pad(weights, [(0, (MULTIPLE - len(weights) % MULTIPLE) % MULTIPLE), (0, 0)])
        dense.inputs = len(weights)
        start = -above * weights.sum(axis=0, dtype=np.float64)
        by_group = weights.reshape(
            -1, self.group, self.net.columns // self.across, self.across
        )
        dense.weights = self._hold(by_group.transpose(2, 0, 3, 1), self.kind)
        dense.start = <const int32_t *> self._hold(start, np.int32)
        dense.scale = <const float *> self._hold(self._padded(layer.scale), np.float32)
        dense.bias = <const float *> self._hold(self._padded(layer.bias), np.float32)
        return 0

    def hidden(
        self,
        const float[:, ::1] meanings,
        const float[:, ::1] features,
        const int64_t[::1] document,
        const int64_t[::1] lengths,
    ):
        """:meth:`adsift.model.tagger.Tagger.hidden`.

        Args:
            meanings, features: shapes (paragraphs, P) and (paragraphs, F).
            document: number of each paragraph's document, whose paragraphs stand together.
            lengths: letters of each paragraph.
        """
        cdef Py_ssize_t count = features.shape[0], width = self.units + UNREAD
        cdef Py_ssize_t row, k, start, end, some = 0, unread = 0, longest = 0
        cdef uint8_t *scratch
        if meanings.shape[1] + features.shape[1] != self.inputs or meanings.shape[0] != count:
            raise ValueError("there are not as many numbers as inputs")
        if document.shape[0] != count or lengths.shape[0] != count:
            raise ValueError("every paragraph has one document and one length")
        out = np.empty((count, width), np.float32)
        read = reads(features, document)
        numbers = np.empty((3, count), np.int64)
        opinions = np.empty((count, LABELS), np.float32)
        cdef float[:, ::1] units = out, opinion = opinions
        cdef uint8_t[::1] is_read = read.view(np.uint8)
        cdef int64_t[::1] rows = numbers[0], weights = numbers[1], owners = numbers[2]
        for row in range(count):
            if is_read[row]:
                rows[some] = row
                weights[some] = (lengths[row] if lengths[row] < LETTERS else LETTERS) + MORE
                owners[some] = document[row]
                some += 1
            else:
                for k in range(LABELS):
                    opinion[unread, k] = max(features[row, k], SMALLEST)
                unread += 1
        # NumPy's logarithm need not have the C library's last bits.
        np.log(opinions[:unread], out=opinions[:unread])
        unread = 0
        for row in range(count):
            memset(&units[row, 0], 0, width * sizeof(float))
            if not is_read[row]:
                memcpy(&units[row, self.units], &opinion[unread, 0], LABELS * sizeof(float))
                units[row, self.units + LABELS] = 1
                unread += 1
        start = 0
        for end in range(1, some + 1):
            if end == some or owners[end] != owners[start]:
                longest = max(longest, end - start)
                start = end
        scratch = <uint8_t *> malloc(scratch_size(&self.net, longest))
        if scratch == NULL:
            raise MemoryError
        start = 0
        with nogil:
            for end in range(1, some + 1):
                if end == some or owners[end] != owners[start]:
                    self.run_document(
                        &self.net, &meanings[0, 0], meanings.shape[1], &features[0, 0],
                        features.shape[1], &rows[start], &weights[start], end - start, scratch,
                        &units[0, 0], width, self.units,
                    )
                    start = end
        free(scratch)
        return out


def reads(const float[:, ::1] features, const int64_t[::1] document):
    """:func:`adsift.model.tagger.reads`."""
    cdef Py_ssize_t row, count = features.shape[0]
    cdef bint before = False, here, beyond
    if features.shape[1] < LABELS or document.shape[0] != count:
        raise ValueError("every paragraph has step 1's probabilities and one document")
    found = np.empty(count, np.bool_)
    cdef uint8_t[::1] out = found.view(np.uint8)
    here = count and features[0, BOILERPLATE] < SURE
    for row in range(count):
        if row and document[row] != document[row - 1]:
            before = False
        beyond = row + 1 < count and features[row + 1, BOILERPLATE] < SURE
        out[row] = before or here or (
            beyond and document[row + 1] == document[row]
        )
        before, here = here, beyond
    return found
