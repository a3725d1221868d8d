/* The layers of adsift/model/tagger.py in whole numbers, for processors that multiply bytes.

   A row of units is `columns` bytes, a multiple of COLUMNS. Weights are in the order in which
   `multiply` reads them, see tagger.pyx. */

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define COLUMNS 32 /* of a product that are worked on at a time: two registers of sums a row */
#define ROWS 8     /* likewise */
#define CHUNK 32   /* rows whose sums are kept before they become units */

typedef struct {
    const int8_t *weights;
    const int32_t *start; /* the sums before anything is added */
    const float *scale, *bias;
    ptrdiff_t inputs; /* a multiple of 4 */
} Dense;

typedef struct {
    const float *mean, *factor; /* of the inputs */
    float bound, grid;
    int unit;
    ptrdiff_t columns, half; /* half: rows that a convolution sees on either side */
    Dense inner, near, far;
    const double *page, *page_scale, *page_bias;
    const float *step;
} Network;

/* Older compilers know nothing of VNNI. */
#if defined(__x86_64__) \
    && ((defined(__clang__) && __clang_major__ >= 7) || (!defined(__clang__) && __GNUC__ >= 8))
#include <immintrin.h>

#define BYTES __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")))

static int multiplies_bytes(void)
{
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
        && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq")
        && __builtin_cpu_supports("avx512vnni");
}

/* Sums of products of rows of bytes, which may overlap, with a layer's weights. */
BYTES static void multiply(
    const uint8_t *units, ptrdiff_t stride, ptrdiff_t rows, const Dense *dense, ptrdiff_t columns,
    int32_t *out)
{
    const int8_t *weights = dense->weights;
    ptrdiff_t groups = dense->inputs / 4;
    for (ptrdiff_t column = 0; column < columns; column += COLUMNS) {
        __m512i first = _mm512_loadu_si512(dense->start + column);
        __m512i second = _mm512_loadu_si512(dense->start + column + 16);
        for (ptrdiff_t from = 0; from < rows; from += ROWS) {
            const uint8_t *row[ROWS];
            __m512i sums[ROWS][2];
            for (int i = 0; i < ROWS; i++) {
                /* Past the end the last row is read again, to no account. */
                row[i] = units + (from + i < rows ? from + i : rows - 1) * stride;
                sums[i][0] = first;
                sums[i][1] = second;
            }
            for (ptrdiff_t group = 0; group < groups; group++) {
                __m512i left = _mm512_loadu_si512(weights + group * 4 * COLUMNS);
                __m512i right = _mm512_loadu_si512(weights + group * 4 * COLUMNS + 64);
                for (int i = 0; i < ROWS; i++) {
                    int32_t four;
                    memcpy(&four, row[i] + 4 * group, 4);
                    __m512i all = _mm512_set1_epi32(four);
                    sums[i][0] = _mm512_dpbusd_epi32(sums[i][0], all, left);
                    sums[i][1] = _mm512_dpbusd_epi32(sums[i][1], all, right);
                }
            }
            for (int i = 0; i < ROWS && from + i < rows; i++) {
                _mm512_storeu_si512(out + (from + i) * columns + column, sums[i][0]);
                _mm512_storeu_si512(out + (from + i) * columns + column + 16, sums[i][1]);
            }
        }
        weights += dense->inputs * COLUMNS;
    }
}

BYTES static inline float rectified(int32_t sum, float scale, float bias)
{
    float value = (float)sum * scale + bias;
    return value > 0 ? value : 0;
}

BYTES static inline int32_t rounded(float value, float unit)
{
    return (int32_t)__builtin_rintf(value < unit ? value : unit);
}

/* Inputs as whole numbers above 0. */
BYTES static void fill(
    const float *__restrict data, const float *__restrict mean, const float *__restrict factor,
    float bound, ptrdiff_t count, uint8_t *__restrict out)
{
    for (ptrdiff_t k = 0; k < count; k++) {
        float value = (data[k] - mean[k]) * factor[k];
        value = value < bound ? value : bound;
        value = value > -bound ? value : -bound;
        out[k] = (uint8_t)((int32_t)__builtin_rintf(value) + 128);
    }
}

/* A row of the first layer, which counts in the page's sum and maximum. */
BYTES static void first_units(
    const int32_t *__restrict sums, const Dense *dense, float unit, ptrdiff_t columns,
    int32_t share, uint8_t *__restrict units, int32_t *__restrict totals,
    uint8_t *__restrict highest)
{
    const float *__restrict scale = dense->scale, *__restrict bias = dense->bias;
    for (ptrdiff_t k = 0; k < columns; k++) {
        int32_t value = rounded(rectified(sums[k], scale[k], bias[k]), unit);
        units[k] = (uint8_t)value;
        totals[k] += value * share;
        highest[k] = (uint8_t)value > highest[k] ? (uint8_t)value : highest[k];
    }
}

/* The page's units are added to a row. */
BYTES static void add_page(
    const int32_t *__restrict page, int32_t unit, ptrdiff_t columns, uint8_t *__restrict units)
{
    for (ptrdiff_t k = 0; k < columns; k++) {
        int32_t value = units[k] + page[k];
        units[k] = (uint8_t)(value < unit ? value : unit);
    }
}

/* What the first convolution found is added to a row. */
BYTES static void near_units(
    const int32_t *__restrict sums, const Dense *dense, float unit, ptrdiff_t columns,
    const uint8_t *__restrict before, uint8_t *__restrict units)
{
    const float *__restrict scale = dense->scale, *__restrict bias = dense->bias;
    int32_t most = (int32_t)unit;
    for (ptrdiff_t k = 0; k < columns; k++) {
        int32_t value = before[k] + rounded(rectified(sums[k], scale[k], bias[k]), unit);
        units[k] = (uint8_t)(value < most ? value : most);
    }
}

/* What the second one found is added, and the row is done. */
BYTES static void far_units(
    const int32_t *__restrict sums, const Dense *dense, const float *__restrict step,
    ptrdiff_t count, const uint8_t *__restrict before, float *__restrict out)
{
    const float *__restrict scale = dense->scale, *__restrict bias = dense->bias;
    for (ptrdiff_t k = 0; k < count; k++)
        out[k] = ((float)before[k] + rectified(sums[k], scale[k], bias[k])) * step[k];
}

/* The page's units, of the sums and maxima of all rows. */
BYTES static void page_units(
    const Network *net, const int64_t *__restrict totals, int64_t weight,
    const uint8_t *__restrict highest, double *__restrict sums, int32_t *__restrict page)
{
    ptrdiff_t columns = net->columns;
    double unit = net->unit;
    for (ptrdiff_t k = 0; k < columns; k++)
        sums[k] = 0;
    for (ptrdiff_t j = 0; j < 2 * columns; j++) {
        double whole = (j < columns ? (double)totals[j] / (double)weight : highest[j - columns])
            * (double)net->grid;
        const double *__restrict weights = net->page + j * columns;
        whole = __builtin_rint(whole);
        for (ptrdiff_t k = 0; k < columns; k++)
            sums[k] += whole * weights[k];
    }
    for (ptrdiff_t k = 0; k < columns; k++) {
        double value = sums[k] * net->page_scale[k] + net->page_bias[k];
        value = value > 0 ? value : 0;
        page[k] = (int32_t)__builtin_rint(value < unit ? value : unit);
    }
}

/* One document.

   meanings, features: of all paragraphs, `meant` and `featured` numbers each.
   rows: which of them are read; `count` of them.
   weights: of these, in the page's mean.
   scratch: as large as `scratch_size` says.
   out: of all paragraphs, `width` numbers each, of which the first `units` are written. */
BYTES static void run_document(
    const Network *net, const float *meanings, ptrdiff_t meant, const float *features,
    ptrdiff_t featured, const int64_t *rows, const int64_t *weights, ptrdiff_t count,
    uint8_t *scratch, float *out, ptrdiff_t width, ptrdiff_t units)
{
    ptrdiff_t columns = net->columns, inputs = net->inner.inputs, beyond = net->half * columns;
    int64_t *totals = (int64_t *)scratch;
    double *page_sums = (double *)(totals + columns);
    int32_t *sums = (int32_t *)(page_sums + columns);
    int32_t *some_totals = sums + CHUNK * columns;
    int32_t *page = some_totals + columns;
    uint8_t *input = (uint8_t *)(page + columns);
    uint8_t *highest = input + CHUNK * inputs;
    uint8_t *low = highest + columns; /* rows of nothing lie around the document's own */
    uint8_t *first = low + beyond;
    uint8_t *high = first + count * columns + beyond;
    uint8_t *second = high + beyond;
    float unit = (float)net->unit;
    int64_t weight = 0;

    memset(low, 0, beyond);
    memset(first + count * columns, 0, beyond);
    memset(high, 0, beyond);
    memset(second + count * columns, 0, beyond);
    memset(totals, 0, columns * sizeof(int64_t));
    memset(highest, 0, columns);
    memset(input, 0, CHUNK * inputs);
    for (ptrdiff_t from = 0; from < count; from += CHUNK) {
        ptrdiff_t some = count - from < CHUNK ? count - from : CHUNK;
        for (ptrdiff_t i = 0; i < some; i++) {
            uint8_t *own = input + i * inputs;
            int64_t row = rows[from + i];
            fill(meanings + row * meant, net->mean, net->factor, net->bound, meant, own);
            fill(features + row * featured, net->mean + meant, net->factor + meant, net->bound,
                 featured, own + meant);
        }
        multiply(input, inputs, some, &net->inner, columns, sums);
        memset(some_totals, 0, columns * sizeof(int32_t));
        for (ptrdiff_t i = 0; i < some; i++) {
            int32_t share = (int32_t)weights[from + i];
            weight += share;
            first_units(sums + i * columns, &net->inner, unit, columns, share,
                        first + (from + i) * columns, some_totals, highest);
        }
        for (ptrdiff_t k = 0; k < columns; k++)
            totals[k] += some_totals[k];
    }
    page_units(net, totals, weight, highest, page_sums, page);
    for (ptrdiff_t i = 0; i < count; i++)
        add_page(page, net->unit, columns, first + i * columns);
    for (ptrdiff_t from = 0; from < count; from += CHUNK) {
        ptrdiff_t some = count - from < CHUNK ? count - from : CHUNK;
        multiply(low + from * columns, columns, some, &net->near, columns, sums);
        for (ptrdiff_t i = 0; i < some; i++)
            near_units(sums + i * columns, &net->near, unit, columns,
                       first + (from + i) * columns, second + (from + i) * columns);
    }
    for (ptrdiff_t from = 0; from < count; from += CHUNK) {
        ptrdiff_t some = count - from < CHUNK ? count - from : CHUNK;
        multiply(high + from * columns, columns, some, &net->far, columns, sums);
        for (ptrdiff_t i = 0; i < some; i++)
            far_units(sums + i * columns, &net->far, net->step, units,
                      second + (from + i) * columns, out + rows[from + i] * width);
    }
}

#else

static int multiplies_bytes(void) { return 0; }

static void run_document(
    const Network *net, const float *meanings, ptrdiff_t meant, const float *features,
    ptrdiff_t featured, const int64_t *rows, const int64_t *weights, ptrdiff_t count,
    uint8_t *scratch, float *out, ptrdiff_t width, ptrdiff_t units)
{
}

#endif

static size_t scratch_size(const Network *net, ptrdiff_t most)
{
    size_t columns = net->columns;
    return columns * (sizeof(int64_t) + sizeof(double)) + (CHUNK + 2) * columns * sizeof(int32_t)
        + CHUNK * net->inner.inputs + columns + 2 * (most + 2 * net->half) * columns;
}
