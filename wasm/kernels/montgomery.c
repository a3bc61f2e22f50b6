/*
 * Montgomery multiplication for RSA and DH: numbers in digits of 13 bits from -4096 to 4095, eight
 * of which i32x4.dot_i16x8_s multiplies at a time and adds in pairs.
 *
 * With B = 2^(13 * 16), a group of digits, and R = B^groups, x * y / R is t = x * y divided by B once for each
 * group of digits of n. Where u = -1 / n (mod B), n * u is a multiple of n that is -1 (mod B), so that the lowest
 * group m of t is itself what n * u has to be multiplied by: (t + m * n * u) / B is what is above m, and
 * m * (n * u + 1) / B. That is as great as B * n / 4. So the last group is multiplied by u (mod B), and n by
 * that: the group becomes a multiple of B, and that multiple is what its upper three digits round to.
 *
 * Nothing is carried while a product is summed up. Then columns are carried at once, twice:
 * from below 2^31 to 4096 + 2^18, to 4096 + 33 = 4129. A column so has room for 125 products of
 * digits (125 * 4129^2 = 2.13 * 10^9; what else is in it is less than 2^19), before which, in numbers
 * of more digits, all are carried once. A square counts the products of its rows twice.
 *
 * Results are between -n and n if the operands are: groups and u are between -0.505 B and 0.505 B, n is at most
 * R / 2^16, and n^2 / R + 0.505^2 n + 0.505 n is less than n. There is no subtraction at the end, and the highest
 * digit is 0, as n is at most 2^-3 of it.
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
#define FEW_ROWS 80 /* of these a product and its reduction come to 125 in columns of the middle alone */
#define LANES 4
#define ADD wasm_i32x4_add
#define DOT wasm_i32x4_dot_i16x8
#define LOAD wasm_v128_load
#define STORE wasm_v128_store
#define ZERO wasm_i32x4_splat(0)
#define ALWAYS_INLINE inline __attribute__((always_inline))
#define EACH_VECTOR(k) _Pragma("clang loop unroll(full)") for (int k = 0; k < GROUP; k += LANES)

/* Digits by which others are multiplied, LANES at a time: each step ends a vector of columns. */
typedef struct {
    v128_t digits[GROUP / 2];
    v128_t above[3]; /* what the next three vectors of columns have got */
    v128_t before; /* the pairs of the last step */
} ROWS;

static ALWAYS_INLINE v128_t pairs_of(v128_t below, v128_t digits, int upper)
{
    below = wasm_i16x8_shuffle(below, digits, 7, 8, 9, 10, 11, 12, 13, 14);
    return upper ? wasm_i16x8_shuffle(digits, below, 4, 12, 5, 13, 6, 14, 7, 15)
                 : wasm_i16x8_shuffle(digits, below, 0, 8, 1, 9, 2, 10, 3, 11);
}

void mont_pair(PAIRS *pairs, const DIGITS *digits, int count)
{
    v128_t below = ZERO, now;
    int k;

    for (k = 0; k <= count; k += 8, below = now) {
        now = LOAD(digits->at + k);
        STORE(pairs->at + k, pairs_of(below, now, 0)), STORE(pairs->at + k + LANES, pairs_of(below, now, 1));
    }
}

static ALWAYS_INLINE ROWS rows_of(const int16_t *a)
{
    return (ROWS) { { wasm_v128_load32_splat(a), wasm_v128_load32_splat(a + 2), wasm_v128_load32_splat(a + 4),
                        wasm_v128_load32_splat(a + 6), wasm_v128_load32_splat(a + 8), wasm_v128_load32_splat(a + 10),
                        wasm_v128_load32_splat(a + 12), wasm_v128_load32_splat(a + 14) },
        { ZERO, ZERO, ZERO }, ZERO };
}

/* Odd pairs of rows take the digits two lower. */
static ALWAYS_INLINE v128_t step(ROWS *r, v128_t b)
{
    const v128_t c = wasm_i32x4_shuffle(r->before, b, 2, 3, 4, 5);
    const v128_t ended = ADD(r->above[0], ADD(DOT(r->digits[0], b), DOT(r->digits[1], c)));

    r->above[0] = ADD(r->above[1], ADD(DOT(r->digits[2], b), DOT(r->digits[3], c)));
    r->above[1] = ADD(r->above[2], ADD(DOT(r->digits[4], b), DOT(r->digits[5], c)));
    r->above[2] = ADD(DOT(r->digits[6], b), DOT(r->digits[7], c));
    r->before = b;
    return ended;
}

static ALWAYS_INLINE void add(int32_t *t, v128_t columns)
{
    STORE(t, ADD(LOAD(t), columns));
}

static ALWAYS_INLINE void add_steps(ROWS *r, int32_t *t, const int32_t *b, const int32_t *end)
{
    for (; b < end; t += LANES, b += LANES)
        add(t, step(r, LOAD(b)));
}

/* The step after the highest digit, which is 0: it has what is two digits lower. Its last columns are in before. */
static ALWAYS_INLINE void last_step(ROWS *r)
{
    const v128_t c = wasm_i32x4_shuffle(r->before, ZERO, 2, 3, 4, 5);

    r->above[0] = ADD(r->above[0], DOT(r->digits[1], c));
    r->above[1] = ADD(r->above[1], DOT(r->digits[3], c));
    r->above[2] = ADD(r->above[2], DOT(r->digits[5], c));
    r->before = DOT(r->digits[7], c);
}

static ALWAYS_INLINE void add_last(ROWS *r, int32_t *t)
{
    last_step(r);
    add(t, r->above[0]), add(t + 4, r->above[1]), add(t + 8, r->above[2]), add(t + 12, r->before);
}

static ALWAYS_INLINE void store_last(ROWS *r, int32_t *t)
{
    last_step(r);
    STORE(t, r->above[0]), STORE(t + 4, r->above[1]), STORE(t + 8, r->above[2]), STORE(t + 12, r->before);
}

typedef struct {
    v128_t half, digit, halves;
} CARRYING;

static inline CARRYING load_carrying(void)
{
    static const unsigned int half = 1 << (DIGIT_BITS - 1), digit = (1 << DIGIT_BITS) - 1,
                              halves = 0x10001 << (DIGIT_BITS - 1);

    return (CARRYING) { loaded_splat(&half), loaded_splat(&digit), loaded_splat(&halves) };
}

/* Carries once, where half a digit is added to each column: gives what is left with the carries of those below. */
static ALWAYS_INLINE v128_t carry(v128_t t, CARRYING c, v128_t *below)
{
    const v128_t up = wasm_i32x4_shr(t, DIGIT_BITS);

    t = ADD(wasm_v128_and(t, c.digit), wasm_i32x4_shuffle(*below, up, 3, 4, 5, 6));
    *below = up;
    return t;
}

/* Carries two vectors of columns twice, to digits. */
static ALWAYS_INLINE v128_t carry_twice(v128_t low, v128_t high, CARRYING c, v128_t below[2])
{
    low = carry(carry(ADD(low, c.half), c, below), c, below + 1);
    high = carry(carry(ADD(high, c.half), c, below), c, below + 1);
    return wasm_i16x8_sub(wasm_i16x8_narrow_i32x4(low, high), c.halves);
}

/* What the vector above gets of what is carried out of one. */
static ALWAYS_INLINE v128_t to_next(v128_t up)
{
    return wasm_i32x4_shuffle(up, ZERO, 3, 4, 5, 6);
}

static void carry_once(int32_t *t, int count)
{
    const CARRYING c = load_carrying();
    v128_t below = ZERO;

    for (; count > 0; count -= LANES, t += LANES)
        STORE(t, wasm_i32x4_sub(carry(ADD(LOAD(t), c.half), c, &below), c.half));
    add(t, to_next(below));
}

/* Carries a group of columns twice, to digits: gives what is to be added to the next columns. */
static ALWAYS_INLINE v128_t carry_group(int16_t *digits, const v128_t t[GROUP / LANES])
{
    const CARRYING c = load_carrying();
    v128_t below[2] = { ZERO, ZERO };

    STORE(digits, carry_twice(t[0], t[1], c, below));
    STORE(digits + 8, carry_twice(t[2], t[3], c, below));
    return to_next(ADD(below[0], below[1]));
}

/* The product of two groups (mod B), and what is added to it. */
static ALWAYS_INLINE void low_group(int16_t *digits, const int16_t *a, const PAIRS *b, v128_t added)
{
    v128_t columns[GROUP / LANES];
    ROWS r = rows_of(a);

    EACH_VECTOR (k)
        columns[k / LANES] = step(&r, LOAD(b->at + k));
    columns[0] = ADD(columns[0], added);
    carry_group(digits, columns);
}

/* All that is above R, to digits and their pairs; the highest digit has nothing to carry. */
static ALWAYS_INLINE void carry_all(DIGITS *digits, PAIRS *pairs, const int32_t *t, int count)
{
    const CARRYING c = load_carrying();
    v128_t carried[2] = { ZERO, ZERO }, below = ZERO, now;
    int k;

    for (k = 0; k < count; k += 8, below = now) {
        now = carry_twice(LOAD(t + k), LOAD(t + k + LANES), c, carried);
        STORE(digits->at + k, now);
        STORE(pairs->at + k, pairs_of(below, now, 0)), STORE(pairs->at + k + LANES, pairs_of(below, now, 1));
    }
}

static ALWAYS_INLINE void clear(int32_t *t, int count)
{
    for (; count > 0; count -= LANES, t += LANES)
        STORE(t, ZERO);
}

static ALWAYS_INLINE void product(int32_t *t, const DIGITS *a, const PAIRS *b, int count)
{
    int row, k;
    ROWS r = rows_of(a->at);

    for (k = 0; k < count; k += LANES)
        STORE(t + k, step(&r, LOAD(b->at + k)));
    store_last(&r, t + count);
    for (row = GROUP; row < count; row += GROUP) {
        if (row % MAX_ROWS == 0)
            carry_once(t, count + row);
        r = rows_of(a->at + row);
        add_steps(&r, t + row, b->at, b->at + count);
        store_last(&r, t + row + count);
    }
}

/* Rows by their own digits, and by twice those above them. */
static ALWAYS_INLINE void square_rows(int32_t *t, const DIGITS *a, const PAIRS *pairs, int row, int count, int fresh)
{
    static const uint32_t masks[][4] = { { 0xffff, -1u, -1u, -1u }, { 0xffff0000, 0, 0, 0 } };
    const v128_t no_digit_below = loaded(masks[0]), digit_below = loaded(masks[1]);
    const int32_t *b = pairs->at + row, *end = pairs->at + count;
    v128_t twice, columns;
    ROWS r = rows_of(a->at + row);

    t += 2 * row;
    EACH_VECTOR (k) {
        columns = step(&r, k > 0 ? LOAD(b + k) : wasm_v128_and(LOAD(b), no_digit_below));
        STORE(t + k, fresh ? columns : ADD(LOAD(t + k), columns));
    }
    b += GROUP, t += GROUP;
    if (b == end) {
        store_last(&r, t);
        return;
    }
    twice = wasm_i16x8_add(LOAD(b), LOAD(b)), twice = wasm_i16x8_sub(twice, wasm_v128_and(LOAD(b), digit_below));
    do {
        columns = step(&r, twice);
        STORE(t, fresh ? columns : ADD(LOAD(t), columns));
        b += LANES, t += LANES;
        twice = wasm_i16x8_add(LOAD(b), LOAD(b));
    } while (b < end);
    store_last(&r, t);
}

static ALWAYS_INLINE void square(int32_t *t, const DIGITS *a, const PAIRS *pairs, int count)
{
    int row;

    square_rows(t, a, pairs, 0, count, 1);
    for (row = GROUP; row < count; row += GROUP) {
        if (row % MAX_SQUARE_ROWS == 0 && count > MAX_ROWS)
            carry_once(t, count + row);
        square_rows(t, a, pairs, row, count, 0);
    }
}

/* x = sum / R. A group of columns is carried as soon as all is in it, before those above it are added to. */
static ALWAYS_INLINE void reduce(MONTGOMERY *mont, DIGITS *x, int count)
{
    const int32_t *b = mont->multiple.at;
    int32_t *t = mont->sum.at;
    int16_t *group = mont->factor.at;
    v128_t columns[GROUP / LANES], next;
    int64_t upper;
    int row;
    ROWS r;

    if (count <= FEW_ROWS)
        carry_once(t + count - 12, 40);
    else
        carry_once(t, 2 * count);
    EACH_VECTOR (k)
        columns[k / LANES] = LOAD(t + k);
    next = carry_group(group, columns);
    for (row = GROUP; row < count; row += GROUP) {
        t += GROUP;
        add(t, next);
        if (row % MAX_ROWS == 0)
            carry_once(t, 2 * count - row);
        r = rows_of(group);
        EACH_VECTOR (k)
            columns[k / LANES] = ADD(LOAD(t + k), step(&r, LOAD(b + k)));
        next = carry_group(group, columns);
        add_steps(&r, t + GROUP, b + GROUP, b + count);
        add_last(&r, t + count);
    }
    t += GROUP;
    add(t, next);
    next = wasm_i32x4_load16x4(group + GROUP - LANES);
    low_group(group, group, &mont->inverse, ZERO);
    r = rows_of(group);
    b = mont->modulus.at;
    EACH_VECTOR (k)
        columns[k / LANES] = step(&r, LOAD(b + k));
    next = ADD(next, columns[3]);
    add_steps(&r, t, b + GROUP, b + count);
    add_last(&r, t + count - GROUP);
    upper = ((int64_t)wasm_i32x4_extract_lane(next, 3) << (2 * DIGIT_BITS))
        + ((int64_t)wasm_i32x4_extract_lane(next, 2) << DIGIT_BITS) + wasm_i32x4_extract_lane(next, 1);
    upper = (upper + ((int64_t)1 << (3 * DIGIT_BITS - 1))) >> (3 * DIGIT_BITS);
    add(t, wasm_i32x4_make((int)upper, 0, 0, 0));
    carry_all(x, &mont->pairs, t, count);
}

void mont_multiply(MONTGOMERY *mont, DIGITS *x, const DIGITS *y, int count)
{
    product(mont->sum.at, y, &mont->pairs, count);
    reduce(mont, x, count);
}

void mont_square(MONTGOMERY *mont, DIGITS *x, int count)
{
    square(mont->sum.at, x, &mont->pairs, count);
    reduce(mont, x, count);
}

/* The inverse by Newton: y = y * (2 + n * y), which doubles the digits that are right. */
void mont_invert(MONTGOMERY *mont, DIGITS *inverse, int count)
{
    const v128_t one = wasm_i32x4_make(1, 0, 0, 0), two = wasm_i32x4_make(2, 0, 0, 0);
    int32_t *t = mont->sum.at;
    v128_t columns[GROUP / LANES];
    int right;
    ROWS r;

    for (right = 4; right < GROUP; right *= 2) {
        mont_pair(&mont->inverse, inverse, GROUP);
        low_group(mont->factor.at, inverse->at, &mont->modulus, two);
        low_group(inverse->at, mont->factor.at, &mont->inverse, ZERO);
    }
    mont_pair(&mont->inverse, inverse, GROUP);
    clear(t, 2 * count);
    STORE(t, one);
    r = rows_of(inverse->at);
    add_steps(&r, t, mont->modulus.at, mont->modulus.at + count);
    add_last(&r, t + count);
    EACH_VECTOR (k)
        columns[k / LANES] = LOAD(t + k);
    add(t + GROUP, carry_group(mont->factor.at, columns));
    carry_all(&mont->factor, &mont->multiple, t + GROUP, count);
}
