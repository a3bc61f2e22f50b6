/*
 * One connection's machine: a call takes what has come from the peer and what is to be written,
 * runs the handshake, early data, reading, writing and shutdown as far as they go, and leaves what
 * there is to send, what was read and what changed where JavaScript finds it without another call.
 *
 * Calls are synchronous and don't nest, so one struct serves all connections of an instance.
 * OpenSSL's callbacks have their bodies here: JavaScript is asked what only it can decide, by
 * one import with all that it needs to know.
 */
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include "bounds.h"
#include "host.h"
#include "machine.h"

struct machine machine;

/* JavaScript counts in words. */
_Static_assert(offsetof(struct machine, session_time) == 56 * 4 && offsetof(struct machine, incoming) == 64 * 4,
               "the struct is that of src/libssl/machine_block.ts");

static unsigned char incoming[STAGING_BYTES], writing[STAGING_BYTES];
static unsigned char wire[WIRE_BYTES], plaintext[STAGING_BYTES], der_area[DER_BYTES];

/* How many warnings may come at once, and after how many milliseconds another. */
#define MAX_WARNINGS 16
#define WARNING_INTERVAL 1000

static int connection_index = -1;

SESAME_CONNECTION *sesame_connection_of(const SSL *ssl)
{
    return SSL_get_ex_data(ssl, connection_index);
}

int sesame_connection_init(void)
{
    connection_index = SSL_get_ex_new_index(0, NULL, NULL, NULL, NULL);
    machine.incoming = incoming;
    machine.writing = writing;
    machine.wire = wire;
    machine.plaintext = plaintext;
    machine.der_area = der_area;
    return connection_index >= 0;
}

void *sesame_machine(void)
{
    return &machine;
}

void sesame_to_host(void)
{
    ERR_set_mark();
}

void sesame_from_host(void)
{
    ERR_pop_to_mark();
    sesame_time_passed();
}

/* Alerts. */

static void count_warning(SESAME_CONNECTION *connection)
{
    double now = sesame_now();
    double back;

    if (connection->warnings == 0)
        connection->warned_since = now;
    back = (now - connection->warned_since) / WARNING_INTERVAL;
    if (back >= 1) {
        connection->warnings -= back < connection->warnings ? (unsigned int)back : connection->warnings;
        connection->warned_since = now;
    }
    if (++connection->warnings > MAX_WARNINGS)
        connection->are_warnings_too_many = 1;
}

static void on_info(const SSL *ssl, int where, int value)
{
    SESAME_CONNECTION *connection = sesame_connection_of(ssl);

    if (connection == NULL)
        return;
    if (where & SSL_CB_HANDSHAKE_START)
        connection->handshakes_begun++;
    /* A server's HelloRequest is a handshake to OpenSSL, too: the renegotiation is still to come. */
    if (where & SSL_CB_HANDSHAKE_DONE && !SSL_renegotiate_pending(ssl))
        connection->handshakes_done++;
    if (!(where & SSL_CB_ALERT))
        return;
    if (value >> 8 == SSL3_AL_FATAL)
        connection->fatal_alert = value;
    else if (where & SSL_CB_READ)
        count_warning(connection);
}

void sesame_connection_callbacks(SSL_CTX *ctx)
{
    SSL_CTX_set_client_hello_cb(ctx, sesame_on_client_hello, NULL);
    SSL_CTX_sess_set_new_cb(ctx, sesame_on_new_session);
    /* Without a store, too: a context that is chosen may have one. */
    SSL_CTX_sess_set_get_cb(ctx, sesame_on_get_session);
    SSL_CTX_set_allow_early_data_cb(ctx, sesame_on_early_data, NULL);
    /* What is to be written stands elsewhere in the staging area when it is tried again. */
    SSL_CTX_set_mode(ctx, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
}

/* Making and freeing. */

SESAME_CONNECTION *sesame_connection_new(SSL_CTX *ctx, int is_server, size_t pair_bytes, int reads_early_data,
                                         int owner)
{
    SESAME_CONNECTION *connection = OPENSSL_zalloc(sizeof(*connection));
    BIO *inner = NULL;

    if (connection == NULL)
        return NULL;
    connection->owner = owner;
    connection->is_server = is_server;
    connection->wants_sessions = !is_server;
    connection->early = reads_early_data ? READS_EARLY_DATA : NO_EARLY_DATA;
    connection->ssl = SSL_new(ctx);
    if (connection->ssl == NULL || !BIO_new_bio_pair(&inner, pair_bytes, &connection->network, pair_bytes)) {
        sesame_connection_free(connection);
        return NULL;
    }
    SSL_set_bio(connection->ssl, inner, inner);
    connection->pair_bytes = BIO_get_write_buf_size(inner, 0);
    if (!sesame_bound(connection->ssl) || !SSL_set_ex_data(connection->ssl, connection_index, connection)) {
        sesame_connection_free(connection);
        return NULL;
    }
    SSL_set_info_callback(connection->ssl, on_info);
    if (is_server)
        SSL_set_accept_state(connection->ssl);
    return connection;
}

/* A chain that can't be verified goes on: the result says what is wrong with it. */
static int go_on(int is_ok, X509_STORE_CTX *store_ctx)
{
    return 1;
}

void sesame_connection_judge_later(SESAME_CONNECTION *connection, int verify_mode)
{
    connection->judges_later = 1;
    sesame_leave_renegotiation(connection->ssl);
    SSL_set_verify(connection->ssl, verify_mode, go_on);
}

void sesame_connection_write_early_data(SESAME_CONNECTION *connection)
{
    connection->early = WRITES_EARLY_DATA;
}

void sesame_connection_free(SESAME_CONNECTION *connection)
{
    if (connection->ssl != NULL)
        /* What an unclean end does to sessions is the store's matter, not OpenSSL's. */
        SSL_set_shutdown(connection->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    SSL_free(connection->ssl);
    BIO_free(connection->network);
    OPENSSL_free(connection);
}

/* What was negotiated. */

void sesame_connection_describe(SESAME_CONNECTION *connection)
{
    SSL *ssl = connection->ssl;
    const SSL_CIPHER *cipher = SSL_get_current_cipher(ssl);
    X509 *certificate = SSL_get0_peer_certificate(ssl);
    unsigned char *der = NULL;
    unsigned int length;

    machine.version = SSL_version(ssl);
    machine.cipher = cipher != NULL ? SSL_CIPHER_standard_name(cipher) : NULL;
    /* OpenSSL follows the session's pointer, even if there is none yet. */
    machine.group = SSL_get_session(ssl) != NULL ? SSL_get0_group_name(ssl) : NULL;
    machine.server_name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    machine.early_data_status = SSL_get_early_data_status(ssl);
    SSL_get0_alpn_selected(ssl, &machine.alpn.data, &length);
    machine.alpn.length = length;
    machine.is_reused = SSL_session_reused(ssl);
    sesame_give_back(&machine.certificate);
    length = certificate != NULL ? i2d_X509(certificate, &der) : 0;
    machine.certificate = (SPAN) { der, (int)length > 0 ? length : 0 };
}
