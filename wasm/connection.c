/*
 * One connection's machine: a call takes what has come from the peer and what is to be written,
 * runs the handshake, early data, reading, writing and shutdown as far as they go, and leaves what
 * there is to send, what was read and what changed where JavaScript finds it without another call.
 *
 * Calls are synchronous and don't nest, so one struct serves all connections of an instance.
 * OpenSSL's callbacks have their bodies here: JavaScript is asked what only it can decide, by
 * one import with all that it needs to know.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include "bounds.h"
#include "connection.h"
#include "host.h"
#include "policy.h"
#include "session_age.h"

#define HOST(name) __attribute__((import_module("sesame:host"), import_name(#name)))

/* A hello has come: SSL_CLIENT_HELLO_*, with the terms in `machine` if they are new. */
HOST(connection_hello) int host_connection_hello(SSL *ssl);
/* Which session has this id: the length of its DER, which is then at `machine.der`, or 0. */
HOST(connection_find_session) size_t host_connection_find_session(SSL *ssl, const unsigned char *id, int length);
/* Why the session that was found is not resumed: an enum flaw. */
HOST(connection_refuse_session) void host_connection_refuse_session(SSL *ssl, int flaw);
/* There is a new session: all of it is in `machine`. */
HOST(connection_new_session) void host_connection_new_session(SSL *ssl);

enum early { NO_EARLY_DATA, READS_EARLY_DATA, WRITES_EARLY_DATA };

/* What follows is shared with JavaScript: the order and the values are those of src/libssl/machine*.ts. */

enum phase { HANDSHAKING, OPEN, CLOSING, CLOSED, FAILED };

/* Flags of a run. */
#define RUN_ENDS 1 /* close_notify is to be sent when all is written */
#define RUN_ALL_EARLY_DATA 2 /* there is no more early data to write than this */

/* What has become of a run. */
#define STATUS_OPENED 1 /* the handshake is done: what was negotiated is there */
#define STATUS_MORE 2 /* there is more to do: run again at once */
#define STATUS_PEER_CLOSED 4

enum tickets { TICKETS_AS_THEY_ARE, NO_SESSIONS, STATEFUL_TICKETS, STATELESS_TICKETS };
enum flaw { NO_FLAW, MALFORMED, MISFIT, VERDICT = 16 }; /* with an enum sesame_misfit or sesame_verdict added */

#define STAGING_BYTES 65536
#define WIRE_BYTES (STAGING_BYTES + 4096) /* of as much data, in records */
#define DER_BYTES 4096

typedef struct {
    const unsigned char *data;
    size_t length;
} SPAN;

static struct machine {
    /* Of a run. */
    uint32_t status, phase, taken, written, wire_length, plaintext_length;
    uint32_t alert; /* the one that ended the connection, as the info callback has it; or 0 */
    uint32_t verify_result;
    /* What was negotiated. */
    uint32_t version, is_reused;
    const char *cipher, *group, *server_name;
    uint32_t early_data_status;
    SPAN alpn, certificate;
    /* Of a hello: what can't be parsed is empty, as what is missing. */
    uint32_t offers_tls13, allows_tls13;
    uint32_t is_new; /* it begins a handshake, and is none after a HelloRetryRequest */
    SPAN host_name, session_id, ticket, identities;
    /* The answer to a hello: the terms of the connection, if `has_terms`. */
    uint32_t hello_alert, has_terms, tickets, wants_sessions, max_age, finds;
    uint32_t context_length;
    unsigned char context[SSL_MAX_SID_CTX_LENGTH];
    /* A session: one that is new, or the answer to one that was looked for. */
    SPAN id, der;
    uint32_t was_taken; /* nobody else will be given it */
    uint32_t session_version, session_early_data, session_lifetime_hint, session_timeout;
    /* In seconds since 1970, but for the last, which says in milliseconds when the store is done with it. */
    double session_time, session_proved_at, session_not_after, session_expires_at;
    unsigned char *incoming, *writing, *wire, *plaintext, *der_area;
} machine;

/* JavaScript counts in words. */
_Static_assert(offsetof(struct machine, session_time) == 54 * 4 && offsetof(struct machine, incoming) == 62 * 4,
               "the struct is that of src/libssl/machine_block.ts");

static unsigned char incoming[STAGING_BYTES], writing[STAGING_BYTES];
static unsigned char wire[WIRE_BYTES], plaintext[STAGING_BYTES], der_area[DER_BYTES];

/* How many warnings may come at once, and after how many milliseconds another. */
#define MAX_WARNINGS 16
#define WARNING_INTERVAL 1000

struct sesame_connection_st {
    SSL *ssl; /* comes first: JavaScript reads it */
    BIO *network;
    enum phase phase;
    enum early early;
    int is_server, has_peer_closed;
    int wants_sessions, finds_left, max_age, was_session_taken;
    unsigned char context[SSL_MAX_SID_CTX_LENGTH]; /* that its sessions are bound to */
    size_t context_length;
    unsigned char random[SSL3_RANDOM_SIZE]; /* of the last hello */
    int fatal_alert;
    unsigned int warnings;
    double warned_since;
    int are_warnings_too_many;
};

static int connection_index = -1;

static SESAME_CONNECTION *connection_of(const SSL *ssl)
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

/*
 * JavaScript runs amid C with the error queue as it is: an error that it leaves in it would make
 * SSL_get_error() blame the connection. Time may pass in it.
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

/* The DER of a session or certificate, which JavaScript copies: what it was in is wiped and given back. */

static unsigned char *take_der_area(size_t length)
{
    return length <= DER_BYTES ? der_area : OPENSSL_malloc(length);
}

static void give_back(SPAN *der)
{
    unsigned char *data = (unsigned char *)der->data;

    if (data != NULL)
        OPENSSL_cleanse(data, der->length);
    if (data != der_area)
        OPENSSL_free(data);
    *der = (SPAN) { NULL, 0 };
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
    SESAME_CONNECTION *connection = connection_of(ssl);

    if (!(where & SSL_CB_ALERT) || connection == NULL)
        return;
    if (value >> 8 == SSL3_AL_FATAL)
        connection->fatal_alert = value;
    else if (where & SSL_CB_READ)
        count_warning(connection);
}

/* A hello. */

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
    connection->context_length = machine.context_length;
    memcpy(connection->context, machine.context, machine.context_length);
    return SSL_set_session_id_context(ssl, machine.context, machine.context_length);
}

static int on_client_hello(SSL *ssl, int *alert, void *arg)
{
    SESAME_CONNECTION *connection = connection_of(ssl);
    int answer;

    if (connection == NULL)
        return SSL_CLIENT_HELLO_SUCCESS;
    read_hello(connection);
    to_host();
    answer = host_connection_hello(ssl);
    from_host();
    if (answer == SSL_CLIENT_HELLO_ERROR && machine.hello_alert != 0)
        *alert = machine.hello_alert;
    if (answer != SSL_CLIENT_HELLO_SUCCESS)
        return answer;
    connection->finds_left = machine.finds;
    return !machine.has_terms || take_terms(connection) ? SSL_CLIENT_HELLO_SUCCESS : SSL_CLIENT_HELLO_ERROR;
}

/* Sessions. */

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
    if (actual_length != connection->context_length
        || CRYPTO_memcmp(actual, connection->context, actual_length) != 0)
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

static SSL_SESSION *on_get_session(SSL *ssl, const unsigned char *id, int length, int *copy)
{
    SESAME_CONNECTION *connection = connection_of(ssl);
    SSL_SESSION *session;
    const unsigned char *der;
    int flaw;

    *copy = 0;
    /* A hello has room for 1,700 identities, which may all be the same. */
    if (connection == NULL || connection->finds_left <= 0)
        return NULL;
    connection->finds_left--;
    machine.der = (SPAN) { NULL, 0 };
    to_host();
    machine.der.length = host_connection_find_session(ssl, id, length);
    from_host();
    if (machine.der.length == 0)
        return NULL;
    ERR_set_mark();
    der = machine.der.data;
    session = d2i_SSL_SESSION(NULL, &der, machine.der.length);
    give_back(&machine.der);
    flaw = flaw_of(connection, session, id, length);
    connection->was_session_taken = flaw == NO_FLAW && machine.was_taken;
    if (flaw != NO_FLAW) {
        SSL_SESSION_free(session);
        session = NULL;
        host_connection_refuse_session(ssl, flaw);
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
    to_host();
    host_connection_new_session(connection->ssl);
    from_host();
    give_back(&machine.der);
}

/* A session of TLS 1.2 that is found by its id has had no ticket by which it was stamped. */
static int on_new_session(SSL *ssl, SSL_SESSION *session)
{
    SESAME_CONNECTION *connection = connection_of(ssl);
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
static int on_early_data(SSL *ssl, void *arg)
{
    SESAME_CONNECTION *connection = connection_of(ssl);
    SSL_SESSION *session = SSL_get_session(ssl);
    const SSL_CIPHER *selected = SSL_get_pending_cipher(ssl);

    return connection != NULL && connection->was_session_taken && session != NULL && selected != NULL
        && SSL_SESSION_get0_cipher(session) == selected;
}

void sesame_connection_callbacks(SSL_CTX *ctx)
{
    SSL_CTX_set_client_hello_cb(ctx, on_client_hello, NULL);
    SSL_CTX_sess_set_new_cb(ctx, on_new_session);
    /* Without a store, too: a context that is chosen may have one. */
    SSL_CTX_sess_set_get_cb(ctx, on_get_session);
    SSL_CTX_set_allow_early_data_cb(ctx, on_early_data, NULL);
    /* What is to be written stands elsewhere in the staging area when it is tried again. */
    SSL_CTX_set_mode(ctx, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
}

/* Making and freeing. */

SESAME_CONNECTION *sesame_connection_new(SSL_CTX *ctx, int is_server, size_t pair_bytes, int reads_early_data)
{
    SESAME_CONNECTION *connection = OPENSSL_zalloc(sizeof(*connection));
    BIO *inner = NULL;

    if (connection == NULL)
        return NULL;
    connection->is_server = is_server;
    connection->wants_sessions = !is_server;
    connection->early = reads_early_data ? READS_EARLY_DATA : NO_EARLY_DATA;
    connection->ssl = SSL_new(ctx);
    if (connection->ssl == NULL || !BIO_new_bio_pair(&inner, pair_bytes, &connection->network, pair_bytes)) {
        sesame_connection_free(connection);
        return NULL;
    }
    SSL_set_bio(connection->ssl, inner, inner);
    if (!sesame_bound(connection->ssl) || !SSL_set_ex_data(connection->ssl, connection_index, connection)) {
        sesame_connection_free(connection);
        return NULL;
    }
    SSL_set_info_callback(connection->ssl, on_info);
    if (is_server)
        SSL_set_accept_state(connection->ssl);
    return connection;
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
    give_back(&machine.certificate);
    length = certificate != NULL ? i2d_X509(certificate, &der) : 0;
    machine.certificate = (SPAN) { der, (int)length > 0 ? length : 0 };
}

/* Running. */

/* The work of one run. */
struct work {
    const unsigned char *incoming, *writing;
    size_t incoming_left, writing_left;
    int flags;
    int has_opened;
};

/* Gives OpenSSL of what has come as much as it takes. */
static size_t feed(SESAME_CONNECTION *connection, struct work *work)
{
    int taken = work->incoming_left > 0
        ? BIO_write(connection->network, work->incoming, work->incoming_left) : 0;

    if (taken <= 0)
        return 0;
    work->incoming += taken;
    work->incoming_left -= taken;
    return taken;
}

/* Takes what there is for the peer: whether there was any. */
static int drain(SESAME_CONNECTION *connection)
{
    int has_any = 0, taken;

    while (machine.wire_length < WIRE_BYTES
           && (taken = BIO_read(connection->network, wire + machine.wire_length,
                                WIRE_BYTES - machine.wire_length)) > 0) {
        machine.wire_length += taken;
        has_any = 1;
    }
    return has_any;
}

static int is_wire_full(SESAME_CONNECTION *connection)
{
    return BIO_ctrl_pending(connection->network) > 0;
}

static int has_work(SESAME_CONNECTION *connection, const struct work *work)
{
    if (connection->phase == CLOSED || connection->phase == FAILED)
        return 0;
    return !connection->has_peer_closed || work->writing_left > 0
        || ((work->flags & RUN_ENDS) && connection->phase == OPEN);
}

/*
 * How much early data is written at once: what the BIO pair has room for beside the hello,
 * since OpenSSL counts what it can't write at first twice.
 */
#define EARLY_CHUNK_BYTES 8192

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static void note_written(struct work *work, size_t length)
{
    work->writing += length;
    work->writing_left -= length;
    machine.written += length;
}

static int write_early_data(SESAME_CONNECTION *connection, struct work *work)
{
    size_t written;
    int result = SSL_write_early_data(connection->ssl, work->writing,
                                      least(work->writing_left, EARLY_CHUNK_BYTES), &written);

    if (result > 0)
        note_written(work, written);
    if (result > 0 && work->writing_left == 0 && (work->flags & RUN_ALL_EARLY_DATA))
        connection->early = NO_EARLY_DATA;
    return result;
}

static int read_early_data(SESAME_CONNECTION *connection)
{
    size_t count = 0;
    int result = SSL_read_early_data(connection->ssl, plaintext + machine.plaintext_length,
                                     SSL3_RT_MAX_PLAIN_LENGTH, &count);

    machine.plaintext_length += count;
    if (result == SSL_READ_EARLY_DATA_FINISH)
        connection->early = NO_EARLY_DATA;
    return result == SSL_READ_EARLY_DATA_FINISH || count > 0;
}

/* The handshake is done. A resumed session may be one that was never verified. */
static int open_connection(SESAME_CONNECTION *connection, struct work *work)
{
    if (SSL_get_verify_result(connection->ssl) != X509_V_OK)
        return -1;
    connection->phase = OPEN;
    work->has_opened = 1;
    sesame_connection_describe(connection);
    return 1;
}

/* One call of OpenSSL: more of the handshake, of what to write, or of what to read. */
static int step(SESAME_CONNECTION *connection, struct work *work)
{
    SSL *ssl = connection->ssl;
    int result;

    if (connection->phase == HANDSHAKING) {
        if (connection->early == READS_EARLY_DATA)
            return read_early_data(connection);
        if (connection->early == WRITES_EARLY_DATA)
            return write_early_data(connection, work);
        result = SSL_do_handshake(ssl);
        return result == 1 ? open_connection(connection, work) : result;
    }
    if (work->writing_left > 0) {
        result = SSL_write(ssl, work->writing, least(work->writing_left, SSL3_RT_MAX_PLAIN_LENGTH));
        if (result > 0)
            note_written(work, result);
        return result;
    }
    if ((work->flags & RUN_ENDS) && connection->phase == OPEN) {
        connection->phase = connection->has_peer_closed ? CLOSED : CLOSING;
        SSL_shutdown(ssl);
        return 1;
    }
    result = SSL_read(ssl, plaintext + machine.plaintext_length, SSL3_RT_MAX_PLAIN_LENGTH);
    if (result > 0)
        machine.plaintext_length += result;
    return result;
}

/* Whether a step may have to put more than there is room for. */
static int is_full(SESAME_CONNECTION *connection)
{
    return machine.plaintext_length > STAGING_BYTES - SSL3_RT_MAX_PLAIN_LENGTH || is_wire_full(connection);
}

/* Whether early data is written, and the rest of it is to come with another run. */
static int lacks_early_data(SESAME_CONNECTION *connection, const struct work *work)
{
    return connection->phase == HANDSHAKING && connection->early == WRITES_EARLY_DATA && work->writing_left == 0
        && !(work->flags & RUN_ALL_EARLY_DATA);
}

static void fail(SESAME_CONNECTION *connection)
{
    drain(connection);
    connection->phase = FAILED;
}

/* Goes on until the peer is needed, something has to be waited for, or there is no room. */
static void run(SESAME_CONNECTION *connection, struct work *work)
{
    int result, error, has_sent;

    drain(connection);
    while (feed(connection, work), has_work(connection, work) && !lacks_early_data(connection, work)) {
        if (is_full(connection)) {
            machine.status |= STATUS_MORE;
            return;
        }
        ERR_clear_error();
        result = step(connection, work);
        error = SSL_get_error(connection->ssl, result);
        has_sent = drain(connection);
        if (work->has_opened)
            return;
        if (result > 0 || (error == SSL_ERROR_WANT_WRITE && (has_sent || is_wire_full(connection))))
            continue;
        if (error == SSL_ERROR_WANT_READ && !connection->are_warnings_too_many) {
            if (feed(connection, work) == 0)
                return;
            continue;
        }
        if (error == SSL_ERROR_WANT_CLIENT_HELLO_CB)
            return;
        if (error == SSL_ERROR_ZERO_RETURN) {
            connection->has_peer_closed = 1;
            if (connection->phase == CLOSING)
                connection->phase = CLOSED;
            continue;
        }
        if (error == SSL_ERROR_WANT_READ)
            sesame_refuse_warnings(connection->ssl);
        fail(connection);
        return;
    }
}

static void begin_result(void)
{
    machine.status = machine.taken = machine.written = machine.wire_length = machine.plaintext_length = 0;
    give_back(&machine.certificate);
}

static void end_result(SESAME_CONNECTION *connection)
{
    if (connection->has_peer_closed)
        machine.status |= STATUS_PEER_CLOSED;
    machine.phase = connection->phase;
    machine.alert = connection->fatal_alert;
    machine.verify_result = SSL_get_verify_result(connection->ssl);
}

void sesame_connection_run(SESAME_CONNECTION *connection, size_t incoming_length, size_t writing_length, int flags)
{
    struct work work = {
        .incoming = incoming, .incoming_left = incoming_length,
        .writing = writing, .writing_left = writing_length,
        .flags = flags,
    };

    begin_result();
    run(connection, &work);
    machine.taken = incoming_length - work.incoming_left;
    if (work.has_opened) {
        machine.status |= STATUS_OPENED;
        if (work.incoming_left > 0 || SSL_has_pending(connection->ssl)
            || BIO_ctrl_pending(SSL_get_rbio(connection->ssl)) > 0 || is_wire_full(connection))
            machine.status |= STATUS_MORE;
    }
    end_result(connection);
}

void sesame_connection_collect(SESAME_CONNECTION *connection)
{
    begin_result();
    drain(connection);
    if (is_wire_full(connection))
        machine.status |= STATUS_MORE;
    end_result(connection);
}
