/*
 * A connection's policy, where OpenSSL has no function for it: what a connection takes from
 * its SSL_CTX when it is made, once more from another one, and what it would negotiate. This
 * reads OpenSSL's own structures, as declared in the headers of the very source it is linked to.
 */
#include <string.h>
#include "pipelines.h"
#include "ssl/ssl_local.h"
#include "internal/ssl_unwrap.h"
#include "policy.h"

/* A copy of an array that may be missing or, which is not the same, empty. */
static void *copy_of(const void *from, size_t size, int *ok)
{
    void *copy = NULL;

    if (from != NULL && (copy = OPENSSL_zalloc(size > 0 ? size : 1)) == NULL)
        *ok = 0;
    if (copy != NULL)
        memcpy(copy, from, size);
    return copy;
}

#define ADOPT(sc, ctx, list, ok) do { \
    OPENSSL_free((sc)->list); \
    (sc)->list = copy_of((ctx)->list, (ctx)->list##_len * sizeof(*(ctx)->list), &(ok)); \
    (sc)->list##_len = (sc)->list != NULL ? (ctx)->list##_len : 0; \
} while (0)

static int adopt_lists(SSL_CONNECTION *sc, SSL_CTX *ctx)
{
    STACK_OF(SSL_CIPHER) *suites = sk_SSL_CIPHER_dup(ctx->tls13_ciphersuites);
    int ok = suites != NULL;

    sk_SSL_CIPHER_free(sc->tls13_ciphersuites);
    sc->tls13_ciphersuites = suites;
    /* Without lists of its own a connection has those of its context. */
    sk_SSL_CIPHER_free(sc->cipher_list);
    sk_SSL_CIPHER_free(sc->cipher_list_by_id);
    sc->cipher_list = sc->cipher_list_by_id = NULL;
    ADOPT(sc, ctx, ext.supportedgroups, ok);
    ADOPT(sc, ctx, ext.keyshares, ok);
    ADOPT(sc, ctx, ext.tuples, ok);
    ADOPT(sc, ctx, ext.ecpointformats, ok);
    ADOPT(sc, ctx, client_cert_type, ok);
    ADOPT(sc, ctx, server_cert_type, ok);
    return ok;
}

static int adopt_verification(SSL_CONNECTION *sc, SSL_CTX *ctx)
{
    X509_VERIFY_PARAM *param = X509_VERIFY_PARAM_new();

    if (param == NULL)
        return 0;
    X509_VERIFY_PARAM_inherit(param, ctx->param);
    X509_VERIFY_PARAM_free(sc->param);
    sc->param = param;
    sc->verify_mode = ctx->verify_mode;
    /* Else the names of authorities that the connection asks for are its context's. */
    sk_X509_NAME_pop_free(sc->ca_names, X509_NAME_free);
    sk_X509_NAME_pop_free(sc->client_ca_names, X509_NAME_free);
    sc->ca_names = sc->client_ca_names = NULL;
    return 1;
}

/*
 * In the order of ossl_ssl_connection_new_int(). Not taken are callbacks, which watch the
 * connection or are JavaScript's to find; session_ctx, whose sessions, tickets and callbacks a
 * connection keeps for good; and what only clients send.
 */
int sesame_adopt(SSL *ssl, SSL_CTX *ctx)
{
    SSL_CONNECTION *sc = SSL_CONNECTION_FROM_SSL_ONLY(ssl);

    /* Takes the certificates and keys, with signature algorithms and the security level. */
    if (sc == NULL || SSL_set_SSL_CTX(ssl, ctx) != ctx || !adopt_lists(sc, ctx) || !adopt_verification(sc, ctx))
        return 0;
    SSL_clear_options(ssl, ~ctx->options);
    SSL_set_options(ssl, ctx->options);
    SSL_clear_mode(ssl, ~(long)ctx->mode);
    SSL_set_mode(ssl, ctx->mode);
    sc->min_proto_version = ctx->min_proto_version;
    sc->max_proto_version = ctx->max_proto_version;
    sc->max_cert_list = ctx->max_cert_list;
    sc->max_early_data = ctx->max_early_data;
    sc->recv_max_early_data = ctx->recv_max_early_data;
    sc->num_tickets = ctx->num_tickets;
    sc->pha_enabled = ctx->pha_enabled;
    SSL_set_read_ahead(ssl, ctx->read_ahead);
    sc->not_resumable_session_cb = ctx->not_resumable_session_cb;
    sc->rlayer.record_padding_cb = ctx->record_padding_cb;
    sc->rlayer.record_padding_arg = ctx->record_padding_arg;
    sc->rlayer.block_padding = ctx->block_padding;
    sc->rlayer.hs_padding = ctx->hs_padding;
    sc->quiet_shutdown = ctx->quiet_shutdown;
    sc->ext.max_fragment_len_mode = ctx->ext.max_fragment_len_mode;
    sc->ext.status_type = ctx->ext.status_type;
    sc->max_send_fragment = ctx->max_send_fragment;
    sc->split_send_fragment = ctx->split_send_fragment;
    sc->max_pipelines = ctx->max_pipelines;
    sc->rlayer.default_read_buf_len = ctx->default_read_buf_len;
#ifndef OPENSSL_NO_COMP_ALG
    memcpy(sc->cert_comp_prefs, ctx->cert_comp_prefs, sizeof(sc->cert_comp_prefs));
#endif
    return 1;
}

/* Whether there is a key to prove who serves by, and what the key exchange needs, for TLS 1.2. */
static int can_use(SSL_CONNECTION *sc, const SSL_CIPHER *cipher)
{
    const CERT *cert = sc->cert;

    if (cipher->algorithm_mkey & SSL_kDHE)
        if (cert->dh_tmp == NULL && cert->dh_tmp_cb == NULL && !cert->dh_tmp_auto)
            return 0;
    if (cipher->algorithm_mkey & SSL_kRSA)
        return ssl_has_cert(sc, SSL_PKEY_RSA);
    if (cipher->algorithm_auth & SSL_aRSA)
        return ssl_has_cert(sc, SSL_PKEY_RSA) || ssl_has_cert(sc, SSL_PKEY_RSA_PSS_SIGN);
    if (cipher->algorithm_auth & SSL_aECDSA)
        return ssl_has_cert(sc, SSL_PKEY_ECC) || ssl_has_cert(sc, SSL_PKEY_ED25519)
            || ssl_has_cert(sc, SSL_PKEY_ED448);
    return 1;
}

static int has_cipher(SSL_CONNECTION *sc, const SSL_CIPHER *cipher)
{
    STACK_OF(SSL_CIPHER) *list = SSL_get_ciphers(SSL_CONNECTION_GET_SSL(sc));

    if (cipher == NULL || !can_use(sc, cipher)
        || !ssl_security(sc, SSL_SECOP_CIPHER_SHARED, cipher->strength_bits, 0, (void *)cipher))
        return 0;
    for (int i = 0; i < sk_SSL_CIPHER_num(list); i++)
        if (SSL_CIPHER_get_id(sk_SSL_CIPHER_value(list, i)) == SSL_CIPHER_get_id(cipher))
            return 1;
    return 0;
}

static int has_group(SSL_CONNECTION *sc, uint16_t group, int version)
{
    const uint16_t *groups;
    size_t length;

    tls1_get_supported_groups(sc, &groups, &length);
    for (size_t i = 0; i < length; i++)
        if (groups[i] == group)
            return tls_valid_group(sc, group, version, version, 0, NULL)
                && tls_group_allowed(sc, group, SSL_SECOP_CURVE_SHARED);
    return 0;
}

int sesame_session_misfit(SSL *ssl, SSL_SESSION *session)
{
    SSL_CONNECTION *sc = SSL_CONNECTION_FROM_SSL_ONLY(ssl);
    int version = SSL_SESSION_get_protocol_version(session);

    if (sc == NULL || version != sc->version)
        return OTHER_VERSION;
    if (!has_cipher(sc, SSL_SESSION_get0_cipher(session)))
        return OTHER_CIPHER;
    /* TLS 1.2 has key exchanges without one. */
    if (session->kex_group != 0 && !has_group(sc, session->kex_group, version))
        return OTHER_GROUP;
    /* OpenSSL would end the connection, as if the client had left the extension out. */
    if ((session->flags & SSL_SESS_FLAG_EXTMS) && (sc->options & SSL_OP_NO_EXTENDED_MASTER_SECRET))
        return OTHER_EXTENSIONS;
    return SESSION_FITS;
}
