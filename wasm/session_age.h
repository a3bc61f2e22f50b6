/*
 * How long a session may be resumed, through every resumption: see session_age.c. What is
 * declared here leaves the module.
 */
#include <openssl/ssl.h>

/* What stands against a session. The order is that of VERDICTS in src/libssl/session_age.ts. */
enum sesame_verdict {
    SESSION_VALID,
    SESSION_EXPIRED,
    SESSION_TOO_OLD,
    SESSION_CERTIFICATE_EXPIRED,
    SESSION_NOT_REVALIDATED
};

/* Prepares what the functions below keep on OpenSSL's objects: 1 or 0. */
int sesame_session_age_init(void);

/*
 * Has sessions that `ctx` makes or resumes end `max_age` seconds after their peer's last proof.
 * If `revalidates`, tickets of peers with a certificate are refused but for an approved session's.
 */
int sesame_session_limit(SSL_CTX *ctx, int max_age, int revalidates);

/* Writes into a new session of `ssl` when its peer last proved itself, and cuts its lifetime. */
int sesame_session_stamp(SSL *ssl, SSL_SESSION *session);

/* What stands against resuming a session now. One without a proof counts from its own making. */
int sesame_session_verdict(SSL_SESSION *session, int max_age);

/* When a session's peer last proved itself, and when the first of its certificates ends. */
double sesame_session_proved_at(SSL_SESSION *session);
double sesame_session_not_after(SSL_SESSION *session);

/* In a client hello's callback: the session of a ticket, owned, if nothing stands against it. */
SSL_SESSION *sesame_session_of_ticket(SSL *ssl, const unsigned char *ticket, size_t length);

/* Lets `ssl` resume the ticket of this session; of none, if it is NULL. */
int sesame_session_approve(SSL *ssl, SSL_SESSION *session);

/* What stood against the ticket that `ssl` was shown last. */
int sesame_session_ticket_verdict(SSL *ssl);
