/*
 * Multiples of P-256's or P-384's points by scalars below the order, by digits from -16 to 16, of five bits each
 * (Booth's). The curve's source gives ONE (in Montgomery's form) and the base point's table, of ROWS rows.
 *
 * Constant time: the same doublings and additions whatever the scalar; all entries of a table are read
 * for each digit, and what isn't wanted is masked. Where the sum so far is infinity or the digit zero,
 * an addition is done for nothing.
 */
#ifndef CURVE_MULTIPLY_H
#define CURVE_MULTIPLY_H

#include <wasm_simd128.h>
#include <openssl/crypto.h>
#include "curve_point.h"

#define WINDOW 5
#define DIGITS ((32 * WORDS + WINDOW) / WINDOW)
#define MULTIPLES 16
#define AFFINE_VECTORS (2 * WORDS / 4)
/* How many digits share a row of the table, which is for the first of them. */
#define STRIDE ((DIGITS + ROWS - 1) / ROWS)

static inline void choose_point(struct point *r, const struct point *a, int32_t mask)
{
    choose(r->x, a->x, mask);
    choose(r->y, a->y, mask);
    choose(r->z, a->z, mask);
}

/* All ones if a number below 2^31 is zero. */
static inline int32_t is_zero(int32_t a)
{
    return opaque((a - 1) >> 31);
}

/* A digit's size, and all ones if it is negative. */
static inline int32_t digit_of(const int32_t words[WORDS + 1], int i, int32_t *negative)
{
    /* The five bits, and the one below. */
    int at = WINDOW * i - 1;
    int32_t bits = at < 0 ? words[0] << 1 & 63
        : (int32_t)(((uint64_t)(uint32_t)words[at / 32] | (uint64_t)(uint32_t)words[at / 32 + 1] << 32) >> at % 32 & 63);
    int32_t digit = ((bits + 1) >> 1) - (bits >> 5 << 5);

    *negative = opaque(digit >> 31);
    return (digit ^ *negative) - *negative;
}

/* Copies one of 16 entries of some vectors, or zeros for 0. */
static inline void gather(void *to, const void *table, int vectors, int32_t digit)
{
    v128_t found[POINT_VECTORS];

    UNROLLED for (int j = 0; j < vectors; j++)
        found[j] = wasm_i32x4_const_splat(0);
    for (int i = 1; i <= MULTIPLES; i++, table = (const v128_t *)table + vectors) {
        v128_t mask = wasm_i32x4_splat(is_zero(digit ^ i));

        UNROLLED for (int j = 0; j < vectors; j++)
            found[j] = wasm_v128_or(found[j], wasm_v128_and(mask, wasm_v128_load((const v128_t *)table + j)));
    }
    UNROLLED for (int j = 0; j < vectors; j++)
        wasm_v128_store((v128_t *)to + j, found[j]);
}

static inline void negate(number y, int32_t mask)
{
    EACH_LIMB(i)
        y[i] = (y[i] ^ mask) - mask;
}

/* Takes a sum for a digit: the old one where the digit was zero, the summand where there was none yet. */
static inline void take_sum(struct point *r, const struct point *sum, const struct point *summand,
    int32_t digit, int32_t *none)
{
    int32_t zero = is_zero(digit);

    choose_point(r, sum, ~zero & ~*none);
    choose_point(r, summand, ~zero & *none);
    *none &= zero;
}

/*
 * r = scalar * a. With scalar zero, r's Z is zero.
 *
 * No sum is of a point and itself. Before digit d, the sum is m * a, where 32 divides m, and m + d is
 * not above the scalar, which is below the order n. So m = d only if both are zero; and m = n + d takes a
 * d above zero, as n is 17 or 19 modulo 32 and d at least -16, so that m + d were above n.
 */
static __attribute__((noinline)) void CURVE(multiply_point)(struct point *r, const int32_t scalar[WORDS + 1], const struct point *a)
{
    struct point table[MULTIPLES], entry, sum;
    int32_t none = -1, negative, digit;
    int i;

    table[0] = *a;
    for (i = 1; i < MULTIPLES; i++)
        if (i % 2 == 1)
            double_point(&table[i], &table[i / 2]);
        else
            add_points(&table[i], &table[i - 1], a);
    memset(r, 0, sizeof(*r));
    for (i = DIGITS - 1; i >= 0; i--) {
        if (i < DIGITS - 1)
            for (int j = 0; j < WINDOW; j++)
                double_point(r, r);
        digit = digit_of(scalar, i, &negative);
        gather(&entry, table, POINT_VECTORS, digit);
        negate(entry.y, negative);
        add_points(&sum, r, &entry);
        take_sum(r, &sum, &entry, digit, &none);
    }
    OPENSSL_cleanse(table, sizeof(table));
    OPENSSL_cleanse(&entry, sizeof(entry));
    OPENSSL_cleanse(&sum, sizeof(sum));
}

static void add_base_multiples(struct point *r, const int32_t scalar[WORDS + 1], int first, int32_t *none)
{
    int32_t words[2 * WORDS], negative, digit;
    struct point entry, sum;
    int i;

    memcpy(entry.z, ONE, sizeof(ONE));
    for (i = first; i < DIGITS; i += STRIDE) {
        digit = digit_of(scalar, i, &negative);
        gather(words, base_table[i / STRIDE], AFFINE_VECTORS, digit);
        from_words(entry.x, words);
        from_words(entry.y, words + WORDS);
        negate(entry.y, negative);
        add_affine(&sum, r, entry.x, entry.y);
        take_sum(r, &sum, &entry, digit, none);
    }
    OPENSSL_cleanse(words, sizeof(words));
    OPENSSL_cleanse(&entry, sizeof(entry));
    OPENSSL_cleanse(&sum, sizeof(sum));
}

/*
 * r = scalar * base point: the digits that are last of those that share a row, times 32, and the ones before
 * them, and so on. A sum of a point and itself can come up for a few scalars, and leaves a Z of zero, which
 * stays: multiply_point is for these.
 */
static __attribute__((noinline)) void CURVE(multiply_base)(struct point *r, const int32_t scalar[WORDS + 1])
{
    int32_t none = -1;
    int i, j;

    memset(r, 0, sizeof(*r));
    for (i = STRIDE - 1; i >= 0; i--) {
        for (j = 0; i < STRIDE - 1 && j < WINDOW; j++)
            double_point(r, r);
        add_base_multiples(r, scalar, i, &none);
    }
}

#endif
