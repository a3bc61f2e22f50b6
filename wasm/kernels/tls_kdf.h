/*
 * What OpenSSL's ssl/tls13_enc.c and ssl/t1_enc.c call in place of EVP_KDF_derive and EVP_Q_mac, and of what these need;
 * and, for the binders of PSKs, its ssl/statem/extensions.c in place of EVP_DigestSign*.
 */
#ifndef TLS_KDF_H
#define TLS_KDF_H

#include <openssl/evp.h>
#include <openssl/kdf.h>

int tls12_derive(EVP_KDF_CTX *ctx, unsigned char *out, size_t len, const OSSL_PARAM params[]);
int tls13_derive(EVP_KDF_CTX *ctx, unsigned char *out, size_t len, const OSSL_PARAM params[]);
unsigned char *tls13_mac(OSSL_LIB_CTX *libctx, const char *name, const char *propq, const char *subalg,
    const OSSL_PARAM *params, const void *key, size_t keylen, const unsigned char *data, size_t datalen,
    unsigned char *out, size_t outsize, size_t *outlen);
EVP_KDF *tls_kdf_fetch(OSSL_LIB_CTX *libctx, const char *algorithm, const char *properties);
void tls_kdf_free(EVP_KDF *kdf);
EVP_KDF_CTX *tls_kdf_ctx_new(EVP_KDF *kdf);
void tls_kdf_ctx_free(EVP_KDF_CTX *ctx);
EVP_PKEY *tls13_binder_key(OSSL_LIB_CTX *libctx, const char *type, const char *propq, const unsigned char *key,
    size_t len);
int tls13_binder_start(EVP_MD_CTX *ctx, EVP_PKEY_CTX **key_ctx, const char *digest, OSSL_LIB_CTX *libctx,
    const char *propq, EVP_PKEY *key, const OSSL_PARAM params[]);
int tls13_binder_update(EVP_MD_CTX *ctx, const void *data, size_t len);
int tls13_binder_finish(EVP_MD_CTX *ctx, unsigned char *out, size_t *len);
void tls13_binder_key_free(EVP_PKEY *key);

#endif
