/*
 * What a server's connection does with a hello: it is read here, JavaScript decides on what terms
 * the connection goes on, if it does, and they are applied.
 */
#include <string.h>
#include <openssl/rand.h>
#include "machine.h"

#define HOST(name) __attribute__((import_module("sesame:host"), import_name(#name)))

/* A hello has come: SSL_CLIENT_HELLO_*, with the terms in `machine` if they are new. */
HOST(connection_hello) int host_connection_hello(int owner);

int sesame_connection_allows_tls13(SESAME_CONNECTION *connection)
{
    long max = SSL_get_max_proto_version(connection->ssl);

    return (max == 0 || max >= TLS1_3_VERSION) && !(SSL_get_options(connection->ssl) & SSL_OP_NO_TLSv1_3);
}

static SPAN extension(SSL *ssl, unsigned int type)
{
    SPAN body;

    return SSL_client_hello_get0_ext(ssl, type, &body.data, &body.length) ? body : (SPAN) { NULL, 0 };
}

static unsigned int uint16(SPAN body, size_t at)
{
    return at + 2 <= body.length ? body.data[at] << 8 | body.data[at + 1] : 0;
}

/* What follows at `at` after its length in two bytes. */
static SPAN vector(SPAN body, size_t at)
{
    size_t length = uint16(body, at);

    return at + 2 + length <= body.length ? (SPAN) { body.data + at + 2, length } : (SPAN) { NULL, 0 };
}

/* RFC 6066, section 3: a list of names, of which the first host name counts. */
static SPAN host_name(SPAN body)
{
    return body.length > 2 && body.data[2] == TLSEXT_NAMETYPE_host_name ? vector(body, 3) : (SPAN) { NULL, 0 };
}

/* RFC 8446, section 4.2.1. */
static int offers_tls13(SPAN body)
{
    for (size_t at = 1; at + 2 <= body.length; at += 2)
        if (uint16(body, at) == TLS1_3_VERSION)
            return 1;
    return 0;
}

static void read_hello(SESAME_CONNECTION *connection)
{
    SSL *ssl = connection->ssl;
    const unsigned char *random;

    machine.offers_tls13 = offers_tls13(extension(ssl, TLSEXT_TYPE_supported_versions));
    machine.allows_tls13 = sesame_connection_allows_tls13(connection);
    SSL_client_hello_get0_random(ssl, &random);
    machine.is_new = memcmp(connection->random, random, SSL3_RANDOM_SIZE) != 0;
    memcpy(connection->random, random, SSL3_RANDOM_SIZE);
    machine.host_name = host_name(extension(ssl, TLSEXT_TYPE_server_name));
    machine.session_id.length = SSL_client_hello_get0_session_id(ssl, &machine.session_id.data);
    machine.ticket = extension(ssl, TLSEXT_TYPE_session_ticket);
    /* RFC 8446, section 4.2.11: binders follow. */
    machine.identities = vector(extension(ssl, TLSEXT_TYPE_psk), 0);
    machine.hello_alert = machine.has_terms = machine.finds = 0;
}

/* Sessions of a connection that makes and resumes none are bound to what nobody else has. */
static int refuse_sessions(SSL *ssl)
{
    machine.context_length = SSL_MAX_SID_CTX_LENGTH;
    if (RAND_bytes(machine.context, SSL_MAX_SID_CTX_LENGTH) != 1 || !SSL_set_num_tickets(ssl, 0))
        return 0;
    SSL_set_options(ssl, SSL_OP_NO_TICKET);
    return 1;
}

static int take_terms(SESAME_CONNECTION *connection)
{
    SSL *ssl = connection->ssl;

    connection->wants_sessions = machine.wants_sessions;
    connection->max_age = machine.max_age;
    switch ((enum tickets)machine.tickets) {
    case NO_SESSIONS:
        if (!refuse_sessions(ssl))
            return 0;
        break;
    case STATEFUL_TICKETS:
        SSL_set_options(ssl, SSL_OP_NO_TICKET);
        break;
    case STATELESS_TICKETS:
        SSL_clear_options(ssl, SSL_OP_NO_TICKET);
        break;
    case TICKETS_AS_THEY_ARE:
        break;
    }
    /* Without one, sessions are bound to what the context says: OpenSSL compares it. */
    if (machine.context_length == 0)
        return 1;
    connection->context_length = machine.context_length;
    memcpy(connection->context, machine.context, machine.context_length);
    return SSL_set_session_id_context(ssl, machine.context, machine.context_length);
}

int sesame_on_client_hello(SSL *ssl, int *alert, void *arg)
{
    SESAME_CONNECTION *connection = sesame_connection_of(ssl);
    int answer;

    if (connection == NULL)
        return SSL_CLIENT_HELLO_SUCCESS;
    read_hello(connection);
    sesame_to_host();
    answer = host_connection_hello(connection->owner);
    sesame_from_host();
    if (answer == SSL_CLIENT_HELLO_ERROR && machine.hello_alert != 0)
        *alert = machine.hello_alert;
    if (answer != SSL_CLIENT_HELLO_SUCCESS)
        return answer;
    connection->finds_left = machine.finds;
    return !machine.has_terms || take_terms(connection) ? SSL_CLIENT_HELLO_SUCCESS : SSL_CLIENT_HELLO_ERROR;
}

/* The protocols of a server, as they go over the wire (RFC 7301, section 3.1): owned by its SSL_CTX. */
struct protocols {
    unsigned int length;
    unsigned char list[];
};

static int protocols_index = -1;

static void free_protocols(void *ctx, void *protocols, CRYPTO_EX_DATA *ad, int idx, long argl, void *argp)
{
    OPENSSL_free(protocols);
}

/* The first of a server's protocols that the client offers; else the connection ends. */
static int on_alpn_select(SSL *ssl, const unsigned char **out, unsigned char *out_length, const unsigned char *in,
                          unsigned int length, void *arg)
{
    const struct protocols *ours = arg;

    for (unsigned int i = 0; i < ours->length; i += 1 + ours->list[i])
        for (unsigned int j = 0; j < length; j += 1 + in[j])
            if (in[j] == ours->list[i] && memcmp(in + j + 1, ours->list + i + 1, in[j]) == 0) {
                *out = in + j + 1;
                *out_length = in[j];
                return SSL_TLSEXT_ERR_OK;
            }
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

int sesame_select_alpn(SSL_CTX *ctx, const unsigned char *list, size_t length)
{
    struct protocols *protocols = OPENSSL_malloc(sizeof(*protocols) + length);

    if (protocols_index < 0)
        protocols_index = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, free_protocols);
    if (protocols == NULL || protocols_index < 0 || !SSL_CTX_set_ex_data(ctx, protocols_index, protocols)) {
        OPENSSL_free(protocols);
        return 0;
    }
    protocols->length = length;
    memcpy(protocols->list, list, length);
    SSL_CTX_set_alpn_select_cb(ctx, on_alpn_select, protocols);
    return 1;
}
