/*
 * Copying memory, 16 bytes at a time. A record is copied several times on its way, which took a
 * fifth of the time of ChaCha20-Poly1305 in libc's loop of 4 bytes. Stands for libc's memcpy.
 */
#include <stddef.h>
#include <string.h>

typedef unsigned char vector __attribute__((vector_size(16), aligned(1)));

__attribute__((target("simd128"), no_builtin("memcpy", "memmove")))
void *memcpy(void *restrict to, const void *restrict from, size_t len)
{
    unsigned char *out = to, *end = out + len;
    const unsigned char *in = from;
    vector a, b, c, d;

    if (len < sizeof(vector)) {
        while (out < end)
            *out++ = *in++;
        return to;
    }
    for (; (size_t)(end - out) >= 4 * sizeof(vector); in += 4 * sizeof(vector), out += 4 * sizeof(vector)) {
        a = ((const vector *)in)[0], b = ((const vector *)in)[1];
        c = ((const vector *)in)[2], d = ((const vector *)in)[3];
        ((vector *)out)[0] = a, ((vector *)out)[1] = b;
        ((vector *)out)[2] = c, ((vector *)out)[3] = d;
    }
    for (; (size_t)(end - out) >= sizeof(vector); in += sizeof(vector), out += sizeof(vector))
        *(vector *)out = *(const vector *)in;
    /* The last bytes with some of those before them, once more. */
    in = (const unsigned char *)from + len - sizeof(vector);
    *(vector *)(end - sizeof(vector)) = *(const vector *)in;
    return to;
}
