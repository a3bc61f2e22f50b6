/*
 * The first contexts of an instance. SSL_CTX_new() runs some 150 functions that nothing else needs
 * and that an engine compiles when they are first called: the snapshot holds two contexts, a
 * server's and a client's, in which all is done but what is random. That is drawn when a context
 * is handed out, as SSL_CTX_new() draws it and in its order.
 */
#include <openssl/rand.h>
#include "pipelines.h"
#include "ssl/ssl_local.h"
#include "contexts.h"
#include "heap.h"

#define EXPORT __attribute__((used, visibility("default")))
#define COUNT 2

static struct {
    SSL_CTX *ctx;
    size_t bytes;
} prepared[COUNT];
static int left;

int sesame_prepare_contexts(void)
{
    size_t before;

    while (left < COUNT) {
        before = sesame_heap_used();
        if ((prepared[left].ctx = SSL_CTX_new(TLS_method())) == NULL)
            return 0;
        prepared[left++].bytes = sesame_heap_used() - before;
    }
    return left;
}

size_t sesame_prepared_bytes(void)
{
    size_t bytes = 0;

    for (int i = 0; i < left; i++)
        bytes += prepared[i].bytes;
    return bytes;
}

/* Without keys for tickets there are none; without one for cookies there is no context. */
static int draw_keys(SSL_CTX *ctx)
{
    SSL_CTX_EXT_SECURE *secure = ctx->ext.secure;

    if (RAND_bytes(ctx->ext.tick_key_name, sizeof(ctx->ext.tick_key_name)) <= 0
        || RAND_priv_bytes(secure->tick_hmac_key, sizeof(secure->tick_hmac_key)) <= 0
        || RAND_priv_bytes(secure->tick_aes_key, sizeof(secure->tick_aes_key)) <= 0)
        ctx->options |= SSL_OP_NO_TICKET;
    return RAND_priv_bytes(ctx->ext.cookie_hmac_key, sizeof(ctx->ext.cookie_hmac_key)) > 0;
}

EXPORT SSL_CTX *sesame_context_new(const SSL_METHOD *meth)
{
    SSL_CTX *ctx;

    if (left == 0 || meth != TLS_method())
        return SSL_CTX_new(meth);
    ctx = prepared[--left].ctx;
    if (draw_keys(ctx))
        return ctx;
    ERR_raise(ERR_LIB_SSL, ERR_R_RAND_LIB);
    SSL_CTX_free(ctx);
    return NULL;
}
