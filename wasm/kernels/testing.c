/* Ciphers, digests and key derivation, for tests/kernels: see testing.h. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <stdlib.h>
#include <string.h>
#include <openssl/aes.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/sha.h>
#include "crypto/chacha.h"
#include "crypto/modes.h"
#include "crypto/poly1305.h"
#include "testing.h"
#include "tls_kdf.h"

#define TAG 16

void AES_ctr32_encrypt(const unsigned char *in, unsigned char *out, size_t blocks, const AES_KEY *key,
    const unsigned char ivec[16]);
REFERENCE(int, AES_set_encrypt_key, const unsigned char *user, const int bits, AES_KEY *key);
REFERENCE(int, AES_set_decrypt_key, const unsigned char *user, const int bits, AES_KEY *key);
REFERENCE(void, AES_encrypt, const unsigned char *in, unsigned char *out, const AES_KEY *key);
REFERENCE(void, AES_decrypt, const unsigned char *in, unsigned char *out, const AES_KEY *key);
REFERENCE(void, ChaCha20_ctr32, unsigned char *out, const unsigned char *in, size_t len,
    const unsigned int key[8], const unsigned int counter[4]);
REFERENCE(void, CRYPTO_gcm128_init, GCM128_CONTEXT *ctx, void *key, block128_f block);
REFERENCE(void, CRYPTO_gcm128_setiv, GCM128_CONTEXT *ctx, const unsigned char *iv, size_t len);
REFERENCE(int, CRYPTO_gcm128_aad, GCM128_CONTEXT *ctx, const unsigned char *aad, size_t len);
REFERENCE(void, CRYPTO_gcm128_tag, GCM128_CONTEXT *ctx, unsigned char *tag, size_t len);
REFERENCE(void, Poly1305_Init, POLY1305 *ctx, const unsigned char key[32]);
REFERENCE(void, Poly1305_Update, POLY1305 *ctx, const unsigned char *in, size_t len);
REFERENCE(void, Poly1305_Final, POLY1305 *ctx, unsigned char mac[16]);
REFERENCE(int, SHA256_Init, SHA256_CTX *ctx);
REFERENCE(int, SHA256_Update, SHA256_CTX *ctx, const void *in, size_t len);
REFERENCE(int, SHA256_Final, unsigned char *out, SHA256_CTX *ctx);
REFERENCE(int, SHA384_Init, SHA512_CTX *ctx);
REFERENCE(int, SHA512_Init, SHA512_CTX *ctx);
REFERENCE(int, SHA512_Update, SHA512_CTX *ctx, const void *in, size_t len);
REFERENCE(int, SHA512_Final, unsigned char *out, SHA512_CTX *ctx);

EXPORT(allocate) void *allocate(size_t len)
{
    return malloc(len);
}

EXPORT(copy) void copy(unsigned char *out, const unsigned char *in, size_t len)
{
    memcpy(out, in, len);
}

EXPORT(aes) void aes(int reference, int enc, const unsigned char *key, int bits,
    const unsigned char *in, unsigned char *out)
{
    AES_KEY schedule;

    if (reference) {
        (enc ? reference_AES_set_encrypt_key : reference_AES_set_decrypt_key)(key, bits, &schedule);
        (enc ? reference_AES_encrypt : reference_AES_decrypt)(in, out, &schedule);
    } else {
        (enc ? AES_set_encrypt_key : AES_set_decrypt_key)(key, bits, &schedule);
        (enc ? AES_encrypt : AES_decrypt)(in, out, &schedule);
    }
}

EXPORT(aes_ctr) void aes_ctr(int reference, const unsigned char *key, int bits,
    const unsigned char *in, unsigned char *out, size_t blocks, const unsigned char *iv)
{
    unsigned char counter[16], stream[16];
    AES_KEY schedule;
    unsigned int n;
    int i;

    if (!reference) {
        AES_set_encrypt_key(key, bits, &schedule);
        AES_ctr32_encrypt(in, out, blocks, &schedule, iv);
        return;
    }
    reference_AES_set_encrypt_key(key, bits, &schedule);
    memcpy(counter, iv, 16);
    n = (unsigned int)counter[12] << 24 | counter[13] << 16 | counter[14] << 8 | counter[15];
    for (; blocks > 0; blocks--, in += 16, out += 16, n++) {
        counter[12] = n >> 24, counter[13] = n >> 16, counter[14] = n >> 8, counter[15] = n;
        reference_AES_encrypt(counter, stream, &schedule);
        for (i = 0; i < 16; i++)
            out[i] = in[i] ^ stream[i];
    }
}

EXPORT(chacha20) void chacha20(int reference, const unsigned int key[8], const unsigned int counter[4],
    const unsigned char *in, unsigned char *out, size_t len)
{
    (reference ? reference_ChaCha20_ctr32 : ChaCha20_ctr32)(out, in, len, key, counter);
}

/* A block cipher that gives its key, whatever the block: GHASH is by any h then. */
static void give_key(const unsigned char in[16], unsigned char out[16], const void *key)
{
    memcpy(out, key, 16);
}

EXPORT(ghash) void ghash(int reference, unsigned char h[16], const unsigned char *in, size_t split, size_t len,
    unsigned char tag[TAG])
{
    static const unsigned char iv[12];
    GCM128_CONTEXT gcm;

    (reference ? reference_CRYPTO_gcm128_init : CRYPTO_gcm128_init)(&gcm, h, give_key);
    (reference ? reference_CRYPTO_gcm128_setiv : CRYPTO_gcm128_setiv)(&gcm, iv, sizeof(iv));
    (reference ? reference_CRYPTO_gcm128_aad : CRYPTO_gcm128_aad)(&gcm, in, split);
    (reference ? reference_CRYPTO_gcm128_aad : CRYPTO_gcm128_aad)(&gcm, in + split, len - split);
    (reference ? reference_CRYPTO_gcm128_tag : CRYPTO_gcm128_tag)(&gcm, tag, TAG);
}

EXPORT(poly1305) void poly1305(int reference, const unsigned char key[32], const unsigned char *in,
    size_t split, size_t len, unsigned char tag[TAG])
{
    POLY1305 ctx;

    (reference ? reference_Poly1305_Init : Poly1305_Init)(&ctx, key);
    (reference ? reference_Poly1305_Update : Poly1305_Update)(&ctx, in, split);
    (reference ? reference_Poly1305_Update : Poly1305_Update)(&ctx, in + split, len - split);
    (reference ? reference_Poly1305_Final : Poly1305_Final)(&ctx, tag);
}

EXPORT(sha256) void sha256(int reference, const unsigned char *in, size_t split, size_t len, unsigned char out[32])
{
    SHA256_CTX ctx;

    (reference ? reference_SHA256_Init : SHA256_Init)(&ctx);
    (reference ? reference_SHA256_Update : SHA256_Update)(&ctx, in, split);
    (reference ? reference_SHA256_Update : SHA256_Update)(&ctx, in + split, len - split);
    (reference ? reference_SHA256_Final : SHA256_Final)(out, &ctx);
}

/* A digest of any kind, of a length of its own or of one that is given; 0 if that failed. */
EXPORT(digest) int digest_of(const char *name, const unsigned char *in, size_t split, size_t len, unsigned char *out,
    size_t out_len)
{
    EVP_MD *type = EVP_MD_fetch(NULL, name, NULL);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    int ok = EVP_DigestInit_ex(ctx, type, NULL) && EVP_DigestUpdate(ctx, in, split)
        && EVP_DigestUpdate(ctx, in + split, len - split)
        && (EVP_MD_xof(type) ? EVP_DigestFinalXOF(ctx, out, out_len) : EVP_DigestFinal_ex(ctx, out, NULL));

    EVP_MD_CTX_free(ctx);
    EVP_MD_free(type);
    return ok;
}

/* SHA-384 or SHA-512. */
EXPORT(sha512) void sha512(int reference, int bits, const unsigned char *in, size_t split, size_t len, unsigned char *out)
{
    SHA512_CTX ctx;

    if (bits == 384)
        (reference ? reference_SHA384_Init : SHA384_Init)(&ctx);
    else
        (reference ? reference_SHA512_Init : SHA512_Init)(&ctx);
    (reference ? reference_SHA512_Update : SHA512_Update)(&ctx, in, split);
    (reference ? reference_SHA512_Update : SHA512_Update)(&ctx, in + split, len - split);
    (reference ? reference_SHA512_Final : SHA512_Final)(out, &ctx);
}

/*
 * TLS13-KDF, or that of ssl/tls13_enc.c: expanding from a key, or extracting from one (none if its length is zero)
 * with another secret (the same). Gives 0 if it fails.
 */
EXPORT(tls13_kdf) int tls13_kdf(int reference, const char *digest, int extracts, const unsigned char *key, size_t key_len,
    const unsigned char *salt, size_t salt_len, const unsigned char *label, size_t label_len, const unsigned char *data,
    size_t data_len, unsigned char *out, size_t len)
{
    static unsigned char prefix[] = "tls13 ";
    int mode = extracts ? EVP_KDF_HKDF_MODE_EXTRACT_ONLY : EVP_KDF_HKDF_MODE_EXPAND_ONLY, ok;
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, OSSL_KDF_NAME_TLS1_3_KDF, NULL);
    EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);
    OSSL_PARAM params[7], *p = params;

    *p++ = OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode);
    *p++ = OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)digest, 0);
    if (key_len > 0)
        *p++ = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)key, key_len);
    if (salt_len > 0)
        *p++ = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (void *)salt, salt_len);
    *p++ = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_PREFIX, prefix, sizeof(prefix) - 1);
    *p++ = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_LABEL, (void *)label, label_len);
    if (!extracts)
        *p++ = OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_DATA, (void *)data, data_len);
    *p = OSSL_PARAM_construct_end();
    ok = (reference ? EVP_KDF_derive : tls13_derive)(ctx, out, len, params) > 0;
    EVP_KDF_CTX_free(ctx);
    EVP_KDF_free(kdf);
    return ok;
}

/* TLS1-PRF, or that of ssl/t1_enc.c, of two seeds. */
EXPORT(tls12_prf) int tls12_prf(int reference, const char *digest, const unsigned char *secret, size_t secret_len,
    const unsigned char *seed, size_t seed_len, const unsigned char *other, size_t other_len, unsigned char *out,
    size_t len)
{
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, OSSL_KDF_NAME_TLS1_PRF, NULL);
    EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)digest, 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SECRET, (void *)secret, secret_len),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED, (void *)seed, seed_len),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED, (void *)other, other_len),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED, NULL, 0), OSSL_PARAM_construct_end()
    };
    int ok = (reference ? EVP_KDF_derive : tls12_derive)(ctx, out, len, params) > 0;

    EVP_KDF_CTX_free(ctx);
    EVP_KDF_free(kdf);
    return ok;
}

EXPORT(tls13_finished) int tls13_finished(int reference, const char *digest, const unsigned char *key, size_t key_len,
    const unsigned char *data, size_t data_len, unsigned char *out, size_t out_size)
{
    size_t len;

    return (reference ? EVP_Q_mac : tls13_mac)(NULL, "HMAC", NULL, digest, NULL, key, key_len, data, data_len, out,
               out_size, &len) != NULL && len == out_size;
}

/* Whole messages through EVP, in two parts. The result's length, -1 if it is refused, -2 if there is no such cipher. */
EXPORT(cipher) int cipher(const char *name, int enc, const unsigned char *key, const unsigned char *iv,
    int iv_len, const unsigned char *aad, int aad_len, const unsigned char *in, int split, int len,
    unsigned char *out, unsigned char *tag, int tag_len)
{
    EVP_CIPHER *type = EVP_CIPHER_fetch(NULL, name, NULL);
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int ccm = type != NULL && EVP_CIPHER_get_mode(type) == EVP_CIPH_CCM_MODE;
    int aead = type != NULL && EVP_CIPHER_get_flags(type) & EVP_CIPH_FLAG_AEAD_CIPHER;
    int n, more = 0, result = -1;

    if (type == NULL) {
        result = -2;
        goto end;
    }
    if (!EVP_CipherInit_ex2(ctx, type, NULL, NULL, enc, NULL)
        || (aead && !EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_IVLEN, iv_len, NULL))
        || (ccm && !EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, tag_len, enc ? NULL : tag))
        || !EVP_CipherInit_ex2(ctx, NULL, key, iv, enc, NULL)
        || !EVP_CIPHER_CTX_set_padding(ctx, 0)
        || (ccm && !EVP_CipherUpdate(ctx, NULL, &n, NULL, len))
        || (aad_len > 0 && !EVP_CipherUpdate(ctx, NULL, &n, aad, aad_len))
        || (aead && !ccm && !enc && !EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, tag_len, tag))
        || !EVP_CipherUpdate(ctx, out, &n, in, ccm ? len : split)
        || (!ccm && split < len && !EVP_CipherUpdate(ctx, out + n, &more, in + split, len - split)))
        goto end;
    result = n + more;
    if (ccm)
        n = 0;
    else if (EVP_CipherFinal_ex(ctx, out + result, &n))
        result += n;
    else
        result = -1;
    if (result >= 0 && enc && aead && !EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, tag_len, tag))
        result = -1;
end:
    EVP_CIPHER_CTX_free(ctx);
    EVP_CIPHER_free(type);
    return result;
}
