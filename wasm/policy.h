/*
 * What a context's policy means for one connection: see policy.c. What is declared here
 * leaves the module.
 */
#include <openssl/ssl.h>

/* What stands against a session. The order is that of MISFITS in src/libssl/policy.ts. */
enum sesame_misfit { SESSION_FITS, OTHER_VERSION, OTHER_CIPHER, OTHER_GROUP, OTHER_EXTENSIONS };

/* Gives `ssl` all that it would have if it had been made from `ctx`: 1, or 0 without memory. */
int sesame_adopt(SSL *ssl, SSL_CTX *ctx);

/* Whether what a session was negotiated by is among what `ssl` would negotiate now. */
int sesame_session_misfit(SSL *ssl, SSL_SESSION *session);
