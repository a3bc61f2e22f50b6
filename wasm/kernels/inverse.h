/* The inverse modulo an odd number of 256 or 384 bits: see inverse.c. */
#ifndef INVERSE_H
#define INVERSE_H

#include "limbs.h"

#ifdef OF_384_BITS
#define invert_words invert_384_bits
#endif

struct modulus {
    number limbs; /* of 30 bits */
    int32_t inverse; /* of the modulus, modulo 2^30 */
};

/* words = 1 / words; that of zero is zero. The number is less than the modulus. */
void invert_words(int32_t words[WORDS], const struct modulus *modulus);

#endif
