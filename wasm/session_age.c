/*
 * How long a session may be resumed, through every resumption (RFC 8446, section 4.6.1).
 *
 * A session stands for a proof: the handshake in which its peer's certificate was verified or,
 * without one, the first. OpenSSL gives each ticket of TLS 1.3 a full lifetime of its own, so
 * the proof goes along: in the session's application data, which OpenSSL copies from a resumed
 * session to its successors and writes into tickets and the ASN.1 form. A proof is made when a
 * certificate is verified, and kept on that very X509, of which a new session holds a reference;
 * a session that was resumed has a copy, made of bytes. So client authentication after the
 * handshake and renegotiation count, and whatever else is resumed keeps what it has.
 */
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include "policy.h"
#include "session_age.h"

/* The longest lifetime that a ticket may have. */
#define WEEK (7 * 24 * 60 * 60)
#define NEVER INT64_MAX

/* How far the clocks of servers that share sessions may be apart, in seconds. */
#define SKEW (60 * 60)

/* A proof as application data, in wasm's byte order: `mark` tells it from anybody else's. */
typedef struct {
    char mark[8];
    int64_t proved_at;
    int64_t not_after;
} PROOF;

static const char MARK[8] = "sesame1";

/* OpenSSL's own, in ssl/ssl_local.h: an SSL of TLS is where its SSL_CONNECTION is. */
SSL_TICKET_STATUS tls_decrypt_ticket(SSL *ssl, const unsigned char *ticket, size_t length,
                                     const unsigned char *id, size_t id_length, SSL_SESSION **session);

static int proof_index = -1, max_age_index = -1, revalidates_index = -1, verdict_index = -1, approved_index = -1;
static int is_peeking;
static ASN1_TIME *epoch;

static void free_proof(void *x509, void *proof, CRYPTO_EX_DATA *ad, int idx, long argl, void *argp)
{
    OPENSSL_free(proof);
}

static void free_approved(void *ssl, void *session, CRYPTO_EX_DATA *ad, int idx, long argl, void *argp)
{
    SSL_SESSION_free(session);
}

int sesame_session_age_init(void)
{
    proof_index = X509_get_ex_new_index(0, NULL, NULL, NULL, free_proof);
    max_age_index = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, NULL);
    revalidates_index = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, NULL);
    approved_index = SSL_get_ex_new_index(0, NULL, NULL, NULL, free_approved);
    verdict_index = SSL_get_ex_new_index(0, NULL, NULL, NULL, NULL);
    epoch = ASN1_TIME_set(NULL, 0);
    return proof_index >= 0 && max_age_index >= 0 && revalidates_index >= 0 && verdict_index >= 0
        && approved_index >= 0 && epoch != NULL;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* When a certificate ends, in Unix seconds: at once if it can't be told. */
static int64_t end_of(const X509 *cert)
{
    int days, seconds;

    if (!ASN1_TIME_diff(&days, &seconds, epoch, X509_get0_notAfter(cert)))
        return 0;
    return (int64_t)days * 24 * 60 * 60 + seconds;
}

static PROOF new_proof(int64_t proved_at, int64_t not_after)
{
    PROOF proof = { .proved_at = proved_at, .not_after = not_after };

    memcpy(proof.mark, MARK, sizeof(MARK));
    return proof;
}

/* Verifies as OpenSSL does, and remembers when, and how long what was verified lasts. */
static int verify(X509_STORE_CTX *store_ctx, void *arg)
{
    const STACK_OF(X509) *chain;
    PROOF *proof;
    int result = X509_verify_cert(store_ctx);

    if (result != 1)
        return result;
    chain = X509_STORE_CTX_get0_chain(store_ctx);
    proof = OPENSSL_malloc(sizeof(*proof));
    if (proof == NULL || !X509_set_ex_data(X509_STORE_CTX_get0_cert(store_ctx), proof_index, proof)) {
        OPENSSL_free(proof);
        X509_STORE_CTX_set_error(store_ctx, X509_V_ERR_OUT_OF_MEM);
        return 0;
    }
    *proof = new_proof(time(NULL), NEVER);
    for (int i = 0; i < sk_X509_num(chain); i++)
        proof->not_after = least(proof->not_after, end_of(sk_X509_value(chain, i)));
    return 1;
}

/* The proof that a session carries: 0 if it carries none. */
static int carried(SSL_SESSION *session, PROOF *proof)
{
    void *data;
    size_t length;

    if (!SSL_SESSION_get0_ticket_appdata(session, &data, &length) || length != sizeof(*proof))
        return 0;
    memcpy(proof, data, sizeof(*proof));
    return memcmp(proof->mark, MARK, sizeof(MARK)) == 0;
}

static PROOF proof_of(SSL_SESSION *session)
{
    X509 *peer = SSL_SESSION_get0_peer(session);
    PROOF proof;

    if (carried(session, &proof))
        return proof;
    return new_proof(SSL_SESSION_get_time_ex(session), peer != NULL ? end_of(peer) : NEVER);
}

static int max_age_of(SSL *ssl)
{
    return (int)(intptr_t)SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), max_age_index);
}

int sesame_session_stamp(SSL *ssl, SSL_SESSION *session)
{
    int64_t start = SSL_SESSION_get_time_ex(session), end;
    int max_age = max_age_of(ssl);
    X509 *peer = SSL_SESSION_get0_peer(session);
    PROOF *made_here = peer != NULL ? X509_get_ex_data(peer, proof_index) : NULL;
    PROOF proof;

    if (max_age == 0)
        return 1;
    proof = made_here != NULL ? *made_here : proof_of(session);
    /* A clock that was ahead must not prolong what follows. */
    proof.proved_at = least(proof.proved_at, start);
    end = start + least(SSL_CTX_get_timeout(SSL_get_SSL_CTX(ssl)), WEEK);
    end = least(end, least(proof.proved_at + max_age, proof.not_after));
    SSL_SESSION_set_timeout(session, end > start ? (long)(end - start) : 0);
    return SSL_SESSION_set1_ticket_appdata(session, &proof, sizeof(proof));
}

int sesame_session_verdict(SSL_SESSION *session, int max_age)
{
    PROOF proof = proof_of(session);
    int64_t old = proof.proved_at + max_age;
    int64_t end = SSL_SESSION_get_time_ex(session) + least(SSL_SESSION_get_timeout(session), WEEK);
    int64_t now = time(NULL);

    /* One from before proofs: its successors must not count from their own making. */
    if (!SSL_SESSION_set1_ticket_appdata(session, &proof, sizeof(proof)))
        return SESSION_EXPIRED;
    /* By a clock that was ahead, whose sessions would last until it is right. */
    if (proof.proved_at > now + SKEW)
        return SESSION_EXPIRED;
    /* To OpenSSL the last second of a lifetime counts. */
    if (now <= end && now < least(old, proof.not_after))
        return SESSION_VALID;
    /* What came first; a lifetime that was cut ends with what it was cut to. */
    if (proof.not_after <= least(end, old))
        return SESSION_CERTIFICATE_EXPIRED;
    return old <= end ? SESSION_TOO_OLD : SESSION_EXPIRED;
}

double sesame_session_proved_at(SSL_SESSION *session)
{
    return (double)proof_of(session).proved_at;
}

double sesame_session_not_after(SSL_SESSION *session)
{
    return (double)proof_of(session).not_after;
}

int sesame_session_ticket_verdict(SSL *ssl)
{
    return (int)(intptr_t)SSL_get_ex_data(ssl, verdict_index);
}

/* Whether a session has the secret of the one that was approved. */
static int is_approved(SSL *ssl, SSL_SESSION *session)
{
    SSL_SESSION *approved = SSL_get_ex_data(ssl, approved_index);
    unsigned char a[SSL_MAX_MASTER_KEY_LENGTH], b[SSL_MAX_MASTER_KEY_LENGTH];
    size_t length = SSL_SESSION_get_master_key(session, a, sizeof(a));
    int is_same = approved != NULL && length > 0 && SSL_SESSION_get_master_key(approved, b, sizeof(b)) == length
        && CRYPTO_memcmp(a, b, length) == 0;

    OPENSSL_cleanse(a, sizeof(a));
    OPENSSL_cleanse(b, sizeof(b));
    return is_same;
}

/* Whether the next ticket is the session itself, encrypted: as OpenSSL decides it. */
static int is_stateless(const SSL *ssl)
{
    uint64_t options = SSL_get_options(ssl);

    return SSL_version(ssl) != TLS1_3_VERSION
        || !(options & SSL_OP_NO_TICKET
             || (SSL_get_max_early_data(ssl) > 0 && !(options & SSL_OP_NO_ANTI_REPLAY)));
}

/*
 * Before each ticket of TLS 1.3, stateful or not, and each of TLS 1.2. The session may have ended
 * by now, with its peer's certificate: OpenSSL encrypts none without a lifetime, which would read
 * as three seconds, and fails the handshake. It gets one, and is refused by its proof.
 */
static int on_new_ticket(SSL *ssl, void *arg)
{
    SSL_SESSION *session = SSL_get_session(ssl);

    if (!sesame_session_stamp(ssl, session))
        return 0;
    if (SSL_SESSION_get_timeout(session) == 0 && is_stateless(ssl))
        SSL_SESSION_set_timeout(session, 1);
    return 1;
}

static SSL_TICKET_RETURN on_ticket(SSL *ssl, SSL_SESSION *session, const unsigned char *name, size_t length,
                                   SSL_TICKET_STATUS status, void *arg)
{
    int verdict;

    if (session == NULL)
        return SSL_TICKET_RETURN_IGNORE_RENEW;
    verdict = sesame_session_verdict(session, max_age_of(ssl));
    if (verdict == SESSION_VALID && !is_peeking && SSL_SESSION_get0_peer(session) != NULL
        && SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), revalidates_index) != NULL && !is_approved(ssl, session))
        verdict = SESSION_NOT_REVALIDATED;
    SSL_set_ex_data(ssl, verdict_index, (void *)(intptr_t)verdict);
    /* Nothing is negotiated yet where one peeks. */
    if (verdict != SESSION_VALID || (!is_peeking && sesame_session_misfit(ssl, session) != SESSION_FITS))
        return SSL_TICKET_RETURN_IGNORE_RENEW;
    return status == SSL_TICKET_SUCCESS_RENEW ? SSL_TICKET_RETURN_USE_RENEW : SSL_TICKET_RETURN_USE;
}

SSL_SESSION *sesame_session_of_ticket(SSL *ssl, const unsigned char *ticket, size_t length)
{
    SSL_SESSION *session = NULL;

    is_peeking = 1;
    ERR_set_mark();
    tls_decrypt_ticket(ssl, ticket, length, NULL, 0, &session);
    ERR_pop_to_mark();
    is_peeking = 0;
    return session;
}

int sesame_session_approve(SSL *ssl, SSL_SESSION *session)
{
    SSL_SESSION *before = SSL_get_ex_data(ssl, approved_index);

    if (session != NULL && !SSL_SESSION_up_ref(session))
        return 0;
    if (!SSL_set_ex_data(ssl, approved_index, session)) {
        SSL_SESSION_free(session);
        return 0;
    }
    SSL_SESSION_free(before);
    return 1;
}

int sesame_session_limit(SSL_CTX *ctx, int max_age, int revalidates)
{
    SSL_CTX_set_cert_verify_callback(ctx, verify, NULL);
    return SSL_CTX_set_ex_data(ctx, max_age_index, (void *)(intptr_t)max_age)
        && SSL_CTX_set_ex_data(ctx, revalidates_index, revalidates ? ctx : NULL)
        && SSL_CTX_set_session_ticket_cb(ctx, on_new_ticket, on_ticket, NULL);
}
