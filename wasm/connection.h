/*
 * One connection, driven a flight a call: see connection.c. What is declared here leaves the
 * module, but for what says otherwise.
 */
#ifndef SESAME_CONNECTION_H
#define SESAME_CONNECTION_H

#include <stddef.h>
#include <openssl/ssl.h>

typedef struct sesame_connection_st SESAME_CONNECTION;

/* Where JavaScript finds questions, answers and results: see struct machine. */
void *sesame_machine(void);

/* Has sessions, hellos and early data of the connections of `ctx` come to their machine. */
void sesame_connection_callbacks(SSL_CTX *ctx);

/* Has servers select the first protocol of this list that a client offers: 1, or 0 without memory. */
int sesame_select_alpn(SSL_CTX *ctx, const unsigned char *list, size_t length);

/*
 * A connection of `ctx`, on one end of a BIO pair that holds `pair_bytes` in each direction: NULL
 * without memory. A client's role is begun by SSL_set_connect_state(). Its callbacks ask `owner`.
 */
SESAME_CONNECTION *sesame_connection_new(SSL_CTX *ctx, int is_server, size_t pair_bytes, int reads_early_data,
                                         int owner);

/*
 * Has the handshake go on whatever the peer shows, and keep what it was done by: SSL_get_verify_result()
 * says what is wrong, and JavaScript how often the peer may renegotiate. May be called again, for
 * another `verify_mode`.
 */
void sesame_connection_judge_later(SESAME_CONNECTION *connection, int verify_mode);

/* Has a client's first runs write early data, which may be of no bytes. */
void sesame_connection_write_early_data(SESAME_CONNECTION *connection);

/*
 * Goes on as far as it can: with bytes from the peer and data to write, which are in the staging
 * areas of struct machine. `flags` are RUN_*. The result is in that struct.
 */
void sesame_connection_run(SESAME_CONNECTION *connection, size_t incoming_length, size_t writing_length, int flags);

/* Takes what OpenSSL has for the peer into struct machine, and what has become of the connection. */
void sesame_connection_collect(SESAME_CONNECTION *connection);

/* Fills in what is negotiated so far. */
void sesame_connection_describe(SESAME_CONNECTION *connection);

/* Whether it can be of TLS 1.3, after all that was configured. */
int sesame_connection_allows_tls13(SESAME_CONNECTION *connection);

/* Frees it. Its sessions stay resumable, however it ended. */
void sesame_connection_free(SESAME_CONNECTION *connection);

/* Not for JavaScript: prepares what is kept on OpenSSL's objects: 1 or 0. */
int sesame_connection_init(void);

#endif
