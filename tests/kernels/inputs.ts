/** Bytes that are likely to meet a mistake: random ones, and the ends of what limbs can hold. */

export type Fill = (length: number) => Uint8Array;

/** Lengths of messages, all of which are tried. */
export const LONGEST = 1100;

export const FILLS: Record<string, Fill> = {
  random,
  "all ones": (length) => new Uint8Array(length).fill(0xff),
  zeros: (length) => new Uint8Array(length),
  "bytes of all ones or none": (length) =>
    random(length).map((byte) => byte & 1 ? 0xff : 0),
  "high bits": (length) => new Uint8Array(length).fill(0x80),
  "low bits": (length) => new Uint8Array(length).fill(0x01),
  /** Blocks that are 2^128 - 5 in little endian: with the bit above, next to Poly1305's modulus. */
  "the modulus of Poly1305": (length) =>
    new Uint8Array(length).fill(0xff).map((byte, i) =>
      i % 16 === 0 ? 0xfb : byte
    ),
};

export function random(length: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(length));
}

export function below(limit: number): number {
  return Math.floor(Math.random() * limit);
}

export function assertSame(
  got: Uint8Array,
  want: Uint8Array,
  what: string,
): void {
  if (got.length === want.length && got.every((byte, i) => byte === want[i])) {
    return;
  }
  throw new Error(`${what}: got ${got.toHex()}, want ${want.toHex()}`);
}
