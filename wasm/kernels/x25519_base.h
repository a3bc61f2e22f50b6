/*
 * Multiples of X25519's base point, on the birationally equivalent curve edwards25519 (RFC 7748, 4.1), whose
 * addition has no exceptions. By a signed comb (Hamburg, "Fast and compact elliptic-curve cryptography", 2012):
 * 256 digits of 1 or -1, of which four at a distance of 8 bits make one index into a table, 64 points in all.
 *
 * Constant time: 64 additions and 7 doublings whatever the scalar; all entries of a row are read for each, and
 * those that aren't wanted are masked.
 */
#ifndef X25519_BASE_H
#define X25519_BASE_H

#include <string.h>
#include <wasm_simd128.h>
#include <openssl/crypto.h>
#include "x25519_field.h"

#define ROWS 8
#define ENTRIES 8
#define ENTRY_VECTORS 6
#define SPACING 8

/* Made by x25519_table.py: y + x, y - x and 2 d x y of each point. */
static const int32_t base_table[ROWS][ENTRIES][3 * WORDS] = {
#include "x25519_table.h"
};

/* x = X / Z, y = Y / Z and x * y = T / Z. */
struct extended {
    number x, y, z, t;
};

/* The entry whose number is the lowest three bits of the index; its negative if the fourth is zero. */
static inline void gather(number plus, number minus, number product, const int32_t row[ENTRIES][3 * WORDS], int32_t index)
{
    v128_t found[ENTRY_VECTORS];
    int32_t words[3 * WORDS], negative = opaque(~((int32_t)((uint32_t)index << 28) >> 31));
    const v128_t wanted = wasm_i32x4_splat(opaque((index ^ negative) & 7));

    UNROLLED for (int j = 0; j < ENTRY_VECTORS; j++)
        found[j] = wasm_i32x4_const_splat(0);
    for (int i = 0; i < ENTRIES; i++) {
        v128_t mask = wasm_i32x4_eq(wanted, wasm_i32x4_splat(i));

        UNROLLED for (int j = 0; j < ENTRY_VECTORS; j++)
            found[j] = wasm_v128_or(found[j], wasm_v128_and(mask, wasm_v128_load(row[i] + 4 * j)));
    }
    UNROLLED for (int j = 0; j < ENTRY_VECTORS; j++)
        wasm_v128_store(words + 4 * j, found[j]);
    from_words(plus, words);
    from_words(minus, words + WORDS);
    from_words(product, words + 2 * WORDS);
    swap(plus, minus, negative);
    EACH_LIMB(i)
        product[i] = (product[i] ^ negative) - negative;
    OPENSSL_cleanse(words, sizeof(words));
}

/* What sums and doublings end with. Each product is one of bounds 2^29 and 2^30. */
static inline void finish(struct extended *r, const number e, const number f, const number g, const number h)
{
    multiply(r->x, e, f);
    multiply(r->y, g, h);
    multiply(r->z, f, g);
    multiply(r->t, e, h);
}

/* The names are those of RFC 8032, 5.1.4, here and below. */
static void add_point(struct extended *r, const number plus, const number minus, const number product)
{
    number a, b, c, e, f, g, h;

    subtract(a, r->y, r->x);
    multiply(a, a, minus);
    add(b, r->y, r->x);
    multiply(b, b, plus);
    multiply(c, r->t, product);
    subtract(e, b, a);
    EACH_LIMB(i)
        f[i] = 2 * r->z[i] - c[i];
    add_multiple(g, c, r->z, 2);
    add(h, b, a);
    finish(r, e, f, g, h);
}

static void double_point(struct extended *r)
{
    number a, b, e, f, g, h;

    square(a, r->x);
    square(b, r->y);
    add_multiple(h, a, b, 1);
    add_multiple(e, r->x, r->y, 1);
    square(e, e);
    subtract(e, h, e);
    subtract(g, a, b);
    square(f, r->z);
    add_multiple(f, g, f, 2);
    finish(r, e, f, g, h);
}

/*
 * The u coordinate's words, of an even scalar from 0 to 2^255. With the base point's order, which is odd, it is
 * an odd number below 2^256, whose digits are the bits of its half, and a last one that is 1.
 */
static void multiply_base(int32_t words[WORDS], const int32_t scalar[WORDS])
{
    static const uint32_t order[WORDS] = {
        0x5cf5d3ed, 0x5812631a, 0xa2f79cd6, 0x14def9de, 0, 0, 0, 0x10000000
    };
    struct extended r = { { 0 }, { 1 }, { 1 }, { 0 } };
    uint32_t digits[WORDS];
    number plus, minus, product;
    uint64_t sum = 0;
    int i, j;

    for (i = 0; i < WORDS; i++, sum >>= 32)
        digits[i] = (uint32_t)(sum += (uint64_t)(uint32_t)scalar[i] + order[i]);
    for (i = 0; i < WORDS; i++)
        digits[i] = digits[i] >> 1 | (i < WORDS - 1 ? digits[i + 1] : 1) << 31;
    for (i = SPACING - 1; i >= 0; i--) {
        if (i < SPACING - 1)
            double_point(&r);
        for (j = 0; j < ROWS; j++) {
            uint32_t teeth = digits[j] >> i & 0x01010101;

            gather(plus, minus, product, base_table[j], (int32_t)((teeth | teeth >> 7 | teeth >> 14 | teeth >> 21) & 15));
            add_point(&r, plus, minus, product);
        }
    }
    add(plus, r.z, r.y);
    subtract(minus, r.z, r.y);
    divide(words, plus, minus);
    OPENSSL_cleanse(&r, sizeof(r)), OPENSSL_cleanse(digits, sizeof(digits));
    OPENSSL_cleanse(plus, sizeof(plus)), OPENSSL_cleanse(minus, sizeof(minus));
    OPENSSL_cleanse(product, sizeof(product));
}

#endif
