/* OpenSSL's heap. */
#ifndef SESAME_HEAP_H
#define SESAME_HEAP_H

#include <stddef.h>

/* Has OpenSSL allocate here, before it allocates anything: 1 or 0. */
int sesame_heap_init(void);

/* The bytes that are handed out, with what malloc() takes beside. */
size_t sesame_heap_used(void);

#endif
