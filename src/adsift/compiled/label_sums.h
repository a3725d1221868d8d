/* The output layer of four labels: sums of rows of units times weights, added up from the first unit
   on, whatever rows stand beside a row. */

#include <stddef.h>
#include <string.h>

enum { FOUR = 4, ROWS_AT_ONCE = 8 }; /* rows whose sums are in registers */

#if defined(__GNUC__) || defined(__clang__)
typedef float Four __attribute__((vector_size(FOUR * sizeof(float))));
#define TIMES(four, number) ((four) * (number))
#define PLUS(one, other) ((one) + (other))
#else
typedef struct {
    float of[FOUR];
} Four;

static Four TIMES(Four four, float number)
{
    for (int i = 0; i < FOUR; i++)
        four.of[i] *= number;
    return four;
}

static Four PLUS(Four one, Four other)
{
    for (int i = 0; i < FOUR; i++)
        one.of[i] += other.of[i];
    return one;
}
#endif

/* hidden: `rows` times `units` numbers.
   output: `units` times four weights.
   scores: `rows` times four numbers, the sums and the bias. */
static void sum_labels(
    const float *hidden, ptrdiff_t rows, ptrdiff_t units, const float *output, const float *bias,
    float *scores)
{
    Four last;
    memcpy(&last, bias, sizeof(Four));
    for (ptrdiff_t from = 0; from < rows; from += ROWS_AT_ONCE) {
        const float *row[ROWS_AT_ONCE];
        Four sums[ROWS_AT_ONCE];
        for (int i = 0; i < ROWS_AT_ONCE; i++) {
            /* Past the end the last row is read again, to no account. */
            row[i] = hidden + (from + i < rows ? from + i : rows - 1) * units;
            memset(&sums[i], 0, sizeof(Four));
        }
        for (ptrdiff_t k = 0; k < units; k++) {
            Four weights;
            memcpy(&weights, output + FOUR * k, sizeof(Four));
            for (int i = 0; i < ROWS_AT_ONCE; i++)
                sums[i] = PLUS(sums[i], TIMES(weights, row[i][k]));
        }
        for (int i = 0; i < ROWS_AT_ONCE && from + i < rows; i++) {
            Four score = PLUS(sums[i], last);
            memcpy(scores + FOUR * (from + i), &score, sizeof(Four));
        }
    }
}
