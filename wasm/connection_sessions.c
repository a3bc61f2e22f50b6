/*
 * The sessions of a connection: JavaScript gives and gets their DER, with all that it has to know
 * of them. What can't be resumed is told from what can here.
 */
#include <openssl/crypto.h>
#include <openssl/err.h>
#include "host.h"
#include "machine.h"
#include "policy.h"
#include "session_age.h"

#define HOST(name) __attribute__((import_module("sesame:host"), import_name(#name)))

/* Which session has this id: the length of its DER, which is then at `machine.der`, or 0. */
HOST(connection_find_session) size_t host_connection_find_session(int owner, const unsigned char *id, int length);
/* Why the session that was found is not resumed: an enum flaw. */
HOST(connection_refuse_session) void host_connection_refuse_session(int owner, int flaw);
/* There is a new session: all of it is in `machine`. */
HOST(connection_new_session) void host_connection_new_session(int owner);

static unsigned char *take_der_area(size_t length)
{
    return length <= DER_BYTES ? machine.der_area : OPENSSL_malloc(length);
}

void sesame_give_back(SPAN *der)
{
    unsigned char *data = (unsigned char *)der->data;

    if (data != NULL)
        OPENSSL_cleanse(data, der->length);
    if (data != machine.der_area)
        OPENSSL_free(data);
    *der = (SPAN) { NULL, 0 };
}

/* Why a session can't be resumed: OpenSSL ends the connection for some of it. */
static int flaw_of(SESAME_CONNECTION *connection, SSL_SESSION *session, const unsigned char *id, size_t length)
{
    unsigned int actual_length;
    const unsigned char *actual;
    double end;
    int misfit, verdict;

    if (session == NULL)
        return MALFORMED;
    actual = SSL_SESSION_get_id(session, &actual_length);
    if (actual_length != length || CRYPTO_memcmp(actual, id, length) != 0)
        return MALFORMED;
    actual = SSL_SESSION_get0_id_context(session, &actual_length);
    if (!connection->judges_later && (actual_length != connection->context_length
        || CRYPTO_memcmp(actual, connection->context, actual_length) != 0))
        return MALFORMED;
    misfit = sesame_session_misfit(connection->ssl, session);
    if (misfit != SESSION_FITS)
        return MISFIT + misfit;
    verdict = sesame_session_verdict(session, connection->max_age);
    if (verdict != SESSION_VALID)
        return VERDICT + verdict;
    end = 1000.0 * ((double)SSL_SESSION_get_time_ex(session) + SSL_SESSION_get_timeout(session));
    if (end > machine.session_expires_at)
        end = machine.session_expires_at;
    return end <= sesame_now() ? VERDICT + SESSION_EXPIRED : NO_FLAW;
}

SSL_SESSION *sesame_on_get_session(SSL *ssl, const unsigned char *id, int length, int *copy)
{
    SESAME_CONNECTION *connection = sesame_connection_of(ssl);
    SSL_SESSION *session;
    const unsigned char *der;
    int flaw;

    *copy = 0;
    /* A hello has room for 1,700 identities, which may all be the same. */
    if (connection == NULL || connection->finds_left <= 0)
        return NULL;
    connection->finds_left--;
    machine.der = (SPAN) { NULL, 0 };
    sesame_to_host();
    machine.der.length = host_connection_find_session(connection->owner, id, length);
    sesame_from_host();
    if (machine.der.length == 0)
        return NULL;
    ERR_set_mark();
    der = machine.der.data;
    session = d2i_SSL_SESSION(NULL, &der, machine.der.length);
    sesame_give_back(&machine.der);
    flaw = flaw_of(connection, session, id, length);
    connection->was_session_taken = flaw == NO_FLAW && machine.was_taken;
    if (flaw != NO_FLAW) {
        SSL_SESSION_free(session);
        session = NULL;
        host_connection_refuse_session(connection->owner, flaw);
    }
    ERR_pop_to_mark();
    return session;
}

static void tell_of_session(SESAME_CONNECTION *connection, SSL_SESSION *session)
{
    int length = i2d_SSL_SESSION(session, NULL);
    unsigned char *der = length > 0 ? take_der_area(length) : NULL;
    unsigned int id_length;

    if (der == NULL)
        return;
    machine.der = (SPAN) { der, length };
    i2d_SSL_SESSION(session, &der);
    machine.id.data = SSL_SESSION_get_id(session, &id_length);
    machine.id.length = id_length;
    machine.session_version = SSL_SESSION_get_protocol_version(session);
    machine.session_early_data = SSL_SESSION_get_max_early_data(session);
    machine.session_lifetime_hint = SSL_SESSION_get_ticket_lifetime_hint(session);
    machine.session_timeout = SSL_SESSION_get_timeout(session);
    machine.session_time = SSL_SESSION_get_time_ex(session);
    machine.session_proved_at = sesame_session_proved_at(session);
    machine.session_not_after = sesame_session_not_after(session);
    sesame_to_host();
    host_connection_new_session(connection->owner);
    sesame_from_host();
    sesame_give_back(&machine.der);
}

/* A session of TLS 1.2 that is found by its id has had no ticket by which it was stamped. */
int sesame_on_new_session(SSL *ssl, SSL_SESSION *session)
{
    SESAME_CONNECTION *connection = sesame_connection_of(ssl);
    const unsigned char *protocol;
    unsigned int length;

    sesame_session_stamp(ssl, session);
    if (connection == NULL || !connection->wants_sessions)
        return 0;
    if (!connection->is_server) {
        /*
         * Early data goes by the protocol of the connection that gave the session (RFC 8446,
         * 4.2.10): OpenSSL keeps that of the one before.
         */
        SSL_get0_alpn_selected(ssl, &protocol, &length);
        SSL_SESSION_set1_alpn_selected(session, protocol, length);
    }
    tell_of_session(connection, session);
    return 0;
}

/*
 * Early data may come in if its session is nobody else's, and the cipher suite is that of the
 * session (RFC 8446, 4.2.10), which OpenSSL doesn't look at.
 */
int sesame_on_early_data(SSL *ssl, void *arg)
{
    SESAME_CONNECTION *connection = sesame_connection_of(ssl);
    SSL_SESSION *session = SSL_get_session(ssl);
    const SSL_CIPHER *selected = SSL_get_pending_cipher(ssl);

    return connection != NULL && connection->was_session_taken && session != NULL && selected != NULL
        && SSL_SESSION_get0_cipher(session) == selected;
}
