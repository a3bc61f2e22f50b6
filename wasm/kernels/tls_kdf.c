/*
 * The key schedule of TLS 1.3 (RFC 8446, 7.1), the MACs of its Finished messages, and the PRF of TLS 1.2 (RFC
 * 5246, 5), by SHA-256 and SHA-384 as they are: each of a handshake's 20 or so secrets otherwise takes three
 * fetches from providers, and some ten contexts that are made and thrown away, which was twice the work of the
 * hashes. Under the names that OpenSSL's ssl/tls13_enc.c and ssl/t1_enc.c and, for the binders of PSKs,
 * ssl/statem/extensions.c are compiled with; this module has one provider only. OpenSSL does the PRF of TLS 1.1 and
 * before, by MD5 and SHA-1.
 *
 * Constant time: the hashes' own, on inputs whose lengths are public.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <string.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/sha.h>
#include "tls_kdf.h"

#define MAX_LABEL 255
#define MAX_SEEDS 5

/* SHA-256, or SHA-384 if that is its size. */
typedef struct {
    size_t size;
    union {
        SHA256_CTX small;
        SHA512_CTX large;
    } of;
} HASH;

typedef struct {
    const void *data;
    size_t len;
} BYTES;

/* The length of a digest by the name that OpenSSL gives it; 0 for others. */
static size_t size_of(const char *name)
{
    if (name == NULL)
        return 0;
    if (OPENSSL_strcasecmp(name, "SHA2-256") == 0 || OPENSSL_strcasecmp(name, "SHA256") == 0)
        return SHA256_DIGEST_LENGTH;
    if (OPENSSL_strcasecmp(name, "SHA2-384") == 0 || OPENSSL_strcasecmp(name, "SHA384") == 0)
        return SHA384_DIGEST_LENGTH;
    return 0;
}

static void start(HASH *hash, size_t size)
{
    hash->size = size;
    if (size == SHA256_DIGEST_LENGTH)
        SHA256_Init(&hash->of.small);
    else
        SHA384_Init(&hash->of.large);
}

static void update(HASH *hash, BYTES bytes)
{
    if (bytes.len == 0)
        return;
    if (hash->size == SHA256_DIGEST_LENGTH)
        SHA256_Update(&hash->of.small, bytes.data, bytes.len);
    else
        SHA384_Update(&hash->of.large, bytes.data, bytes.len);
}

static void finish(HASH *hash, unsigned char *out)
{
    if (hash->size == SHA256_DIGEST_LENGTH)
        SHA256_Final(out, &hash->of.small);
    else
        SHA384_Final(out, &hash->of.large);
    OPENSSL_cleanse(hash, sizeof(*hash));
}

/* A key of HMAC (RFC 2104): what both hashes begin with. */
typedef struct {
    HASH inner, outer;
} KEYED;

static void start_padded(HASH *hash, size_t size, BYTES key, unsigned char pad)
{
    unsigned char block[SHA512_CBLOCK];
    size_t i;

    memset(block, pad, sizeof(block));
    for (i = 0; i < key.len; i++)
        block[i] ^= ((const unsigned char *)key.data)[i];
    start(hash, size);
    update(hash, (BYTES) { block, size == SHA256_DIGEST_LENGTH ? SHA256_CBLOCK : SHA512_CBLOCK });
    OPENSSL_cleanse(block, sizeof(block));
}

static void set_key(KEYED *keyed, size_t size, BYTES key)
{
    unsigned char digest[SHA384_DIGEST_LENGTH];

    if (key.len > (size == SHA256_DIGEST_LENGTH ? SHA256_CBLOCK : SHA512_CBLOCK)) {
        start(&keyed->inner, size);
        update(&keyed->inner, key);
        finish(&keyed->inner, digest);
        key = (BYTES) { digest, size };
    }
    start_padded(&keyed->inner, size, key, 0x36);
    start_padded(&keyed->outer, size, key, 0x5c);
    OPENSSL_cleanse(digest, sizeof(digest));
}

/* Of a message in parts. */
static void authenticate(unsigned char *out, const KEYED *keyed, const BYTES *parts, int count)
{
    size_t size = keyed->inner.size;
    HASH hash = keyed->inner;

    for (; count > 0; count--)
        update(&hash, *parts++);
    finish(&hash, out);
    hash = keyed->outer;
    update(&hash, (BYTES) { out, size });
    finish(&hash, out);
}

/* HKDF-Expand-Label, of a label in two parts. */
static int expand(unsigned char *out, size_t len, size_t size, BYTES secret, BYTES prefix, BYTES label, BYTES data)
{
    unsigned char lengths[] = { (unsigned char)(len >> 8), (unsigned char)len, (unsigned char)(prefix.len + label.len) };
    unsigned char data_len = (unsigned char)data.len, counter, block[SHA384_DIGEST_LENGTH];
    BYTES parts[] = {
        { NULL, 0 }, { lengths, sizeof(lengths) }, prefix, label, { &data_len, 1 }, data, { &counter, 1 }
    };
    KEYED keyed;
    size_t now;

    if (prefix.len + label.len > MAX_LABEL || data.len > MAX_LABEL || len > 255 * size)
        return 0;
    set_key(&keyed, size, secret);
    for (counter = 1; len > 0; counter++, out += now, len -= now) {
        authenticate(block, &keyed, parts, sizeof(parts) / sizeof(*parts));
        now = len < size ? len : size;
        memcpy(out, block, now);
        parts[0] = (BYTES) { block, size };
    }
    OPENSSL_cleanse(block, sizeof(block)), OPENSSL_cleanse(&keyed, sizeof(keyed));
    return 1;
}

/* HKDF-Extract, with what is derived from the secret before for its salt. */
static int extract(unsigned char *out, size_t size, BYTES before, BYTES input, BYTES prefix, BYTES label)
{
    static const unsigned char zeros[SHA384_DIGEST_LENGTH];
    unsigned char salt[SHA384_DIGEST_LENGTH] = { 0 };
    KEYED keyed;

    if (before.data != NULL) {
        start(&keyed.inner, size);
        finish(&keyed.inner, salt);
        if (!expand(salt, size, size, before, prefix, label, (BYTES) { salt, size }))
            return 0;
    }
    if (input.data == NULL)
        input = (BYTES) { zeros, size };
    set_key(&keyed, size, (BYTES) { salt, size });
    authenticate(out, &keyed, &input, 1);
    OPENSSL_cleanse(salt, sizeof(salt)), OPENSSL_cleanse(&keyed, sizeof(keyed));
    return 1;
}

static BYTES bytes_of(const OSSL_PARAM params[], const char *name)
{
    const OSSL_PARAM *p = OSSL_PARAM_locate_const(params, name);

    return p == NULL ? (BYTES) { NULL, 0 } : (BYTES) { p->data, p->data_size };
}

int tls13_derive(EVP_KDF_CTX *ctx, unsigned char *out, size_t len, const OSSL_PARAM params[])
{
    size_t size = size_of(bytes_of(params, OSSL_KDF_PARAM_DIGEST).data);
    const OSSL_PARAM *given = OSSL_PARAM_locate_const(params, OSSL_KDF_PARAM_MODE);
    BYTES key = bytes_of(params, OSSL_KDF_PARAM_KEY), prefix = bytes_of(params, OSSL_KDF_PARAM_PREFIX);
    BYTES label = bytes_of(params, OSSL_KDF_PARAM_LABEL);
    int mode;

    if (size == 0 || given == NULL || !OSSL_PARAM_get_int(given, &mode))
        return 0;
    if (mode == EVP_KDF_HKDF_MODE_EXPAND_ONLY)
        return expand(out, len, size, key, prefix, label, bytes_of(params, OSSL_KDF_PARAM_DATA));
    return mode == EVP_KDF_HKDF_MODE_EXTRACT_ONLY && len == size
        && extract(out, size, bytes_of(params, OSSL_KDF_PARAM_SALT), key, prefix, label);
}

static int derive_by_provider(unsigned char *out, size_t len, const OSSL_PARAM params[])
{
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, OSSL_KDF_NAME_TLS1_PRF, NULL);
    EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);
    int ok = ctx != NULL && EVP_KDF_derive(ctx, out, len, params) > 0;

    EVP_KDF_CTX_free(ctx);
    EVP_KDF_free(kdf);
    return ok;
}

/* P_hash, of the seeds one after the other. */
int tls12_derive(EVP_KDF_CTX *ctx, unsigned char *out, size_t len, const OSSL_PARAM params[])
{
    size_t size = size_of(bytes_of(params, OSSL_KDF_PARAM_DIGEST).data), now;
    BYTES secret = bytes_of(params, OSSL_KDF_PARAM_SECRET), parts[1 + MAX_SEEDS];
    unsigned char chained[SHA384_DIGEST_LENGTH], block[SHA384_DIGEST_LENGTH];
    int count = 1;
    KEYED keyed;

    if (size == 0)
        return derive_by_provider(out, len, params);
    for (; params->key != NULL; params++)
        if (strcmp(params->key, OSSL_KDF_PARAM_SEED) == 0 && params->data_size > 0) {
            if (count > MAX_SEEDS)
                return 0;
            parts[count++] = (BYTES) { params->data, params->data_size };
        }
    if (secret.data == NULL || count == 1 || len == 0)
        return 0;
    set_key(&keyed, size, secret);
    authenticate(chained, &keyed, parts + 1, count - 1);
    parts[0] = (BYTES) { chained, size };
    for (;; out += now) {
        authenticate(block, &keyed, parts, count);
        now = len < size ? len : size;
        memcpy(out, block, now);
        if ((len -= now) == 0)
            break;
        authenticate(chained, &keyed, parts, 1);
    }
    OPENSSL_cleanse(chained, sizeof(chained)), OPENSSL_cleanse(block, sizeof(block));
    OPENSSL_cleanse(&keyed, sizeof(keyed));
    return 1;
}

unsigned char *tls13_mac(OSSL_LIB_CTX *libctx, const char *name, const char *propq, const char *subalg,
    const OSSL_PARAM *params, const void *key, size_t keylen, const unsigned char *data, size_t datalen,
    unsigned char *out, size_t outsize, size_t *outlen)
{
    size_t size = size_of(subalg);
    BYTES message = { data, datalen };
    KEYED keyed;

    *outlen = 0;
    if (size == 0 || outsize < size)
        return NULL;
    set_key(&keyed, size, (BYTES) { key, keylen });
    authenticate(out, &keyed, &message, 1);
    OPENSSL_cleanse(&keyed, sizeof(keyed));
    *outlen = size;
    return out;
}

/* There is nothing to fetch or to make for these; what is asked for must not be NULL. */
static char nothing;

/*
 * The binder of a PSK: OpenSSL makes a key, signs by it and frees it, in this order, and has the bytes of the key
 * and of the message until then.
 */
static struct {
    BYTES key, message;
    size_t size;
} binder;

EVP_PKEY *tls13_binder_key(OSSL_LIB_CTX *libctx, const char *type, const char *propq, const unsigned char *key,
    size_t len)
{
    binder.key = (BYTES) { key, len };
    return (EVP_PKEY *)&nothing;
}

int tls13_binder_start(EVP_MD_CTX *ctx, EVP_PKEY_CTX **key_ctx, const char *digest, OSSL_LIB_CTX *libctx,
    const char *propq, EVP_PKEY *key, const OSSL_PARAM params[])
{
    binder.message = (BYTES) { NULL, 0 };
    return (binder.size = size_of(digest)) > 0;
}

int tls13_binder_update(EVP_MD_CTX *ctx, const void *data, size_t len)
{
    if (binder.message.data != NULL)
        return 0;
    binder.message = (BYTES) { data, len };
    return 1;
}

int tls13_binder_finish(EVP_MD_CTX *ctx, unsigned char *out, size_t *len)
{
    KEYED keyed;

    if (*len < binder.size)
        return 0;
    set_key(&keyed, binder.size, binder.key);
    authenticate(out, &keyed, &binder.message, 1);
    OPENSSL_cleanse(&keyed, sizeof(keyed));
    *len = binder.size;
    return 1;
}

void tls13_binder_key_free(EVP_PKEY *key)
{
    OPENSSL_cleanse(&binder, sizeof(binder));
}

EVP_KDF *tls_kdf_fetch(OSSL_LIB_CTX *libctx, const char *algorithm, const char *properties)
{
    return (EVP_KDF *)&nothing;
}

void tls_kdf_free(EVP_KDF *kdf)
{
}

EVP_KDF_CTX *tls_kdf_ctx_new(EVP_KDF *kdf)
{
    return (EVP_KDF_CTX *)&nothing;
}

void tls_kdf_ctx_free(EVP_KDF_CTX *ctx)
{
}
