/*
 * OpenSSL's heap: libc's, with two things of our own.
 *
 * Memory that is given back is wiped: not all that holds a secret is cleansed by OpenSSL itself,
 * such as what is decoded on the way to an SSL_SESSION.
 *
 * A resumed handshake allocates 260 to 640 blocks, of which nearly all are small, of few sizes,
 * and soon given back. So blocks are kept, by their size, for whoever asks next: that takes a
 * few instructions where malloc() and free() split and join neighbours.
 */
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <openssl/buffer.h>
#include <openssl/crypto.h>
#include "fill.h"
#include "heap.h"

/* The sizes of blocks, as malloc_usable_size() has them, are 4, 12, 20 and so on. */
#define STEP 8
#define SMALLEST 4
/* What malloc() takes beside. */
#define OVERHEAD sizeof(size_t)
/* Of this many steps is the buffer of a handshake's messages, the largest block of a connection. */
#define STEPS 2732
/* How many bytes are kept in all. */
#define MOST_KEPT (256 * 1024)

struct kept {
    struct kept *next;
};

/* By their steps. A block that is kept is all zeros but for the link. */
static struct kept *kept[STEPS];
static size_t kept_bytes;

static size_t steps_for(size_t size)
{
    return size <= SMALLEST ? 0 : (size + STEP - 1 - SMALLEST) / STEP;
}

static void give_all_back(void)
{
    for (size_t steps = 0; steps < STEPS; steps++)
        while (kept[steps] != NULL) {
            struct kept *block = kept[steps];

            kept[steps] = block->next;
            free(block);
        }
    kept_bytes = 0;
}

/* A block of zeros, or NULL if none is kept. */
static void *take(size_t size)
{
    size_t steps = steps_for(size);
    struct kept *block = steps < STEPS ? kept[steps] : NULL;

    if (block == NULL)
        return NULL;
    kept[steps] = block->next;
    block->next = NULL;
    kept_bytes -= steps * STEP + SMALLEST + OVERHEAD;
    return block;
}

static void *allocate(size_t size, const char *file, int line)
{
    void *block = take(size);

    if (block != NULL)
        return block;
    block = malloc(size);
    if (block == NULL && kept_bytes > 0) {
        give_all_back();
        block = malloc(size);
    }
    return block;
}

static void release(void *block, const char *file, int line)
{
    size_t size, steps;

    if (block == NULL)
        return;
    size = malloc_usable_size(block);
    steps = (size - SMALLEST) / STEP;
    sesame_wipe(block, size);
    if (steps >= STEPS || kept_bytes + size + OVERHEAD > MOST_KEPT || size != steps * STEP + SMALLEST) {
        free(block);
        return;
    }
    *(struct kept *)block = (struct kept){ kept[steps] };
    kept[steps] = block;
    kept_bytes += size + OVERHEAD;
}

/* What is freed is wiped whole: wiping a part of it before that would be for nothing. */
void __wrap_CRYPTO_clear_free(void *block, size_t size, const char *file, int line)
{
    CRYPTO_free(block, file, line);
}

void *__real_CRYPTO_zalloc(size_t size, const char *file, int line);

/* What is kept needs no zeros. */
void *__wrap_CRYPTO_zalloc(size_t size, const char *file, int line)
{
    void *block = size > 0 ? take(size) : NULL;

    return block != NULL ? block : __real_CRYPTO_zalloc(size, file, line);
}

size_t __real_BUF_MEM_grow(BUF_MEM *buffer, size_t len);

/* The first 16 KB of the buffer that each end of a handshake has for messages. */
size_t __wrap_BUF_MEM_grow(BUF_MEM *buffer, size_t len)
{
    size_t max = (len + 3) / 3 * 4;

    if (buffer->data == NULL && buffer->flags == 0 && len > 0 && len < STEPS * STEP
        && (buffer->data = take(max)) != NULL) {
        buffer->max = max;
        return buffer->length = len;
    }
    return __real_BUF_MEM_grow(buffer, len);
}

static void *reallocate(void *block, size_t size, const char *file, int line)
{
    size_t held = malloc_usable_size(block);
    void *moved;

    if (block != NULL && size <= held && size >= held / 2)
        return block;
    moved = allocate(size, file, line);
    if (moved != NULL && block != NULL) {
        memcpy(moved, block, size < held ? size : held);
        release(block, file, line);
    }
    return moved;
}

int sesame_heap_init(void)
{
    return CRYPTO_set_mem_functions(allocate, reallocate, release);
}

size_t sesame_heap_used(void)
{
    return mallinfo().uordblks - kept_bytes;
}
