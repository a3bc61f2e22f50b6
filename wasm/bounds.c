/*
 * What one peer may ask of a connection. OpenSSL answers any number of key updates, session
 * tickets, renegotiations and requests for a certificate, each of which costs far more than
 * its bytes: a bounded connection ends, or refuses, when they come faster than any peer has
 * a use for. Nor does it compute in groups of any size, or decompress any number of points.
 *
 * Both functions through which OpenSSL processes a handshake message are wrapped at link time
 * (--wrap), so OpenSSL itself is unpatched, and a message that is too many is never processed.
 */
#include <openssl/bn.h>
#include <openssl/bnerr.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/ssl.h>
#include "pipelines.h"
#include "ssl/ssl_local.h"
#include "internal/ssl_unwrap.h"
#include "bounds.h"
#include "host.h"

/* Declared by OpenSSL in ssl/statem/, which isn't installed. An SSL_CONNECTION begins with its SSL. */
#define MSG_PROCESS_ERROR 0
int __real_ossl_statem_client_process_message(SSL *s, PACKET *pkt);
int __real_ossl_statem_server_process_message(SSL *s, PACKET *pkt);
int __wrap_ossl_statem_client_process_message(SSL *s, PACKET *pkt);
int __wrap_ossl_statem_server_process_message(SSL *s, PACKET *pkt);

enum kind { KEY_UPDATE, TICKET, RENEGOTIATION, CERTIFICATE_REQUEST, HELLO, KINDS };

/* How many may come at once, how often another may, in milliseconds, and what too many are. */
static const struct {
    unsigned int burst;
    double interval;
    int reason;
    const char *what;
} bounds[KINDS] = {
    [KEY_UPDATE] = { 32, 1000, SSL_R_TOO_MANY_KEY_UPDATES, NULL },
    [TICKET] = { 32, 1000, SSL_R_UNEXPECTED_MESSAGE, "too many session tickets" },
    /* One is how servers such as IIS ask for a certificate. */
    [RENEGOTIATION] = { 1, 60000, SSL_R_NO_RENEGOTIATION, NULL },
    [CERTIFICATE_REQUEST] = { 4, 15000, SSL_R_UNEXPECTED_MESSAGE, "too many certificate requests" },
    /* Those that are refused with a warning, too. */
    [HELLO] = { 32, 1000, SSL_R_UNEXPECTED_MESSAGE, "too many requests to renegotiate" },
};

/* The largest group of a server's own that a client computes in: 10,000 bits take seconds. */
#define MAX_DH_BYTES (4096 / 8)

/* What has been used of each, and since when it comes back. */
struct usage {
    unsigned int used[KINDS];
    double since[KINDS];
    int refuses_renegotiation;
    int leaves_renegotiation; /* how often, JavaScript says */
};

static int usage_index = -1;

static void free_usage(void *ssl, void *usage, CRYPTO_EX_DATA *ad, int idx, long argl, void *argp)
{
    OPENSSL_free(usage);
}

int sesame_bound(SSL *ssl)
{
    struct usage *usage;

    if (usage_index < 0)
        usage_index = CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_SSL, 0, NULL, NULL, NULL, free_usage);
    usage = usage_index < 0 ? NULL : OPENSSL_zalloc(sizeof(*usage));
    if (usage != NULL && SSL_set_ex_data(ssl, usage_index, usage))
        return 1;
    OPENSSL_free(usage);
    return 0;
}

void sesame_refuse_warnings(SSL *ssl)
{
    ERR_new();
    ossl_statem_fatal(SSL_CONNECTION_FROM_SSL(ssl), SSL_AD_UNEXPECTED_MESSAGE,
                      SSL_R_TOO_MANY_WARN_ALERTS, NULL);
}

/* Takes one of a kind; false if that is too many. The clock is asked when it matters. */
static int take(struct usage *usage, enum kind kind)
{
    double now, back;

    if (usage->used[kind] == 0)
        usage->since[kind] = sesame_now();
    if (usage->used[kind] == bounds[kind].burst) {
        now = sesame_now();
        back = (now - usage->since[kind]) / bounds[kind].interval;
        if (back >= 1) {
            usage->used[kind] -= back < usage->used[kind] ? (unsigned int)back : usage->used[kind];
            usage->since[kind] = now;
        }
        if (usage->used[kind] == bounds[kind].burst)
            return 0;
    }
    usage->used[kind]++;
    return 1;
}

static int allow(SSL *ssl, struct usage *usage, enum kind kind)
{
    if (take(usage, kind))
        return 1;
    ERR_new();
    ossl_statem_fatal(SSL_CONNECTION_FROM_SSL(ssl), SSL_AD_UNEXPECTED_MESSAGE,
                      bounds[kind].reason, bounds[kind].what);
    return 0;
}

/* OpenSSL answers the one that is too many with the warning no_renegotiation (RFC 5246, 7.2.2). */
static int allow_renegotiation(SSL *ssl, struct usage *usage)
{
    if (!allow(ssl, usage, HELLO))
        return 0;
    if (usage->leaves_renegotiation)
        return 1;
    if (!usage->refuses_renegotiation && (SSL_get_options(ssl) & SSL_OP_NO_RENEGOTIATION))
        return 1;
    usage->refuses_renegotiation = !take(usage, RENEGOTIATION);
    if (usage->refuses_renegotiation)
        SSL_set_options(ssl, SSL_OP_NO_RENEGOTIATION);
    else
        SSL_clear_options(ssl, SSL_OP_NO_RENEGOTIATION);
    return 1;
}

void sesame_leave_renegotiation(SSL *ssl)
{
    struct usage *usage = SSL_get_ex_data(ssl, usage_index);

    if (usage != NULL)
        usage->leaves_renegotiation = 1;
}

/* A ServerKeyExchange begins with the group's prime, of the length that comes first (RFC 5246, 7.4.3). */
static int allow_key_exchange(SSL *ssl, const PACKET *pkt)
{
    const SSL_CIPHER *cipher = SSL_get_pending_cipher(ssl);

    if (cipher == NULL || SSL_CIPHER_get_kx_nid(cipher) != NID_kx_dhe || pkt->remaining < 2
        || (pkt->curr[0] << 8 | pkt->curr[1]) <= MAX_DH_BYTES)
        return 1;
    ERR_new();
    ossl_statem_fatal(SSL_CONNECTION_FROM_SSL(ssl), SSL_AD_HANDSHAKE_FAILURE, SSL_R_BAD_DH_VALUE,
                      "the group is too large");
    return 0;
}

/*
 * A compressed point, such as a certificate's key, is a square root: in a field whose prime a peer
 * may choose (RFC 5480 forbids it, OpenSSL decodes it) of 640 bits, half a second. The time grows by
 * the square of the power of two in the prime less one: 2^96 for P-224, 2 or 4 for all other named
 * curves.
 */
#define MAX_ROOT_POWER 96
#define SMALL_ROOT_POWER 2
#define SMALL_ROOT_COST 1
#define LARGE_ROOT_COST 8
#define ROOTS_OF_MESSAGE 32
#define ANY_NUMBER -1

/* What the message that is being processed may still cost: messages don't nest. */
static int roots_left = ANY_NUMBER;

BIGNUM *__real_BN_mod_sqrt(BIGNUM *in, const BIGNUM *a, const BIGNUM *p, BN_CTX *ctx);
BIGNUM *__wrap_BN_mod_sqrt(BIGNUM *in, const BIGNUM *a, const BIGNUM *p, BN_CTX *ctx);

static int allow_root(const BIGNUM *p)
{
    int power = 1, cost;

    while (power <= MAX_ROOT_POWER && !BN_is_bit_set(p, power))
        power++;
    cost = power > SMALL_ROOT_POWER ? LARGE_ROOT_COST : SMALL_ROOT_COST;
    if (power > MAX_ROOT_POWER || (roots_left != ANY_NUMBER && cost > roots_left))
        return 0;
    if (roots_left != ANY_NUMBER)
        roots_left -= cost;
    return 1;
}

BIGNUM *__wrap_BN_mod_sqrt(BIGNUM *in, const BIGNUM *a, const BIGNUM *p, BN_CTX *ctx)
{
    if (allow_root(p))
        return __real_BN_mod_sqrt(in, a, p, ctx);
    ERR_raise(ERR_LIB_BN, BN_R_TOO_MANY_ITERATIONS);
    return NULL;
}

/* Whether the message that has come, which has its state already, may be processed. */
static int may_process(SSL *ssl, const PACKET *pkt)
{
    struct usage *usage = usage_index < 0 ? NULL : SSL_get_ex_data(ssl, usage_index);
    OSSL_HANDSHAKE_STATE state = SSL_get_state(ssl);

    if (usage == NULL)
        return 1;
    if (state == TLS_ST_CR_KEY_EXCH)
        return allow_key_exchange(ssl, pkt);
    /* What follows is of a connection whose handshake was done: there is a Finished. */
    if (SSL_get_finished(ssl, NULL, 0) == 0)
        return 1;
    switch (state) {
    case TLS_ST_CR_KEY_UPDATE:
    case TLS_ST_SR_KEY_UPDATE:
        return allow(ssl, usage, KEY_UPDATE);
    case TLS_ST_CR_SESSION_TICKET:
        return allow(ssl, usage, TICKET);
    case TLS_ST_CR_CERT_REQ:
        return SSL_version(ssl) != TLS1_3_VERSION || allow(ssl, usage, CERTIFICATE_REQUEST);
    case TLS_ST_CR_HELLO_REQ:
    case TLS_ST_SR_CLNT_HELLO:
        return allow_renegotiation(ssl, usage);
    default:
        return 1;
    }
}

/* Has a message processed that may be. */
static int process(SSL *ssl, PACKET *pkt, int (*real)(SSL *ssl, PACKET *pkt))
{
    int result;

    if (!may_process(ssl, pkt))
        return MSG_PROCESS_ERROR;
    roots_left = ROOTS_OF_MESSAGE;
    result = real(ssl, pkt);
    roots_left = ANY_NUMBER;
    return result;
}

int __wrap_ossl_statem_client_process_message(SSL *s, PACKET *pkt)
{
    return process(s, pkt, __real_ossl_statem_client_process_message);
}

int __wrap_ossl_statem_server_process_message(SSL *s, PACKET *pkt)
{
    return process(s, pkt, __real_ossl_statem_server_process_message);
}
