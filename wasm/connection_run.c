/*
 * A run of a connection: the handshake, early data, writing, shutdown and reading, as far as they
 * go with what there is.
 */
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include "bounds.h"
#include "machine.h"

/* The work of one run. */
struct work {
    const unsigned char *incoming, *writing;
    size_t incoming_left, writing_left;
    int flags;
    int has_opened;
};

/* Gives OpenSSL of what has come as much as it takes. */
static size_t feed(SESAME_CONNECTION *connection, struct work *work)
{
    int taken = work->incoming_left > 0
        ? BIO_write(connection->network, work->incoming, work->incoming_left) : 0;

    if (taken <= 0)
        return 0;
    work->incoming += taken;
    work->incoming_left -= taken;
    return taken;
}

/* Takes what there is for the peer: whether there was any. */
static int drain(SESAME_CONNECTION *connection)
{
    int has_any = 0, taken;

    while (machine.wire_length < WIRE_BYTES
           && (taken = BIO_read(connection->network, machine.wire + machine.wire_length,
                                WIRE_BYTES - machine.wire_length)) > 0) {
        machine.wire_length += taken;
        has_any = 1;
    }
    return has_any;
}

static int is_wire_full(SESAME_CONNECTION *connection)
{
    return BIO_ctrl_pending(connection->network) > 0;
}

static int has_work(SESAME_CONNECTION *connection, const struct work *work)
{
    if (connection->phase == CLOSED || connection->phase == FAILED)
        return 0;
    return !connection->has_peer_closed || work->writing_left > 0
        || ((work->flags & RUN_ENDS) && connection->phase == OPEN);
}

/*
 * How much early data is written at once: what the BIO pair has room for beside the hello,
 * since OpenSSL counts what it can't write at first twice.
 */
#define EARLY_CHUNK_BYTES 8192

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static void note_written(struct work *work, size_t length)
{
    work->writing += length;
    work->writing_left -= length;
    machine.written += length;
}

static int write_early_data(SESAME_CONNECTION *connection, struct work *work)
{
    size_t written;
    int result = SSL_write_early_data(connection->ssl, work->writing,
                                      least(work->writing_left, EARLY_CHUNK_BYTES), &written);

    if (result > 0)
        note_written(work, written);
    if (result > 0 && work->writing_left == 0 && (work->flags & RUN_ALL_EARLY_DATA))
        connection->early = NO_EARLY_DATA;
    return result;
}

static int read_early_data(SESAME_CONNECTION *connection)
{
    size_t count = 0;
    int result = SSL_read_early_data(connection->ssl, machine.plaintext + machine.plaintext_length,
                                     SSL3_RT_MAX_PLAIN_LENGTH, &count);

    machine.plaintext_length += count;
    if (result == SSL_READ_EARLY_DATA_FINISH)
        connection->early = NO_EARLY_DATA;
    return result == SSL_READ_EARLY_DATA_FINISH || count > 0;
}

/* The handshake is done. A resumed session may be one that was never verified. */
static int open_connection(SESAME_CONNECTION *connection, struct work *work)
{
    if (!connection->judges_later && SSL_get_verify_result(connection->ssl) != X509_V_OK)
        return -1;
    connection->phase = OPEN;
    work->has_opened = 1;
    if (!connection->judges_later)
        sesame_drop_key_shares(connection->ssl);
    sesame_connection_describe(connection);
    return 1;
}

/* One call of OpenSSL: more of the handshake, of what to write, or of what to read. */
static int step(SESAME_CONNECTION *connection, struct work *work)
{
    SSL *ssl = connection->ssl;
    int result;

    if (connection->phase == HANDSHAKING) {
        if (connection->early == READS_EARLY_DATA)
            return read_early_data(connection);
        if (connection->early == WRITES_EARLY_DATA)
            return write_early_data(connection, work);
        result = SSL_do_handshake(ssl);
        return result == 1 ? open_connection(connection, work) : result;
    }
    if (work->writing_left > 0) {
        result = SSL_write(ssl, work->writing, least(work->writing_left, SSL3_RT_MAX_PLAIN_LENGTH));
        if (result > 0)
            note_written(work, result);
        return result;
    }
    if ((work->flags & RUN_ENDS) && connection->phase == OPEN) {
        connection->phase = connection->has_peer_closed ? CLOSED : CLOSING;
        SSL_shutdown(ssl);
        return 1;
    }
    result = SSL_read(ssl, machine.plaintext + machine.plaintext_length, SSL3_RT_MAX_PLAIN_LENGTH);
    if (result > 0)
        machine.plaintext_length += result;
    return result;
}

/* Whether a step may have to put more than there is room for. */
static int is_full(SESAME_CONNECTION *connection)
{
    return machine.plaintext_length > STAGING_BYTES - SSL3_RT_MAX_PLAIN_LENGTH || is_wire_full(connection);
}

/* Whether early data is written, and the rest of it is to come with another run. */
static int lacks_early_data(SESAME_CONNECTION *connection, const struct work *work)
{
    return connection->phase == HANDSHAKING && connection->early == WRITES_EARLY_DATA && work->writing_left == 0
        && !(work->flags & RUN_ALL_EARLY_DATA);
}

static void fail(SESAME_CONNECTION *connection)
{
    drain(connection);
    connection->phase = FAILED;
}

/* Goes on until the peer is needed, something has to be waited for, or there is no room. */
static void run(SESAME_CONNECTION *connection, struct work *work)
{
    int result, error, has_sent;

    drain(connection);
    while (feed(connection, work), has_work(connection, work) && !lacks_early_data(connection, work)) {
        if (is_full(connection)) {
            machine.status |= STATUS_MORE;
            return;
        }
        ERR_clear_error();
        result = step(connection, work);
        error = SSL_get_error(connection->ssl, result);
        has_sent = drain(connection);
        if (work->has_opened)
            return;
        if (result > 0 || (error == SSL_ERROR_WANT_WRITE && (has_sent || is_wire_full(connection))))
            continue;
        if (error == SSL_ERROR_WANT_READ && !connection->are_warnings_too_many) {
            if (feed(connection, work) == 0)
                return;
            continue;
        }
        if (error == SSL_ERROR_WANT_CLIENT_HELLO_CB || error == SSL_ERROR_WANT_X509_LOOKUP)
            return;
        if (error == SSL_ERROR_ZERO_RETURN) {
            connection->has_peer_closed = 1;
            if (connection->phase == CLOSING)
                connection->phase = CLOSED;
            continue;
        }
        if (error == SSL_ERROR_WANT_READ)
            sesame_refuse_warnings(connection->ssl);
        fail(connection);
        return;
    }
}

static void begin_result(void)
{
    machine.status = machine.taken = machine.written = machine.wire_length = machine.plaintext_length = 0;
    sesame_give_back(&machine.certificate);
}

static void end_result(SESAME_CONNECTION *connection)
{
    if (connection->has_peer_closed)
        machine.status |= STATUS_PEER_CLOSED;
    machine.phase = connection->phase;
    machine.alert = connection->fatal_alert;
    machine.verify_result = SSL_get_verify_result(connection->ssl);
    machine.handshakes_begun = connection->handshakes_begun;
    machine.handshakes_done = connection->handshakes_done;
}

void sesame_connection_run(SESAME_CONNECTION *connection, size_t incoming_length, size_t writing_length, int flags)
{
    struct work work = {
        .incoming = machine.incoming, .incoming_left = incoming_length,
        .writing = machine.writing, .writing_left = writing_length,
        .flags = flags,
    };

    begin_result();
    if (sesame_pair_grow(connection, incoming_length > writing_length ? incoming_length : writing_length))
        run(connection, &work);
    else
        connection->phase = FAILED;
    machine.taken = incoming_length - work.incoming_left;
    if (work.has_opened) {
        machine.status |= STATUS_OPENED;
        if (work.incoming_left > 0 || SSL_has_pending(connection->ssl)
            || BIO_ctrl_pending(SSL_get_rbio(connection->ssl)) > 0 || is_wire_full(connection))
            machine.status |= STATUS_MORE;
    }
    if (!(machine.status & STATUS_MORE) && !sesame_pair_shrink(connection))
        connection->phase = FAILED;
    end_result(connection);
}

void sesame_connection_collect(SESAME_CONNECTION *connection)
{
    begin_result();
    drain(connection);
    if (is_wire_full(connection))
        machine.status |= STATUS_MORE;
    end_result(connection);
}
