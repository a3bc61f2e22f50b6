/*
 * Each primitive through EVP, as libssl calls it: the same C in the native peer, which is this file with
 * a main() of its own, and in the WebAssembly modules that `./build.sh --bench` links. Names are those of
 * primitives.mjs.
 *
 *   cc -O2 -o primitives primitives.c -lcrypto
 *   ./primitives [--seconds N] [--only PART_OF_A_NAME]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

enum { RECORD = 16384, AAD = 13, TAG = 16, MESSAGE = 64, SECRET = 32, ROOM = 4096 };

/* What prepare() leaves for run(). */
static EVP_CIPHER_CTX *cipher;
static EVP_MD *digest;
static EVP_MAC *mac;
static EVP_PKEY *key, *peer;
static unsigned char record[RECORD + TAG], message[MESSAGE], out[ROOM], secret[SECRET];
static size_t out_len;

static int seal(void);

static int prepare_cipher(const char *name)
{
    unsigned char cipher_key[32], iv[12];
    EVP_CIPHER *type = EVP_CIPHER_fetch(NULL, name, NULL);
    int done;

    cipher = EVP_CIPHER_CTX_new();
    done = type != NULL && cipher != NULL && RAND_bytes(cipher_key, sizeof(cipher_key)) > 0
        && RAND_bytes(iv, sizeof(iv)) > 0 && EVP_EncryptInit_ex2(cipher, type, cipher_key, iv, NULL) && seal();
    EVP_CIPHER_free(type);
    return done;
}

static int seal(void)
{
    int len;

    return EVP_EncryptInit_ex2(cipher, NULL, NULL, message, NULL)
        && EVP_EncryptUpdate(cipher, NULL, &len, message, AAD)
        && EVP_EncryptUpdate(cipher, record, &len, record, RECORD)
        && EVP_EncryptFinal_ex(cipher, record + len, &len)
        && EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_GET_TAG, TAG, record + RECORD);
}

static int prepare_digest(const char *name)
{
    digest = EVP_MD_fetch(NULL, name, NULL);
    return digest != NULL;
}

static int hash(void)
{
    return EVP_Digest(record, RECORD, out, NULL, digest, NULL);
}

static int prepare_mac(const char *name)
{
    (void)name;
    mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    return mac != NULL;
}

/* With a key of its own, as each step of a key schedule has. */
static int authenticate(void)
{
    char name[] = "SHA256";
    OSSL_PARAM params[] = { OSSL_PARAM_utf8_string("digest", name, sizeof(name) - 1), OSSL_PARAM_END };
    EVP_MAC_CTX *ctx = EVP_MAC_CTX_new(mac);
    int done = ctx != NULL && EVP_MAC_init(ctx, secret, SECRET, params) && EVP_MAC_update(ctx, message, MESSAGE)
        && EVP_MAC_final(ctx, out, &out_len, ROOM);

    EVP_MAC_CTX_free(ctx);
    return done;
}

static EVP_PKEY *generated(const char *name)
{
    if (strcmp(name, "RSA") == 0)
        return EVP_PKEY_Q_keygen(NULL, NULL, name, (size_t)2048);
    if (strncmp(name, "P-", 2) == 0)
        return EVP_PKEY_Q_keygen(NULL, NULL, "EC", name);
    return EVP_PKEY_Q_keygen(NULL, NULL, name);
}

static int prepare_key(const char *name)
{
    key = generated(name);
    return key != NULL;
}

static int prepare_keys(const char *name)
{
    peer = generated(name);
    return peer != NULL && prepare_key(name);
}

/* Ed25519 has no digest of its own to be named, P-384 goes with SHA-384. */
static const char *digest_name(void)
{
    if (EVP_PKEY_is_a(key, "ED25519"))
        return NULL;
    return EVP_PKEY_get_bits(key) == 384 ? "SHA384" : "SHA256";
}

static int sign(void)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    int done;

    out_len = ROOM;
    done = ctx != NULL && EVP_DigestSignInit_ex(ctx, NULL, digest_name(), NULL, NULL, key, NULL)
        && EVP_DigestSign(ctx, out, &out_len, message, MESSAGE);
    EVP_MD_CTX_free(ctx);
    return done;
}

static int prepare_signature(const char *name)
{
    return prepare_key(name) && sign();
}

static int verify(void)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    int done = ctx != NULL && EVP_DigestVerifyInit_ex(ctx, NULL, digest_name(), NULL, NULL, key, NULL)
        && EVP_DigestVerify(ctx, out, out_len, message, MESSAGE) == 1;

    EVP_MD_CTX_free(ctx);
    return done;
}

static int derive(void)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    int done;

    out_len = ROOM;
    done = ctx != NULL && EVP_PKEY_derive_init(ctx) > 0 && EVP_PKEY_derive_set_peer(ctx, peer) > 0
        && EVP_PKEY_derive(ctx, out, &out_len) > 0;
    EVP_PKEY_CTX_free(ctx);
    return done;
}

static int prepare_nothing(const char *name)
{
    (void)name;
    return 1;
}

static int generate_kem(void)
{
    EVP_PKEY *made = generated("ML-KEM-768");

    EVP_PKEY_free(made);
    return made != NULL;
}

static int encapsulate(void)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    size_t secret_len = SECRET;
    int done;

    out_len = ROOM;
    done = ctx != NULL && EVP_PKEY_encapsulate_init(ctx, NULL) > 0
        && EVP_PKEY_encapsulate(ctx, out, &out_len, secret, &secret_len) > 0;
    EVP_PKEY_CTX_free(ctx);
    return done;
}

static int prepare_encapsulated(const char *name)
{
    return prepare_key(name) && encapsulate();
}

static int decapsulate(void)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    size_t secret_len = SECRET;
    int done = ctx != NULL && EVP_PKEY_decapsulate_init(ctx, NULL) > 0
        && EVP_PKEY_decapsulate(ctx, secret, &secret_len, out, out_len) > 0;

    EVP_PKEY_CTX_free(ctx);
    return done;
}

/* A rate counts bytes where there are any, operations otherwise. */
static const struct {
    const char *name;
    int bytes;
    int (*prepare)(const char *algorithm);
    const char *algorithm;
    int (*run)(void);
} primitives[] = {
    { "AES-128-GCM", RECORD, prepare_cipher, "AES-128-GCM", seal },
    { "AES-256-GCM", RECORD, prepare_cipher, "AES-256-GCM", seal },
    { "ChaCha20-Poly1305", RECORD, prepare_cipher, "ChaCha20-Poly1305", seal },
    { "SHA-256", RECORD, prepare_digest, "SHA256", hash },
    { "SHA-384", RECORD, prepare_digest, "SHA384", hash },
    { "SHA-512", RECORD, prepare_digest, "SHA512", hash },
    { "HMAC-SHA-256", 0, prepare_mac, "HMAC", authenticate },
    { "P-256 sign", 0, prepare_key, "P-256", sign },
    { "P-256 verify", 0, prepare_signature, "P-256", verify },
    { "P-256 ECDH", 0, prepare_keys, "P-256", derive },
    { "P-384 sign", 0, prepare_key, "P-384", sign },
    { "P-384 verify", 0, prepare_signature, "P-384", verify },
    { "P-384 ECDH", 0, prepare_keys, "P-384", derive },
    { "RSA-2048 sign", 0, prepare_key, "RSA", sign },
    { "RSA-2048 verify", 0, prepare_signature, "RSA", verify },
    { "X25519", 0, prepare_keys, "X25519", derive },
    { "Ed25519 sign", 0, prepare_key, "ED25519", sign },
    { "Ed25519 verify", 0, prepare_signature, "ED25519", verify },
    { "ML-KEM-768 keygen", 0, prepare_nothing, "ML-KEM-768", generate_kem },
    { "ML-KEM-768 encaps", 0, prepare_key, "ML-KEM-768", encapsulate },
    { "ML-KEM-768 decaps", 0, prepare_encapsulated, "ML-KEM-768", decapsulate },
};

enum { COUNT = sizeof(primitives) / sizeof(*primitives) };

#ifdef __wasm__

#define EXPORT(name) __attribute__((export_name(#name)))

EXPORT(primitive_name) const char *primitive_name(int i)
{
    return i < COUNT ? primitives[i].name : NULL;
}

EXPORT(primitive_prepare) int primitive_prepare(int i)
{
    return primitives[i].prepare(primitives[i].algorithm);
}

EXPORT(primitive_run) int primitive_run(int i, int times)
{
    int done = 1;

    while (done && times-- > 0)
        done = primitives[i].run();
    return done;
}

#else

#include <time.h>

static const double WARM_UP = 0.2;

static double now(clockid_t clock)
{
    struct timespec time;

    clock_gettime(clock, &time);
    return (double)time.tv_sec + time.tv_nsec / 1e9;
}

/* How often a primitive is done in a second of processor time, 0 if it can't be. */
static double rate(int i, double seconds)
{
    double count = 0, start = now(CLOCK_MONOTONIC), cpu;

    if (!primitives[i].prepare(primitives[i].algorithm))
        return 0;
    while (now(CLOCK_MONOTONIC) - start < WARM_UP)
        if (!primitives[i].run())
            return 0;
    start = now(CLOCK_MONOTONIC);
    cpu = now(CLOCK_PROCESS_CPUTIME_ID);
    for (; now(CLOCK_MONOTONIC) - start < seconds; count++)
        primitives[i].run();
    return count / (now(CLOCK_PROCESS_CPUTIME_ID) - cpu);
}

int main(int argc, char **argv)
{
    double seconds = 1, value;
    const char *only = "";
    char name[64];

    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--seconds") == 0)
            seconds = atof(argv[i + 1]);
        else if (strcmp(argv[i], "--only") == 0)
            only = argv[i + 1];
        else
            argc = 0;
    }
    if (argc % 2 == 0 || seconds <= 0) {
        fprintf(stderr, "Usage: %s [--seconds N] [--only PART_OF_A_NAME]\n", argv[0]);
        return 2;
    }
    for (int i = 0; i < COUNT; i++) {
        snprintf(name, sizeof(name), "primitives %s", primitives[i].name);
        value = strstr(name, only) == NULL ? 0 : rate(i, seconds);
        if (value > 0)
            printf("{\"peer\":\"native\",\"metric\":\"primitives\",\"primitive\":\"%s\",\"value\":%.6g,"
                   "\"runtime\":\"OpenSSL %s\"}\n", primitives[i].name,
                   primitives[i].bytes > 0 ? value * primitives[i].bytes : value,
                   OpenSSL_version(OPENSSL_FULL_VERSION_STRING));
    }
    return 0;
}

#endif
