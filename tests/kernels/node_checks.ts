/** The kernels under EVP against another implementation: the runtime's `node:crypto`. */
import { createCipheriv, createDecipheriv, createHash } from "node:crypto";
import { assertSame, below, FILLS, LONGEST, random } from "./inputs.ts";
import { type Check, type Kernels, out, text } from "./kernels.ts";
import { open, seal } from "./messages.ts";

/** As node:crypto types those of its ciphers that have a tag. */
type Aead = "aes-128-gcm";

const AEADS = [["aes-128-gcm", 16], ["aes-256-gcm", 32], [
  "chacha20-poly1305",
  32,
]] as const;
const STREAMS = [["aes-128-ctr", 16], ["aes-256-ctr", 32]] as const;
const BLOCKS = [["aes-128-cbc", 16], ["aes-256-cbc", 32]] as const;
const HASHES = [256, 384, 512];
/** SHAKE gives as many bytes as are asked for. */
const SPONGES = [
  ...[["SHA3-256", 32], ["SHA3-512", 64], ["SHA3-384", 48]] as const,
  ...[["SHAKE-128", undefined], ["SHAKE-256", undefined]] as const,
];
const NOTHING = new Uint8Array();

const KERNEL = 0;
const REFERENCE = 1;

export const NODE_CHECKS: Record<string, Check> = {
  ...Object.fromEntries(HASHES.map((bits) => [
    `SHA-${bits} is node:crypto's and OpenSSL's, of every length`,
    (kernels: Kernels) => {
      for (const fill of Object.values(FILLS)) {
        for (let length = 0; length <= LONGEST; length++) {
          compareHashes(kernels, bits, fill(length), below(length + 1));
        }
      }
    },
  ])),
  "SHA-3 and SHAKE are node:crypto's, of every length": (kernels) => {
    for (const [name, size] of SPONGES) {
      for (const fill of Object.values(FILLS)) {
        for (let length = 0; length <= LONGEST; length++) {
          compareSponge(kernels, name, size ?? below(500) + 1, fill(length));
        }
      }
    }
  },
  ...Object.fromEntries(AEADS.map(([cipher, size]) => [
    `${cipher} is node:crypto's, of every length, and refuses what was changed`,
    (kernels: Kernels) => {
      for (let length = 0; length <= LONGEST; length++) {
        compareAead(kernels, cipher, size, length);
      }
    },
  ])),
  ...Object.fromEntries([...STREAMS, ...BLOCKS].map(([cipher, size]) => [
    `${cipher} is node:crypto's, of every length`,
    (kernels: Kernels) => {
      const step = cipher.endsWith("cbc") ? 16 : 1;
      for (let length = 0; length <= LONGEST; length += step) {
        compareCipher(kernels, cipher, size, length);
      }
    },
  ])),
};

function compareHashes(
  kernels: Kernels,
  bits: number,
  message: Uint8Array,
  split: number,
): void {
  const { length } = message;
  const want = createHash(`sha${bits}`).update(message).digest();
  for (const reference of [KERNEL, REFERENCE]) {
    const got = out(bits / 8);
    const [name, ...variant] = bits === 256 ? ["sha256"] : ["sha512", bits];
    const args = [reference, ...variant, message, split, length, got];
    kernels.call(name, args, below(16));
    assertSame(
      got.bytes,
      new Uint8Array(want),
      `SHA-${bits} of ${length} bytes`,
    );
  }
}

function compareSponge(
  kernels: Kernels,
  name: string,
  size: number,
  message: Uint8Array,
): void {
  const nodeName = name.toLowerCase().replace("shake-", "shake");
  const isXof = name.startsWith("SHAKE");
  const options = isXof ? { outputLength: size } : {};
  const want = createHash(nodeName, options).update(message).digest();
  const got = out(size);
  const split = below(message.length + 1);
  const args = [text(name), message, split, message.length, got, size];
  if (kernels.call("digest", args, below(16)) !== 1) throw new Error(name);
  assertSame(
    got.bytes,
    new Uint8Array(want),
    `${name} of ${message.length} bytes`,
  );
}

function compareAead(
  kernels: Kernels,
  cipher: string,
  keySize: number,
  length: number,
): void {
  const [key, iv, aad, input] = [
    random(keySize),
    random(12),
    random(below(40)),
    random(length),
  ];
  const node = createCipheriv(cipher as Aead, key, iv, { authTagLength: 16 });
  node.setAAD(aad, { plaintextLength: length });
  const sealed = new Uint8Array([...node.update(input), ...node.final()]);
  const tag = new Uint8Array(node.getAuthTag());
  const message = { cipher, key, iv, aad, input, split: below(length + 1) };
  const ours = seal(kernels, message, 16);
  assertSame(ours.output, sealed, `${cipher} of ${length} bytes`);
  assertSame(ours.tag, tag, `The tag of ${cipher} of ${length} bytes`);
  const opened = open(kernels, { ...message, input: sealed }, tag);
  assertSame(opened, input, `${cipher} opened, of ${length} bytes`);
  const changed = length > 0 && below(2) ? sealed : tag;
  const at = below(changed.length);
  changed[at] = (changed[at] ?? 0) ^ 1 << below(8);
  refuse(
    () => open(kernels, { ...message, input: sealed }, tag),
    `${cipher} of ${length} bytes, changed`,
  );
}

function compareCipher(
  kernels: Kernels,
  cipher: string,
  keySize: number,
  length: number,
): void {
  const [key, iv, input] = [random(keySize), random(16), random(length)];
  const node = createCipheriv(cipher, key, iv).setAutoPadding(false);
  const want = new Uint8Array([...node.update(input), ...node.final()]);
  const message = {
    cipher,
    key,
    iv,
    aad: NOTHING,
    input,
    split: below(length + 1),
  };
  assertSame(
    seal(kernels, message, 0).output,
    want,
    `${cipher} of ${length} bytes`,
  );
  const back = createDecipheriv(cipher, key, iv).setAutoPadding(false);
  const opened = new Uint8Array([...back.update(want), ...back.final()]);
  assertSame(
    open(kernels, { ...message, input: want }, NOTHING),
    opened,
    `${cipher} back, of ${length} bytes`,
  );
}

function refuse(call: () => unknown, what: string): void {
  try {
    call();
  } catch {
    return;
  }
  throw new Error(`${what} was not refused`);
}
