/* What is measured: the list of measurements.mjs for native.c. */
#ifndef MEASUREMENTS_H
#define MEASUREMENTS_H

#include <stddef.h>

/* The mode, where it is about handshakes of one kind, is "full" or "resumed". */
typedef struct {
    const char *metric, *version, *key, *group, *cipher, *mode;
} Measurement;

static const Measurement measurements[] = {
    { "handshakes/s", "TLSv1.2", "P-256", "X25519", "AES-128-GCM", "full" },
    { "handshakes/s", "TLSv1.2", "P-256", "X25519", "AES-128-GCM", "resumed" },
    { "handshakes/s", "TLSv1.2", "RSA-2048", "X25519", "AES-128-GCM", "full" },
    { "handshakes/s", "TLSv1.2", "RSA-2048", "X25519", "AES-128-GCM", "resumed" },
    { "handshakes/s", "TLSv1.3", "P-256", "X25519", "AES-128-GCM", "full" },
    { "handshakes/s", "TLSv1.3", "P-256", "X25519", "AES-128-GCM", "resumed" },
    { "handshakes/s", "TLSv1.3", "RSA-2048", "X25519", "AES-128-GCM", "full" },
    { "handshakes/s", "TLSv1.3", "RSA-2048", "X25519", "AES-128-GCM", "resumed" },
    { "handshakes/s", "TLSv1.3", "P-256", "X25519MLKEM768", "AES-128-GCM", "full" },
    { "handshakes/s", "TLSv1.3", "P-256", "X25519MLKEM768", "AES-128-GCM", "resumed" },
    { "server's side/s", "TLSv1.2", "P-256", "X25519", "AES-128-GCM", "resumed" },
    { "server's side/s", "TLSv1.3", "P-256", "X25519", "AES-128-GCM", "resumed" },
    { "bytes/s", "TLSv1.3", "P-256", "X25519", "AES-128-GCM", NULL },
    { "bytes/s", "TLSv1.3", "P-256", "X25519", "AES-256-GCM", NULL },
    { "bytes/s", "TLSv1.3", "P-256", "X25519", "ChaCha20-Poly1305", NULL },
    { "malloc/connection", "TLSv1.2", "P-256", "X25519", "AES-128-GCM", NULL },
    { "malloc/connection", "TLSv1.3", "P-256", "X25519", "AES-128-GCM", NULL },
    { "rss/connection", "TLSv1.2", "P-256", "X25519", "AES-128-GCM", NULL },
    { "rss/connection", "TLSv1.3", "P-256", "X25519", "AES-128-GCM", NULL },
    { "ms from start", "TLSv1.3", "P-256", "X25519", "AES-128-GCM", "full" },
};

#endif
