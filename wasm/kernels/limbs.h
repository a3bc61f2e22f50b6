/*
 * Numbers in limbs of fewer than 32 bits, each with a sign, of which p256_field.h, p384_field.h and
 * x25519_field.h make their own: of 256 bits in nine limbs of 29 or 30, or of 384 bits (where OF_384_BITS is
 * defined) in 14 of 28 or 30.
 *
 * Constant time: the same operations whatever the numbers.
 */
#ifndef LIMBS_H
#define LIMBS_H

#include <stdint.h>

#ifdef OF_384_BITS
#define LIMBS 14
#define BITS 28
#define WORDS 12
#else
#define LIMBS 9
#define BITS 29
#define WORDS 8
#endif
#define MASK ((1 << BITS) - 1)

typedef int32_t number[LIMBS];

#define EACH_LIMB(i) for (int i = 0; i < LIMBS; i++)
#define UNROLLED _Pragma("clang loop unroll(full)")

static inline void add(number r, const number a, const number b)
{
    EACH_LIMB(i)
        r[i] = a[i] + b[i];
}

static inline void subtract(number r, const number a, const number b)
{
    EACH_LIMB(i)
        r[i] = a[i] - b[i];
}

/* The same mask, but the compiler no longer knows that it is one, and makes no branch of it. */
static inline int32_t opaque(int32_t mask)
{
    __asm__("" : "+r"(mask));
    return mask;
}

/* r = a, where the mask is all ones; r stays where it is zero. */
static inline void choose(number r, const number a, int32_t mask)
{
    mask = opaque(mask);
    EACH_LIMB(i)
        r[i] ^= (r[i] ^ a[i]) & mask;
}

/* Limbs of some bits out of words of 32, or words out of limbs: the bits are the same. */
static inline void regroup(int32_t *to, int to_count, int to_bits, const int32_t *from, int from_count, int from_bits)
{
    uint64_t bits = 0;
    int have = 0, next = 0;

    UNROLLED for (int i = 0; i < to_count; i++) {
        UNROLLED for (int more = 0; more < 2; more++)
            if (have < to_bits && next < from_count) {
                bits |= (uint64_t)(uint32_t)from[next++] << have;
                have += from_bits;
            }
        to[i] = (int32_t)(bits & ((1ull << to_bits) - 1));
        bits >>= to_bits;
        have -= to_bits;
    }
}

static inline void from_words(number r, const int32_t words[WORDS])
{
    regroup(r, LIMBS, BITS, words, WORDS, 32);
}

#endif
