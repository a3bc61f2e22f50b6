/* Curves and modular arithmetic, for tests/kernels: see testing.h. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <stdlib.h>
#include <string.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>
#include "crypto/ec/ec_local.h"
#include "crypto/ecx.h"
#include "montgomery.h"
#include "testing.h"

REFERENCE(void, ossl_x25519_public_from_private, uint8_t out[32], const uint8_t private[32]);
REFERENCE(int, ossl_x25519, uint8_t out[32], const uint8_t private[32], const uint8_t peer[32]);
REFERENCE(const EC_METHOD *, EC_GFp_nistp256_method, void);
REFERENCE(const EC_METHOD *, ossl_ec_GFp_nistp384_method, void);

/* P-256 or P-384 by one method or the other. */
static EC_GROUP *new_curve(int nid, int reference)
{
    EC_GROUP *named = EC_GROUP_new_by_curve_name(nid);
    EC_GROUP *group = ossl_ec_group_new_ex(NULL, NULL, nid == NID_secp384r1
        ? (reference ? reference_ossl_ec_GFp_nistp384_method : ossl_ec_GFp_nistp384_method)()
        : (reference ? reference_EC_GFp_nistp256_method : EC_GFp_nistp256_method)());
    EC_POINT *generator = EC_POINT_new(group);
    BIGNUM *p = BN_new(), *a = BN_new(), *b = BN_new();

    if (!EC_GROUP_get_curve(named, p, a, b, NULL) || !EC_GROUP_set_curve(group, p, a, b, NULL)
        || !EC_POINT_get_affine_coordinates(named, EC_GROUP_get0_generator(named), a, b, NULL)
        || !EC_POINT_set_affine_coordinates(group, generator, a, b, NULL)
        || !EC_GROUP_set_generator(group, generator, EC_GROUP_get0_order(named), EC_GROUP_get0_cofactor(named)))
        abort();
    BN_free(p), BN_free(a), BN_free(b);
    EC_POINT_free(generator);
    EC_GROUP_free(named);
    return group;
}

#define MULTIPLY_ARGS int reference, const unsigned char *scalar, int scalar_len, const unsigned char *point, \
    int point_len, const unsigned char *other, int other_len, unsigned char *out

/*
 * The base point times a scalar and a point times another, each if its length isn't zero. The result's
 * length (1 for infinity), -1 if that failed, -2 if the point isn't on the curve.
 */
static int multiply_on(int nid, MULTIPLY_ARGS)
{
    EC_GROUP *group = new_curve(nid, reference);
    EC_POINT *summand = EC_POINT_new(group), *sum = EC_POINT_new(group);
    BIGNUM *of_base = scalar_len > 0 ? BN_bin2bn(scalar, scalar_len, NULL) : NULL;
    BIGNUM *of_point = BN_bin2bn(other, other_len, NULL);
    int result = -1;

    if (point_len > 0 && !EC_POINT_oct2point(group, summand, point, point_len, NULL))
        result = -2;
    else if (EC_POINT_mul(group, sum, of_base, point_len > 0 ? summand : NULL, of_point, NULL))
        result = (int)EC_POINT_point2oct(group, sum, POINT_CONVERSION_UNCOMPRESSED, out, 97, NULL);
    BN_free(of_base), BN_free(of_point);
    EC_POINT_free(summand), EC_POINT_free(sum);
    EC_GROUP_free(group);
    return result;
}

EXPORT(p256) int p256(MULTIPLY_ARGS)
{
    return multiply_on(NID_X9_62_prime256v1, reference, scalar, scalar_len, point, point_len, other, other_len, out);
}

EXPORT(p384) int p384(MULTIPLY_ARGS)
{
    return multiply_on(NID_secp384r1, reference, scalar, scalar_len, point, point_len, other, other_len, out);
}

/* The inverse modulo the order. */
static int invert_on(int nid, int reference, const unsigned char *in, int len, unsigned char *out, int out_len)
{
    EC_GROUP *group = new_curve(nid, reference);
    BIGNUM *number = BN_bin2bn(in, len, NULL);
    BN_CTX *ctx = BN_CTX_new();
    int ok = ossl_ec_group_do_inverse_ord(group, number, number, ctx) && BN_bn2binpad(number, out, out_len) == out_len;

    BN_CTX_free(ctx);
    BN_free(number);
    EC_GROUP_free(group);
    return ok;
}

EXPORT(p256_inverse) int p256_inverse(int reference, const unsigned char *in, int len, unsigned char out[32])
{
    return invert_on(NID_X9_62_prime256v1, reference, in, len, out, 32);
}

EXPORT(p384_inverse) int p384_inverse(int reference, const unsigned char *in, int len, unsigned char out[48])
{
    return invert_on(NID_secp384r1, reference, in, len, out, 48);
}

EXPORT(x25519) int x25519(int reference, const unsigned char private[32], const unsigned char peer[32],
    unsigned char out[32])
{
    return (reference ? reference_ossl_x25519 : ossl_x25519)(out, private, peer);
}

EXPORT(x25519_public) void x25519_public(int reference, const unsigned char private[32], unsigned char out[32])
{
    (reference ? reference_ossl_x25519_public_from_private : ossl_x25519_public_from_private)(out, private);
}

EXPORT(x25519_times) void x25519_times(int reference, const unsigned char private[32], unsigned char point[32], int times)
{
    for (; times > 0; times--)
        x25519(reference, private, point, point);
}

/*
 * x * x / R or x * y / R, of digits as they are inside of an exponentiation. The inverse is the lowest four digits
 * of -1 / modulus.
 */
EXPORT(montgomery) void montgomery(int squares, int count, const int16_t *modulus, const int16_t *inverse,
    const int16_t *x, const int16_t *y, int16_t *out)
{
    static MONTGOMERY mont;
    static DIGITS a, b;
    size_t size = (size_t)count * sizeof(*x);

    memset(&mont, 0, sizeof(mont)), memset(&a, 0, sizeof(a)), memset(&b, 0, sizeof(b));
    memcpy(a.at, modulus, size), memcpy(b.at, inverse, 4 * sizeof(*inverse));
    mont_pair(&mont.modulus, &a, count);
    mont_invert(&mont, &b, count);
    memcpy(a.at, x, size), memcpy(b.at, y, size);
    mont_pair(&mont.pairs, &a, count);
    if (squares)
        mont_square(&mont, &a, count);
    else
        mont_multiply(&mont, &a, &b, count);
    memcpy(out, a.at, size);
}

int __real_BN_mod_exp_mont(BIGNUM *rr, const BIGNUM *a, const BIGNUM *p, const BIGNUM *m, BN_CTX *ctx,
    BN_MONT_CTX *in_mont);

/* How: by the kernel, by OpenSSL's C code, by the kernel in place, or by it for two at once, in place. */
EXPORT(mod_exp) int mod_exp_of(int how, int secret, const unsigned char *base, int base_len,
    const unsigned char *exponent, int exponent_len, const unsigned char *modulus, int modulus_len,
    unsigned char *out)
{
    BIGNUM *a = BN_bin2bn(base, base_len, NULL), *e = BN_bin2bn(exponent, exponent_len, NULL);
    BIGNUM *m = BN_bin2bn(modulus, modulus_len, NULL), *r = BN_new(), *other = BN_dup(a);
    BN_MONT_CTX *mont = BN_MONT_CTX_new();
    BN_CTX *ctx = BN_CTX_new();
    int ok;

    if (secret)
        BN_set_flags(e, BN_FLG_CONSTTIME);
    ok = BN_MONT_CTX_set(mont, m, ctx)
        && (how == 0 ? BN_mod_exp_mont(r, a, e, m, ctx, mont)
            : how == 1 ? __real_BN_mod_exp_mont(r, a, e, m, ctx, mont)
            : how == 2 ? BN_mod_exp_mont(a, a, e, m, ctx, mont)
                       : BN_mod_exp_mont_consttime_x2(a, a, e, m, mont, other, other, e, m, mont, ctx));
    ok = ok && BN_bn2binpad(how < 2 ? r : a, out, modulus_len) == modulus_len && (how < 3 || BN_cmp(a, other) == 0);
    BN_MONT_CTX_free(mont);
    BN_free(a), BN_free(e), BN_free(m), BN_free(r), BN_free(other);
    BN_CTX_free(ctx);
    return ok;
}
