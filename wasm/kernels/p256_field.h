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

static const number P = { MASK, MASK, MASK, (1 << 9) - 1, 0, 0, 1 << 18, MASK - (1 << 21) + 1, (1 << 24) - 1 };

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

/* What is above 2^256 is taken off by a multiple of p. */
static inline void take_off_above(int64_t t[LIMBS])
{
    int64_t above = t[LIMBS - 1] >> 24;

    t[0] += above;
    t[3] -= above << 9;
    t[6] -= above << 18;
    t[7] += above << 21;
    t[8] -= above << 24;
}

#include "curve_field.h"

#endif
