import { assert, assertEquals, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { OpenSSL } from "../../src/libssl/openssl.ts";
import {
  randomSeed,
  type Seed,
  seededEntropy,
} from "../../src/testing/entropy.ts";

const SIZES = [1, 2, 3, 4, 5, 7, 0, 16, 33, 1000];

describe("seededEntropy", () => {
  it("gives the bytes that it has always given", () => {
    assertEquals(
      draw("sesame", 16).toHex(),
      "bb374156226e4fb08a61d31d4f6d6093",
    );
    assertEquals(draw("", 4).toHex(), "5f76ce66");
  });

  it("gives the same stream whatever the sizes of the requests", () => {
    const total = SIZES.reduce((sum, size) => sum + size);
    const whole = draw("a", total);
    for (const sizes of [SIZES, SIZES.toReversed(), Array(total).fill(1)]) {
      const fill = seededEntropy("a");
      const parts = sizes.map((size: number) => filled(fill, size));
      assertEquals(new Uint8Array(parts.flatMap((part) => [...part])), whole);
    }
  });

  it("fills a part of a buffer, and nothing else", () => {
    const out = new Uint8Array(10);
    seededEntropy("a")(out.subarray(3, 6));
    assertEquals(out.subarray(3, 6), draw("a", 3));
    assertEquals([...out.subarray(0, 3), ...out.subarray(6)], Array(7).fill(0));
  });

  it("takes a number for its text", () => {
    assertEquals(draw(42, 16), draw("42", 16));
    assertEquals(draw(-0.5, 16), draw("-0.5", 16));
  });

  it("makes nothing in common of seeds that differ a little", () => {
    const seeds = ["", "a", "b", "aa", "ab", "ba", "é", "\0", "\0\0", 0, 1, 2];
    const streams = seeds.map((seed) => draw(seed, 4096));
    streams.forEach((one, i) =>
      streams.slice(i + 1).forEach((other) => {
        // By chance a byte in 256 is the same: 16 of 4096, give or take 4.
        const same = one.filter((byte, at) => byte === other[at]).length;
        assert(same < 48, `${same} bytes in common`);
      })
    );
  });

  it("has each byte about as often as others", () => {
    const counts = new Array<number>(256).fill(0);
    for (const byte of draw("uniform", 256 * 1000)) {
      counts[byte] = (counts[byte] ?? 0) + 1;
    }
    assert(Math.min(...counts) > 850, `rarest: ${Math.min(...counts)}`);
    assert(Math.max(...counts) < 1150, `most often: ${Math.max(...counts)}`);
  });

  it("is all that an instance's random bytes come from", () => {
    const [one, same, other] = ["a", "a", "b"].map((seed) =>
      new OpenSSL({ entropy: seededEntropy(seed), clock: () => 0 })
        .libssl.RAND_bytes(64)?.toHex()
    );
    assertEquals(one, same);
    assert(one !== other);
  });

  it("takes text and numbers only", () => {
    for (const seed of [NaN, Infinity, null, undefined, 1n, {}, true]) {
      assertThrows(
        () => seededEntropy(seed as Seed),
        TypeError,
        "seed must be a string or a finite number, received",
      );
    }
  });
});

describe("randomSeed", () => {
  it("is another each time, and short enough to be copied", () => {
    const seeds = Array.from({ length: 100 }, randomSeed);
    assertEquals(new Set(seeds).size, 100);
    for (const seed of seeds) assert(/^[0-9a-f]{16}$/.test(seed), seed);
  });
});

function draw(seed: Seed, count: number): Uint8Array<ArrayBuffer> {
  return filled(seededEntropy(seed), count);
}

function filled(
  fill: (out: Uint8Array<ArrayBuffer>) => void,
  count: number,
): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(count);
  fill(out);
  return out;
}
