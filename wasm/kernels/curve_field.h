/*
 * The arithmetic of p256_field.h and p384_field.h, which give what depends on the prime: P, its limbs, and
 * multiples() and take_off_above().
 *
 * Constant time: as said there.
 */
#ifndef CURVE_FIELD_H
#define CURVE_FIELD_H

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

/* Makes a number tight, of limbs below 2^40. */
static inline void tighten(number r, int64_t t[LIMBS])
{
    int64_t sum = 0;

    take_off_above(t);
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
    int64_t t[LIMBS];
    number r, less;
    int i;

    EACH_LIMB(j)
        t[j] = a[j] + P[j];
    tighten(r, t);
    /* Now it lies between -p and 2 p, by far. */
    for (i = 0; i < 2; i++) {
        int32_t sum = 0;

        EACH_LIMB(j) {
            sum += i == 0 ? r[j] + P[j] : r[j] - P[j];
            less[j] = j < LIMBS - 1 ? sum & MASK : sum;
            sum >>= BITS;
        }
        choose(r, less, i == 0 ? r[LIMBS - 1] >> 31 : ~(less[LIMBS - 1] >> 31));
    }
    regroup(words, WORDS, 32, r, LIMBS, BITS);
}

#endif
