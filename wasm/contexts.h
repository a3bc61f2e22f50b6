/* Contexts that are made when the module is built: wasm/snapshot.c has them made. */
#ifndef SESAME_CONTEXTS_H
#define SESAME_CONTEXTS_H

#include <stddef.h>
#include <openssl/ssl.h>

/* Of each context: its tickets' name and two keys, and its cookies' key. */
#define RANDOM_BYTES_OF_A_CONTEXT (16 + 32 + 32 + 32)

/* Makes as many as there is room for, and says how many that are; 0 if it can't. */
int sesame_prepare_contexts(void);

/* What they take for as long as nobody has them. */
size_t sesame_prepared_bytes(void);

/* As SSL_CTX_new(). */
SSL_CTX *sesame_context_new(const SSL_METHOD *meth);

#endif
