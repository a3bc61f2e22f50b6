/* Wiping memory of which most was never used. */
#ifndef SESAME_FILL_H
#define SESAME_FILL_H

#include <stddef.h>

/*
 * Zeroes a block, without writing to what is zero already: a buffer for a record has 17 KB,
 * of which a handshake uses a few hundred bytes.
 */
void sesame_wipe(void *block, size_t len);

#endif
