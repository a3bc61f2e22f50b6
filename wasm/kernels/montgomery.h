/* Montgomery multiplication in digits of 13 bits, for wasm/kernels/mod_exp.c. */
#ifndef MONTGOMERY_H
#define MONTGOMERY_H

#include <stdint.h>

#define DIGIT_BITS 13
#define GROUP 16 /* the digits of which rows are multiplied at a time */
#define MAX_WORDS 64 /* of 64 bits: 4096 in all */
#define MAX_DIGITS 320
#define BEYOND 8 /* digits that are read after the last, and are 0 */

/* The digits for a modulus: whole groups, with 16 bits or more to spare. */
#define DIGITS_FOR(words) (((words) * 64 + 16 + DIGIT_BITS * GROUP - 1) / (DIGIT_BITS * GROUP) * GROUP)

typedef struct {
    int16_t at[MAX_DIGITS + BEYOND];
} DIGITS;

/* Each digit with the one below it, which is what i32x4.dot_i16x8_s takes. */
typedef struct {
    int32_t at[MAX_DIGITS + BEYOND];
} PAIRS;

typedef struct {
    int32_t at[2 * MAX_DIGITS + 2 * GROUP];
} COLUMNS;

typedef struct {
    PAIRS modulus, inverse; /* inverse * modulus = -1 (mod B), of a group of digits */
    PAIRS multiple; /* (inverse * modulus + 1) / B */
    PAIRS pairs;
    COLUMNS sum;
    DIGITS factor;
} MONTGOMERY;

/* x = x * y / R or x * x / R (mod the modulus), where R = 2^(13 * count); pairs are x's before and after. */
void mont_multiply(MONTGOMERY *mont, DIGITS *x, const DIGITS *y, int count);
void mont_square(MONTGOMERY *mont, DIGITS *x, int count);

/* Sets up the pairs of what mont_multiply is given next. */
void mont_pair(PAIRS *pairs, const DIGITS *digits, int count);

/* Makes the inverse and the multiple out of the modulus, having four digits of the inverse; digits is room. */
void mont_invert(MONTGOMERY *mont, DIGITS *inverse, int count);

#endif
