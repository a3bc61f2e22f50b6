/*
 * P-256 for OpenSSL, by curve_method.h. Stands for OpenSSL's crypto/ec/ecp_nistp256.c, whose method it offers
 * under its name.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/bn.h>
#include "inverse.h"
#include "p256_field.h"

#define CURVE(name) p256_##name
#define ROWS 26

static const struct modulus PRIME = {
    { 0x3fffffff, 0x3fffffff, 0x3fffffff, 0x3f, 0, 0, 0x1000, 0x3fffc000, 0xffff }, 0x3fffffff
};
static const struct modulus ORDER = {
    { 0x3c632551, 0xee72b0b, 0x3179e84f, 0x39beab69, 0x3fffffbc, 0x3fffffff, 0xfff, 0x3fffc000, 0xffff },
    0x11ff43b1
};
static const BN_ULONG order_words[] = {
    0xf3b9cac2fc632551, 0xbce6faada7179e84, 0xffffffffffffffff, 0xffffffff00000000
};
static const BN_ULONG base_point[2][4] = {
    { 0xf4a13945d898c296, 0x77037d812deb33a0, 0xf8bce6e563a440f2, 0x6b17d1f2e12c4247 },
    { 0xcbb6406837bf51f5, 0x2bce33576b315ece, 0x8ee7eb4a7c0f9e16, 0x4fe342e2fe1a7f9b },
};
/* Made by curve_table.py. */
static const int32_t base_table[ROWS][16][2 * WORDS] = {
#include "p256_table.h"
};

/* One, in Montgomery's form; 2^522, what takes a number into it; 2^783, what takes the inverse of one into it. */
static const number ONE = { 0x20, 0, 0, 0x1fffc000, 0x1fffffff, 0x1fffffff, 0x1f7fffff, 0x3ffffff, 0 };
static const number INTO = { 0xc00, 0, 0x1fff0000, 0x1fdfffff, 0x1fbfffff, MASK, MASK, 0x1ffffffe, 0x13 };
static const number INVERSE_INTO = { 0x50000, 0x1ff40000, 0x1effffff, 0xdffffff, 0x7ffffff, MASK, 0xb, 0x10, 0xc00 };

#include "curve_method.h"

const EC_METHOD *EC_GFp_nistp256_method(void)
{
    return curve_method();
}

/* Our table is fixed: nothing is made for a group. */
NISTP256_PRE_COMP *EC_nistp256_pre_comp_dup(NISTP256_PRE_COMP *made)
{
    return made;
}

void EC_nistp256_pre_comp_free(NISTP256_PRE_COMP *made)
{
    (void)made;
}
