/*
 * Montgomery multiplication for RSA and DH: numbers in digits of 13 bits from -4096 to 4095, eight
 * of which i32x4.dot_i16x8_s multiplies at a time and adds in pairs.
 *
 * With R = 2^(13 * count), x * y / R is (t + m * n) / R where t = x * y and m = -t / n (mod R). Of the
 * product by 1/n only the lower half is made, of m * n only the upper one: the lower half of
 * t + m * n is a multiple of R, and that multiple is what its upper three digits round to.
 * Nothing is carried while a product is summed up. Then all columns are carried at once, twice:
 * from below 2^31 to 4096 + 2^18, to 4096 + 33 = 4129. A column so has room for 112 products of
 * digits (112 * 4129^2 = 1.91 * 10^9; what else is in it is less than 2^19), after which, in numbers
 * of more digits, all are carried once. A square counts the products of its rows twice.
 *
 * Results are between -n and n if the operands are, since |m| < 0.505 R and n < R / 256: there is no
 * subtraction at the end, and the highest digit has room for what is carried into it.
 *
 * Constant time: multiplications, additions, shifts and masks; loops and addresses depend on the
 * number of digits alone.
 */
#include <stddef.h>
#include <string.h>
#include <wasm_simd128.h>
#include "loaded.h"
#include "montgomery.h"

#define MAX_ROWS 112
#define MAX_SQUARE_ROWS 48
#define ADD wasm_i32x4_add
#define DOT wasm_i32x4_dot_i16x8
#define ALWAYS_INLINE inline __attribute__((always_inline))

static inline v128_t load_half(void)
{
    static const unsigned int half = 1 << (DIGIT_BITS - 1);

    return loaded_splat(&half);
}

void mont_pair(PAIRS *pairs, const DIGITS *digits, int count)
{
    v128_t now, below;
    int k;

    for (k = 0; k <= count; k += 8) {
        now = wasm_v128_load(digits->at + k), below = wasm_v128_load(digits->at + k - 1);
        wasm_v128_store(pairs->at + k, wasm_i16x8_shuffle(now, below, 0, 8, 1, 9, 2, 10, 3, 11));
        wasm_v128_store(pairs->at + k + 4, wasm_i16x8_shuffle(now, below, 4, 12, 5, 13, 6, 14, 7, 15));
    }
}

/*
 * Adds a group of digits times b to t, b in steps of four digits. Each step ends one
 * vector of columns; what goes into the next three is kept. Odd pairs of rows take b two digits lower.
 */
static ALWAYS_INLINE void add_rows(int32_t *t, const int16_t *a, const int32_t *b, int from, int to)
{
    const v128_t a0 = wasm_v128_load32_splat(a), a2 = wasm_v128_load32_splat(a + 2),
                 a4 = wasm_v128_load32_splat(a + 4), a6 = wasm_v128_load32_splat(a + 6),
                 a8 = wasm_v128_load32_splat(a + 8), a10 = wasm_v128_load32_splat(a + 10),
                 a12 = wasm_v128_load32_splat(a + 12), a14 = wasm_v128_load32_splat(a + 14);
    v128_t t0 = wasm_i32x4_splat(0), t1 = t0, t2 = t0, b0, b2;
    const int32_t *end = t + 4 * to;

    for (t += 4 * from, b += 4 * from; t <= end; t += 4, b += 4) {
        b0 = wasm_v128_load(b), b2 = wasm_v128_load(b - 2);
        wasm_v128_store(t, ADD(wasm_v128_load(t), ADD(t0, ADD(DOT(a0, b0), DOT(a2, b2)))));
        t0 = ADD(t1, ADD(DOT(a4, b0), DOT(a6, b2)));
        t1 = ADD(t2, ADD(DOT(a8, b0), DOT(a10, b2)));
        t2 = ADD(DOT(a12, b0), DOT(a14, b2));
    }
    wasm_v128_store(t, ADD(wasm_v128_load(t), t0));
    wasm_v128_store(t + 4, ADD(wasm_v128_load(t + 4), t1));
    wasm_v128_store(t + 8, ADD(wasm_v128_load(t + 8), t2));
}

/* Carries once: gives the digits that are left, with the carries of the columns below. */
static ALWAYS_INLINE v128_t carry(v128_t t, v128_t half, v128_t *below)
{
    v128_t up = wasm_i32x4_shr(ADD(t, half), DIGIT_BITS);

    t = ADD(wasm_i32x4_sub(t, wasm_i32x4_shl(up, DIGIT_BITS)), wasm_i32x4_shuffle(*below, up, 3, 4, 5, 6));
    *below = up;
    return t;
}

static void carry_once(int32_t *t, int count, v128_t below)
{
    const v128_t half = load_half();

    for (; count > 0; count -= 4, t += 4)
        wasm_v128_store(t, carry(wasm_v128_load(t), half, &below));
}

/* What is carried out of the last column is left in carried, once and twice. */
static void carry_twice(int16_t *digits, const int32_t *t, int count, v128_t carried[2])
{
    const v128_t half = load_half();
    v128_t first = wasm_i32x4_splat(0), second = first, low, high;

    for (; count > 0; count -= 8, t += 8, digits += 8) {
        low = carry(carry(wasm_v128_load(t), half, &first), half, &second);
        high = carry(carry(wasm_v128_load(t + 4), half, &first), half, &second);
        wasm_v128_store(digits, wasm_i16x8_narrow_i32x4(low, high));
    }
    carried[0] = first, carried[1] = second;
}

static void clear(COLUMNS *t, int count)
{
    memset(t->at, 0, (size_t)count * sizeof(*t->at));
}

static void add_product(COLUMNS *t, const DIGITS *a, const PAIRS *b, int count)
{
    int row;

    for (row = 0; row < count; row += GROUP) {
        if (row > 0 && row % MAX_ROWS == 0)
            carry_once(t->at, 2 * count, wasm_i32x4_splat(0));
        add_rows(t->at + row, a->at + row, b->at, 0, count / 4);
    }
}

/* Each group of rows by its own digits, and by twice those above it. */
static void add_square(COLUMNS *t, const DIGITS *a, const PAIRS *b, PAIRS *doubled, int count)
{
    const v128_t no_digit_below = wasm_i32x4_make(0xffff, -1, -1, -1);
    const v128_t digit_below = wasm_i32x4_make(-0x10000, 0, 0, 0);
    int32_t *d = doubled->at;
    const int32_t *s = b->at;
    int row, k;

    for (k = 0; k <= count; k += 4)
        wasm_v128_store(d + k, wasm_i16x8_add(wasm_v128_load(s + k), wasm_v128_load(s + k)));
    for (row = 0; row < count; row += GROUP, d += GROUP, s += GROUP) {
        if (row > 0 && row % MAX_SQUARE_ROWS == 0 && count > MAX_ROWS)
            carry_once(t->at, 2 * count, wasm_i32x4_splat(0));
        wasm_v128_store(d - 4, wasm_i32x4_splat(0));
        wasm_v128_store(d, wasm_v128_and(wasm_v128_load(s), no_digit_below));
        for (k = 4; k < GROUP; k += 4)
            wasm_v128_store(d + k, wasm_v128_load(s + k));
        wasm_v128_store(d + GROUP,
            wasm_i16x8_sub(wasm_v128_load(d + GROUP), wasm_v128_and(wasm_v128_load(s + GROUP), digit_below)));
        add_rows(t->at + row, a->at + row, doubled->at, row / 4, count / 4);
    }
}

static void add_low_half(COLUMNS *t, const DIGITS *a, const PAIRS *b, int count)
{
    int row;

    for (row = 0; row < count; row += GROUP) {
        if (row > 0 && row % MAX_ROWS == 0)
            carry_once(t->at, count, wasm_i32x4_splat(0));
        add_rows(t->at + row, a->at + row, b->at, 0, (count - row) / 4 - 1);
    }
}

/* The upper half and the four columns below it. Lower ones are not what they should be afterwards. */
static void add_high_half(COLUMNS *t, const DIGITS *a, const PAIRS *b, int count)
{
    int row;

    for (row = 0; row < count; row += GROUP) {
        if (row > 0 && row % MAX_ROWS == 0)
            carry_once(t->at + count - 4, count + 4, wasm_i32x4_splat(0));
        add_rows(t->at + row, a->at + row, b->at, (count - row - GROUP) / 4, count / 4);
    }
}

/* x = sum / R */
static void reduce(MONTGOMERY *mont, DIGITS *x, int count)
{
    int32_t *t = mont->sum.at;
    v128_t carried[2];
    int64_t top;

    carry_twice(x->at, t, count, carried);
    carry_once(t + count, count, carried[0]);
    t[count] += wasm_i32x4_extract_lane(carried[1], 3);
    wasm_v128_store(t + count - 4, wasm_i32x4_load16x4(x->at + count - 4));
    clear(&mont->low, count);
    add_low_half(&mont->low, x, &mont->inverse, count);
    carry_twice(mont->factor.at, mont->low.at, count, carried);
    add_high_half(&mont->sum, &mont->factor, &mont->modulus, count);
    top = ((int64_t)t[count - 1] << (2 * DIGIT_BITS)) + ((int64_t)t[count - 2] << DIGIT_BITS) + t[count - 3];
    t[count] += (int32_t)((top + ((int64_t)1 << (3 * DIGIT_BITS - 1))) >> (3 * DIGIT_BITS));
    carry_twice(x->at, t + count, count, carried);
    mont_pair(&mont->pairs, x, count);
}

void mont_multiply(MONTGOMERY *mont, DIGITS *x, const DIGITS *y, int count)
{
    clear(&mont->sum, 2 * count);
    add_product(&mont->sum, y, &mont->pairs, count);
    reduce(mont, x, count);
}

void mont_square(MONTGOMERY *mont, DIGITS *x, int count)
{
    clear(&mont->sum, 2 * count);
    add_square(&mont->sum, x, &mont->pairs, &mont->doubled, count);
    reduce(mont, x, count);
}

/* By Newton: y = y * (2 + n * y), which doubles the digits that are right. */
void mont_invert(MONTGOMERY *mont, DIGITS *inverse, int count)
{
    v128_t carried[2];
    int right = 4, size;

    while (right < count) {
        right *= 2;
        size = (right + GROUP - 1) / GROUP * GROUP;
        if (size > count)
            size = count;
        clear(&mont->low, size);
        add_low_half(&mont->low, inverse, &mont->modulus, size);
        mont->low.at[0] += 2;
        carry_twice(mont->factor.at, mont->low.at, size, carried);
        mont_pair(&mont->inverse, inverse, size);
        clear(&mont->low, size);
        add_low_half(&mont->low, &mont->factor, &mont->inverse, size);
        carry_twice(inverse->at, mont->low.at, size, carried);
    }
    mont_pair(&mont->inverse, inverse, count);
}
