/*
 * Numbers modulo the prime of P-256, p = 2^256 - 2^224 + 2^192 + 2^96 - 1, times 2^261 (Montgomery's
 * form). Nine limbs of 29 bits, with a sign each: sums and differences need no carry, a column of
 * nine products fits in 64 bits, and p is -1 modulo a limb, so that a multiple of it is added by shifts.
 *
 * A tight number has limbs from 0 to 2^29 - 1, but for the last, and lies between -2^257 and 2^257.
 * A product of two is right, and tight, when the bounds of their limbs are 2^59.8 in product.
 *
 * Constant time: multiplications, additions and shifts of 64 bits, the same ones whatever the numbers.
 */
#ifndef P256_FIELD_H
#define P256_FIELD_H

#include "limbs.h"

/* What the multiples of p that make the limbs below vanish add to a column. */
static inline int64_t multiples(const int64_t m[LIMBS], int column)
{
    int64_t sum = 0;

    if (column >= 3 && column < 12)
        sum += m[column - 3] << 9;
    if (column >= 6 && column < 15)
        sum += m[column - 6] << 18;
    if (column >= 7 && column < 16)
        sum -= m[column - 7] << 21;
    if (column >= 8 && column < 17)
        sum += m[column - 8] << 24;
    return sum;
}

/* Takes a column's lowest limb, as a multiple of p or as a limb of the result. */
#define NEXT(r, m, column, sum) \
    do { \
        if (column < LIMBS) \
            m[column] = sum & MASK; \
        else \
            r[column - LIMBS] = (int32_t)(sum & MASK); \
        sum >>= BITS; \
    } while (0)

static __attribute__((noinline)) void multiply(number r, const number left, const number right)
{
    int64_t a[LIMBS], b[LIMBS], m[LIMBS], sum = 0;

    UNROLLED EACH_LIMB(i)
        a[i] = left[i], b[i] = right[i];
    UNROLLED for (int column = 0; column < 2 * LIMBS - 1; column++) {
        UNROLLED EACH_LIMB(i)
            if (column - i >= 0 && column - i < LIMBS)
                sum += a[i] * b[column - i];
        sum += multiples(m, column);
        NEXT(r, m, column, sum);
    }
    r[LIMBS - 1] = (int32_t)sum;
}

static __attribute__((noinline)) void square(number r, const number root)
{
    int64_t a[LIMBS], twice[LIMBS], m[LIMBS], sum = 0;

    UNROLLED EACH_LIMB(i)
        a[i] = root[i], twice[i] = 2 * a[i];
    UNROLLED for (int column = 0; column < 2 * LIMBS - 1; column++) {
        UNROLLED EACH_LIMB(i)
            if (i <= column - i && column - i < LIMBS)
                sum += (i == column - i ? a[i] : twice[i]) * a[column - i];
        sum += multiples(m, column);
        NEXT(r, m, column, sum);
    }
    r[LIMBS - 1] = (int32_t)sum;
}

/* Makes a number tight, of limbs below 2^40: what is above 2^256 is taken off by a multiple of p. */
static inline void tighten(number r, int64_t t[LIMBS])
{
    int64_t above = t[LIMBS - 1] >> 24, sum = 0;

    t[0] += above;
    t[3] -= above << 9;
    t[6] -= above << 18;
    t[7] += above << 21;
    t[8] -= above << 24;
    UNROLLED for (int i = 0; i < LIMBS - 1; i++) {
        sum += t[i];
        r[i] = (int32_t)(sum & MASK);
        sum >>= BITS;
    }
    r[LIMBS - 1] = (int32_t)(sum + t[LIMBS - 1]);
}

/* A tight number's words, from 0 to p - 1. */
static void to_words(int32_t words[WORDS], const number a)
{
    static const number p = { MASK, MASK, MASK, (1 << 9) - 1, 0, 0, 1 << 18, MASK - (1 << 21) + 1, (1 << 24) - 1 };
    int64_t t[LIMBS];
    number r, less;
    int i;

    EACH_LIMB(j)
        t[j] = a[j] + p[j];
    tighten(r, t);
    /* Now it lies between -p and 2 p, by far. */
    for (i = 0; i < 2; i++) {
        int32_t sum = 0;

        EACH_LIMB(j) {
            sum += i == 0 ? r[j] + p[j] : r[j] - p[j];
            less[j] = j < LIMBS - 1 ? sum & MASK : sum;
            sum >>= BITS;
        }
        choose(r, less, i == 0 ? r[LIMBS - 1] >> 31 : ~(less[LIMBS - 1] >> 31));
    }
    regroup(words, WORDS, 32, r, LIMBS, BITS);
}

#endif
