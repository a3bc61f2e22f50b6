import { toHex } from "../internal/bytes.ts";
import { received } from "../internal/received.ts";

/** What a stream of {@linkcode seededEntropy} is made of: any text, or a finite number, which is as good as its text. */
export type Seed = string | number;

const SEED_BYTES = 8;
const WARM_UP_STEPS = 32;

/**
 * A source of bytes that look random and are the same for the same seed, in each runtime
 * and however they are asked for: a thousand at once or one by one.
 *
 * **For tests only.** Who knows or guesses the seed knows every key that is made with it,
 * and who sees some of the bytes can work out all the others.
 *
 * @throws {TypeError} If `seed` is neither text nor a finite number.
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
  const next = generator(textOf(seed));
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

/** A seed drawn at random: what a test shows when it fails, to be given to the next run. */
export function randomSeed(): string {
  return toHex(crypto.getRandomValues(new Uint8Array(SEED_BYTES)));
}

/** The text that stands for a seed. */
export function textOf(seed: Seed): string {
  if (
    typeof seed === "string" ||
    typeof seed === "number" && Number.isFinite(seed)
  ) return String(seed);
  throw new TypeError(
    `seed must be a string or a finite number, received ${received(seed)}`,
  );
}

/**
 * Gives 32 bits a call by xoshiro128** (Blackman and Vigna, 2018). The seed is mixed into
 * its state byte by byte, so that seeds that differ a little have nothing in common.
 */
function generator(seed: string): () => number {
  // The first digits of pi's fraction: a start that isn't zero, and hides nothing.
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
