/*
 * The inverse modulo an odd number of 256 bits, and in p384.c of 384, by Bernstein and Yang's division steps ("Fast
 * constant-time gcd computation and modular inversion", 2019), in the form with a delta that begins
 * at 1/2, for which 590 steps are enough (885 of 384 bits). 30 steps at a time need the lowest 30 bits alone,
 * and give a matrix that is then applied to the whole numbers, of limbs of 30 bits, the last with a sign.
 *
 * Constant time: 600 or 900 steps whatever the number, each the same additions under masks.
 */
#include <openssl/crypto.h>
#include "inverse.h"

#define STEPS 30
#define STEPS_MASK ((1 << STEPS) - 1)
#define BATCHES (WORDS * 5 / 2)

/* [u v; q r], by which (f, g) goes to 2^30 times what it is 30 steps later. */
struct steps {
    int32_t u, v, q, r;
};

/* The argument and result is -(delta + 1/2). */
static int32_t divide_steps(struct steps *t, int32_t zeta, uint32_t f, uint32_t g)
{
    uint32_t u = 1, v = 0, q = 0, r = 1;
    int i;

    for (i = 0; i < STEPS; i++) {
        uint32_t swap = (uint32_t)(zeta >> 31), odd = -(g & 1);

        g += ((f ^ swap) - swap) & odd;
        q += ((u ^ swap) - swap) & odd;
        r += ((v ^ swap) - swap) & odd;
        swap &= odd;
        zeta = (zeta ^ (int32_t)swap) - 1;
        f += g & swap;
        u += q & swap;
        v += r & swap;
        g >>= 1, u <<= 1, v <<= 1;
    }
    t->u = (int32_t)u, t->v = (int32_t)v, t->q = (int32_t)q, t->r = (int32_t)r;
    return zeta;
}

/* (f, g) after the steps: their lowest 30 bits become zero, and are left out. */
static void apply(number f, number g, const struct steps *t)
{
    int64_t u = t->u, v = t->v, q = t->q, r = t->r, to_f = 0, to_g = 0;

    UNROLLED EACH_LIMB(i) {
        int64_t old_f = f[i], old_g = g[i];

        to_f += u * old_f + v * old_g;
        to_g += q * old_f + r * old_g;
        if (i > 0)
            f[i - 1] = (int32_t)(to_f & STEPS_MASK), g[i - 1] = (int32_t)(to_g & STEPS_MASK);
        to_f >>= STEPS, to_g >>= STEPS;
    }
    f[LIMBS - 1] = (int32_t)to_f, g[LIMBS - 1] = (int32_t)to_g;
}

/*
 * The same modulo the modulus, of numbers between -2 and 1 times it, and the results are again: a
 * multiple of it first makes what is negative positive, then the lowest 30 bits zero.
 */
static void apply_modular(number d, number e, const struct steps *t, const struct modulus *modulus)
{
    int64_t u = t->u, v = t->v, q = t->q, r = t->r, to_d, to_e;
    int32_t negative_d = opaque(d[LIMBS - 1] >> 31), negative_e = opaque(e[LIMBS - 1] >> 31);
    int32_t of_d = (t->u & negative_d) + (t->v & negative_e);
    int32_t of_e = (t->q & negative_d) + (t->r & negative_e);

    to_d = u * d[0] + v * e[0];
    to_e = q * d[0] + r * e[0];
    of_d -= (int32_t)(((uint32_t)modulus->inverse * (uint32_t)to_d + (uint32_t)of_d) & STEPS_MASK);
    of_e -= (int32_t)(((uint32_t)modulus->inverse * (uint32_t)to_e + (uint32_t)of_e) & STEPS_MASK);
    to_d = (to_d + (int64_t)modulus->limbs[0] * of_d) >> STEPS;
    to_e = (to_e + (int64_t)modulus->limbs[0] * of_e) >> STEPS;
    UNROLLED for (int i = 1; i < LIMBS; i++) {
        to_d += u * d[i] + v * e[i] + (int64_t)modulus->limbs[i] * of_d;
        to_e += q * d[i] + r * e[i] + (int64_t)modulus->limbs[i] * of_e;
        d[i - 1] = (int32_t)(to_d & STEPS_MASK), e[i - 1] = (int32_t)(to_e & STEPS_MASK);
        to_d >>= STEPS, to_e >>= STEPS;
    }
    d[LIMBS - 1] = (int32_t)to_d, e[LIMBS - 1] = (int32_t)to_e;
}

/* Adds the modulus to a negative number, with carries. */
static void make_positive(number d, const struct modulus *modulus)
{
    int32_t negative = opaque(d[LIMBS - 1] >> 31), sum = 0;

    EACH_LIMB(i) {
        sum += d[i] + (modulus->limbs[i] & negative);
        d[i] = i < LIMBS - 1 ? sum & STEPS_MASK : sum;
        sum >>= STEPS;
    }
}

void invert_words(int32_t words[WORDS], const struct modulus *modulus)
{
    number d = { 0 }, e = { 1 }, f, g;
    int32_t zeta = -1, negative, sum = 0;
    struct steps steps;
    int i;

    regroup(g, LIMBS, STEPS, words, WORDS, 32);
    EACH_LIMB(j)
        f[j] = modulus->limbs[j];
    for (i = 0; i < BATCHES; i++) {
        zeta = divide_steps(&steps, zeta, (uint32_t)(f[0] | f[1] << STEPS), (uint32_t)(g[0] | g[1] << STEPS));
        apply_modular(d, e, &steps, modulus);
        apply(f, g, &steps);
    }
    /* f is 1 or -1 now, and d is f times the inverse. */
    make_positive(d, modulus);
    negative = opaque(f[LIMBS - 1] >> 31);
    EACH_LIMB(j) {
        sum += (d[j] ^ negative) - negative;
        d[j] = j < LIMBS - 1 ? sum & STEPS_MASK : sum;
        sum >>= STEPS;
    }
    make_positive(d, modulus);
    regroup(words, WORDS, 32, d, LIMBS, STEPS);
    OPENSSL_cleanse(d, sizeof(d)), OPENSSL_cleanse(e, sizeof(e));
    OPENSSL_cleanse(f, sizeof(f)), OPENSSL_cleanse(g, sizeof(g));
}
