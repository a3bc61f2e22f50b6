/*
 * Random bytes, drawn in advance. A draw from OpenSSL's CTR-DRBG ends with a new key of AES-256 and
 * three blocks that are encrypted for it, whatever was asked for: for the 32 bytes of a hello that
 * was nine tenths of the work, and a tenth of a resumed handshake of TLS 1.2. So more is drawn at
 * once. Who could read what waits here could read the DRBG's state as well, and compute what comes next
 * from that; each byte is wiped when it is handed out. Public and private bytes stay apart, as in OpenSSL.
 */
#define OPENSSL_SUPPRESS_DEPRECATED /* RAND_get_rand_method() alone tells of what the snapshot is taken with */
#include <math.h>
#include <string.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include "host.h"

/* More than this is drawn by itself. */
#define MOST 64
/* The security strength of OpenSSL's DRBG, in bits. */
#define STRENGTH 256
/* How long they wait, in ms: the DRBG draws entropy anew when its hour is over. */
#define LONGEST 60000

typedef int DRAW(OSSL_LIB_CTX *ctx, unsigned char *out, size_t len, unsigned int strength);

DRAW __real_RAND_bytes_ex, __real_RAND_priv_bytes_ex, __wrap_RAND_bytes_ex, __wrap_RAND_priv_bytes_ex;

typedef struct {
    unsigned char bytes[512];
    size_t left;
    double since;
} WAITING;

static WAITING public_bytes, private_bytes;

/* The module has one OSSL_LIB_CTX. Nothing waits that isn't the DRBG's, as are the zeros of wasm/snapshot.c. */
static int take(WAITING *waiting, DRAW *draw, OSSL_LIB_CTX *ctx, unsigned char *out, size_t len, unsigned int strength)
{
    if (len > MOST || strength > STRENGTH || RAND_get_rand_method() != RAND_OpenSSL())
        return draw(ctx, out, len, strength);
    if (waiting->left < len || fabs(sesame_now() - waiting->since) > LONGEST) {
        int drawn;

        waiting->left = 0;
        if ((drawn = draw(ctx, waiting->bytes, sizeof(waiting->bytes), STRENGTH)) <= 0)
            return drawn;
        waiting->left = sizeof(waiting->bytes);
        waiting->since = sesame_now();
    }
    waiting->left -= len;
    memcpy(out, waiting->bytes + waiting->left, len);
    OPENSSL_cleanse(waiting->bytes + waiting->left, len);
    return 1;
}

int __wrap_RAND_bytes_ex(OSSL_LIB_CTX *ctx, unsigned char *out, size_t len, unsigned int strength)
{
    return take(&public_bytes, __real_RAND_bytes_ex, ctx, out, len, strength);
}

int __wrap_RAND_priv_bytes_ex(OSSL_LIB_CTX *ctx, unsigned char *out, size_t len, unsigned int strength)
{
    return take(&private_bytes, __real_RAND_priv_bytes_ex, ctx, out, len, strength);
}
