/* How an instance begins: wasm/snapshot.c calls it when the module is built. */
#ifndef SESAME_BRIDGE_H
#define SESAME_BRIDGE_H

/* Starts OpenSSL; 0 if it can't. */
int sesame_init(void);

#endif
