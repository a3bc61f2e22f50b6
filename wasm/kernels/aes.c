/*
 * AES (FIPS 197), one block at a time, and the key schedule. Stands for OpenSSL's
 * crypto/aes/aes_core.c, whose tables are read at addresses that depend on the key. Bulk is
 * aes_ctr.c's.
 *
 * Constant time: i8x16.swizzle looks sixteen bytes up in a row of sixteen, and gives 0 for those
 * that are beyond it. Loops and addresses depend on the key's size alone.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <stdint.h>
#include <wasm_simd128.h>
#include <openssl/aes.h>
#include <openssl/crypto.h>

#define ROWS 16
#define WORD 4
#define XOR wasm_v128_xor

static const uint8_t inverse[ROWS * 16] = {
    0x52, 0x09, 0x6a, 0xd5, 0x30, 0x36, 0xa5, 0x38, 0xbf, 0x40, 0xa3, 0x9e, 0x81, 0xf3, 0xd7, 0xfb,
    0x7c, 0xe3, 0x39, 0x82, 0x9b, 0x2f, 0xff, 0x87, 0x34, 0x8e, 0x43, 0x44, 0xc4, 0xde, 0xe9, 0xcb,
    0x54, 0x7b, 0x94, 0x32, 0xa6, 0xc2, 0x23, 0x3d, 0xee, 0x4c, 0x95, 0x0b, 0x42, 0xfa, 0xc3, 0x4e,
    0x08, 0x2e, 0xa1, 0x66, 0x28, 0xd9, 0x24, 0xb2, 0x76, 0x5b, 0xa2, 0x49, 0x6d, 0x8b, 0xd1, 0x25,
    0x72, 0xf8, 0xf6, 0x64, 0x86, 0x68, 0x98, 0x16, 0xd4, 0xa4, 0x5c, 0xcc, 0x5d, 0x65, 0xb6, 0x92,
    0x6c, 0x70, 0x48, 0x50, 0xfd, 0xed, 0xb9, 0xda, 0x5e, 0x15, 0x46, 0x57, 0xa7, 0x8d, 0x9d, 0x84,
    0x90, 0xd8, 0xab, 0x00, 0x8c, 0xbc, 0xd3, 0x0a, 0xf7, 0xe4, 0x58, 0x05, 0xb8, 0xb3, 0x45, 0x06,
    0xd0, 0x2c, 0x1e, 0x8f, 0xca, 0x3f, 0x0f, 0x02, 0xc1, 0xaf, 0xbd, 0x03, 0x01, 0x13, 0x8a, 0x6b,
    0x3a, 0x91, 0x11, 0x41, 0x4f, 0x67, 0xdc, 0xea, 0x97, 0xf2, 0xcf, 0xce, 0xf0, 0xb4, 0xe6, 0x73,
    0x96, 0xac, 0x74, 0x22, 0xe7, 0xad, 0x35, 0x85, 0xe2, 0xf9, 0x37, 0xe8, 0x1c, 0x75, 0xdf, 0x6e,
    0x47, 0xf1, 0x1a, 0x71, 0x1d, 0x29, 0xc5, 0x89, 0x6f, 0xb7, 0x62, 0x0e, 0xaa, 0x18, 0xbe, 0x1b,
    0xfc, 0x56, 0x3e, 0x4b, 0xc6, 0xd2, 0x79, 0x20, 0x9a, 0xdb, 0xc0, 0xfe, 0x78, 0xcd, 0x5a, 0xf4,
    0x1f, 0xdd, 0xa8, 0x33, 0x88, 0x07, 0xc7, 0x31, 0xb1, 0x12, 0x10, 0x59, 0x27, 0x80, 0xec, 0x5f,
    0x60, 0x51, 0x7f, 0xa9, 0x19, 0xb5, 0x4a, 0x0d, 0x2d, 0xe5, 0x7a, 0x9f, 0x93, 0xc9, 0x9c, 0xef,
    0xa0, 0xe0, 0x3b, 0x4d, 0xae, 0x2a, 0xf5, 0xb0, 0xc8, 0xeb, 0xbb, 0x3c, 0x83, 0x53, 0x99, 0x61,
    0x17, 0x2b, 0x04, 0x7e, 0xba, 0x77, 0xd6, 0x26, 0xe1, 0x69, 0x14, 0x63, 0x55, 0x21, 0x0c, 0x7d,
};

/* By each row of the inverse S-box, which only CBC and ECB decrypt by. */
static inline v128_t substituted_back(v128_t x)
{
    v128_t y = wasm_i8x16_swizzle(wasm_v128_load(inverse), x);
    int i;

    for (i = 1; i < ROWS; i++) {
        x = wasm_i8x16_sub(x, wasm_i8x16_const_splat(16));
        y = XOR(y, wasm_i8x16_swizzle(wasm_v128_load(inverse + 16 * i), x));
    }
    return y;
}

/*
 * The S-box, in GF(16): a byte is h + 18 l there, h and l being its halves once `of_low` and `of_high` have been
 * applied. With 13 / l = r, what the tables of the last line are asked for are 1 / (1 / h + r) + (h + l) and
 * 1 / (1 / (h + l) + r) + h, as Mike Hamburg ("Accelerating AES with Vector Permute Instructions", 2009) found: the
 * tables were computed for the formulas. 1 / 0 is 128, which is beyond all of them and stays so in sums.
 */
static inline v128_t substituted(v128_t x)
{
    const v128_t of_low = wasm_u8x16_const(0x00, 0x10, 0x36, 0x26, 0x7c, 0x6c, 0x4a, 0x5a, 0x5c, 0x4c, 0x6a, 0x7a, 0x20, 0x30, 0x16, 0x06);
    const v128_t of_high = wasm_u8x16_const(0x00, 0x37, 0xa9, 0x9e, 0x77, 0x40, 0xde, 0xe9, 0x1e, 0x29, 0xb7, 0x80, 0x69, 0x5e, 0xc0, 0xf7);
    const v128_t inverses = wasm_u8x16_const(128, 1, 8, 13, 15, 6, 5, 14, 2, 12, 11, 10, 9, 3, 7, 4);
    const v128_t ratios = wasm_u8x16_const(128, 13, 5, 6, 10, 2, 3, 7, 12, 11, 4, 9, 8, 1, 15, 14);
    const v128_t first = wasm_u8x16_const(0x00, 0x54, 0xb7, 0x01, 0xf2, 0x11, 0xb6, 0xa6, 0xf3, 0x55, 0x10, 0x44, 0xe3, 0xa7, 0x45, 0xe2);
    const v128_t second = wasm_u8x16_const(0x00, 0x4b, 0x2a, 0xb5, 0xc2, 0xa3, 0x9f, 0x89, 0x77, 0xfe, 0x16, 0x5d, 0x61, 0x3c, 0xe8, 0xd4);
    const v128_t half = wasm_i8x16_const_splat(15);
    v128_t low, high, both, ratio;

    x = XOR(wasm_i8x16_swizzle(of_low, wasm_v128_and(x, half)), wasm_i8x16_swizzle(of_high, wasm_u8x16_shr(x, 4)));
    low = wasm_v128_and(x, half);
    high = wasm_u8x16_shr(x, 4);
    both = XOR(low, high);
    ratio = wasm_i8x16_swizzle(ratios, low);
    x = XOR(wasm_i8x16_swizzle(inverses, XOR(wasm_i8x16_swizzle(inverses, high), ratio)), both);
    ratio = XOR(wasm_i8x16_swizzle(inverses, XOR(wasm_i8x16_swizzle(inverses, both), ratio)), high);
    x = XOR(wasm_i8x16_swizzle(first, x), wasm_i8x16_swizzle(second, ratio));
    return XOR(x, wasm_i8x16_const_splat(0x63));
}

static inline v128_t rows_shifted(v128_t x)
{
    return wasm_i8x16_shuffle(x, x, 0, 5, 10, 15, 4, 9, 14, 3, 8, 13, 2, 7, 12, 1, 6, 11);
}

static inline v128_t rows_shifted_back(v128_t x)
{
    return wasm_i8x16_shuffle(x, x, 0, 13, 10, 7, 4, 1, 14, 11, 8, 5, 2, 15, 12, 9, 6, 3);
}

/* Each byte times x in GF(2^8). */
static inline v128_t doubled(v128_t x)
{
    v128_t high = wasm_i8x16_lt(x, wasm_i8x16_const_splat(0));

    return XOR(wasm_i8x16_add(x, x), wasm_v128_and(high, wasm_i8x16_const_splat(0x1b)));
}

/* Each column turned by one byte, and by two. */
static inline v128_t turned(v128_t x)
{
    return wasm_v128_or(wasm_u32x4_shr(x, 8), wasm_i32x4_shl(x, 24));
}

static inline v128_t turned_by_2(v128_t x)
{
    return wasm_i16x8_shuffle(x, x, 1, 0, 3, 2, 5, 4, 7, 6);
}

static inline v128_t columns_mixed(v128_t x)
{
    v128_t next = turned(x), both = XOR(x, next);

    return XOR(XOR(doubled(both), next), turned_by_2(both));
}

/* The inverse of MixColumns is MixColumns after 5 for the first byte, 4 for the third. */
static inline v128_t columns_unmixed(v128_t x)
{
    return columns_mixed(XOR(x, doubled(doubled(XOR(x, turned_by_2(x))))));
}

static inline uint32_t substituted_word(uint32_t x)
{
    return (uint32_t)wasm_i32x4_extract_lane(substituted(wasm_i32x4_splat((int)x)), 0);
}

/* The schedule in rd_key is the standard's, byte by byte. */
int AES_set_encrypt_key(const unsigned char *user_key, const int bits, AES_KEY *key)
{
    int words = bits / 32, i;
    uint32_t *w, next, round = 1;

    if (user_key == NULL || key == NULL)
        return -1;
    if (bits != 128 && bits != 192 && bits != 256)
        return -2;
    key->rounds = words + 6;
    w = (uint32_t *)key->rd_key;
    __builtin_memcpy(w, user_key, (size_t)words * WORD);
    for (i = words; i < 4 * (key->rounds + 1); i++) {
        next = w[i - 1];
        if (i % words == 0) {
            next = substituted_word(next >> 8 | next << 24) ^ round;
            round = round << 1 ^ (round >> 7) * 0x11b;
        } else if (words == 8 && i % words == 4) {
            next = substituted_word(next);
        }
        w[i] = w[i - words] ^ next;
    }
    return 0;
}

/* AES_decrypt goes through the same schedule from its end. */
int AES_set_decrypt_key(const unsigned char *user_key, const int bits, AES_KEY *key)
{
    return AES_set_encrypt_key(user_key, bits, key);
}

static inline v128_t round_key(const AES_KEY *key, int i)
{
    return wasm_v128_load((const uint8_t *)key->rd_key + 16 * i);
}

void AES_encrypt(const unsigned char *in, unsigned char *out, const AES_KEY *key)
{
    v128_t x = XOR(wasm_v128_load(in), round_key(key, 0));
    int i;

    for (i = 1; i < key->rounds; i++)
        x = XOR(columns_mixed(rows_shifted(substituted(x))), round_key(key, i));
    wasm_v128_store(out, XOR(rows_shifted(substituted(x)), round_key(key, i)));
}

void AES_decrypt(const unsigned char *in, unsigned char *out, const AES_KEY *key)
{
    v128_t x = XOR(wasm_v128_load(in), round_key(key, key->rounds));
    int i;

    for (i = key->rounds - 1; i > 0; i--)
        x = columns_unmixed(XOR(substituted_back(rows_shifted_back(x)), round_key(key, i)));
    wasm_v128_store(out, XOR(substituted_back(rows_shifted_back(x)), round_key(key, 0)));
}
