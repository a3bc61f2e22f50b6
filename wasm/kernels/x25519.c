/*
 * X25519 (RFC 7748): Montgomery's ladder on numbers modulo p = 2^255 - 19 of nine limbs of 29 bits, the
 * inverse by division steps. Stands for ossl_x25519 of OpenSSL's crypto/ec/curve25519.c, which multiplies
 * limbs of 51 bits to 128, in ten instructions or more here.
 *
 * Products have limbs from 0 to 2^29, the second somewhat above; the last one, of 23 bits, may be negative.
 * Limbs may be larger in what is multiplied, as long as the bounds are 2^59.8 in product: sums and
 * differences are given without a carry, but for one sum that is squared.
 *
 * Constant time: 255 steps of the same multiplications and additions, and masks that swap.
 */
#include <string.h>
#include <openssl/crypto.h>
#include "crypto/ecx.h"
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

/* The names are those of RFC 7748, section 5. */
static void climb(number x2, number z2, const int32_t scalar[WORDS], const number x1)
{
    number x3, z3 = { 1 }, a, b, c, d, aa, bb, e;
    int32_t before = 0, bit = 0;
    int t;

    memset(x2, 0, sizeof(number)), memset(z2, 0, sizeof(number));
    x2[0] = 1;
    memcpy(x3, x1, sizeof(number));
    for (t = 254; t >= 0; t--, before = bit) {
        bit = -(scalar[t / 32] >> t % 32 & 1);
        swap(x2, x3, before ^ bit);
        swap(z2, z3, before ^ bit);
        subtract(b, x2, z2);
        subtract(d, x3, z3);
        add(c, x3, z3);
        add_multiple(a, x2, z2, 1);
        multiply(d, d, a);
        multiply(c, c, b);
        square(aa, a);
        square(bb, b);
        add_multiple(a, d, c, 1);
        square(x3, a);
        subtract(d, d, c);
        square(d, d);
        multiply(z3, x1, d);
        multiply(x2, aa, bb);
        subtract(e, aa, bb);
        add_multiple(aa, bb, e, 121666);
        multiply(z2, e, aa);
    }
    swap(x2, x3, bit);
    swap(z2, z3, bit);
    OPENSSL_cleanse(x3, sizeof(x3)), OPENSSL_cleanse(z3, sizeof(z3));
    OPENSSL_cleanse(a, sizeof(a)), OPENSSL_cleanse(aa, sizeof(aa));
    OPENSSL_cleanse(b, sizeof(b)), OPENSSL_cleanse(bb, sizeof(bb));
    OPENSSL_cleanse(c, sizeof(c)), OPENSSL_cleanse(d, sizeof(d)), OPENSSL_cleanse(e, sizeof(e));
}

/* Fails if the peer's point is one of small order: the secret is zero then. */
int ossl_x25519(uint8_t out_shared_key[32], const uint8_t private_key[32], const uint8_t peer_public_value[32])
{
    static const uint8_t zero[WORDS * 4];
    int32_t words[WORDS];
    number x1, x2, z2;

    memcpy(words, peer_public_value, sizeof(words));
    words[WORDS - 1] &= 0x7fffffff;
    from_words(x1, words);
    memcpy(words, private_key, sizeof(words));
    words[0] &= ~7;
    words[WORDS - 1] = (words[WORDS - 1] & 0x7fffffff) | 0x40000000;
    climb(x2, z2, words, x1);
    to_words(words, z2);
    invert_words(words, &PRIME);
    from_words(z2, words);
    multiply(x2, x2, z2);
    to_words(words, x2);
    memcpy(out_shared_key, words, sizeof(words));
    OPENSSL_cleanse(words, sizeof(words));
    OPENSSL_cleanse(x2, sizeof(x2)), OPENSSL_cleanse(z2, sizeof(z2));
    return CRYPTO_memcmp(zero, out_shared_key, sizeof(zero)) != 0;
}
