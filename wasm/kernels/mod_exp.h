/* The exponentiations of wasm/kernels/mod_exp.c, for wasm/kernels/mod_exp_bn.c. Words are of 64 bits. */
#ifndef MOD_EXP_H
#define MOD_EXP_H

#include <stdint.h>

/*
 * r = a^e mod n, where a < n; square is 2^(128 * words) mod n, n0 * n = -1 (mod 2^64), as a BN_MONT_CTX
 * has them. In constant time.
 */
void mod_exp_secret(uint64_t *r, const uint64_t *a, const uint64_t *e, int e_words, const uint64_t *n,
    const uint64_t *square, uint64_t n0, int words);

/* The same for an exponent that is known to all, and not 0. */
void mod_exp_public(uint64_t *r, const uint64_t *a, uint64_t e, const uint64_t *n, const uint64_t *square,
    uint64_t n0, int words);

#endif
