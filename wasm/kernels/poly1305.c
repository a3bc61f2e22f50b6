/*
 * Poly1305 (RFC 8439) under OpenSSL's POLY1305_ASM: four blocks at a time by
 * i32x4.dot_i16x8_s, which multiplies eight numbers of 16 bits and adds them in pairs.
 *
 * A number is ten digits of 13 bits, those of four blocks in a vector's four lanes and two
 * neighbours in each lane. The digits of the key's powers are from -4096 to 4095 (times 5 where
 * they wrap around 2^130 = 5), those of the accumulator from -8192 to -1 and those of the message
 * from 0 to 8191, so that a sum of ten products stays within 8192 * 4096 + 9 * 8192 * 20500 =
 * 1.55 * 10^9, less than 2^31. What is left when the digits have been carried is at most 165 more
 * or less in two of them, which changes that by 2 %. Short messages, and what is
 * left of long ones, go block by block in five limbs of 26 bits.
 *
 * Constant time: multiplications, additions, shifts and masks; loops and addresses depend on the
 * length alone.
 */
#include <stdint.h>
#include <string.h>
#include <wasm_simd128.h>
#include <openssl/crypto.h>
#include "crypto/poly1305.h"
#include "loaded.h"

#define LIMBS 5
#define LIMB_BITS 26
#define LIMB_MASK 0x3ffffff
#define DIGITS 10
#define DIGIT_BITS 13
#define LANES 4
#define STRIDE (LANES * POLY1305_BLOCK_SIZE)
#define WORTH_IT (4 * STRIDE)
#define PAIRS 18

/* Of each lane: its digits, what a digit lacks that has been carried, and bit 128 of a block. */
typedef struct {
    v128_t low, high, carried, half, bit128;
} MASKS;

static inline MASKS load_masks(void)
{
    static const unsigned int masks[] = { 0x1fff, 0x1fff0000, 0xffffe000, 0xffff, 1 << 24 };

    return (MASKS) { loaded_splat(masks), loaded_splat(masks + 1), loaded_splat(masks + 2),
        loaded_splat(masks + 3), loaded_splat(masks + 4) };
}

/* What OpenSSL keeps for us in the 192 bytes of a POLY1305's "opaque". */
typedef struct {
    uint32_t h[LIMBS], r[LIMBS];
} STATE;

int poly1305_init(void *ctx, const unsigned char key[16], void *func);
void poly1305_blocks(void *ctx, const unsigned char *in, size_t len, unsigned int padbit);
void poly1305_emit(void *ctx, unsigned char mac[16], const unsigned int nonce[4]);

static inline void add_block(uint32_t h[LIMBS], const unsigned char block[16], uint32_t padbit)
{
    uint32_t w[4];

    memcpy(w, block, sizeof(w));
    h[0] += w[0] & LIMB_MASK;
    h[1] += (w[0] >> 26 | w[1] << 6) & LIMB_MASK;
    h[2] += (w[1] >> 20 | w[2] << 12) & LIMB_MASK;
    h[3] += (w[2] >> 14 | w[3] << 18) & LIMB_MASK;
    h[4] += w[3] >> 8 | padbit << 24;
}

/* Leaves h[1] at most a little more than 26 bits. */
static inline void multiply(uint32_t h[LIMBS], const uint32_t r[LIMBS])
{
    uint64_t d[LIMBS], c = 0;
    int i, j;

    for (i = 0; i < LIMBS; i++)
        for (d[i] = 0, j = 0; j < LIMBS; j++)
            d[i] += (uint64_t)h[j] * (j <= i ? r[i - j] : 5 * r[i + LIMBS - j]);
    for (i = 0; i < LIMBS; i++, c >>= LIMB_BITS)
        h[i] = (c += d[i]) & LIMB_MASK;
    c = h[0] + 5 * c;
    h[0] = c & LIMB_MASK;
    h[1] += (uint32_t)(c >> LIMB_BITS);
}

/* Twice leaves no limb more than 26 bits; the number may still be 2^130-5 or a little more. */
static inline void carry(uint32_t h[LIMBS])
{
    uint32_t c = 0;
    int i;

    for (i = 0; i < LIMBS; i++, c >>= LIMB_BITS)
        h[i] = (c += h[i]) & LIMB_MASK;
    h[0] += 5 * c;
}

int poly1305_init(void *ctx, const unsigned char key[16], void *func)
{
    STATE *s = ctx;
    unsigned char r[16];
    int i;

    memcpy(r, key, sizeof(r));
    for (i = 3; i < 16; i += 4)
        r[i] &= 15;
    for (i = 4; i < 16; i += 4)
        r[i] &= 252;
    memset(s, 0, sizeof(*s));
    add_block(s->r, r, 0);
    OPENSSL_cleanse(r, sizeof(r));
    return 0; /* poly1305_blocks and poly1305_emit by name */
}

/*
 * The pairs of digits that multiply_lanes multiplies by: that at i is (r[i-8], r[i-9]), where
 * digits below 0 are those that wrapped around: 5 * r[i+10].
 */
static void to_pairs(uint32_t pairs[PAIRS], const uint32_t r[LIMBS])
{
    int32_t digits[PAIRS + 1], c = 0;
    int i;

    for (i = 0; i < DIGITS; i++) {
        c += (int32_t)(r[i / 2] >> (i % 2 * DIGIT_BITS)) & 0x1fff;
        digits[9 + i] = (c & 0xfff) - (c & 0x1000);
        c = (c + 0x1000) >> DIGIT_BITS;
    }
    digits[9] += 5 * c;
    for (i = 0; i < 9; i++)
        digits[i] = 5 * digits[i + DIGITS];
    for (i = 0; i < PAIRS; i++)
        pairs[i] = ((uint32_t)digits[i + 1] & 0xffff) | (uint32_t)digits[i] << 16;
    OPENSSL_cleanse(digits, sizeof(digits));
}

/* The two digits of limbs of 26 bits; more bits are ignored. */
static inline v128_t paired(v128_t limbs, MASKS m)
{
    return wasm_v128_or(wasm_v128_and(limbs, m.low),
        wasm_v128_and(wasm_i32x4_shl(limbs, 16 - DIGIT_BITS), m.high));
}

static inline v128_t joined(v128_t low, int right, v128_t high, int left)
{
    return wasm_v128_or(wasm_u32x4_shr(low, right), wasm_i32x4_shl(high, left));
}

static inline void add_lanes(v128_t h[LIMBS], const unsigned char *in, MASKS m)
{
    v128_t a = wasm_v128_load(in), b = wasm_v128_load(in + 16);
    v128_t c = wasm_v128_load(in + 32), d = wasm_v128_load(in + 48);
    v128_t ab = wasm_i32x4_shuffle(a, b, 0, 4, 1, 5), cd = wasm_i32x4_shuffle(c, d, 0, 4, 1, 5);
    v128_t w0 = wasm_i64x2_shuffle(ab, cd, 0, 2), w1 = wasm_i64x2_shuffle(ab, cd, 1, 3), w2, w3;

    ab = wasm_i32x4_shuffle(a, b, 2, 6, 3, 7), cd = wasm_i32x4_shuffle(c, d, 2, 6, 3, 7);
    w2 = wasm_i64x2_shuffle(ab, cd, 0, 2), w3 = wasm_i64x2_shuffle(ab, cd, 1, 3);
    h[0] = wasm_i16x8_add(h[0], paired(w0, m));
    h[1] = wasm_i16x8_add(h[1], paired(joined(w0, 26, w1, 6), m));
    h[2] = wasm_i16x8_add(h[2], paired(joined(w1, 20, w2, 12), m));
    h[3] = wasm_i16x8_add(h[3], paired(joined(w2, 14, w3, 18), m));
    h[4] = wasm_i16x8_add(h[4], paired(wasm_v128_or(wasm_u32x4_shr(w3, 8), m.bit128), m));
}

/*
 * What is left of a carried digit is from -8192 to -1, and so the carry is one more than its
 * bits say: that one, for each time that a digit is carried, is in d from the start.
 */
static inline void carry_digit(v128_t d[DIGITS], int i, MASKS m)
{
    v128_t c = wasm_i32x4_shr(d[i], DIGIT_BITS);

    d[i] = wasm_v128_or(d[i], m.carried);
    if (i == DIGITS - 1)
        d[0] = wasm_i32x4_add(d[0], wasm_i32x4_add(c, wasm_i32x4_shl(c, 2)));
    else
        d[i + 1] = wasm_i32x4_add(d[i + 1], c);
}

static inline void multiply_lanes(v128_t d[DIGITS], const v128_t h[LIMBS], const v128_t r[PAIRS], MASKS m)
{
    static const int ones[DIGITS] = { 5, 2, 1, 1, 1, 1, 2, 1, 1, 1 };
    int i, j;

    for (i = 0; i < DIGITS; i++)
        for (d[i] = wasm_i32x4_splat(ones[i]), j = 0; j < LIMBS; j++)
            d[i] = wasm_i32x4_add(d[i], wasm_i32x4_dot_i16x8(h[j], r[8 + i - 2 * j]));
    /* Two chains at once, each of which ends where the other began, and one further. */
    for (i = 0; i < LIMBS; i++)
        carry_digit(d, i, m), carry_digit(d, LIMBS + i, m);
    carry_digit(d, LIMBS, m), carry_digit(d, 0, m);
}

static inline int64_t sum_of(v128_t v)
{
    v = wasm_i32x4_add(v, wasm_i32x4_shuffle(v, v, 2, 3, 0, 1));
    return wasm_i32x4_extract_lane(wasm_i32x4_add(v, wasm_i32x4_shuffle(v, v, 1, 0, 3, 2)), 0);
}

/* Lane i takes the blocks i, i + 4, ...: times r^4 each, and at last times r^(4 - i). */
static void strides(STATE *s, const unsigned char *in, size_t n)
{
    v128_t all[PAIRS], last[PAIRS], h[LIMBS], d[DIGITS];
    uint32_t power[LIMBS], pairs[LANES][PAIRS];
    uint64_t c = 0;
    int i;
    MASKS m = load_masks();

    memcpy(power, s->r, sizeof(power));
    for (i = LANES - 1; i >= 0; i--) {
        to_pairs(pairs[i], power);
        multiply(power, s->r), carry(power), carry(power);
    }
    for (i = 0; i < PAIRS; i++) {
        all[i] = wasm_i32x4_splat((int)pairs[0][i]);
        last[i] = wasm_i32x4_make((int)pairs[0][i], (int)pairs[1][i], (int)pairs[2][i], (int)pairs[3][i]);
    }
    carry(s->h), carry(s->h);
    for (i = 0; i < LIMBS; i++)
        h[i] = wasm_i16x8_add(paired(wasm_i32x4_make((int)s->h[i], 0, 0, 0), m),
            wasm_i16x8_add(wasm_i16x8_const_splat(-8192), wasm_i32x4_splat(i == 0 ? 0x10005 : 0x10001)));
    for (; n > 1; n--, in += STRIDE) {
        add_lanes(h, in, m);
        multiply_lanes(d, h, all, m);
        for (i = 0; i < LIMBS; i++)
            h[i] = wasm_v128_or(wasm_v128_and(d[2 * i], m.half), wasm_i32x4_shl(d[2 * i + 1], 16));
    }
    add_lanes(h, in, m);
    multiply_lanes(d, h, last, m);
    /* The sums are negative: 64 times the modulus is more. */
    for (i = 0; i < LIMBS; i++, c >>= LIMB_BITS) {
        c += (uint64_t)(sum_of(d[2 * i]) + sum_of(d[2 * i + 1]) * (1 << DIGIT_BITS));
        c += 64 * (uint64_t)(i == 0 ? LIMB_MASK - 4 : LIMB_MASK);
        s->h[i] = c & LIMB_MASK;
    }
    s->h[0] += 5 * (uint32_t)c;
    carry(s->h);
    OPENSSL_cleanse(power, sizeof(power)), OPENSSL_cleanse(pairs, sizeof(pairs));
    OPENSSL_cleanse(all, sizeof(all)), OPENSSL_cleanse(last, sizeof(last));
}

void poly1305_blocks(void *ctx, const unsigned char *in, size_t len, unsigned int padbit)
{
    STATE *s = ctx;

    if (len >= WORTH_IT) {
        strides(s, in, len / STRIDE);
        in += len / STRIDE * STRIDE;
        len %= STRIDE;
    }
    for (; len >= POLY1305_BLOCK_SIZE; in += POLY1305_BLOCK_SIZE, len -= POLY1305_BLOCK_SIZE) {
        add_block(s->h, in, padbit);
        multiply(s->h, s->r);
    }
}

void poly1305_emit(void *ctx, unsigned char mac[16], const unsigned int nonce[4])
{
    STATE *s = ctx;
    uint32_t *h = s->h, less[LIMBS], w[4], c = 5;
    uint64_t sum = 0;
    int i;

    carry(h), carry(h);
    /* h - (2^130-5) is h + 5 without its bit 130, which is set if h is not less. */
    for (i = 0; i < LIMBS; i++, c >>= LIMB_BITS)
        less[i] = (c += h[i]) & LIMB_MASK;
    for (i = 0; i < LIMBS; i++)
        h[i] = (h[i] & (c - 1)) | (less[i] & (0 - c));
    for (i = 0; i < 4; i++)
        w[i] = h[i] >> (6 * i) | h[i + 1] << (26 - 6 * i);
    for (i = 0; i < 4; i++, sum >>= 32)
        w[i] = (uint32_t)(sum += (uint64_t)w[i] + nonce[i]);
    memcpy(mac, w, sizeof(w));
}
