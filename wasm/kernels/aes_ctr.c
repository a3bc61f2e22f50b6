/*
 * AES in counter mode under OpenSSL's AES_CTR_ASM, eight blocks at a time, bitsliced: vector i
 * holds bit i of each byte of the state, a byte of a vector that bit of the eight blocks (after
 * Käsper and Schwabe, "Faster and timing-attack resistant AES-GCM", 2009). The bytes of a state lie
 * by rows, which turns by rows into moves of 32-bit lanes.
 *
 * Constant time: the S-box is a circuit of exclusive ors and ands (Boyar and Peralta, "A new
 * combinational logic minimization technique", 2010); loops and addresses depend on the number of
 * blocks and the key's size alone.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <stdint.h>
#include <string.h>
#include <wasm_simd128.h>
#include <openssl/aes.h>
#include <openssl/crypto.h>
#include "loaded.h"

#define BITS 8
#define BLOCKS 8
#define STRIDE (BLOCKS * AES_BLOCK_SIZE)
#define WORTH_IT 3
#define XOR wasm_v128_xor
#define AND wasm_v128_and

void AES_ctr32_encrypt(const unsigned char *in, unsigned char *out, size_t blocks, const AES_KEY *key,
    const unsigned char ivec[AES_BLOCK_SIZE]);

/* Exchanges the bits of a that are n above those of the mask with the mask's of b. */
static inline void exchange(v128_t *a, v128_t *b, int n, v128_t mask)
{
    v128_t t = AND(XOR(wasm_u64x2_shr(*a, n), *b), mask);

    *b = XOR(*b, t);
    *a = XOR(*a, wasm_i64x2_shl(t, n));
}

/* Bit i of each byte of block k becomes bit k of the same byte of vector i, and the other way. */
static inline void transpose(v128_t q[BITS])
{
    static const unsigned int masks[] = { 0x55555555, 0x33333333, 0x0f0f0f0f };
    v128_t ones = loaded_splat(masks), twos = loaded_splat(masks + 1), fours = loaded_splat(masks + 2);
    int i;

    for (i = 0; i < 8; i += 2)
        exchange(q + i, q + i + 1, 1, ones);
    for (i = 0; i < 8; i += i % 4 == 1 ? 3 : 1)
        exchange(q + i, q + i + 2, 2, twos);
    for (i = 0; i < 4; i++)
        exchange(q + i, q + i + 4, 4, fours);
}

/* SubBytes, but for its constant 0x63, which is in the round keys. The names are the paper's. */
static inline void substitute(v128_t q[BITS])
{
    v128_t x0 = q[7], x1 = q[6], x2 = q[5], x3 = q[4], x4 = q[3], x5 = q[2], x6 = q[1], x7 = q[0];
    /* To GF(((2^2)^2)^2), with the sums that its multiplications take. */
    v128_t y14 = XOR(x3, x5), y13 = XOR(x0, x6), y9 = XOR(x0, x3), y8 = XOR(x0, x5);
    v128_t t0 = XOR(x1, x2), y1 = XOR(t0, x7), y4 = XOR(y1, x3), y12 = XOR(y13, y14);
    v128_t y2 = XOR(y1, x0), y5 = XOR(y1, x6), y3 = XOR(y5, y8), t1 = XOR(x4, y12);
    v128_t y15 = XOR(t1, x5), y20 = XOR(t1, x1), y6 = XOR(y15, x7), y10 = XOR(y15, t0);
    v128_t y11 = XOR(y20, y9), y7 = XOR(x7, y11), y17 = XOR(y10, y11), y19 = XOR(y10, y8);
    v128_t y16 = XOR(t0, y11), y21 = XOR(y13, y16), y18 = XOR(x0, y16);
    /* What is inverted in GF((2^2)^2). */
    v128_t t2 = AND(y12, y15), t4 = XOR(AND(y3, y6), t2), t6 = XOR(AND(y4, x7), t2);
    v128_t t7 = AND(y13, y16), t9 = XOR(AND(y5, y1), t7), t11 = XOR(AND(y2, y7), t7);
    v128_t t12 = AND(y9, y11), t14 = XOR(AND(y14, y17), t12), t16 = XOR(AND(y8, y10), t12);
    v128_t t21 = XOR(XOR(t4, t14), y20), t22 = XOR(XOR(t6, t16), y19);
    v128_t t23 = XOR(XOR(t9, t14), y21), t24 = XOR(XOR(t11, t16), y18);
    /* Its inverse. */
    v128_t t25 = XOR(t21, t22), t26 = AND(t21, t23), t27 = XOR(t24, t26);
    v128_t t29 = XOR(AND(t25, t27), t22), t30 = XOR(t23, t24), t31 = XOR(t22, t26);
    v128_t t33 = XOR(AND(t31, t30), t24), t34 = XOR(t23, t33), t35 = XOR(t27, t33);
    v128_t t36 = AND(t24, t35), t37 = XOR(t36, t34), t38 = XOR(t27, t36);
    v128_t t40 = XOR(t25, AND(t29, t38)), t41 = XOR(t40, t37), t42 = XOR(t29, t33);
    v128_t t43 = XOR(t29, t40), t44 = XOR(t33, t37), t45 = XOR(t42, t41);
    /* Times both halves of what was there. */
    v128_t z0 = AND(t44, y15), z1 = AND(t37, y6), z2 = AND(t33, x7), z3 = AND(t43, y16);
    v128_t z4 = AND(t40, y1), z5 = AND(t29, y7), z6 = AND(t42, y11), z7 = AND(t45, y17);
    v128_t z8 = AND(t41, y10), z9 = AND(t44, y12), z10 = AND(t37, y3), z11 = AND(t33, y4);
    v128_t z12 = AND(t43, y13), z13 = AND(t40, y5), z14 = AND(t29, y2), z15 = AND(t42, y9);
    v128_t z16 = AND(t45, y14), z17 = AND(t41, y8);
    /* Back to GF(2^8), and the affine map. */
    v128_t t46 = XOR(z15, z16), t47 = XOR(z10, z11), t48 = XOR(z5, z13), t49 = XOR(z9, z10);
    v128_t t50 = XOR(z2, z12), t51 = XOR(z2, z5), t52 = XOR(z7, z8), t53 = XOR(z0, z3);
    v128_t t54 = XOR(z6, z7), t55 = XOR(z16, z17), t56 = XOR(z12, t48), t57 = XOR(t50, t53);
    v128_t t58 = XOR(z4, t46), t59 = XOR(z3, t54), t60 = XOR(t46, t57), t61 = XOR(z14, t57);
    v128_t t62 = XOR(t52, t58), t63 = XOR(t49, t58), t64 = XOR(z4, t59), t65 = XOR(t61, t62);
    v128_t t66 = XOR(z1, t63), s3 = XOR(t53, t66);

    q[0] = XOR(t48, t60);
    q[1] = XOR(t56, t62);
    q[2] = XOR(t47, t65);
    q[3] = XOR(t51, t66);
    q[4] = s3;
    q[5] = XOR(t55, XOR(t64, t65));
    q[6] = XOR(t64, s3);
    q[7] = XOR(t59, t63);
}

static inline v128_t by_rows(v128_t x)
{
    return wasm_i8x16_swizzle(x, wasm_i8x16_const(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15));
}

/* The same, of a block whose last word, the counter, is in the machine's byte order. */
static inline v128_t counter_by_rows(v128_t x)
{
    return wasm_i8x16_swizzle(x, wasm_i8x16_const(0, 4, 8, 15, 1, 5, 9, 14, 2, 6, 10, 13, 3, 7, 11, 12));
}

static inline void shift_rows(v128_t q[BITS], v128_t shifted)
{
    int i;

    for (i = 0; i < BITS; i++)
        q[i] = wasm_i8x16_swizzle(q[i], shifted);
}

/* MixColumns, and the round key. */
static inline void mix(v128_t q[BITS], const v128_t key[BITS])
{
    v128_t next, both[BITS], rest[BITS];
    int i;

    for (i = 0; i < BITS; i++) {
        next = wasm_i32x4_shuffle(q[i], q[i], 1, 2, 3, 0);
        both[i] = XOR(q[i], next);
        rest[i] = XOR(XOR(next, wasm_i32x4_shuffle(both[i], both[i], 2, 3, 0, 1)), key[i]);
    }
    /* Doubled: the high bit comes back as 0x1b. */
    q[0] = XOR(rest[0], both[7]);
    q[1] = XOR(XOR(rest[1], both[0]), both[7]);
    q[2] = XOR(rest[2], both[1]);
    q[3] = XOR(XOR(rest[3], both[2]), both[7]);
    q[4] = XOR(XOR(rest[4], both[3]), both[7]);
    q[5] = XOR(rest[5], both[4]);
    q[6] = XOR(rest[6], both[5]);
    q[7] = XOR(rest[7], both[6]);
}

/* Gives the counter after the blocks. */
static inline v128_t encrypt_blocks(unsigned char *out, const unsigned char *in, v128_t counter,
    const v128_t key[][BITS], int rounds)
{
    static const unsigned char rows[16] = { 0, 1, 2, 3, 5, 6, 7, 4, 10, 11, 8, 9, 15, 12, 13, 14 };
    v128_t shifted = loaded(rows), q[BITS];
    int round, i;

    for (i = 0; i < BLOCKS; i++) {
        q[i] = counter_by_rows(counter);
        counter = wasm_i32x4_add(counter, wasm_i32x4_const(0, 0, 0, 1));
    }
    transpose(q);
    for (i = 0; i < BITS; i++)
        q[i] = XOR(q[i], key[0][i]);
    for (round = 1; round < rounds; round++) {
        substitute(q);
        shift_rows(q, shifted);
        mix(q, key[round]);
    }
    substitute(q);
    shift_rows(q, shifted);
    for (i = 0; i < BITS; i++)
        q[i] = XOR(q[i], key[rounds][i]);
    transpose(q);
    for (i = 0; i < BLOCKS; i++, in += AES_BLOCK_SIZE, out += AES_BLOCK_SIZE)
        wasm_v128_store(out, XOR(wasm_v128_load(in), by_rows(q[i])));
    return counter;
}

/* The counter, which is big-endian, in the machine's byte order, and the other way. */
static inline v128_t swapped(v128_t block)
{
    return wasm_i8x16_shuffle(block, block, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 15, 14, 13, 12);
}

/* Every bit of the schedule, as all ones or none in the eight bits of its byte. */
static void slice(v128_t sliced[][BITS], const AES_KEY *key)
{
    v128_t k, bit;
    int round, i;

    for (round = 0; round <= key->rounds; round++) {
        k = by_rows(wasm_v128_load((const uint8_t *)key->rd_key + AES_BLOCK_SIZE * round));
        if (round > 0)
            k = XOR(k, wasm_i8x16_const_splat(0x63));
        for (i = 0; i < BITS; i++) {
            bit = wasm_i8x16_splat((int8_t)(1 << i));
            sliced[round][i] = wasm_i8x16_eq(AND(k, bit), bit);
        }
    }
}

void AES_ctr32_encrypt(const unsigned char *in, unsigned char *out, size_t blocks, const AES_KEY *key,
    const unsigned char ivec[AES_BLOCK_SIZE])
{
    v128_t sliced[AES_MAXNR + 1][BITS];
    v128_t counter = swapped(wasm_v128_load(ivec)), one = wasm_i32x4_const(0, 0, 0, 1);
    uint8_t last[STRIDE];

    if (blocks >= WORTH_IT) {
        slice(sliced, key);
        for (; blocks >= BLOCKS; in += STRIDE, out += STRIDE, blocks -= BLOCKS)
            counter = encrypt_blocks(out, in, counter, sliced, key->rounds);
        if (blocks > 0) {
            memcpy(last, in, blocks * AES_BLOCK_SIZE);
            encrypt_blocks(last, last, counter, sliced, key->rounds);
            memcpy(out, last, blocks * AES_BLOCK_SIZE);
        }
        OPENSSL_cleanse(sliced, sizeof(sliced));
    } else {
        for (; blocks > 0; in += AES_BLOCK_SIZE, out += AES_BLOCK_SIZE, blocks--) {
            wasm_v128_store(last, swapped(counter));
            AES_encrypt(last, last, key);
            wasm_v128_store(out, XOR(wasm_v128_load(in), wasm_v128_load(last)));
            counter = wasm_i32x4_add(counter, one);
        }
    }
    OPENSSL_cleanse(last, sizeof(last));
}
