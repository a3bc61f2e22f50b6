/** The kernels against OpenSSL's C code, which is in the same module. */
import { assertSame, below, FILLS, LONGEST, random } from "./inputs.ts";
import {
  type Argument,
  type Check,
  type Kernels,
  type Out,
  out,
} from "./kernels.ts";

const KEY_BITS = [128, 192, 256];
const KERNEL = 0;
const REFERENCE = 1;

/** Functions of a message and what it is written to, as both have them. */
type Case = (
  reference: number,
  from: Argument,
  to: Out,
) => [string, Argument[]];

export const REFERENCE_CHECKS: Record<string, Check> = {
  "memcpy copies what it was told to, of every length": (kernels) => {
    for (let length = 0; length <= LONGEST; length++) {
      const [from, to] = [random(length), out(length)];
      kernels.call("copy", [to, from, length], below(16));
      assertSame(to.bytes, from, `A copy of ${length} bytes`);
    }
  },
  "ChaCha20 is OpenSSL's, of every length": (kernels) => {
    everyLength(1, (fill, length) => {
      const [key, counter] = [fill(32), fill(16)];
      compare(
        kernels,
        fill(length),
        (
          reference,
          from,
          to,
        ) => ["chacha20", [reference, key, counter, from, to, length]],
      );
    });
  },
  "AES in counter mode is OpenSSL's, of every number of blocks and size of key":
    (kernels) => {
      for (const bits of KEY_BITS) {
        everyLength(16, (fill, length) => {
          const [key, iv] = [fill(bits / 8), fill(16)];
          compare(
            kernels,
            fill(length),
            (
              reference,
              from,
              to,
            ) => ["aes_ctr", [reference, key, bits, from, to, length / 16, iv]],
          );
        });
      }
    },
  "AES of a block, there and back, is OpenSSL's": (kernels) => {
    for (const bits of KEY_BITS) {
      for (const enc of [1, 0]) {
        for (let times = 0; times < 200; times++) {
          for (const fill of Object.values(FILLS)) {
            const key = times % 2 ? random(bits / 8) : fill(bits / 8);
            compare(
              kernels,
              fill(16),
              (
                reference,
                from,
                to,
              ) => ["aes", [reference, enc, key, bits, from, to]],
            );
          }
        }
      }
    }
  },
  "GHASH is OpenSSL's, of every length": (kernels) =>
    compareTags(kernels, "ghash", 16),
  "Poly1305 is OpenSSL's, of every length": (kernels) =>
    compareTags(kernels, "poly1305", 32),
  "Poly1305 is right where its number is next to the modulus": (kernels) => {
    const key = new Uint8Array(32);
    key[0] = 1;
    for (let blocks = 1; blocks <= 40; blocks++) {
      for (let last = 0; last < 256; last++) {
        const message = new Uint8Array(16 * blocks).fill(0xff);
        message[16 * (blocks - 1)] = last;
        compareTag(kernels, "poly1305", key, message, 0);
      }
    }
  },
};

function compareTags(kernels: Kernels, name: string, keyLength: number): void {
  everyLength(1, (fill, length) => {
    for (const keys of [fill, random]) {
      compareTag(
        kernels,
        name,
        keys(keyLength),
        fill(length),
        below(length + 1),
      );
    }
  });
}

function compareTag(
  kernels: Kernels,
  name: string,
  key: Uint8Array,
  message: Uint8Array,
  split: number,
): void {
  const [got, want] = [out(16), out(16)];
  const unaligned = below(16);
  kernels.call(
    name,
    [KERNEL, key, message, split, message.length, got],
    unaligned,
  );
  kernels.call(name, [REFERENCE, key, message, 0, message.length, want]);
  assertSame(
    got.bytes,
    want.bytes,
    `${name} of ${message.length} bytes in two parts from ${split}`,
  );
}

function everyLength(
  step: number,
  check: (fill: (length: number) => Uint8Array, length: number) => void,
): void {
  for (const fill of Object.values(FILLS)) {
    for (let length = 0; length <= LONGEST; length += step) check(fill, length);
  }
}

/** Both from one place to another, and the kernel in place, too. */
function compare(kernels: Kernels, message: Uint8Array, make: Case): void {
  const want = out(message.length);
  const [name, args] = make(REFERENCE, message, want);
  kernels.call(name, args);
  const apart = out(message.length);
  kernels.call(name, make(KERNEL, message, apart)[1], below(16));
  const place = out(message);
  kernels.call(name, make(KERNEL, place, place)[1], below(16));
  assertSame(apart.bytes, want.bytes, `${name} of ${message.length} bytes`);
  assertSame(
    place.bytes,
    want.bytes,
    `${name} of ${message.length} bytes in place`,
  );
}
