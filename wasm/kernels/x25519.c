/*
 * X25519 (RFC 7748): Montgomery's ladder on numbers modulo p = 2^255 - 19 (x25519_field.h), and multiples
 * of the base point by x25519_base.h. Stands for ossl_x25519 and ossl_x25519_public_from_private of OpenSSL's
 * crypto/ec/curve25519.c, which multiplies limbs of 51 bits to 128, in ten instructions or more here.
 *
 * Constant time: 255 steps of the same multiplications and additions, and masks that swap.
 */
#include <string.h>
#include <openssl/crypto.h>
#include "crypto/ecx.h"
#include "x25519_base.h"

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

static void get_scalar(int32_t words[WORDS], const uint8_t private_key[32])
{
    memcpy(words, private_key, WORDS * sizeof(*words));
    words[0] &= ~7;
    words[WORDS - 1] = (words[WORDS - 1] & 0x7fffffff) | 0x40000000;
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
    get_scalar(words, private_key);
    climb(x2, z2, words, x1);
    divide(words, x2, z2);
    memcpy(out_shared_key, words, sizeof(words));
    OPENSSL_cleanse(words, sizeof(words));
    OPENSSL_cleanse(x2, sizeof(x2)), OPENSSL_cleanse(z2, sizeof(z2));
    return CRYPTO_memcmp(zero, out_shared_key, sizeof(zero)) != 0;
}

void ossl_x25519_public_from_private(uint8_t out_public_value[32], const uint8_t private_key[32])
{
    int32_t words[WORDS], scalar[WORDS];

    get_scalar(scalar, private_key);
    multiply_base(words, scalar);
    memcpy(out_public_value, words, sizeof(words));
    OPENSSL_cleanse(scalar, sizeof(scalar));
}
