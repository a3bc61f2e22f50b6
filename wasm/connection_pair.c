/*
 * The size of a connection's BIO pair. Its buffers would be a third of the memory of an idle
 * connection: one that is open and waits for its peer has small ones, through which any bytes
 * still pass.
 */
#include <openssl/bio.h>
#include "machine.h"

/* Holds short records, so that most runs of an idle connection leave the pair as it is. */
#define IDLE_BYTES 512
/* What a record takes beside its data, at most. */
#define RECORD_OVERHEAD 64

/* Only an empty pair can be cut. */
static int resize(SESAME_CONNECTION *connection, BIO *inner, size_t bytes)
{
    BIO *network = connection->network;

    (void)BIO_destroy_bio_pair(network);
    return BIO_set_write_buf_size(inner, bytes) && BIO_set_write_buf_size(network, bytes)
        && BIO_make_bio_pair(inner, network);
}

/* The connection's end of the pair, if that is empty; an SSL may have been given another BIO. */
static BIO *empty_end(SESAME_CONNECTION *connection)
{
    BIO *inner = SSL_get_rbio(connection->ssl);

    if (connection->phase != OPEN || inner == NULL || BIO_method_type(inner) != BIO_TYPE_BIO
        || BIO_ctrl_pending(inner) > 0 || BIO_ctrl_pending(connection->network) > 0)
        return NULL;
    return inner;
}

int sesame_pair_grow(SESAME_CONNECTION *connection, size_t bytes)
{
    BIO *inner;

    if (bytes <= IDLE_BYTES - RECORD_OVERHEAD
        || (size_t)BIO_get_write_buf_size(connection->network, 0) == connection->pair_bytes
        || (inner = empty_end(connection)) == NULL)
        return 1;
    return resize(connection, inner, connection->pair_bytes) || resize(connection, inner, IDLE_BYTES);
}

int sesame_pair_shrink(SESAME_CONNECTION *connection)
{
    BIO *inner;

    if (BIO_get_write_buf_size(connection->network, 0) <= IDLE_BYTES || (inner = empty_end(connection)) == NULL)
        return 1;
    return resize(connection, inner, IDLE_BYTES);
}
