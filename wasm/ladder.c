/*
 * CVE-2026-54872, mended in 3.5.9. For curves that have no code of their own (all but P-224, P-256,
 * P-384 and P-521), OpenSSL first adds the order to the secret scalar, by a BN_add whose time tells
 * whether the sum needed another word: enough signatures of a server give its private key away.
 *
 * This is OpenSSL's own file with another addition in the place of its two BN_adds. The linker takes
 * it for libcrypto's.
 */
#include <crypto/bn/bn_local.h>

static int add_fixed_top(BIGNUM *r, const BIGNUM *a, const BIGNUM *b);

#pragma clang diagnostic ignored "-Wsign-compare"
#define BN_add add_fixed_top
#include <crypto/ec/ec_mult.c>

/* Takes the same time for any `a` of no more words than the order, `b`, and one; so has the sum. */
static int add_fixed_top(BIGNUM *r, const BIGNUM *a, const BIGNUM *b)
{
    BN_ULONG carry = 0;
    int words = b->top + 1;

    if (bn_wexpand(r, words) == NULL)
        return 0;
    for (int i = 0; i < words; i++) {
        /* What lies beyond `top` counts as zero: the mask is all ones where i < a->top. */
        BN_ULONG mask = (BN_ULONG)0 - ((unsigned int)(i - a->top) >> (8 * sizeof(int) - 1));
        BN_ULONG word = i < a->dmax ? a->d[i] & mask : 0;
        BN_ULONG other = i < b->top ? b->d[i] : 0;
        BN_ULONG sum = word + carry;

        carry = sum < word;
        sum += other;
        carry |= sum < other;
        r->d[i] = sum;
    }
    r->top = words;
    r->neg = 0;
    return 1;
}
