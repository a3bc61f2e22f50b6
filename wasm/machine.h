/*
 * What the parts of a connection's machine share: connection.c, connection_hello.c, connection_pair.c,
 * connection_run.c, connection_sessions.c and key_shares.c. Nothing of it leaves the module.
 */
#ifndef SESAME_MACHINE_H
#define SESAME_MACHINE_H

#include <stddef.h>
#include <stdint.h>
#include <openssl/ssl.h>
#include "connection.h"

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

struct machine {
    /* Of a run. */
    uint32_t status, phase, taken, written, wire_length, plaintext_length;
    uint32_t alert; /* the one that ended the connection, as the info callback has it; or 0 */
    uint32_t verify_result;
    /* What was negotiated. */
    uint32_t version, is_reused;
    const char *cipher, *group, *server_name;
    uint32_t early_data_status;
    SPAN alpn, certificate;
    uint32_t handshakes_begun, handshakes_done; /* renegotiations, too */
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
};

extern struct machine machine;

struct sesame_connection_st {
    SSL *ssl; /* comes first: JavaScript reads it */
    int owner; /* whom JavaScript is to ask: a number of its own */
    BIO *network;
    size_t pair_bytes; /* what the BIO pair holds in each direction while much is under way */
    enum phase phase;
    enum early early;
    int is_server, has_peer_closed;
    int judges_later; /* whatever the peer shows is for JavaScript to judge when the handshake is done */
    uint32_t handshakes_begun, handshakes_done;
    int wants_sessions, finds_left, max_age, was_session_taken;
    unsigned char context[SSL_MAX_SID_CTX_LENGTH]; /* that its sessions are bound to */
    size_t context_length;
    unsigned char random[SSL3_RANDOM_SIZE]; /* of the last hello */
    int fatal_alert;
    unsigned int warnings;
    double warned_since;
    int are_warnings_too_many;
};

/*
 * Gives the BIO pair of an open connection the room that a run needs, and takes it back once nothing
 * is under way: 0 without memory, after which there is no pair.
 */
int sesame_pair_grow(SESAME_CONNECTION *connection, size_t bytes);
int sesame_pair_shrink(SESAME_CONNECTION *connection);

/* Frees the keys of the key exchange, once the handshake is done. */
void sesame_drop_key_shares(SSL *ssl);

/* The connection of an SSL; NULL of one that JavaScript drives by itself. */
SESAME_CONNECTION *sesame_connection_of(const SSL *ssl);

/*
 * JavaScript runs amid C with the error queue as it is: an error that it leaves in it would make
 * SSL_get_error() blame the connection. Time may pass in it.
 */
void sesame_to_host(void);
void sesame_from_host(void);

/* Wipes the DER of a session or certificate, which JavaScript has copied, and gives its memory back. */
void sesame_give_back(SPAN *der);

/* OpenSSL's callbacks. */
int sesame_on_client_hello(SSL *ssl, int *alert, void *arg);
int sesame_on_new_session(SSL *ssl, SSL_SESSION *session);
SSL_SESSION *sesame_on_get_session(SSL *ssl, const unsigned char *id, int length, int *copy);
int sesame_on_early_data(SSL *ssl, void *arg);

#endif
