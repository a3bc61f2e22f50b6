"""Prints the table of p256_base.h: multiples of P-256's base point.

Row i has 1 to 16 times 32^(2 i), as two coordinates of 8 words of 32 bits, the lowest first, each times
2^261 modulo the prime.
"""

P = 2**256 - 2**224 + 2**192 + 2**96 - 1
G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
ROWS, MULTIPLES, DOUBLINGS = 26, 16, 10


def main():
    base = G
    for _ in range(ROWS):
        point, cells = base, []
        for _ in range(MULTIPLES):
            cells.append(cell(point))
            point = total(point, base)
        print("{" + ",\n".join(cells) + "},")
        for _ in range(DOUBLINGS):
            base = total(base, base)


def total(a, b):
    """The sum of two points of the curve, neither of which is the other's negative."""
    (x, y), (u, v) = a, b
    slope = (3 * x * x - 3) * pow(2 * y, -1, P) if a == b else (v - y) * pow(u - x, -1, P)
    z = (slope * slope - x - u) % P
    return z, (slope * (x - z) - y) % P


def cell(point):
    values = [coordinate * 2**261 % P for coordinate in point]
    words = [value >> shift & 0xFFFFFFFF for value in values for shift in range(0, 256, 32)]
    return "{" + ", ".join(f"0x{word:08x}" for word in words) + "}"


if __name__ == "__main__":
    main()
