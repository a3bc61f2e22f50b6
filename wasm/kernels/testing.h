/*
 * What `./build.sh --test-kernels` links into a module of its own, with the kernels, and with
 * OpenSSL's C code for the same under names that begin with "reference_": testing.c and
 * testing_public_keys.c.
 */
#ifndef SESAME_TESTING_H
#define SESAME_TESTING_H

#define EXPORT(name) __attribute__((export_name(#name)))
#define REFERENCE(result, name, ...) result reference_##name(__VA_ARGS__)

#endif
