/*
 * What an instance starts from: the memory that this leaves when it is run once, by build.sh with
 * Binaryen's wasm-ctor-eval. To instantiate is then to copy it, with OpenSSL started, its error
 * strings loaded and its algorithms fetched.
 *
 * Nothing that differs from instance to instance may be in it. No host import can be called while
 * the module is built: wasm-ctor-eval stops there, the export stays, and build.sh fails. Random bytes
 * are zeros where contexts are made, which draw their own later (wasm/contexts.c), and are refused
 * elsewhere, so that no generator of OpenSSL's is made: each instance makes its own from entropy of
 * its host. Time is asked for anew in each.
 */
#define OPENSSL_SUPPRESS_DEPRECATED /* RAND_set_rand_method() alone stands before the generators */
#include <stdint.h>
#include <string.h>
#include <openssl/crypto.h>
#include <openssl/decoder.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include "bridge.h"
#include "contexts.h"
#include "host.h"

#define EXPORT __attribute__((used, visibility("default")))

static int zeros;

/* For contexts: what they asked for is counted. */
static int zero_bytes(unsigned char *out, int len)
{
    memset(out, 0, len);
    zeros += len;
    return 1;
}

static int no_bytes(unsigned char *out, int len)
{
    return 0;
}

static int no_status(void)
{
    return 0;
}

static const RAND_METHOD no_random_bytes = { NULL, no_bytes, NULL, NULL, no_bytes, no_status };
static const RAND_METHOD zeros_for_contexts = { NULL, zero_bytes, NULL, NULL, zero_bytes, no_status };

static void must(int done)
{
    if (!done)
        __builtin_trap();
}

/* The first is for what it fetches. No context has asked for more than wasm/contexts.c draws. */
static void make_contexts(void)
{
    int count;

    must(RAND_set_rand_method(&zeros_for_contexts));
    SSL_CTX_free(SSL_CTX_new(TLS_method()));
    must((count = sesame_prepare_contexts()) > 0);
    must(zeros == (1 + count) * RANDOM_BYTES_OF_A_CONTEXT);
    must(RAND_set_rand_method(&no_random_bytes));
}

/* OpenSSL fetches all algorithms of a kind with the first: these are the kinds that contexts leave out. */
static void fetch_for_handshakes(void)
{
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "TLS13-KDF", NULL);
    EVP_RAND *rand = EVP_RAND_fetch(NULL, "CTR-DRBG", NULL);
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_ASYM_CIPHER *cipher = EVP_ASYM_CIPHER_fetch(NULL, "RSA", NULL);

    must(kdf != NULL && rand != NULL && mac != NULL && cipher != NULL);
    EVP_KDF_free(kdf);
    EVP_RAND_free(rand);
    EVP_MAC_free(mac);
    EVP_ASYM_CIPHER_free(cipher);
}

/*
 * OpenSSL keeps a decoder for each way in which it was asked for a key: that of a private key's file,
 * and those of the certificates that there are.
 */
static void make_decoders(void)
{
    static const char *const types[] = { "id-ecPublicKey", "rsaEncryption" };
    EVP_PKEY *key = NULL;
    OSSL_DECODER_CTX *decoder = OSSL_DECODER_CTX_new_for_pkey(&key, "PEM", NULL, NULL, EVP_PKEY_KEYPAIR, NULL, NULL);

    must(decoder != NULL);
    OSSL_DECODER_CTX_free(decoder);
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        decoder = OSSL_DECODER_CTX_new_for_pkey(&key, "DER", "SubjectPublicKeyInfo", types[i],
                                                EVP_PKEY_PUBLIC_KEY, NULL, NULL);
        must(decoder != NULL);
        OSSL_DECODER_CTX_free(decoder);
    }
}

/* The stack is the first in memory and grows downwards: what lies below this frame is over. */
static __attribute__((noinline)) void clear_stack(void)
{
    volatile uint32_t *word, *frame = __builtin_frame_address(0);

    for (word = (uint32_t *)sizeof(*word); word < frame; word++)
        *word = 0;
}

/* Takes no export of the module's: when wasm-ctor-eval has run it, it is gone. */
EXPORT void sesame_snapshot(void)
{
    must(sesame_init());
    make_contexts();
    fetch_for_handshakes();
    make_decoders();
    must(RAND_set_rand_method(NULL));
    clear_stack();
}
