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

static const number P = {
    MASK, 0xf, 0, 0xffff000, 0xffeffff, MASK, MASK,
    MASK, MASK, MASK, MASK, MASK, MASK, 0xfffff
};

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

/* What is above 2^384 is taken off by a multiple of p. */
static inline void take_off_above(int64_t t[LIMBS])
{
    int64_t above = t[LIMBS - 1] >> 20;

    t[0] += above;
    t[1] -= above << 4;
    t[3] += above << 12;
    t[4] += above << 16;
    t[13] -= above << 20;
}

#include "curve_field.h"

#endif
