/*
 * Points of P-256 or P-384 in Jacobian coordinates, x = X / Z^2 and y = Y / Z^3, of tight numbers,
 * by p256_field.h or p384_field.h, which is included before.
 *
 * Constant time: the same multiplications and additions whatever the points. The formulas for a sum are
 * wrong for infinity and for a point and itself, which the caller sees to.
 */
#ifndef CURVE_POINT_H
#define CURVE_POINT_H

#include <string.h>

#define POINT_VECTORS ((3 * LIMBS + 3) / 4)

struct point {
    number x, y, z;
    int32_t unused[4 * POINT_VECTORS - 3 * LIMBS];
};

static void double_point(struct point *r, const struct point *a)
{
    number delta, gamma, beta, alpha, t;
    int64_t wide[LIMBS];

    square(delta, a->z);
    square(gamma, a->y);
    multiply(beta, a->x, gamma);
    add(alpha, a->x, delta);
    subtract(t, a->x, delta);
    multiply(alpha, alpha, t);
    EACH_LIMB(i)
        wide[i] = 3 * (int64_t)alpha[i];
    tighten(alpha, wide);
    add(t, a->y, a->y);
    multiply(r->z, t, a->z);
    square(t, alpha);
    EACH_LIMB(i)
        wide[i] = t[i] - 8 * (int64_t)beta[i];
    tighten(r->x, wide);
    EACH_LIMB(i)
        wide[i] = 4 * (int64_t)beta[i] - r->x[i];
    tighten(beta, wide);
    multiply(t, alpha, beta);
    square(gamma, gamma);
    EACH_LIMB(i)
        wide[i] = t[i] - 8 * (int64_t)gamma[i];
    tighten(r->y, wide);
}

/* What both additions end with: u and s are a's coordinates over the common Z, h and d the differences from them. */
static inline void finish_sum(struct point *r, const number u, const number s, const number h, const number d)
{
    number hh, hhh, v, t;
    int64_t wide[LIMBS];

    square(hh, h);
    multiply(hhh, h, hh);
    multiply(v, u, hh);
    square(t, d);
    EACH_LIMB(i)
        wide[i] = (int64_t)t[i] - hhh[i] - 2 * (int64_t)v[i];
    tighten(r->x, wide);
    subtract(v, v, r->x);
    multiply(v, v, d);
    multiply(t, s, hhh);
    EACH_LIMB(i)
        wide[i] = (int64_t)v[i] - t[i];
    tighten(r->y, wide);
}

/* r = a + b, which aren't the same point, and neither is infinity. */
static void add_points(struct point *r, const struct point *a, const struct point *b)
{
    number za, zb, u, s, h, d;

    square(zb, b->z);
    multiply(u, a->x, zb);
    multiply(zb, zb, b->z);
    multiply(s, a->y, zb);
    square(za, a->z);
    multiply(h, b->x, za);
    multiply(za, za, a->z);
    multiply(d, b->y, za);
    subtract(h, h, u);
    subtract(d, d, s);
    multiply(za, a->z, b->z);
    multiply(r->z, za, h);
    finish_sum(r, u, s, h, d);
}

/* The same, b's Z being one. */
static void add_affine(struct point *r, const struct point *a, const number x, const number y)
{
    number zz, h, d, ax, ay;

    memcpy(ax, a->x, sizeof(ax)), memcpy(ay, a->y, sizeof(ay));
    square(zz, a->z);
    multiply(h, x, zz);
    multiply(zz, zz, a->z);
    multiply(d, y, zz);
    subtract(h, h, ax);
    subtract(d, d, ay);
    multiply(r->z, a->z, h);
    finish_sum(r, ax, ay, h, d);
}

#endif
