/*
 * Numbers modulo p = 2^255 - 19, of nine limbs of 29 bits; the inverse by division steps.
 *
 * Products have limbs from 0 to 2^29, the second somewhat above; the last one, of 23 bits, may be negative.
 * Limbs may be larger in what is multiplied, as long as the bounds are 2^59.8 in product: sums and
 * differences are given without a carry.
 *
 * Constant time: the same multiplications, additions and shifts whatever the numbers.
 */
#ifndef X25519_FIELD_H
#define X25519_FIELD_H

#include "inverse.h"

#define TOP_BITS 23

static const struct modulus PRIME = {
    { 0x3fffffed, 0x3fffffff, 0x3fffffff, 0x3fffffff, 0x3fffffff, 0x3fffffff, 0x3fffffff, 0x3fffffff, 0x7fff },
    0x179435e5
};

/* r = t + 2^232 top, where top is more than 23 bits: 2^255 is 19. */
static inline void fold(number r, int64_t top)
{
    int64_t sum = r[0] + 19 * (top >> TOP_BITS);

    r[LIMBS - 1] = (int32_t)(top & ((1 << TOP_BITS) - 1));
    r[0] = (int32_t)(sum & MASK);
    r[1] += (int32_t)(sum >> BITS);
}

/* The column's products, given as one expression of i, with 2^261 times `high` being 2^6 * 19 times it. */
#define MULTIPLY(r, product) \
    do { \
        int64_t high[LIMBS], sum = 0; \
        UNROLLED for (int column = LIMBS; column < 2 * LIMBS - 1; column++) { \
            UNROLLED EACH_LIMB(i) \
                if (column - i < LIMBS) \
                    sum += product; \
            high[column - LIMBS] = sum & MASK; \
            sum >>= BITS; \
        } \
        high[LIMBS - 1] = sum; \
        sum = 0; \
        UNROLLED for (int column = 0; column < LIMBS; column++) { \
            UNROLLED EACH_LIMB(i) \
                if (column - i >= 0) \
                    sum += product; \
            sum += 1216 * high[column]; \
            if (column < LIMBS - 1) { \
                r[column] = (int32_t)(sum & MASK); \
                sum >>= BITS; \
            } \
        } \
        fold(r, sum); \
    } while (0)

static __attribute__((noinline)) void multiply(number r, const number left, const number right)
{
    int64_t a[LIMBS], b[LIMBS];

    UNROLLED EACH_LIMB(i)
        a[i] = left[i], b[i] = right[i];
    MULTIPLY(r, a[i] * b[column - i]);
}

static __attribute__((noinline)) void square(number r, const number root)
{
    int64_t a[LIMBS], twice[LIMBS];

    UNROLLED EACH_LIMB(i)
        a[i] = root[i], twice[i] = 2 * a[i];
    MULTIPLY(r, i > column - i ? 0 : i == column - i ? a[i] * a[i] : twice[i] * a[column - i]);
}

/* r = a + factor * b, with carries. */
static void add_multiple(number r, const number a, const number b, int factor)
{
    int64_t sum = 0;

    EACH_LIMB(i) {
        sum += a[i] + (int64_t)factor * b[i];
        if (i < LIMBS - 1) {
            r[i] = (int32_t)(sum & MASK);
            sum >>= BITS;
        }
    }
    fold(r, sum);
}

/* A product's words, from 0 to p - 1. */
static void to_words(int32_t words[WORDS], const number a)
{
    static const number p = { MASK - 18, MASK, MASK, MASK, MASK, MASK, MASK, MASK, (1 << TOP_BITS) - 1 };
    number r, less;
    int32_t sum = 0;

    /* With two rounds of carries it lies between 0 and 2^255. */
    add_multiple(r, a, a, 0);
    add_multiple(r, r, r, 0);
    EACH_LIMB(i) {
        sum += r[i] - p[i];
        less[i] = i < LIMBS - 1 ? sum & MASK : sum;
        sum >>= BITS;
    }
    choose(r, less, ~(less[LIMBS - 1] >> 31));
    regroup(words, WORDS, 32, r, LIMBS, BITS);
}

static inline void swap(number a, number b, int32_t mask)
{
    mask = opaque(mask);
    EACH_LIMB(i) {
        int32_t differs = (a[i] ^ b[i]) & mask;

        a[i] ^= differs, b[i] ^= differs;
    }
}

/* The words of left / right. */
static void divide(int32_t words[WORDS], const number left, const number right)
{
    number inverse;

    to_words(words, right);
    invert_words(words, &PRIME);
    from_words(inverse, words);
    multiply(inverse, left, inverse);
    to_words(words, inverse);
}

#endif
