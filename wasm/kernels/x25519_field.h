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

#define COLUMNS (2 * LIMBS - 1)

/* A product by its columns, given as one expression of i: those from 2^261 on count 2^6 * 19 times. */
#define REDUCE(r, column) \
    do { \
        int64_t high[LIMBS], sum = 0; \
        UNROLLED for (int i = LIMBS; i < COLUMNS; i++) { \
            sum += (int64_t)(column); \
            high[i - LIMBS] = sum & MASK; \
            sum >>= BITS; \
        } \
        high[LIMBS - 1] = sum; \
        sum = 0; \
        UNROLLED EACH_LIMB(i) { \
            sum += (int64_t)(column) + 1216 * high[i]; \
            if (i < LIMBS - 1) { \
                r[i] = (int32_t)(sum & MASK); \
                sum >>= BITS; \
            } \
        } \
        fold(r, sum); \
    } while (0)

/* A column of the product of `count` limbs by as many. */
static inline uint64_t column(const uint64_t *a, const uint64_t *b, int count, int number)
{
    uint64_t sum = 0;

    UNROLLED for (int i = 0; i < count; i++)
        if (number - i >= 0 && number - i < count)
            sum += a[i] * b[number - i];
    return sum;
}

/* The first limbs and the rest, of which Karatsuba's method multiplies the sums: three products in place of four. */
#define FIRST 5
#define REST (LIMBS - FIRST)

/*
 * What doesn't fit into 64 bits on the way is taken away again. In its callers, not called by them: in the ladder
 * that and Karatsuba's method save 6 % each.
 */
static inline __attribute__((always_inline)) void multiply(number r, const number left, const number right)
{
    uint64_t a[LIMBS], b[LIMBS], a_sums[FIRST], b_sums[FIRST];
    uint64_t first[2 * FIRST - 1], rest[2 * FIRST - 1] = { 0 }, columns[COLUMNS] = { 0 };

    UNROLLED EACH_LIMB(i)
        a[i] = (uint64_t)left[i], b[i] = (uint64_t)right[i];
    UNROLLED for (int i = 0; i < FIRST; i++) {
        a_sums[i] = i < REST ? a[i] + a[FIRST + i] : a[i];
        b_sums[i] = i < REST ? b[i] + b[FIRST + i] : b[i];
    }
    UNROLLED for (int i = 0; i < 2 * FIRST - 1; i++)
        columns[i] = first[i] = column(a, b, FIRST, i);
    UNROLLED for (int i = 0; i < 2 * REST - 1; i++)
        columns[2 * FIRST + i] = rest[i] = column(a + FIRST, b + FIRST, REST, i);
    UNROLLED for (int i = 0; i < 2 * FIRST - 1; i++)
        columns[FIRST + i] += column(a_sums, b_sums, FIRST, i) - first[i] - rest[i];
    REDUCE(r, columns[i]);
}

static inline uint64_t square_column(const uint64_t *a, const uint64_t *twice, int number)
{
    uint64_t sum = 0;

    UNROLLED for (int i = 0; i < LIMBS && 2 * i <= number; i++)
        if (number - i < LIMBS)
            sum += number == 2 * i ? a[i] * a[i] : twice[i] * a[number - i];
    return sum;
}

static inline __attribute__((always_inline)) void square(number r, const number root)
{
    uint64_t a[LIMBS], twice[LIMBS];

    UNROLLED EACH_LIMB(i)
        a[i] = (uint64_t)root[i], twice[i] = 2 * a[i];
    REDUCE(r, square_column(a, twice, i));
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
