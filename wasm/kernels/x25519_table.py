"""Prints the table of x25519_base.h: multiples of the base point on edwards25519.

Row j has eight points, entry i of which is 2^(32 j) (2^24 + s2 2^16 + s1 2^8 + s0) times the base point, where
s is 1 for each bit that i has and -1 for each that it hasn't: y + x, y - x and 2 d x y, each as 8 words of 32
bits, the lowest first.
"""

P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P
ORDER = 2**252 + 27742317777372353535851937790883648493
BASE = (
    0x216936D3CD6E53FEC0A4E231FDD6DC5C692CC7609525A7B2C9562D608F25D51A,
    0x6666666666666666666666666666666666666666666666666666666666666658,
)
ROWS, TEETH = 8, (0, 8, 16)


def main():
    for row in range(ROWS):
        cells = []
        for entry in range(2 ** len(TEETH)):
            signed = sum((1 if entry >> i & 1 else -1) << tooth for i, tooth in enumerate(TEETH))
            cells.append(cell(multiple((2**24 + signed) * 2 ** (32 * row) % ORDER)))
        print("{" + ",\n".join(cells) + "},")


def multiple(scalar):
    total, point = (0, 1), BASE
    while scalar:
        if scalar & 1:
            total = added(total, point)
        point, scalar = added(point, point), scalar >> 1
    return total


def added(a, b):
    (x, y), (u, v) = a, b
    product = D * x * u * y * v % P
    return (x * v + u * y) * pow(1 + product, -1, P) % P, (y * v + x * u) * pow(1 - product, -1, P) % P


def cell(point):
    x, y = point
    values = [(y + x) % P, (y - x) % P, 2 * D * x * y % P]
    words = [value >> shift & 0xFFFFFFFF for value in values for shift in range(0, 256, 32)]
    return "{" + ", ".join(f"0x{word:08x}" for word in words) + "}"


if __name__ == "__main__":
    main()
