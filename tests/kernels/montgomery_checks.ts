/**
 * Montgomery's products of digits that an exponentiation seldom comes to, against BigInt: the
 * greatest that wasm/kernels/montgomery.c allows for, of which a sum in 32 bits nearly overflows.
 */
import { below, random } from "./inputs.ts";
import { type Check, type Kernels, out } from "./kernels.ts";

const DIGIT_BITS = 13n;
/** What carrying leaves at most. */
const GREATEST = 4129;
const GROUP = 16;
const TIMES = 40;
/** Sizes of moduli in words of 64 bits: around whole groups of digits, and those of RSA. */
const WORDS = [6, 8, 9, 12, 16, 17, 22, 24, 28, 32, 40, 48, 64];

export const MONTGOMERY_CHECKS: Record<string, Check> = {
  "Products of the greatest digits don't overflow": (kernels) => {
    for (const words of WORDS) {
      for (const modulus of moduli(words)) {
        const product = new Product(kernels, words, modulus);
        for (let times = 0; times < TIMES; times++) product.check();
      }
    }
  },
};

/** Those whose digits are all great, or few; and one whose highest word is small. */
function moduli(words: number): bigint[] {
  const bits = BigInt(64 * words);
  const great = Array.from(
    { length: Number((bits - 14n) / DIGIT_BITS) },
    (_, i) => (i % 2 ? 4095n : 4096n) << BigInt(i) * DIGIT_BITS,
  );
  return [
    (1n << bits) - 1n,
    (1n << bits - 1n) + 1n,
    (1n << bits - 64n) + 1n,
    great.reduce((sum, digit) => sum | digit, 1n << bits - 2n) | 1n,
    BigInt(`0x${random(8 * words).toHex()}`) | 1n | 1n << bits - 60n,
  ];
}

/** The kernel's product modulo one number. */
class Product {
  readonly #kernels: Kernels;
  readonly #modulus: bigint;
  readonly #count: number;
  readonly #inverse: Int16Array;
  readonly #most: number;

  constructor(kernels: Kernels, words: number, modulus: bigint) {
    this.#kernels = kernels;
    this.#modulus = modulus;
    const bits = DIGIT_BITS * BigInt(GROUP);
    this.#count = Math.ceil((64 * words + 8) / Number(bits)) * GROUP;
    this.#inverse = toDigits(inverseOf(-modulus, 4n * DIGIT_BITS), 4);
    // As many digits as are below the modulus, whatever they are.
    const length = modulus.toString(2).length;
    this.#most = Math.floor((length - 3) / Number(DIGIT_BITS));
  }

  check(): void {
    const squares = below(2);
    const x = this.#digits();
    const y = squares ? x : this.#digits();
    const made = out(2 * this.#count);
    const modulus = toDigits(this.#modulus, this.#count);
    const bytes = [modulus, this.#inverse, x, y].map((digits) =>
      new Uint8Array(digits.buffer)
    );
    this.#kernels.call("montgomery", [squares, this.#count, ...bytes, made]);
    const digits = new Int16Array(made.bytes.buffer);
    const got = valueOf(digits);
    const size = got < 0n ? -got : got;
    const scaled = got << DIGIT_BITS * BigInt(this.#count);
    const greatest = Math.max(...digits.map(Math.abs));
    if (
      (scaled - valueOf(x) * valueOf(y)) % this.#modulus !== 0n ||
      size >= this.#modulus || greatest > GREATEST
    ) {
      throw new Error(`${[...x]} times ${[...y]} modulo ${this.#modulus}`);
    }
  }

  #digits(): Int16Array {
    const digits = new Int16Array(this.#count);
    const fill = FILLS[below(FILLS.length)] ?? randomDigit;
    for (let i = 0; i < this.#most; i++) digits[i] = fill(i);
    return digits;
  }
}

const FILLS: ((i: number) => number)[] = [
  randomDigit,
  () => GREATEST,
  () => -GREATEST,
  () => below(2) ? GREATEST : -GREATEST,
  (i) => i & 1 ? GREATEST : -GREATEST,
  () => [GREATEST, -GREATEST][below(20)] ?? 0,
  () => 0,
];

function randomDigit(): number {
  return below(8192) - 4096;
}

/** From -4096 to 4095, but for the last. */
function toDigits(value: bigint, count: number): Int16Array {
  const digits = new Int16Array(count);
  for (let i = 0; i < count; i++) {
    const digit = BigInt.asIntN(Number(DIGIT_BITS), value);
    digits[i] = Number(digit);
    value = value - digit >> DIGIT_BITS;
  }
  return digits;
}

function valueOf(digits: Int16Array): bigint {
  return digits.reduceRight(
    (sum, digit) => (sum << DIGIT_BITS) + BigInt(digit),
    0n,
  );
}

/** 1 / value modulo a power of 2. */
function inverseOf(value: bigint, bits: bigint): bigint {
  let inverse = 1n;
  for (let right = 1n; right < bits; right *= 2n) {
    inverse *= 2n - value * inverse;
  }
  return BigInt.asUintN(Number(bits), inverse);
}
