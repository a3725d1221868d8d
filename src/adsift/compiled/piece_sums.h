/* Weighted means and the maximum of word pieces' vectors.

   A piece is a line of `stride` bytes: `size` numbers of its vector, then `heads` weights of two
   bytes. All sums are whole numbers below 2**24, which float holds exactly, so how a processor adds
   them up is of no account. */

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define MOST_SIZE 256 /* of a vector */
#define MOST_HEADS 8

#if defined(__GNUC__) || defined(__clang__)
#define INLINE static inline __attribute__((always_inline))
#else
#define INLINE static inline
#endif

INLINE void add_pieces(
    const int8_t *table, ptrdiff_t stride, int size, int heads, const int32_t *rows, int count,
    float *out)
{
    float sums[MOST_HEADS * MOST_SIZE], most[MOST_SIZE], totals[MOST_HEADS];
    for (int k = 0; k < heads * size; k++)
        sums[k] = 0;
    for (int k = 0; k < size; k++)
        most[k] = -128;
    for (int head = 0; head < heads; head++)
        totals[head] = 0;
    for (int i = 0; i < count; i++) {
        const int8_t *line = table + rows[i] * stride;
        for (int head = 0; head < heads; head++) {
            int16_t weight;
            memcpy(&weight, line + size + 2 * head, 2);
            float factor = weight;
            totals[head] += factor;
            for (int k = 0; k < size; k++)
                sums[head * size + k] += factor * (float)line[k];
        }
        for (int k = 0; k < size; k++)
            most[k] = (float)line[k] > most[k] ? (float)line[k] : most[k];
    }
    for (int head = 0; head < heads; head++)
        for (int k = 0; k < size; k++)
            out[head * size + k] = sums[head * size + k] / totals[head];
    memcpy(out + heads * size, most, size * sizeof(float));
}

/* With the sizes known, the sums of the shipped bundles stay in registers. */
INLINE void add_pieces_of(
    const int8_t *table, ptrdiff_t stride, int size, int heads, const int32_t *rows, int count,
    float *out)
{
    if (size == 32 && heads == 2)
        add_pieces(table, stride, 32, 2, rows, count, out);
    else if (size == 64 && heads == 2)
        add_pieces(table, stride, 64, 2, rows, count, out);
    else
        add_pieces(table, stride, size, heads, rows, count, out);
}

static void add_plainly(
    const int8_t *table, ptrdiff_t stride, int size, int heads, const int32_t *rows, int count,
    float *out)
{
    add_pieces_of(table, stride, size, heads, rows, count, out);
}

typedef void (*AddPieces)(
    const int8_t *, ptrdiff_t, int, int, const int32_t *, int, float *);

#if (defined(__GNUC__) || defined(__clang__)) && defined(__x86_64__)

__attribute__((target("avx2"))) static void add_widely(
    const int8_t *table, ptrdiff_t stride, int size, int heads, const int32_t *rows, int count,
    float *out)
{
    add_pieces_of(table, stride, size, heads, rows, count, out);
}

__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq"))) static void add_most_widely(
    const int8_t *table, ptrdiff_t stride, int size, int heads, const int32_t *rows, int count,
    float *out)
{
    add_pieces_of(table, stride, size, heads, rows, count, out);
}

static AddPieces best_add_pieces(void)
{
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
        && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq"))
        return add_most_widely;
    return __builtin_cpu_supports("avx2") ? add_widely : add_plainly;
}

#else

static AddPieces best_add_pieces(void) { return add_plainly; }

#endif
