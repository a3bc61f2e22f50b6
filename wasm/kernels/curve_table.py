"""Prints the table of p256.c or p384.c: multiples of the base point. The argument is the curve, p256 or p384.

Row i has 1 to 16 times 32^(stride i), as two coordinates of words of 32 bits, the lowest first, each in
Montgomery's form modulo the prime.
"""

import sys
from typing import NamedTuple

MULTIPLES, WINDOW = 16, 5


class Curve(NamedTuple):
    prime: int
    base: tuple
    bits: int
    form: int  # of Montgomery
    rows: int
    stride: int


CURVES = {
    "p256": Curve(
        2**256 - 2**224 + 2**192 + 2**96 - 1,
        (
            0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
            0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
        ),
        256,
        2**261,
        26,
        2,
    ),
    "p384": Curve(
        2**384 - 2**128 - 2**96 + 2**32 - 1,
        (
            0xAA87CA22BE8B05378EB1C71EF320AD746E1D3B628BA79B9859F741E082542A385502F25DBF55296C3A545E3872760AB7,
            0x3617DE4A96262C6F5D9E98BF9292DC29F8F41DBD289A147CE9DA3113B5F0B8C00A60B1CE1D7E819D7A431D7C90EA0E5F,
        ),
        384,
        2**392,
        7,
        11,
    ),
}


def main(curve):
    base = curve.base
    for _ in range(curve.rows):
        point, cells = base, []
        for _ in range(MULTIPLES):
            cells.append(cell(curve, point))
            point = total(curve.prime, point, base)
        print("{" + ",\n".join(cells) + "},")
        for _ in range(WINDOW * curve.stride):
            base = total(curve.prime, base, base)


def total(p, a, b):
    """The sum of two points of the curve, neither of which is the other's negative."""
    (x, y), (u, v) = a, b
    slope = (3 * x * x - 3) * pow(2 * y, -1, p) if a == b else (v - y) * pow(u - x, -1, p)
    z = (slope * slope - x - u) % p
    return z, (slope * (x - z) - y) % p


def cell(curve, point):
    values = [coordinate * curve.form % curve.prime for coordinate in point]
    words = [value >> shift & 0xFFFFFFFF for value in values for shift in range(0, curve.bits, 32)]
    return "{" + ", ".join(f"0x{word:08x}" for word in words) + "}"


if __name__ == "__main__":
    main(CURVES[sys.argv[1]])
