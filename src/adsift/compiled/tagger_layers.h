/* The layers of adsift/model/tagger.py in whole numbers.

   A row of units is `columns` bytes, a multiple of COLUMNS. Weights are in the order in which a
   `multiply` reads them, see tagger.pyx. Everything but that is plain C, which the compiler turns
   into what each kind of processor is best at. */

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define COLUMNS 32 /* a row of units is a multiple of this */
#define CHUNK 32   /* rows whose sums are kept before they become units */

typedef struct {
    const void *weights;
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

typedef void (*RunDocument)(
    const Network *net, const float *meanings, ptrdiff_t meant, const float *features,
    ptrdiff_t featured, const int64_t *rows, const int64_t *weights, ptrdiff_t count,
    uint8_t *scratch, float *out, ptrdiff_t width, ptrdiff_t units);

static ptrdiff_t wide_size(const Network *net)
{
    ptrdiff_t convolved = (CHUNK - 1) * net->columns + net->near.inputs;
    return CHUNK * net->inner.inputs > convolved ? CHUNK * net->inner.inputs : convolved;
}

static size_t scratch_size(const Network *net, ptrdiff_t most)
{
    size_t columns = net->columns;
    return columns * (sizeof(int64_t) + sizeof(double)) + (CHUNK + 2) * columns * sizeof(int32_t)
        + wide_size(net) * sizeof(int16_t) + CHUNK * net->inner.inputs + columns
        + 2 * (most + 2 * net->half) * columns;
}

/* What the layers multiply with: bytes (AVX-512 VNNI), or pairs of 16 bits (AVX2). */
enum { PAIRS, BYTES };

/* Older compilers know nothing of VNNI. */
#if defined(__x86_64__) \
    && ((defined(__clang__) && __clang_major__ >= 7) || (!defined(__clang__) && __GNUC__ >= 8))
#include <immintrin.h>

#define FOR_BYTES __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni")))
#define FOR_PAIRS __attribute__((target("avx2")))
#define INLINE static inline __attribute__((always_inline))

static int can_multiply(int kind)
{
    __builtin_cpu_init();
    if (kind == BYTES)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
            && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq")
            && __builtin_cpu_supports("avx512vnni");
    return kind == PAIRS && __builtin_cpu_supports("avx2");
}

/* Sums of products of rows of bytes, which may overlap, with a layer's weights.

   rows: at most CHUNK.
   wide: as many numbers as lie between the first row's start and the last one's end. */
typedef void (*Multiply)(
    const uint8_t *units, ptrdiff_t stride, ptrdiff_t rows, const Dense *dense, ptrdiff_t columns,
    int16_t *wide, int32_t *out);

FOR_BYTES static void multiply_bytes(
    const uint8_t *units, ptrdiff_t stride, ptrdiff_t rows, const Dense *dense, ptrdiff_t columns,
    int16_t *wide, int32_t *out)
{
    enum { ACROSS = 32, ROWS = 8 }; /* worked on at a time: two registers of sums a row */
    const int8_t *weights = dense->weights;
    ptrdiff_t groups = dense->inputs / 4;
    (void)wide;
    for (ptrdiff_t column = 0; column < columns; column += ACROSS) {
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
                __m512i left = _mm512_loadu_si512(weights + group * 4 * ACROSS);
                __m512i right = _mm512_loadu_si512(weights + group * 4 * ACROSS + 64);
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
        weights += dense->inputs * ACROSS;
    }
}

/* The bytes are made 16 bits wide first: the products of two bytes are, and AVX2's own product of
   bytes does not hold their sum. */
FOR_PAIRS static void multiply_pairs(
    const uint8_t *units, ptrdiff_t stride, ptrdiff_t rows, const Dense *dense, ptrdiff_t columns,
    int16_t *wide, int32_t *out)
{
    enum { ACROSS = 16, ROWS = 4 };
    const int16_t *weights = dense->weights;
    ptrdiff_t pairs = dense->inputs / 2, all = (rows - 1) * stride + dense->inputs;
    for (ptrdiff_t k = 0; k < all; k++)
        wide[k] = units[k];
    for (ptrdiff_t column = 0; column < columns; column += ACROSS) {
        __m256i first = _mm256_loadu_si256((const void *)(dense->start + column));
        __m256i second = _mm256_loadu_si256((const void *)(dense->start + column + 8));
        for (ptrdiff_t from = 0; from < rows; from += ROWS) {
            const int16_t *row[ROWS];
            __m256i sums[ROWS][2];
            for (int i = 0; i < ROWS; i++) {
                row[i] = wide + (from + i < rows ? from + i : rows - 1) * stride;
                sums[i][0] = first;
                sums[i][1] = second;
            }
            for (ptrdiff_t pair = 0; pair < pairs; pair++) {
                const int16_t *here = weights + pair * 2 * ACROSS;
                __m256i left = _mm256_loadu_si256((const void *)here);
                __m256i right = _mm256_loadu_si256((const void *)(here + ACROSS));
                for (int i = 0; i < ROWS; i++) {
                    int32_t two;
                    memcpy(&two, row[i] + 2 * pair, 4);
                    __m256i both = _mm256_set1_epi32(two);
                    sums[i][0] = _mm256_add_epi32(sums[i][0], _mm256_madd_epi16(both, left));
                    sums[i][1] = _mm256_add_epi32(sums[i][1], _mm256_madd_epi16(both, right));
                }
            }
            for (int i = 0; i < ROWS && from + i < rows; i++) {
                int32_t *sum = out + (from + i) * columns + column;
                _mm256_storeu_si256((void *)sum, sums[i][0]);
                _mm256_storeu_si256((void *)(sum + 8), sums[i][1]);
            }
        }
        weights += dense->inputs * ACROSS;
    }
}

INLINE float rectified(int32_t sum, float scale, float bias)
{
    float value = (float)sum * scale + bias;
    return value > 0 ? value : 0;
}

INLINE int32_t rounded(float value, float unit)
{
    return (int32_t)__builtin_rintf(value < unit ? value : unit);
}

/* Inputs as whole numbers above 0. */
INLINE void fill(
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
INLINE void first_units(
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
INLINE void add_page(
    const int32_t *__restrict page, int32_t unit, ptrdiff_t columns, uint8_t *__restrict units)
{
    for (ptrdiff_t k = 0; k < columns; k++) {
        int32_t value = units[k] + page[k];
        units[k] = (uint8_t)(value < unit ? value : unit);
    }
}

/* What the first convolution found is added to a row. */
INLINE void near_units(
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
INLINE void far_units(
    const int32_t *__restrict sums, const Dense *dense, const float *__restrict step,
    ptrdiff_t count, const uint8_t *__restrict before, float *__restrict out)
{
    const float *__restrict scale = dense->scale, *__restrict bias = dense->bias;
    for (ptrdiff_t k = 0; k < count; k++)
        out[k] = ((float)before[k] + rectified(sums[k], scale[k], bias[k])) * step[k];
}

/* The page's units, of the sums and maxima of all rows. */
INLINE void page_units(
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

   multiply: with the weights in its order.
   meanings, features: of all paragraphs, `meant` and `featured` numbers each.
   rows: which of them are read; `count` of them.
   weights: of these, in the page's mean.
   scratch: as large as `scratch_size` says.
   out: of all paragraphs, `width` numbers each, of which the first `units` are written. */
INLINE void run_layers(
    Multiply multiply, const Network *net, const float *meanings, ptrdiff_t meant,
    const float *features, ptrdiff_t featured, const int64_t *rows, const int64_t *weights,
    ptrdiff_t count, uint8_t *scratch, float *out, ptrdiff_t width, ptrdiff_t units)
{
    ptrdiff_t columns = net->columns, inputs = net->inner.inputs, beyond = net->half * columns;
    int64_t *totals = (int64_t *)scratch;
    double *page_sums = (double *)(totals + columns);
    int32_t *sums = (int32_t *)(page_sums + columns);
    int32_t *some_totals = sums + CHUNK * columns;
    int32_t *page = some_totals + columns;
    int16_t *wide = (int16_t *)(page + columns);
    uint8_t *input = (uint8_t *)(wide + wide_size(net));
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
        multiply(input, inputs, some, &net->inner, columns, wide, sums);
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
        multiply(low + from * columns, columns, some, &net->near, columns, wide, sums);
        for (ptrdiff_t i = 0; i < some; i++)
            near_units(sums + i * columns, &net->near, unit, columns,
                       first + (from + i) * columns, second + (from + i) * columns);
    }
    for (ptrdiff_t from = 0; from < count; from += CHUNK) {
        ptrdiff_t some = count - from < CHUNK ? count - from : CHUNK;
        multiply(high + from * columns, columns, some, &net->far, columns, wide, sums);
        for (ptrdiff_t i = 0; i < some; i++)
            far_units(sums + i * columns, &net->far, net->step, units,
                      second + (from + i) * columns, out + rows[from + i] * width);
    }
}

FOR_BYTES static void run_in_bytes(
    const Network *net, const float *meanings, ptrdiff_t meant, const float *features,
    ptrdiff_t featured, const int64_t *rows, const int64_t *weights, ptrdiff_t count,
    uint8_t *scratch, float *out, ptrdiff_t width, ptrdiff_t units)
{
    run_layers(multiply_bytes, net, meanings, meant, features, featured, rows, weights, count,
               scratch, out, width, units);
}

FOR_PAIRS static void run_in_pairs(
    const Network *net, const float *meanings, ptrdiff_t meant, const float *features,
    ptrdiff_t featured, const int64_t *rows, const int64_t *weights, ptrdiff_t count,
    uint8_t *scratch, float *out, ptrdiff_t width, ptrdiff_t units)
{
    run_layers(multiply_pairs, net, meanings, meant, features, featured, rows, weights, count,
               scratch, out, width, units);
}

static RunDocument run_document(int kind)
{
    return kind == BYTES ? run_in_bytes : run_in_pairs;
}

#else

static int can_multiply(int kind) { return 0; }

static RunDocument run_document(int kind) { return NULL; }

#endif
