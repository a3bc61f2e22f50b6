/*
 * A curve for OpenSSL: multiples of points, and inverses modulo the order, by curve_multiply.h and
 * inverse.c. For p256.c and p384.c, which define CURVE(name), a name with the curve's in front, and give
 * what depends on the curve.
 *
 * Constant time: as argued there. The sum of two multiples, of which only a signature's check has need,
 * branches on the points, as OpenSSL's does; so does a scalar that is negative or has more bits than the order.
 */
#ifndef CURVE_METHOD_H
#define CURVE_METHOD_H

#include <string.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include "curve_bignum.h"
#include "curve_multiply.h"

static const number OUT = { 1 };

static int get_point(struct point *r, const EC_POINT *from)
{
    return get_number(r->x, from->X) && get_number(r->y, from->Y) && get_number(r->z, from->Z);
}

/* Affine coordinates of a point; zero for infinity. */
static __attribute__((noinline)) void CURVE(affine)(int32_t x[WORDS], int32_t y[WORDS], const struct point *a)
{
    int32_t words[WORDS];
    number inverse, power, t;

    to_words(words, a->z);
    invert_words(words, &PRIME);
    from_words(inverse, words);
    multiply(inverse, inverse, INVERSE_INTO);
    square(power, inverse);
    multiply(t, a->x, power);
    multiply(t, t, OUT);
    to_words(x, t);
    multiply(power, power, inverse);
    multiply(t, a->y, power);
    multiply(t, t, OUT);
    to_words(y, t);
}

static int is_number_zero(const number a)
{
    static const int32_t zero[WORDS];
    int32_t words[WORDS];

    to_words(words, a);
    return CRYPTO_memcmp(words, zero, sizeof(zero)) == 0;
}

static int set_point(const EC_GROUP *group, EC_POINT *r, const struct point *from)
{
    int32_t x[WORDS], y[WORDS];

    if (is_number_zero(from->z))
        return EC_POINT_set_to_infinity(group, r);
    KEPT(CURVE(affine))(x, y, from);
    r->Z_is_one = set_words(r->X, x) && set_words(r->Y, y) && BN_one(r->Z);
    OPENSSL_cleanse(x, sizeof(x));
    return r->Z_is_one;
}

/* r = r + a, any two points. */
static void add_any(struct point *r, const struct point *a)
{
    struct point sum;

    if (is_number_zero(a->z))
        return;
    if (is_number_zero(r->z)) {
        *r = *a;
        return;
    }
    add_points(&sum, r, a);
    /* Z is zero for a point and its negative, and for a point and itself; then X is, too. */
    if (is_number_zero(sum.z) && is_number_zero(sum.x))
        double_point(&sum, a);
    *r = sum;
}

static int is_base_point(const EC_POINT *point)
{
    return BN_is_one(point->Z) && has_words(point->X, base_point[0]) && has_words(point->Y, base_point[1]);
}

static int multiply_any(const EC_GROUP *group, struct point *r, const BIGNUM *scalar, const EC_POINT *point, BN_CTX *ctx)
{
    int32_t words[WORDS + 1];
    struct point from;
    int ok;

    ok = get_point(&from, point) && get_scalar(words, group, scalar, ctx);
    if (ok && is_base_point(point))
        KEPT(CURVE(multiply_base))(r, words);
    /* Of the base point: for zero and the few scalars that the table isn't for. */
    if (ok && (!is_base_point(point) || is_number_zero(r->z)))
        KEPT(CURVE(multiply_point))(r, words, &from);
    OPENSSL_cleanse(words, sizeof(words));
    return ok;
}

/* r = scalar * generator + the sum of scalars[i] * points[i]. */
static int multiply_points(const EC_GROUP *group, EC_POINT *r, const BIGNUM *scalar, size_t num,
    const EC_POINT *points[], const BIGNUM *scalars[], BN_CTX *ctx)
{
    struct point sum = { { 0 }, { 0 }, { 0 }, { 0 } }, product;
    size_t i;
    int ok = scalar == NULL || multiply_any(group, &sum, scalar, group->generator, ctx);

    for (i = 0; i < num && ok; i++) {
        if (EC_POINT_is_at_infinity(group, points[i]))
            continue;
        ok = multiply_any(group, &product, scalars[i], points[i], ctx);
        if (ok)
            add_any(&sum, &product);
    }
    ok = ok && set_point(group, r, &sum);
    OPENSSL_cleanse(&sum, sizeof(sum));
    OPENSSL_cleanse(&product, sizeof(product));
    return ok;
}

static int invert_modulo_order(const EC_GROUP *group, BIGNUM *r, const BIGNUM *x, BN_CTX *ctx)
{
    int32_t words[WORDS + 1];
    int ok;

    if (!has_words(group->order, order_words)) {
        ERR_raise(ERR_LIB_EC, EC_R_INVALID_GROUP_ORDER);
        return 0;
    }
    if (!get_scalar(words, group, x, ctx))
        return 0;
    invert_words(words, &ORDER);
    ok = set_words(r, words);
    OPENSSL_cleanse(words, sizeof(words));
    return ok;
}

static const EC_METHOD *curve_method(void)
{
    static const EC_METHOD method = {
        .flags = EC_FLAGS_DEFAULT_OCT,
        .field_type = NID_X9_62_prime_field,
        .group_init = ossl_ec_GFp_simple_group_init,
        .group_finish = ossl_ec_GFp_simple_group_finish,
        .group_clear_finish = ossl_ec_GFp_simple_group_clear_finish,
        .group_copy = ossl_ec_GFp_nist_group_copy,
        .group_set_curve = ossl_ec_GFp_nist_group_set_curve,
        .group_get_curve = ossl_ec_GFp_simple_group_get_curve,
        .group_get_degree = ossl_ec_GFp_simple_group_get_degree,
        .group_order_bits = ossl_ec_group_simple_order_bits,
        .group_check_discriminant = ossl_ec_GFp_simple_group_check_discriminant,
        .point_init = ossl_ec_GFp_simple_point_init,
        .point_finish = ossl_ec_GFp_simple_point_finish,
        .point_clear_finish = ossl_ec_GFp_simple_point_clear_finish,
        .point_copy = ossl_ec_GFp_simple_point_copy,
        .point_set_to_infinity = ossl_ec_GFp_simple_point_set_to_infinity,
        .point_set_affine_coordinates = ossl_ec_GFp_simple_point_set_affine_coordinates,
        .point_get_affine_coordinates = ossl_ec_GFp_simple_point_get_affine_coordinates,
        .add = ossl_ec_GFp_simple_add,
        .dbl = ossl_ec_GFp_simple_dbl,
        .invert = ossl_ec_GFp_simple_invert,
        .is_at_infinity = ossl_ec_GFp_simple_is_at_infinity,
        .is_on_curve = ossl_ec_GFp_simple_is_on_curve,
        .point_cmp = ossl_ec_GFp_simple_cmp,
        .make_affine = ossl_ec_GFp_simple_make_affine,
        .points_make_affine = ossl_ec_GFp_simple_points_make_affine,
        .mul = multiply_points,
        .field_mul = ossl_ec_GFp_nist_field_mul,
        .field_sqr = ossl_ec_GFp_nist_field_sqr,
        .field_inv = ossl_ec_GFp_simple_field_inv,
        .priv2oct = ossl_ec_key_simple_priv2oct,
        .oct2priv = ossl_ec_key_simple_oct2priv,
        .keygen = ossl_ec_key_simple_generate_key,
        .keycheck = ossl_ec_key_simple_check_key,
        .keygenpub = ossl_ec_key_simple_generate_public_key,
        .ecdh_compute_key = ossl_ecdh_simple_compute_key,
        .ecdsa_sign_setup = ossl_ecdsa_simple_sign_setup,
        .ecdsa_sign_sig = ossl_ecdsa_simple_sign_sig,
        .ecdsa_verify_sig = ossl_ecdsa_simple_verify_sig,
        .field_inverse_mod_ord = invert_modulo_order,
    };

    return &method;
}

#endif
