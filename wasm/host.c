/*
 * What OpenSSL and libc ask of an operating system, answered by host imports: entropy
 * and the clock. Nothing else of a system exists in here.
 *
 * The functions below replace the library's own at link time, so OpenSSL itself is unpatched.
 */
#include <errno.h>
#include <stdint.h>
#include <sys/time.h>
#include <time.h>
#include <wasi/api.h>
#include "host.h"

/* Declared by OpenSSL in crypto/rand_pool.h and prov/seeding.h, which aren't installed. */
typedef struct rand_pool_st RAND_POOL;
size_t ossl_rand_pool_bytes_needed(RAND_POOL *pool, unsigned int entropy_factor);
unsigned char *ossl_rand_pool_add_begin(RAND_POOL *pool, size_t len);
int ossl_rand_pool_add_end(RAND_POOL *pool, size_t len, size_t entropy);
size_t ossl_rand_pool_entropy_available(RAND_POOL *pool);
int ossl_rand_pool_add(RAND_POOL *pool, const unsigned char *buffer, size_t len, size_t entropy);

#define HOST(name) __attribute__((import_module("sesame:host"), import_name(#name)))
#define EXPORT __attribute__((used, visibility("default")))

HOST(entropy) int host_entropy(unsigned char *out, size_t len);
HOST(clock) double host_clock(void);

/*
 * The clock: the host's, in milliseconds since 1970. It is asked once for all that runs until
 * C returns to JavaScript; 0 is no answer. JavaScript clears the answer when a call returns
 * in which it was asked (src/ffi/ffi.ts), trampolines when a callback does.
 */

static double answer;

EXPORT double *sesame_time(void)
{
    return &answer;
}

void sesame_time_passed(void)
{
    answer = 0;
}

double sesame_now(void)
{
    if (answer == 0)
        answer = host_clock();
    return answer;
}

int clock_gettime(clockid_t id, struct timespec *out)
{
    double ms = sesame_now();

    out->tv_sec = (time_t)(ms / 1000);
    out->tv_nsec = (long)((ms - (double)out->tv_sec * 1000) * 1e6);
    return 0;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    out->tv_sec = now.tv_sec;
    out->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *out)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    if (out != NULL)
        *out = now.tv_sec;
    return now.tv_sec;
}

/* Entropy: OpenSSL is configured --with-rand-seed=none; these are the pool's only source. */

int ossl_rand_pool_init(void)
{
    return 1;
}

void ossl_rand_pool_cleanup(void)
{
}

void ossl_rand_pool_keep_random_devices_open(int keep)
{
}

/* Fails closed: without bytes from the host the pool stays empty and the DRBG refuses to start. */
size_t ossl_pool_acquire_entropy(RAND_POOL *pool)
{
    size_t len = ossl_rand_pool_bytes_needed(pool, 1);
    unsigned char *out = len > 0 ? ossl_rand_pool_add_begin(pool, len) : NULL;

    if (out != NULL)
        ossl_rand_pool_add_end(pool, host_entropy(out, len) ? len : 0, 8 * len);
    return ossl_rand_pool_entropy_available(pool);
}

/* A nonce must differ, not be secret: an instance has one thread, so time and a count do. */
int ossl_pool_add_nonce_data(RAND_POOL *pool)
{
    static unsigned long long count;
    struct {
        double now;
        unsigned long long count;
    } data = { sesame_now(), ++count };

    return ossl_rand_pool_add(pool, (const unsigned char *)&data, sizeof(data), 0);
}

/* The rest of libc's system: an empty environment, no folders or files, and exit is a trap. */

char *getenv(const char *name)
{
    return NULL;
}

char *secure_getenv(const char *name)
{
    return NULL;
}

int __syscall_getdents64(int fd, intptr_t entries, size_t len)
{
    return -ENOSYS;
}

__wasi_errno_t __wasi_fd_close(__wasi_fd_t fd)
{
    return __WASI_ERRNO_BADF;
}

_Noreturn void __wasi_proc_exit(__wasi_exitcode_t code)
{
    __builtin_trap();
}

/* Emscripten's notice that the memory grew: the host compares buffers instead. */
void emscripten_notify_memory_growth(size_t memory_index)
{
}
