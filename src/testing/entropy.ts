import { toHex } from "../internal/bytes.ts";
import { optionTypeError } from "../internal/option_error.ts";
import { received } from "../internal/received.ts";

/** A seed: a string, or a finite number, which is equivalent to its decimal string. */
export type Seed = string | number;

const SEED_BYTES = 8;
const WARM_UP_STEPS = 32;

/**
 * Returns a deterministic source of pseudorandom bytes, for the `entropy` of an `OpenSSL`. The
 * same seed gives the same bytes in every runtime, whatever the sizes of the requests.
 *
 * **For tests only.** Who knows the seed knows every key that is made with it, and some of the
 * bytes suffice to compute all others.
 *
 * @throws {TypeError} If `seed` is neither a string nor a finite number.
 *
 * @example An instance that makes the same keys each time
 * ```ts
 * import { OpenSSL } from "@sesame/tls";
 * import { createTestCertificate, seededEntropy } from "@sesame/tls/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const [one, other] = ["a", "a"].map((seed) => {
 *   const openssl = new OpenSSL({
 *     entropy: seededEntropy(seed),
 *     clock: () => 1_900_000_000_000,
 *   });
 *   return createTestCertificate({ openssl });
 * });
 * assertEquals(one, other);
 * ```
 */
export function seededEntropy(
  seed: Seed,
): (out: Uint8Array<ArrayBuffer>) => void {
  const next = generator(seedArgument(seed));
  let word = 0;
  let left = 0;
  return (out) => {
    for (let i = 0; i < out.length; i++) {
      if (left === 0) {
        word = next();
        left = 4;
      }
      out[i] = word & 0xff;
      word >>>= 8;
      left--;
    }
  };
}

/** Returns a random seed. A test that prints it on failure can be repeated with it. */
export function randomSeed(): string {
  return toHex(crypto.getRandomValues(new Uint8Array(SEED_BYTES)));
}

/** The option `seed` as a string. */
export function seedOption(seed: Seed): string {
  if (isSeed(seed)) return String(seed);
  throw optionTypeError("seed", mustBeSeed(seed));
}

/** The argument `seed` as a string. */
function seedArgument(seed: Seed): string {
  if (isSeed(seed)) return String(seed);
  throw new TypeError(`seed ${mustBeSeed(seed)}`);
}

function isSeed(seed: Seed): boolean {
  return typeof seed === "string" ||
    typeof seed === "number" && Number.isFinite(seed);
}

function mustBeSeed(seed: Seed): string {
  return `must be a string or a finite number, received ${received(seed)}`;
}

/**
 * Returns 32 bits a call by xoshiro128** (Blackman and Vigna, 2018). The bytes of the seed are
 * mixed into its state one by one, so that similar seeds give unrelated streams.
 */
function generator(seed: string): () => number {
  // The initial state is the first digits of pi's fraction: not zero, and not chosen.
  let [a, b, c, d] = [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344];
  const step = (): number => {
    const result = Math.imul(rotated(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotated(d, 11);
    return result;
  };
  for (const byte of new TextEncoder().encode(seed)) {
    a = Math.imul(a ^ byte, 0x9e3779b1);
    step();
  }
  for (let i = 0; i < WARM_UP_STEPS; i++) step();
  return step;
}

function rotated(word: number, bits: number): number {
  return word << bits | word >>> (32 - bits);
}
