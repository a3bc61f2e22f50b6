/** X25519 against OpenSSL's C code, `node:crypto` and RFC 7748. */
import { Buffer } from "node:buffer";
import { createPrivateKey, createPublicKey, diffieHellman } from "node:crypto";
import { assertSame, below, FILLS, random } from "./inputs.ts";
import { type Check, type Kernels, out } from "./kernels.ts";

const PRIME = 2n ** 255n - 19n;
const KERNEL = 0;
const REFERENCE = 1;

/** Coordinates of small order, those of the twist's too, and numbers where limbs, carries and the prime end. */
const COORDINATES = [
  ...Array.from({ length: 40 }, (_, i) => BigInt(i)),
  ...Array.from({ length: 80 }, (_, i) => PRIME + BigInt(i) - 40n),
  ...Array.from({ length: 64 }, (_, i) => 1n << BigInt(4 * i)),
  ...Array.from({ length: 64 }, (_, i) => (1n << BigInt(4 * i)) - 1n),
  ...Array.from({ length: 9 }, (_, i) => 1n << BigInt(29 * i)),
  ...[(1n << 256n) - 1n, 2n * PRIME, 2n * PRIME + 1n, (1n << 255n) - 1n],
  325606250916557431795983626356110631294008115727848805560023387167927233504n,
  39382357235489614581723060781553021112529911719440698176882885853963445705823n,
];

export const X25519_CHECKS: Record<string, Check> = {
  "X25519 is OpenSSL's, where it is refused and of numbers above the prime, too":
    (kernels) => {
      for (const coordinate of COORDINATES) {
        for (const fill of Object.values(FILLS)) {
          compare(kernels, fill(32), littleEndian(coordinate));
          compare(kernels, littleEndian(coordinate), fill(32));
        }
      }
      for (let times = 0; times < 1000; times++) {
        compare(kernels, random(32), random(32));
      }
    },
  "X25519 is node:crypto's": (kernels) => {
    for (let times = 0; times < 300; times++) {
      const [secret, point] = [random(32), random(32)];
      const got = out(32);
      kernels.call("x25519", [KERNEL, secret, point, got], below(16));
      const want = diffieHellman({
        privateKey: createPrivateKey({
          key: der("302e020100300506032b656e04220420", secret),
          format: "der",
          type: "pkcs8",
        }),
        publicKey: createPublicKey({
          key: der("302a300506032b656e032100", point),
          format: "der",
          type: "spki",
        }),
      });
      assertSame(got.bytes, new Uint8Array(want), "X25519");
    }
  },
  "X25519's public keys are OpenSSL's and the ladder's": (kernels) => {
    const secrets = [
      ...COORDINATES.map(littleEndian),
      ...Object.values(FILLS).map((fill) => fill(32)),
      ...Array.from({ length: 1000 }, () => random(32)),
    ];
    for (const secret of secrets) {
      const [got, want, climbed] = [out(32), out(32), out(32)];
      kernels.call("x25519_public", [KERNEL, secret, got], below(16));
      kernels.call("x25519_public", [REFERENCE, secret, want]);
      kernels.call("x25519", [KERNEL, secret, littleEndian(9n), climbed]);
      assertSame(got.bytes, want.bytes, `${secret.toHex()} times the base`);
      assertSame(got.bytes, climbed.bytes, `${secret.toHex()} times 9`);
    }
  },
  "X25519 is that of RFC 7748, a thousand times over": (kernels) => {
    let [scalar, point] = [littleEndian(9n), littleEndian(9n)];
    for (let times = 1; times <= 1000; times++) {
      const next = out(32);
      kernels.call("x25519", [KERNEL, scalar, point, next]);
      [scalar, point] = [next.bytes.slice(), scalar];
      const want = ITERATED.get(times);
      if (want) assertSame(scalar, Uint8Array.fromHex(want), `${times} times`);
    }
  },
};

/** RFC 7748, 5.2. */
const ITERATED = new Map([
  [1, "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079"],
  [1000, "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51"],
]);

function compare(
  kernels: Kernels,
  secret: Uint8Array,
  point: Uint8Array,
): void {
  const [got, want] = [out(32), out(32)];
  const args = [secret, point];
  const unaligned = below(16);
  const accepts = kernels.call("x25519", [KERNEL, ...args, got], unaligned);
  const accepted = kernels.call("x25519", [REFERENCE, ...args, want]);
  const what = `${secret.toHex()} times ${point.toHex()}`;
  assertSame(got.bytes, want.bytes, what);
  if (accepts !== accepted) throw new Error(`${what}: ${accepts}`);
}

function littleEndian(value: bigint): Uint8Array<ArrayBuffer> {
  return Uint8Array.fromHex(value.toString(16).padStart(64, "0")).reverse();
}

function der(prefix: string, key: Uint8Array): Buffer {
  return Buffer.from(prefix + key.toHex(), "hex");
}
