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
#include <openssl/crypto.h>
#include "fill.h"
#include "heap.h"

/* The sizes of blocks, as malloc_usable_size() has them, are 4, 12, 20 and so on. */
#define STEP 8
#define SMALLEST 4
/* What malloc() takes beside. */
#define OVERHEAD sizeof(size_t)
/* Of this many steps is a BIO pair's buffer. */
#define STEPS 513
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

static void *allocate(size_t size, const char *file, int line)
{
    size_t steps = steps_for(size);
    void *block;

    if (steps < STEPS && kept[steps] != NULL) {
        block = kept[steps];
        kept[steps] = kept[steps]->next;
        *(struct kept *)block = (struct kept){ NULL };
        kept_bytes -= steps * STEP + SMALLEST + OVERHEAD;
        return block;
    }
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
