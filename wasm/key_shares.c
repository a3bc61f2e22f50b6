/*
 * The keys of a handshake's key exchange, which OpenSSL keeps until the connection is freed. Nothing
 * needs them once the handshake is done: a client's public key of ML-KEM takes 7 KB, and an own
 * private key is a secret.
 */
#include "pipelines.h"
#include "ssl/ssl_local.h"
#include "internal/ssl_unwrap.h"
#include "machine.h"

static void drop(EVP_PKEY **key)
{
    EVP_PKEY_free(*key);
    *key = NULL;
}

void sesame_drop_key_shares(SSL *ssl)
{
    SSL_CONNECTION *sc = SSL_CONNECTION_FROM_SSL_ONLY(ssl);
    int is_one_of_them = 0;
    size_t i;

    if (sc == NULL)
        return;
    /* One of a client's is in both places, with one reference. */
    for (i = 0; i < sc->s3.tmp.num_ks_pkey; i++) {
        is_one_of_them |= sc->s3.tmp.ks_pkey[i] == sc->s3.tmp.pkey;
        drop(&sc->s3.tmp.ks_pkey[i]);
    }
    sc->s3.tmp.num_ks_pkey = 0;
    if (is_one_of_them)
        sc->s3.tmp.pkey = NULL;
    drop(&sc->s3.tmp.pkey);
    drop(&sc->s3.peer_tmp);
}
