/*
 * SHA-256 (FIPS 180-4), all rounds and the message's schedule unrolled: the words of both stay in locals,
 * where OpenSSL's C code keeps 16 in memory. Under the hook SHA256_ASM of its crypto/sha/sha256.c.
 *
 * Constant time: additions, exclusive ors and rotations by constants; the loop depends on the length alone.
 */
#include <stdint.h>
#include <string.h>
#include <openssl/sha.h>

#define ROUNDS 64
#define WORDS 16

static const uint32_t constants[ROUNDS] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

#define ROTATED(x, n) ((x) >> (n) | (x) << (32 - (n)))

static inline uint32_t scheduled(const uint32_t w[WORDS], int i)
{
    uint32_t before = w[(i + 1) % WORDS], after = w[(i + 14) % WORDS];

    return w[i % WORDS] + w[(i + 9) % WORDS] + (ROTATED(before, 7) ^ ROTATED(before, 18) ^ before >> 3)
        + (ROTATED(after, 17) ^ ROTATED(after, 19) ^ after >> 10);
}

void sha256_block_data_order(SHA256_CTX *ctx, const void *in, size_t blocks)
{
    const unsigned char *next = in;

    for (; blocks > 0; blocks--, next += SHA256_CBLOCK) {
        /* s[(i + 8 - round) % 8] is what FIPS 180-4 names a to h, for i from 0 to 7. */
        uint32_t s[8], w[WORDS];

        memcpy(s, ctx->h, sizeof(s));
        memcpy(w, next, sizeof(w));
#pragma clang loop unroll(full)
        for (int i = 0; i < ROUNDS; i++) {
            uint32_t a = s[(0 - i) & 7], b = s[(1 - i) & 7], c = s[(2 - i) & 7];
            uint32_t e = s[(4 - i) & 7], f = s[(5 - i) & 7], g = s[(6 - i) & 7], sum;

            w[i % WORDS] = i < WORDS ? __builtin_bswap32(w[i]) : scheduled(w, i);
            sum = s[(7 - i) & 7] + (ROTATED(e, 6) ^ ROTATED(e, 11) ^ ROTATED(e, 25)) + (((f ^ g) & e) ^ g)
                + w[i % WORDS] + constants[i];
            s[(3 - i) & 7] += sum;
            s[(7 - i) & 7] = sum + (ROTATED(a, 2) ^ ROTATED(a, 13) ^ ROTATED(a, 22)) + (b ^ ((a ^ b) & (b ^ c)));
        }
        for (int i = 0; i < 8; i++)
            ctx->h[i] += s[i];
    }
}
