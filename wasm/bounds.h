/* What one peer may ask of a connection: see bounds.c. */
#include <openssl/ssl.h>

/* Bounds what the peer of `ssl` may ask for: 1, or 0 without memory. */
int sesame_bound(SSL *ssl);

/* Leaves it to JavaScript how often the peer of `ssl`, which is bounded, may renegotiate. */
void sesame_leave_renegotiation(SSL *ssl);

/* Ends a connection whose peer sends too many warnings (RFC 8446, 6.2: unexpected_message). */
void sesame_refuse_warnings(SSL *ssl);
