/*
 * OpenSSL's exponentiations with an odd modulus, of which those that RSA and DH come to go to
 * wasm/kernels/mod_exp.c: OpenSSL's own hooks for whole exponentiations (RSAZ) are tied to x86-64.
 * These stand before BN_mod_exp_mont and BN_mod_exp_mont_consttime_x2.
 */
#include <string.h>
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include "crypto/bn/bn_local.h"
#include "mod_exp.h"
#include "montgomery.h"

#define MIN_WORDS 8

#define MOD_EXP_ARGS BIGNUM *rr, const BIGNUM *a, const BIGNUM *p, const BIGNUM *m, BN_CTX *ctx, BN_MONT_CTX *in_mont

int __real_BN_mod_exp_mont(MOD_EXP_ARGS);
int __wrap_BN_mod_exp_mont(MOD_EXP_ARGS);
int __real_BN_mod_exp_mont_consttime_x2(BIGNUM *rr1, const BIGNUM *a1, const BIGNUM *p1, const BIGNUM *m1,
    BN_MONT_CTX *in_mont1, BIGNUM *rr2, const BIGNUM *a2, const BIGNUM *p2, const BIGNUM *m2, BN_MONT_CTX *in_mont2,
    BN_CTX *ctx);
int __wrap_BN_mod_exp_mont_consttime_x2(BIGNUM *rr1, const BIGNUM *a1, const BIGNUM *p1, const BIGNUM *m1,
    BN_MONT_CTX *in_mont1, BIGNUM *rr2, const BIGNUM *a2, const BIGNUM *p2, const BIGNUM *m2, BN_MONT_CTX *in_mont2,
    BN_CTX *ctx);

static int fits(const BIGNUM *a, const BIGNUM *p, const BIGNUM *m, const BN_MONT_CTX *mont)
{
    return mont != NULL && mont->RR.top <= m->top && m->top >= MIN_WORDS && m->top <= MAX_WORDS && BN_is_odd(m)
        && !a->neg && p->top > 0 && BN_ucmp(a, m) < 0;
}

static void copy_words(BN_ULONG *to, const BIGNUM *from)
{
    memset(to, 0, MAX_WORDS * sizeof(*to));
    memcpy(to, from->d, (size_t)from->top * sizeof(*to));
}

/* Called by its address, so that it stays a function of its own, which wasm/check_kernels.py looks at. */
static void (*const volatile in_constant_time)(uint64_t *r, const uint64_t *a, const uint64_t *e, int e_words,
    const uint64_t *n, const uint64_t *square, uint64_t n0, int words) = mod_exp_secret;

static int mod_exp(BIGNUM *rr, const BIGNUM *a, const BIGNUM *p, const BIGNUM *m, const BN_MONT_CTX *mont, int secret)
{
    BN_ULONG result[MAX_WORDS], base[MAX_WORDS], square[MAX_WORDS];
    int words = m->top, ok;

    copy_words(base, a), copy_words(square, &mont->RR);
    if (secret)
        in_constant_time(result, base, p->d, p->top, m->d, square, mont->n0[0], words);
    else
        mod_exp_public(result, base, p->d[0], m->d, square, mont->n0[0], words);
    ok = bn_wexpand(rr, words) != NULL;
    if (ok) {
        memcpy(rr->d, result, (size_t)words * sizeof(*result));
        rr->top = words, rr->neg = 0;
        bn_correct_top(rr);
    }
    OPENSSL_cleanse(result, sizeof(result)), OPENSSL_cleanse(base, sizeof(base));
    OPENSSL_cleanse(square, sizeof(square));
    return ok;
}

/* An exponent of more than a word is treated as a secret even if no flag says so. */
int __wrap_BN_mod_exp_mont(MOD_EXP_ARGS)
{
    int secret = BN_get_flags(p, BN_FLG_CONSTTIME) || BN_get_flags(a, BN_FLG_CONSTTIME)
        || BN_get_flags(m, BN_FLG_CONSTTIME) || p->top > 1;

    if (!fits(a, p, m, in_mont) || (!secret && p->d[0] == 0))
        return __real_BN_mod_exp_mont(rr, a, p, m, ctx, in_mont);
    return mod_exp(rr, a, p, m, in_mont, secret);
}

int __wrap_BN_mod_exp_mont_consttime_x2(BIGNUM *rr1, const BIGNUM *a1, const BIGNUM *p1, const BIGNUM *m1,
    BN_MONT_CTX *in_mont1, BIGNUM *rr2, const BIGNUM *a2, const BIGNUM *p2, const BIGNUM *m2, BN_MONT_CTX *in_mont2,
    BN_CTX *ctx)
{
    if (!fits(a1, p1, m1, in_mont1) || !fits(a2, p2, m2, in_mont2))
        return __real_BN_mod_exp_mont_consttime_x2(rr1, a1, p1, m1, in_mont1, rr2, a2, p2, m2, in_mont2, ctx);
    return mod_exp(rr1, a1, p1, m1, in_mont1, 1) && mod_exp(rr2, a2, p2, m2, in_mont2, 1);
}
