/*
 * OpenSSL's numbers for p256.c and p384.c: words of them, scalars, and numbers in Montgomery's form.
 *
 * Constant time: for numbers of as many bits as the order has. Others are divided by the order first, as OpenSSL does.
 */
#ifndef CURVE_BIGNUM_H
#define CURVE_BIGNUM_H

#include <string.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include "crypto/bn.h"
#include "crypto/ec/ec_local.h"
#include "loaded.h"

#define BN_WORDS (WORDS / 2)

/* Called by its address, so that the linker leaves it a function, which the build's check finds. */
#define KEPT(function) ((__typeof__(function) *)(uintptr_t)unknown((const void *)(uintptr_t)(function)))

static int get_words(int32_t words[WORDS], const BIGNUM *from)
{
    BN_ULONG copy[BN_WORDS];
    int ok = bn_copy_words(copy, from, BN_WORDS);

    if (ok)
        memcpy(words, copy, sizeof(copy));
    OPENSSL_cleanse(copy, sizeof(copy));
    return ok;
}

static int set_words(BIGNUM *to, const int32_t words[WORDS])
{
    BN_ULONG copy[BN_WORDS];
    int ok;

    memcpy(copy, words, sizeof(copy));
    ok = bn_set_words(to, copy, BN_WORDS);
    OPENSSL_cleanse(copy, sizeof(copy));
    return ok;
}

/* Takes the order off words that are not below it. */
static __attribute__((noinline)) void CURVE(reduce)(int32_t words[WORDS + 1])
{
    const int32_t *order = (const int32_t *)order_words;
    int32_t less[WORDS], mask;
    int64_t sum = 0;
    int i;

    for (i = 0; i < WORDS; i++) {
        sum += (int64_t)(uint32_t)words[i] - (uint32_t)order[i];
        less[i] = (int32_t)sum;
        sum >>= 32;
    }
    mask = opaque(~(int32_t)sum);
    for (i = 0; i < WORDS; i++)
        words[i] ^= (words[i] ^ less[i]) & mask;
    words[WORDS] = 0;
}

static int get_scalar(int32_t words[WORDS + 1], const EC_GROUP *group, const BIGNUM *scalar, BN_CTX *ctx)
{
    BIGNUM *reduced;
    int ok = 1;

    BN_CTX_start(ctx);
    if (BN_num_bits(scalar) > 32 * WORDS || BN_is_negative(scalar)) {
        reduced = BN_CTX_get(ctx);
        ok = reduced != NULL && BN_nnmod(reduced, scalar, group->order, ctx);
        scalar = reduced;
    }
    ok = ok && get_words(words, scalar);
    BN_CTX_end(ctx);
    if (!ok) {
        ERR_raise(ERR_LIB_EC, ERR_R_BN_LIB);
        return 0;
    }
    KEPT(CURVE(reduce))(words);
    return 1;
}

static int get_number(number r, const BIGNUM *from)
{
    int32_t words[WORDS];

    if (!get_words(words, from)) {
        ERR_raise(ERR_LIB_EC, EC_R_COORDINATES_OUT_OF_RANGE);
        return 0;
    }
    from_words(r, words);
    multiply(r, r, INTO);
    return 1;
}

static int has_words(const BIGNUM *a, const BN_ULONG words[BN_WORDS])
{
    BN_ULONG copy[BN_WORDS];

    return bn_copy_words(copy, a, BN_WORDS) && memcmp(copy, words, sizeof(copy)) == 0;
}

#endif
