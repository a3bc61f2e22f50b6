/*
 * What timing.ts calls and times, in the modules that `./build.sh --bench` links: targets that take a
 * secret of 32 bytes and do with it what should take the same time for every secret.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <stdlib.h>
#include <string.h>
#include <openssl/aes.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/modes.h>
#include <openssl/obj_mac.h>
#include <openssl/sha.h>

#define EXPORT(name) __attribute__((export_name(#name)))

enum { SECRET = 32, LINE = 64, MOST = 4 * 1024 * 1024 };

static unsigned char secret[SECRET], out[SECRET], *others;
static const unsigned char zeros[SECRET];
static AES_KEY aes;
static GCM128_CONTEXT *gcm;
static EVP_CIPHER_CTX *chacha;
static EVP_PKEY *x25519_peer;
static EC_GROUP *p256, *p384;
static EC_POINT *base, *product, *base384, *product384;
static BIGNUM *modulus, *power;
static BN_MONT_CTX *mont;
static BN_CTX *bn_ctx;

/* A block cipher that gives its key, whatever the block: GHASH's h. */
static void give_key(const unsigned char in[16], unsigned char block[16], const void *key)
{
    (void)in;
    memcpy(block, key, 16);
}

EXPORT(timing_prepare) int timing_prepare(void)
{
    static unsigned char key[16] = { 0x66, 0xe9, 0x4b, 0xd4, 0xef, 0x8a, 0x2c, 0x3b };

    AES_set_encrypt_key(key, 128, &aes);
    others = malloc(MOST);
    gcm = CRYPTO_gcm128_new(key, give_key);
    chacha = EVP_CIPHER_CTX_new();
    x25519_peer = EVP_PKEY_Q_keygen(NULL, NULL, "X25519");
    p256 = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    base = EC_POINT_dup(EC_GROUP_get0_generator(p256), p256);
    EC_POINT_dbl(p256, base, base, NULL);
    product = EC_POINT_new(p256);
    p384 = EC_GROUP_new_by_curve_name(NID_secp384r1);
    base384 = EC_POINT_dup(EC_GROUP_get0_generator(p384), p384);
    EC_POINT_dbl(p384, base384, base384, NULL);
    product384 = EC_POINT_new(p384);
    modulus = BN_new(), power = BN_new(), mont = BN_MONT_CTX_new(), bn_ctx = BN_CTX_new();
    return others != NULL && gcm != NULL && product != NULL && x25519_peer != NULL && product384 != NULL
        && BN_rand(modulus, 1024, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ODD) && BN_MONT_CTX_set(mont, modulus, bn_ctx)
        && EVP_EncryptInit_ex2(chacha, EVP_chacha20_poly1305(), zeros, zeros, NULL);
}

EXPORT(timing_secret) unsigned char *timing_secret(void)
{
    return secret;
}

/* Fills the processor's nearer caches with other bytes: all of a table that lies in one is read in the same time. */
EXPORT(timing_evict) int timing_evict(int size)
{
    volatile unsigned char *at = others;
    int sum = 0, i;

    for (i = 0; i < size; i += LINE)
        sum += at[i];
    return sum;
}

EXPORT(timing_aes_block) void timing_aes_block(void)
{
    AES_encrypt(secret, out, &aes);
}

EXPORT(timing_aes_key) void timing_aes_key(void)
{
    AES_KEY key;

    AES_set_encrypt_key(secret, 128, &key);
    AES_encrypt(zeros, out, &key);
}

EXPORT(timing_ghash) void timing_ghash(void)
{
    CRYPTO_gcm128_setiv(gcm, zeros, 12);
    CRYPTO_gcm128_aad(gcm, secret, SECRET);
}

EXPORT(timing_chacha20_poly1305) void timing_chacha20_poly1305(void)
{
    int len;

    EVP_EncryptInit_ex2(chacha, NULL, secret, zeros, NULL);
    EVP_EncryptUpdate(chacha, out, &len, zeros, SECRET);
    EVP_EncryptFinal_ex(chacha, out, &len);
}

/* The first byte is set: numbers of OpenSSL's have the width of their value. */
EXPORT(timing_p256) void timing_p256(void)
{
    BIGNUM *scalar = BN_secure_new();

    secret[0] = 0x7f;
    BN_bin2bn(secret, SECRET, scalar);
    EC_POINT_mul(p256, product, NULL, base, scalar, NULL);
    BN_clear_free(scalar);
}

/* Of 48 bytes: the secret, and its beginning once more. */
EXPORT(timing_p384) void timing_p384(void)
{
    unsigned char bytes[48];
    BIGNUM *scalar = BN_secure_new();

    secret[0] = 0x7f;
    memcpy(bytes, secret, SECRET), memcpy(bytes + SECRET, secret, sizeof(bytes) - SECRET);
    BN_bin2bn(bytes, sizeof(bytes), scalar);
    EC_POINT_mul(p384, product384, NULL, base384, scalar, NULL);
    BN_clear_free(scalar);
}

EXPORT(timing_mod_exp) void timing_mod_exp(void)
{
    BIGNUM *exponent = BN_secure_new(), *two = BN_new();

    secret[0] = 0x7f;
    BN_bin2bn(secret, SECRET, exponent);
    BN_set_flags(exponent, BN_FLG_CONSTTIME);
    BN_set_word(two, 2);
    BN_mod_exp_mont(power, two, exponent, modulus, bn_ctx, mont);
    BN_free(two);
    BN_clear_free(exponent);
}

EXPORT(timing_sha384) void timing_sha384(void)
{
    unsigned char digest[48];

    SHA384(secret, SECRET, digest);
}

/* The public key is made of the private one. */
EXPORT(timing_x25519_public) void timing_x25519_public(void)
{
    EVP_PKEY_free(EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, secret, SECRET));
}

EXPORT(timing_x25519) void timing_x25519(void)
{
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, secret, SECRET);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    size_t len = SECRET;

    EVP_PKEY_derive_init(ctx);
    EVP_PKEY_derive_set_peer(ctx, x25519_peer);
    EVP_PKEY_derive(ctx, out, &len);
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(key);
}
