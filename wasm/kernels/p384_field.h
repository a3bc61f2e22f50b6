/*
 * Numbers modulo the prime of P-384, p = 2^384 - 2^128 - 2^96 + 2^32 - 1, times 2^392 (Montgomery's
 * form). As in p256_field.h, of 14 limbs of 28 bits.
 *
 * A tight number has limbs from 0 to 2^28 - 1, but for the last, and lies between -2^385 and 2^385.
 * A product of two is right, and tight, when the bounds of their limbs are 2^59 in product.
 *
 * Constant time: multiplications, additions and shifts of 64 bits, the same ones whatever the numbers.
 */
#ifndef P384_FIELD_H
#define P384_FIELD_H

#include "limbs.h"

/* What the multiples of p that make the limbs below vanish add to a column. */
static inline int64_t multiples(const int64_t m[LIMBS], int column)
{
    int64_t sum = 0;

    if (column >= 1 && column < 15)
        sum += m[column - 1] << 4;
    if (column >= 3 && column < 17)
        sum -= m[column - 3] << 12;
    if (column >= 4 && column < 18)
        sum -= m[column - 4] << 16;
    if (column >= 13 && column < 27)
        sum += m[column - 13] << 20;
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

/* Makes a number tight, of limbs below 2^40: what is above 2^384 is taken off by a multiple of p. */
static inline void tighten(number r, int64_t t[LIMBS])
{
    int64_t above = t[LIMBS - 1] >> 20, sum = 0;

    t[0] += above;
    t[1] -= above << 4;
    t[3] += above << 12;
    t[4] += above << 16;
    t[13] -= above << 20;
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
    static const number p = {
        MASK, 0xf, 0, 0xffff000, 0xffeffff, MASK, MASK,
        MASK, MASK, MASK, MASK, MASK, MASK, 0xfffff
    };
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
