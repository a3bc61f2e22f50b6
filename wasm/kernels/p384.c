/*
 * P-384 for OpenSSL, by curve_method.h. Stands for OpenSSL's crypto/ec/ecp_nistp384.c, whose method it offers
 * under its name.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#define OF_384_BITS
#include <openssl/bn.h>
#include "inverse.h"
#include "p384_field.h"

#define CURVE(name) p384_##name
#define ROWS 7 /* of 1.5 KB each, where 39 were twice as fast */

static const struct modulus PRIME = {
    { 0x3fffffff, 0x3, 0, 0x3fffffc0, 0x3ffffeff, 0x3fffffff, 0x3fffffff,
      0x3fffffff, 0x3fffffff, 0x3fffffff, 0x3fffffff, 0x3fffffff, 0xffffff, 0 },
    0x3fffffff
};
static const struct modulus ORDER = {
    { 0xcc52973, 0x33b065ab, 0xb0a77ae, 0x6836c92, 0x372ddf58, 0xd3607d0, 0x3ffffc76,
      0x3fffffff, 0x3fffffff, 0x3fffffff, 0x3fffffff, 0x3fffffff, 0xffffff, 0 },
    0x177023bb
};
static const BN_ULONG order_words[] = {
    0xecec196accc52973, 0x581a0db248b0a77a, 0xc7634d81f4372ddf,
    0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff
};
static const BN_ULONG base_point[2][6] = {
    { 0x3a545e3872760ab7, 0x5502f25dbf55296c, 0x59f741e082542a38,
      0x6e1d3b628ba79b98, 0x8eb1c71ef320ad74, 0xaa87ca22be8b0537 },
    { 0x7a431d7c90ea0e5f, 0x0a60b1ce1d7e819d, 0xe9da3113b5f0b8c0,
      0xf8f41dbd289a147c, 0x5d9e98bf9292dc29, 0x3617de4a96262c6f },
};
/* Made by curve_table.py. */
static const int32_t base_table[ROWS][16][2 * WORDS] = {
#include "p384_table.h"
};

/* One, in Montgomery's form; 2^784, what takes a number into it; 2^1176, what takes the inverse of one into it. */
static const number ONE = {
    0x100, 0xffff000, MASK, 0xfffff, 0x1000000, 0, 0,
    0, 0, 0, 0, 0, 0, 0
};
static const number INTO = {
    0x10000, 0xfe00000, 0xffffff, 0, 0x2, 0, 0xffffe00,
    0xfff, 0x20000, 0x100000, 0, 0, 0, 0
};
static const number INVERSE_INTO = {
    0x2000000, 0, 0xffffffc, 0x2f, 0x300, 0xfffe000, 0xffcffff,
    0x5fffff, 0x3000000, 0, 0xffffffd, 0xfffffdf, 0x2ff, 0x3000
};

#include "curve_method.h"

const EC_METHOD *ossl_ec_GFp_nistp384_method(void)
{
    return curve_method();
}

/* Our table is fixed: nothing is made for a group. */
NISTP384_PRE_COMP *ossl_ec_nistp384_pre_comp_dup(NISTP384_PRE_COMP *made)
{
    return made;
}

void ossl_ec_nistp384_pre_comp_free(NISTP384_PRE_COMP *made)
{
    (void)made;
}
