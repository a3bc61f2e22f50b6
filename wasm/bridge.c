/*
 * The C side of the border between OpenSSL and JavaScript.
 *
 * OpenSSL calls C function pointers; JavaScript can't make one without compiling
 * code at run time, which edge runtimes forbid. So each callback type has one
 * trampoline, fixed in the module's function table, that calls a host import of the
 * same meaning. The host finds the JavaScript function by the SSL or SSL_CTX.
 *
 * Every host import answers "no" (0 or NULL) when its JavaScript function failed.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include "bridge.h"
#include "certificate.h"
#include "connection.h"
#include "contexts.h"
#include "heap.h"
#include "host.h"
#include "key_files.h"
#include "policy.h"
#include "session_age.h"
#include "pipelines.h"
#include "ssl/ssl_local.h"

#define HOST(name) __attribute__((import_module("sesame:host"), import_name(#name)))
#define EXPORT __attribute__((used, visibility("default")))

/* Host imports: the ones that answer OpenSSL's callbacks. */

HOST(new_session) int host_new_session(SSL *ssl, SSL_SESSION *session);
HOST(remove_session) void host_remove_session(SSL_CTX *ctx, SSL_SESSION *session);
HOST(get_session) SSL_SESSION *host_get_session(SSL *ssl, const unsigned char *id, int len, int *copy);
HOST(client_hello) int host_client_hello(SSL *ssl, int *alert, void *ctx);
HOST(servername) int host_servername(SSL *ssl, int *alert, void *ctx);
HOST(alpn_select) int host_alpn_select(SSL *ssl, const unsigned char **out, unsigned char *outlen,
                                       const unsigned char *in, unsigned int inlen, void *ctx);
HOST(verify) int host_verify(int preverify_ok, X509_STORE_CTX *store_ctx, SSL *ssl);
HOST(keylog) void host_keylog(const SSL *ssl, const char *line);
HOST(message) void host_message(int write_p, int version, int content_type, const void *buf, size_t len,
                                SSL *ssl, void *arg);
HOST(info) void host_info(const SSL *ssl, int where, int value);
HOST(generate_session_id) int host_generate_session_id(SSL *ssl, unsigned char *id, unsigned int *len);
HOST(psk_client) unsigned int host_psk_client(SSL *ssl, const char *hint, char *identity,
                                              unsigned int max_identity_len, unsigned char *psk,
                                              unsigned int max_psk_len);
HOST(psk_server) unsigned int host_psk_server(SSL *ssl, const char *identity, unsigned char *psk,
                                              unsigned int max_psk_len);
HOST(cert) int host_cert(SSL *ssl);
HOST(status) int host_status(SSL *ssl, void *ctx);
HOST(ticket_key) int host_ticket_key(SSL *ssl, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher,
                                     EVP_MAC_CTX *mac, int is_new);
HOST(allow_early_data) int host_allow_early_data(SSL *ssl, void *arg);
HOST(object_freed) void host_object_freed(void *object);

/*
 * Trampolines. JavaScript runs amid C with the error queue as it is: an error that a callback
 * leaves in it would make SSL_get_error() blame the connection. Time may pass in a callback.
 */

static void to_host(void)
{
    ERR_set_mark();
}

static void from_host(void)
{
    ERR_pop_to_mark();
    sesame_time_passed();
}

#define RETURN_FROM_HOST(type, call) \
    do {                             \
        type answer;                 \
                                     \
        to_host();                   \
        answer = (call);             \
        from_host();                 \
        return answer;               \
    } while (0)

/* A session of TLS 1.2 that is found by its id has had no ticket by which it was stamped. */
static int on_new_session(SSL *ssl, SSL_SESSION *session)
{
    sesame_session_stamp(ssl, session);
    RETURN_FROM_HOST(int, host_new_session(ssl, session));
}

static void on_remove_session(SSL_CTX *ctx, SSL_SESSION *session)
{
    to_host();
    host_remove_session(ctx, session);
    from_host();
}

static SSL_SESSION *on_get_session(SSL *ssl, const unsigned char *id, int len, int *copy)
{
    RETURN_FROM_HOST(SSL_SESSION *, host_get_session(ssl, id, len, copy));
}

static int on_client_hello(SSL *ssl, int *alert, void *ctx)
{
    RETURN_FROM_HOST(int, host_client_hello(ssl, alert, ctx));
}

static int on_servername(SSL *ssl, int *alert, void *ctx)
{
    RETURN_FROM_HOST(int, host_servername(ssl, alert, ctx));
}

static int on_alpn_select(SSL *ssl, const unsigned char **out, unsigned char *outlen, const unsigned char *in,
                          unsigned int inlen, void *ctx)
{
    RETURN_FROM_HOST(int, host_alpn_select(ssl, out, outlen, in, inlen, ctx));
}

static int on_verify(int preverify_ok, X509_STORE_CTX *store_ctx)
{
    SSL *ssl = X509_STORE_CTX_get_ex_data(store_ctx, SSL_get_ex_data_X509_STORE_CTX_idx());

    RETURN_FROM_HOST(int, host_verify(preverify_ok, store_ctx, ssl));
}

static void on_keylog(const SSL *ssl, const char *line)
{
    to_host();
    host_keylog(ssl, line);
    from_host();
}

static void on_message(int write_p, int version, int content_type, const void *buf, size_t len, SSL *ssl, void *arg)
{
    to_host();
    host_message(write_p, version, content_type, buf, len, ssl, arg);
    from_host();
}

static void on_info(const SSL *ssl, int where, int value)
{
    to_host();
    host_info(ssl, where, value);
    from_host();
}

static int on_generate_session_id(SSL *ssl, unsigned char *id, unsigned int *len)
{
    RETURN_FROM_HOST(int, host_generate_session_id(ssl, id, len));
}

static unsigned int on_psk_client(SSL *ssl, const char *hint, char *identity, unsigned int max_identity_len,
                                  unsigned char *psk, unsigned int max_psk_len)
{
    RETURN_FROM_HOST(unsigned int, host_psk_client(ssl, hint, identity, max_identity_len, psk, max_psk_len));
}

static unsigned int on_psk_server(SSL *ssl, const char *identity, unsigned char *psk, unsigned int max_psk_len)
{
    RETURN_FROM_HOST(unsigned int, host_psk_server(ssl, identity, psk, max_psk_len));
}

static int on_cert(SSL *ssl, void *arg)
{
    RETURN_FROM_HOST(int, host_cert(ssl));
}

static int on_status(SSL *ssl, void *ctx)
{
    RETURN_FROM_HOST(int, host_status(ssl, ctx));
}

static int on_allow_early_data(SSL *ssl, void *arg)
{
    RETURN_FROM_HOST(int, host_allow_early_data(ssl, arg));
}

static int on_ticket_key(SSL *ssl, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac,
                         int is_new)
{
    RETURN_FROM_HOST(int, host_ticket_key(ssl, name, iv, cipher, mac, is_new));
}

/* The order is that of TRAMPOLINES in src/ffi/host_imports.ts. */
static void *const trampolines[] = {
    (void *)on_new_session,
    (void *)on_remove_session,
    (void *)on_get_session,
    (void *)on_client_hello,
    (void *)on_servername,
    (void *)on_alpn_select,
    (void *)on_verify,
    (void *)on_keylog,
    (void *)on_message,
    (void *)on_info,
    (void *)on_generate_session_id,
    (void *)on_psk_client,
    (void *)on_psk_server,
    (void *)on_status,
    (void *)on_allow_early_data,
    (void *)on_ticket_key,
    (void *)on_cert,
};

/* The table index of trampoline number `index`, to be given to an SSL_CTX_set_*_cb function. */
EXPORT void *sesame_trampoline(unsigned int index)
{
    return index < sizeof(trampolines) / sizeof(trampolines[0]) ? trampolines[index] : NULL;
}

/*
 * How many handles JavaScript has of objects whose addresses share a slot: it counts in this
 * table itself (src/ffi/handle_counts.ts). An object in an empty slot was never seen by
 * JavaScript, and is freed without a call of the host; any other may have been.
 */
static unsigned short handle_counts[1 << 14];

EXPORT unsigned short *sesame_handle_counts(void)
{
    return handle_counts;
}

static void object_freed(void *object, void *ptr, CRYPTO_EX_DATA *ad, int idx, long argl, void *argp)
{
    size_t slot = ((uintptr_t)object >> 4) % (sizeof(handle_counts) / sizeof(handle_counts[0]));

    if (handle_counts[slot] != 0)
        host_object_freed(object);
}

void __real_qsort(void *items, size_t count, size_t size, int (*compare)(const void *, const void *));

/* Of each object that is freed, CRYPTO_free_ex_data() sorts what is to be called: that is mostly one function. */
void __wrap_qsort(void *items, size_t count, size_t size, int (*compare)(const void *, const void *))
{
    if (count > 1)
        __real_qsort(items, count, size, compare);
}

/*
 * Starts OpenSSL, and has the host told when an object that JavaScript can hold is freed,
 * whoever frees it: that is how a handle learns that it is dead.
 */
int sesame_init(void)
{
    static const int classes[] = {
        CRYPTO_EX_INDEX_SSL, CRYPTO_EX_INDEX_SSL_CTX, CRYPTO_EX_INDEX_SSL_SESSION,
        CRYPTO_EX_INDEX_X509, CRYPTO_EX_INDEX_X509_STORE, CRYPTO_EX_INDEX_BIO,
        CRYPTO_EX_INDEX_EVP_PKEY,
    };

    if (!sesame_heap_init())
        return 0;
    if (!OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT, NULL))
        return 0;
    if (!sesame_session_age_init() || !sesame_connection_init())
        return 0;
    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
        if (CRYPTO_get_ex_new_index(classes[i], 0, NULL, NULL, NULL, object_freed) < 0)
            return 0;
    return 1;
}

/* Bytes that are handed out and not given back, but for contexts that nobody has. */
EXPORT size_t sesame_memory_used(void)
{
    return sesame_heap_used() - sesame_prepared_bytes();
}

/*
 * The context in whose internal cache a session is, or NULL: OpenSSL has no accessor for it.
 * In a second cache, or with another id, the first one's list would lead to freed memory.
 */
EXPORT SSL_CTX *sesame_session_owner(const SSL_SESSION *session)
{
    return session->owner;
}
