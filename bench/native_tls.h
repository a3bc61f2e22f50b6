/*
 * What native.c measures: a client and a server in one process, joined by a BIO pair,
 * whose sessions live in a store outside of OpenSSL.
 */
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include "measurements.h"

typedef struct {
    SSL_CTX *client, *server;
} Contexts;

typedef struct {
    SSL *client, *server;
    BIO *server_end;
} Pair;

static void must(int ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "The native peer cannot %s.\n", what);
    ERR_print_errors_fp(stderr);
    exit(1);
}

/*
 * The external store: serialised sessions in a hash table. Ids are random, so their
 * first bytes are the hash; a newer session takes the slot of an older one.
 */

enum { SLOTS = 4096 };

typedef struct {
    unsigned char id[SSL_MAX_SSL_SESSION_ID_LENGTH];
    unsigned int id_length;
    unsigned char *der;
    int der_length;
} Slot;

static Slot slots[SLOTS];

static Slot *slot_of(const unsigned char *id)
{
    return &slots[(id[0] | id[1] << 8) % SLOTS];
}

static int store_new_session(SSL *ssl, SSL_SESSION *session)
{
    unsigned int length;
    const unsigned char *id = SSL_SESSION_get_id(session, &length);
    Slot *slot = slot_of(id);

    (void)ssl;
    free(slot->der);
    memcpy(slot->id, id, length);
    slot->id_length = length;
    slot->der_length = i2d_SSL_SESSION(session, NULL);
    slot->der = malloc(slot->der_length);
    unsigned char *end = slot->der;
    must(i2d_SSL_SESSION(session, &end) > 0, "serialise a session");
    return 0;
}

static SSL_SESSION *store_get_session(SSL *ssl, const unsigned char *id, int length, int *copy)
{
    Slot *slot = slot_of(id);
    const unsigned char *der = slot->der;

    (void)ssl;
    *copy = 0;
    if (der == NULL || slot->id_length != (unsigned int)length || memcmp(slot->id, id, length) != 0)
        return NULL;
    return d2i_SSL_SESSION(NULL, &der, slot->der_length);
}

static void store_clear(void)
{
    for (int i = 0; i < SLOTS; i++) {
        free(slots[i].der);
        memset(&slots[i], 0, sizeof(slots[i]));
    }
}

/* Contexts */

static EVP_PKEY *make_key(const char *kind)
{
    return strcmp(kind, "P-256") == 0 ? EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256")
                                      : EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
}

static void add_extension(X509 *certificate, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509_EXTENSION *extension;

    X509V3_set_ctx(&ctx, certificate, certificate, NULL, NULL, 0);
    extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    must(extension != NULL && X509_add_ext(certificate, extension, -1), "add an extension");
    X509_EXTENSION_free(extension);
}

/* As src/testing/certificate.ts makes them. */
static X509 *make_certificate(EVP_PKEY *key)
{
    X509 *certificate = X509_new();
    X509_NAME *name = X509_get_subject_name(certificate);

    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -86400);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 86400);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"localhost", -1, -1, 0);
    X509_set_issuer_name(certificate, name);
    X509_set_pubkey(certificate, key);
    add_extension(certificate, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(certificate, NID_subject_key_identifier, "hash");
    add_extension(certificate, NID_subject_alt_name, "DNS:localhost");
    must(X509_sign(certificate, key, EVP_sha256()) > 0, "sign a certificate");
    return certificate;
}

static const char *suite_of(const char *cipher)
{
    return strcmp(cipher, "AES-128-GCM") == 0   ? "TLS_AES_128_GCM_SHA256"
           : strcmp(cipher, "AES-256-GCM") == 0 ? "TLS_AES_256_GCM_SHA384"
                                                : "TLS_CHACHA20_POLY1305_SHA256";
}

/* P-256 stands last in the groups, because in TLS 1.2 they limit the certificate's curve too. */
static SSL_CTX *context_new(const SSL_METHOD *method, const Measurement *m)
{
    SSL_CTX *ctx = SSL_CTX_new(method);
    int version = strcmp(m->version, "TLSv1.3") == 0 ? TLS1_3_VERSION : TLS1_2_VERSION;
    char groups[64];

    must(ctx != NULL, "make a context");
    must(SSL_CTX_set_min_proto_version(ctx, version) && SSL_CTX_set_max_proto_version(ctx, version),
         "set the version");
    snprintf(groups, sizeof(groups), "%s:P-256", m->group);
    must(SSL_CTX_set1_groups_list(ctx, groups), "set the groups");
    must(SSL_CTX_set_ciphersuites(ctx, suite_of(m->cipher)), "set the TLS 1.3 cipher");
    must(SSL_CTX_set_cipher_list(ctx, "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256"),
         "set the TLS 1.2 ciphers");
    return ctx;
}

static Contexts contexts_new(const Measurement *m)
{
    Contexts contexts = { context_new(TLS_client_method(), m), context_new(TLS_server_method(), m) };
    EVP_PKEY *key = make_key(m->key);
    X509 *certificate = make_certificate(key);

    SSL_CTX_set_session_cache_mode(contexts.client, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_verify(contexts.client, SSL_VERIFY_PEER, NULL);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(contexts.client), certificate);

    must(SSL_CTX_use_certificate(contexts.server, certificate), "use the certificate");
    must(SSL_CTX_use_PrivateKey(contexts.server, key), "use the key");
    SSL_CTX_set_options(contexts.server, SSL_OP_NO_TICKET);
    SSL_CTX_set_session_id_context(contexts.server, (const unsigned char *)"bench", 5);
    SSL_CTX_set_session_cache_mode(contexts.server, SSL_SESS_CACHE_SERVER | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(contexts.server, store_new_session);
    SSL_CTX_sess_set_get_cb(contexts.server, store_get_session);
    X509_free(certificate);
    EVP_PKEY_free(key);
    return contexts;
}

static void contexts_free(Contexts *contexts)
{
    SSL_CTX_free(contexts->client);
    SSL_CTX_free(contexts->server);
    store_clear();
}

/* Connections */

/* The client reads once after the handshake: TLS 1.3 tickets come as application data does. */
static Pair pair_connect(Contexts *contexts, SSL_SESSION *session)
{
    Pair pair = { SSL_new(contexts->client), SSL_new(contexts->server) };
    BIO *client_end, *server_end;
    int client_done = 0, server_done = 0;
    char nothing;

    must(BIO_new_bio_pair(&client_end, 0, &server_end, 0), "make a BIO pair");
    SSL_set_bio(pair.client, client_end, client_end);
    SSL_set_bio(pair.server, server_end, server_end);
    SSL_set_connect_state(pair.client);
    SSL_set_accept_state(pair.server);
    if (session != NULL)
        must(SSL_set_session(pair.client, session), "set the session");

    for (int flight = 0; !client_done || !server_done; flight++) {
        must(flight < 10, "finish the handshake");
        client_done = client_done || SSL_do_handshake(pair.client) == 1;
        server_done = server_done || SSL_do_handshake(pair.server) == 1;
    }
    must(SSL_read(pair.client, &nothing, 1) == -1 && SSL_get_error(pair.client, -1) == SSL_ERROR_WANT_READ,
         "read the tickets");
    return pair;
}

/* A client that has sent its hello, and the end of its BIO pair for pair_serve. */
static Pair pair_begin(Contexts *contexts, SSL_SESSION *session)
{
    Pair pair = { .client = SSL_new(contexts->client) };
    BIO *client_end;

    must(BIO_new_bio_pair(&client_end, 0, &pair.server_end, 0), "make a BIO pair");
    SSL_set_bio(pair.client, client_end, client_end);
    SSL_set_connect_state(pair.client);
    must(SSL_set_session(pair.client, session), "set the session");
    must(SSL_do_handshake(pair.client) == -1, "send a hello");
    return pair;
}

/* The server's part of a handshake up to its first flight. */
static void pair_serve(Pair *pair, Contexts *contexts)
{
    pair->server = SSL_new(contexts->server);
    SSL_set_bio(pair->server, pair->server_end, pair->server_end);
    SSL_set_accept_state(pair->server);
    must(SSL_do_handshake(pair->server) == -1, "send the server's flight");
}

/* Reads to the server's close_notify, behind the tickets, and sends the client's own. */
static void pair_answer_close(Pair *pair)
{
    char nothing;

    must(SSL_read(pair->client, &nothing, 1) == 0 && SSL_get_error(pair->client, 0) == SSL_ERROR_ZERO_RETURN,
         "read the server's close_notify");
    SSL_shutdown(pair->client);
}

/* One byte there and back, as OpenSSL allocates some buffers only when they are needed. */
static void pair_echo(Pair *pair)
{
    char byte = 'x';

    must(SSL_write(pair->client, &byte, 1) == 1 && SSL_read(pair->server, &byte, 1) == 1, "send a byte");
    must(SSL_write(pair->server, &byte, 1) == 1 && SSL_read(pair->client, &byte, 1) == 1, "echo a byte");
}

/* Without a close_notify SSL_free would take the session for broken, and it could not be resumed. */
static void pair_close(Pair *pair)
{
    SSL_shutdown(pair->client);
    SSL_shutdown(pair->server);
    SSL_free(pair->client);
    SSL_free(pair->server);
}
