/** P-256 and P-384: what they are, and what kernels and OpenSSL's C code make of them. */
import { createECDH, type KeyObject } from "node:crypto";
import { assertSame, below, FILLS, random } from "./inputs.ts";
import { type Kernels, out } from "./kernels.ts";

export const KERNEL = 0;
export const REFERENCE = 1;
export const NOTHING = new Uint8Array();

interface Parameters {
  name: "P-256" | "P-384";
  nodeName: string;
  hash: string;
  order: bigint;
  prime: bigint;
  /** Where the sum by the table of the base point comes to a point and itself. */
  awkward: bigint[];
}

/** A curve, and functions of it that one or the other has. */
export class Curve {
  readonly name: Parameters["name"];
  readonly nodeName: string;
  readonly hash: string;
  readonly order: bigint;
  readonly #prime: bigint;
  readonly #awkward: bigint[];
  /** Of a scalar and of a coordinate. */
  readonly bytes: number;
  /** The ends of the functions' names in wasm/kernels/testing_public_keys.c. */
  readonly export: string;

  constructor(
    { name, nodeName, hash, order, prime, awkward }: Parameters,
  ) {
    this.name = name;
    this.nodeName = nodeName;
    this.hash = hash;
    this.order = order;
    this.#prime = prime;
    this.#awkward = awkward;
    this.bytes = Number(name.slice(2)) / 8;
    this.export = name.toLowerCase().replace("-", "");
  }

  /** Scalars at which carries, digits, the order and the words of a number end, and random ones. */
  *scalars(): Generator<Uint8Array<ArrayBuffer>> {
    const { order } = this;
    const prime = this.#prime;
    const bits = BigInt(8 * this.bytes);
    const powers = Array.from({ length: 2 * this.bytes + 2 }, (_, i) => 4 * i);
    const scalars = [
      ...Array.from({ length: 34 }, (_, i) => BigInt(i)),
      ...powers.map((power) => 1n << BigInt(power)),
      ...powers.map((power) => (1n << BigInt(power)) - 1n),
      ...Array.from({ length: 67 }, (_, i) => order + BigInt(i) - 33n),
      ...[prime - 1n, prime, prime + 1n, order >> 1n, (order >> 1n) + 1n],
      ...[2n * order, 2n * order + 1n, (1n << bits) - 1n, 1n << bits],
      ...[(1n << 2n * bits) - 1n, order * order + 5n, ...this.#awkward],
    ];
    for (const scalar of scalars) yield this.toBytes(scalar);
    for (const fill of Object.values(FILLS)) yield fill(this.bytes).slice();
    for (let times = 0; times < 100; times++) yield random(this.bytes).slice();
  }

  /** One multiple, or the sum of two: of the base point, and of another. */
  multiply(
    kernels: Kernels,
    scalar: Uint8Array,
    point: Uint8Array,
    other: Uint8Array,
    reference = KERNEL,
  ): Uint8Array {
    const sum = out(1 + 2 * this.bytes);
    const length = kernels.call(this.export, [
      ...[reference, scalar, scalar.length, point, point.length],
      ...[other, other.length, sum],
    ], below(16));
    if (length < 0) throw new Error(`It was refused: ${length}`);
    return sum.bytes.subarray(0, length);
  }

  assertSum(
    kernels: Kernels,
    scalar: Uint8Array,
    point: Uint8Array,
    other: Uint8Array,
  ): void {
    assertSame(
      this.multiply(kernels, scalar, point, other),
      this.multiply(kernels, scalar, point, other, REFERENCE),
      `${scalar.toHex()} of the base and ${other.toHex()} of ${point.toHex()}`,
    );
  }

  /** FIPS 186-5, 6.4.2, of a digest that is no longer than the order. */
  verifies(
    kernels: Kernels,
    point: Uint8Array,
    digest: Uint8Array,
    [r, s]: [r: bigint, s: bigint],
  ): boolean {
    const inverse = out(this.bytes);
    const number = this.toBytes(s);
    const args = [KERNEL, number, number.length, inverse];
    kernels.call(`${this.export}_inverse`, args);
    const w = numberOf(inverse.bytes);
    const ofBase = this.toBytes(numberOf(digest) * w % this.order);
    const ofPoint = this.toBytes(r * w % this.order);
    const sum = this.multiply(kernels, ofBase, point, ofPoint);
    return numberOf(this.x(sum)) % this.order === r;
  }

  x(point: Uint8Array): Uint8Array {
    return point.subarray(1, 1 + this.bytes);
  }

  publicKey(secret: bigint): Uint8Array {
    const key = createECDH(this.nodeName);
    key.setPrivateKey(this.toBytes(secret));
    return new Uint8Array(key.getPublicKey());
  }

  /** A scalar that a key may have, out of any bytes. */
  scalarOf(from: Uint8Array): bigint {
    return numberOf(from) % (this.order - 1n) + 1n;
  }

  toBytes(value: bigint): Uint8Array<ArrayBuffer> {
    const hex = value.toString(16);
    const digits = Math.max(2 * this.bytes, hex.length + hex.length % 2);
    return Uint8Array.fromHex(hex.padStart(digits, "0"));
  }
}

export const P256 = new Curve({
  name: "P-256",
  nodeName: "prime256v1",
  hash: "sha256",
  order: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  prime: 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
  awkward: [
    0xc3f0fc3d00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
    0xd7f0fc3d00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  ],
});

const P384_ORDER = 2n ** 384n -
  0x389cb27e0bc8d220a7e5f24db74f58851313e695333ad68dn;

export const P384 = new Curve({
  name: "P-384",
  nodeName: "secp384r1",
  hash: "sha384",
  order: P384_ORDER,
  prime: 2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
  awkward: [1n, 5n, 9n].map((digit) =>
    P384_ORDER - (24n << 165n) - (digit << 330n)
  ),
});

export function pointOf(key: KeyObject): Uint8Array {
  const { x, y } = key.export({ format: "jwk" });
  return new Uint8Array([4, ...decode(x), ...decode(y)]);
}

export function decode(base64url: string | undefined): Uint8Array {
  return Uint8Array.fromBase64(base64url ?? "", { alphabet: "base64url" });
}

export function numberOf(from: Uint8Array): bigint {
  return BigInt(`0x${from.toHex() || "0"}`);
}
