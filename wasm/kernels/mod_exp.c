/*
 * Exponentiation for RSA and DH by wasm/kernels/montgomery.c: numbers stay in its digits throughout.
 *
 * Constant time, but for the bits of public exponents: windows of five bits, each of which has all
 * 32 powers read and one kept by masks, also where the bits are 0. Comparisons of words give
 * masks; loops and addresses depend on the number of words alone.
 */
#include <stddef.h>
#include <string.h>
#include <wasm_simd128.h>
#include <openssl/crypto.h>
#include "mod_exp.h"
#include "montgomery.h"

#define WORD_BITS 64
#define DIGIT_MASK ((1 << DIGIT_BITS) - 1)
#define WINDOW 5
#define POWERS (1 << WINDOW)
#define VECTORS 8 /* of the powers, each of 8 digits, that are looked at together */

typedef struct {
    MONTGOMERY mont;
    DIGITS x, y;
    uint64_t square[MAX_WORDS], less[MAX_WORDS];
} WORK;

static void to_digits(DIGITS *digits, int count, const uint64_t *a, int words)
{
    int k, at, word, bit, digit, carry = 0;

    memset(digits, 0, sizeof(*digits));
    for (k = 0, at = 0; k < count; k++, at += DIGIT_BITS) {
        word = at / WORD_BITS, bit = at % WORD_BITS;
        digit = word < words ? (int)(a[word] >> bit) & DIGIT_MASK : 0;
        if (bit > WORD_BITS - DIGIT_BITS && word + 1 < words)
            digit |= (int)(a[word + 1] << (WORD_BITS - bit)) & DIGIT_MASK;
        digit += carry;
        carry = (digit + (1 << (DIGIT_BITS - 1))) >> DIGIT_BITS;
        digits->at[k] = (int16_t)(digit - (carry << DIGIT_BITS));
    }
}

/* The number that digits are, plus n if it is below 0. */
static void from_digits(uint64_t *r, const DIGITS *digits, int count, const uint64_t *n, int words)
{
    uint64_t word = 0, digit, added, sum, carry = 0;
    int64_t above = 0;
    int k, bits = 0, at = 0;

    for (k = 0; k < count; k++) {
        above += digits->at[k];
        digit = (uint64_t)above & DIGIT_MASK, above >>= DIGIT_BITS;
        word |= digit << bits, bits += DIGIT_BITS;
        if (bits >= WORD_BITS && at < words) {
            r[at++] = word, bits -= WORD_BITS;
            word = digit >> (DIGIT_BITS - bits);
        }
    }
    for (k = 0; k < words; k++) {
        added = n[k] & (uint64_t)above;
        sum = r[k] + added;
        r[k] = sum + carry;
        carry = (sum < added) | (r[k] < sum);
    }
}

/* a = 2 * a mod n */
static void twice(uint64_t *a, uint64_t *less, const uint64_t *n, int words)
{
    uint64_t top = 0, borrow = 0, word, difference;
    int k;

    for (k = 0; k < words; k++) {
        word = a[k] << 1 | top, top = a[k] >> (WORD_BITS - 1);
        difference = word - n[k];
        less[k] = difference - borrow;
        borrow = (word < n[k]) | (difference < borrow);
        a[k] = word;
    }
    borrow = 0 - (borrow & (top ^ 1));
    __asm__("" : "+r"(borrow)); /* which the compiler would branch by, were it known to be 0 or all ones */
    for (k = 0; k < words; k++)
        a[k] = (a[k] & borrow) | (less[k] & ~borrow);
}

/* x = a * R mod n, and y = R^2 mod n */
static void begin(WORK *work, const uint64_t *a, const uint64_t *n, const uint64_t *square, uint64_t n0, int words)
{
    int count = DIGITS_FOR(words), doublings = 2 * (count * DIGIT_BITS - words * WORD_BITS);

    memset(work, 0, sizeof(*work));
    to_digits(&work->x, count, n, words);
    mont_pair(&work->mont.modulus, &work->x, count);
    n0 &= ((uint64_t)1 << (4 * DIGIT_BITS)) - 1;
    to_digits(&work->y, 4, &n0, 1);
    mont_invert(&work->mont, &work->y, count);
    memcpy(work->square, square, (size_t)words * sizeof(*square));
    while (doublings-- > 0)
        twice(work->square, work->less, n, words);
    to_digits(&work->y, count, work->square, words);
    to_digits(&work->x, count, a, words);
    mont_pair(&work->mont.pairs, &work->x, count);
    mont_multiply(&work->mont, &work->x, &work->y, count);
}

static void set_to_1(DIGITS *digits)
{
    memset(digits, 0, sizeof(*digits));
    digits->at[0] = 1;
}

/* r = x / R mod n */
static void end(uint64_t *r, WORK *work, const uint64_t *n, int words)
{
    int count = DIGITS_FOR(words);

    set_to_1(&work->y);
    mont_multiply(&work->mont, &work->x, &work->y, count);
    from_digits(r, &work->x, count, n, words);
    OPENSSL_cleanse(work, sizeof(*work));
}

static void keep(int16_t *power, const DIGITS *x, int count)
{
    memcpy(power, x->at, (size_t)count * sizeof(*power));
}

/* So many vectors of the power that is wanted, of all that begin where powers says. */
static inline __attribute__((always_inline)) void choose_vectors(int16_t *chosen, const int16_t *powers, v128_t which,
    int count, int vectors)
{
    v128_t kept[VECTORS], mask, now = wasm_i32x4_splat(0);
    int i, k;

    for (k = 0; k < vectors; k++)
        kept[k] = wasm_i32x4_splat(0);
    for (i = 0; i < POWERS; i++, powers += count, now = wasm_i32x4_add(now, wasm_i32x4_splat(1))) {
        mask = wasm_i32x4_eq(now, which);
        for (k = 0; k < vectors; k++)
            kept[k] = wasm_v128_or(kept[k], wasm_v128_and(mask, wasm_v128_load(powers + 8 * k)));
    }
    for (k = 0; k < vectors; k++)
        wasm_v128_store(chosen + 8 * k, kept[k]);
}

static void choose(DIGITS *chosen, const int16_t *powers, int which, int count)
{
    const v128_t wanted = wasm_i32x4_splat(which);
    int k;

    for (k = 0; k + 8 * VECTORS <= count; k += 8 * VECTORS)
        choose_vectors(chosen->at + k, powers + k, wanted, count, VECTORS);
    for (; k < count; k += GROUP)
        choose_vectors(chosen->at + k, powers + k, wanted, count, GROUP / 8);
}

static int window(const uint64_t *e, int e_words, int at)
{
    int word = at / WORD_BITS, bit = at % WORD_BITS;
    uint64_t bits = e[word] >> bit;

    if (bit > WORD_BITS - WINDOW && word + 1 < e_words)
        bits |= e[word + 1] << (WORD_BITS - bit);
    return (int)bits & (POWERS - 1);
}

void mod_exp_secret(uint64_t *r, const uint64_t *a, const uint64_t *e, int e_words, const uint64_t *n,
    const uint64_t *square, uint64_t n0, int words)
{
    int16_t powers[POWERS * MAX_DIGITS];
    int count = DIGITS_FOR(words), at, i;
    WORK work;

    begin(&work, a, n, square, n0, words);
    keep(powers + count, &work.x, count);
    set_to_1(&work.x);
    mont_pair(&work.mont.pairs, &work.x, count);
    mont_multiply(&work.mont, &work.x, &work.y, count);
    keep(powers, &work.x, count);
    memcpy(work.y.at, powers + count, (size_t)count * sizeof(*powers));
    for (i = 1; i < POWERS; i++) {
        mont_multiply(&work.mont, &work.x, &work.y, count);
        keep(powers + i * count, &work.x, count);
    }
    at = (e_words * WORD_BITS - 1) / WINDOW * WINDOW;
    choose(&work.x, powers, window(e, e_words, at), count);
    mont_pair(&work.mont.pairs, &work.x, count);
    while (at > 0) {
        at -= WINDOW;
        for (i = 0; i < WINDOW; i++)
            mont_square(&work.mont, &work.x, count);
        choose(&work.y, powers, window(e, e_words, at), count);
        mont_multiply(&work.mont, &work.x, &work.y, count);
    }
    end(r, &work, n, words);
    OPENSSL_cleanse(powers, sizeof(powers));
}

void mod_exp_public(uint64_t *r, const uint64_t *a, uint64_t e, const uint64_t *n, const uint64_t *square,
    uint64_t n0, int words)
{
    int count = DIGITS_FOR(words), bit = WORD_BITS - 1;
    WORK work;

    begin(&work, a, n, square, n0, words);
    work.y = work.x;
    while (!(e >> bit & 1))
        bit--;
    while (bit-- > 0) {
        mont_square(&work.mont, &work.x, count);
        if (e >> bit & 1)
            mont_multiply(&work.mont, &work.x, &work.y, count);
    }
    end(r, &work, n, words);
}
