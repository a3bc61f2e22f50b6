/** P-256 against OpenSSL's C code, `node:crypto` and OpenSSL's test vectors. */
import {
  createECDH,
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from "node:crypto";
import { assertSame, below, FILLS, random } from "./inputs.ts";
import { type Check, type Kernels, out } from "./kernels.ts";

const ORDER =
  0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const PRIME = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;
const KERNEL = 0;
const REFERENCE = 1;
const NOTHING = new Uint8Array();

/** Scalars at which carries, digits, the order and the words of a number end. */
const SCALARS = [
  ...Array.from({ length: 34 }, (_, i) => BigInt(i)),
  ...Array.from({ length: 66 }, (_, i) => 1n << BigInt(4 * i)),
  ...Array.from({ length: 66 }, (_, i) => (1n << BigInt(4 * i)) - 1n),
  ...Array.from({ length: 67 }, (_, i) => ORDER + BigInt(i) - 33n),
  ...[PRIME - 1n, PRIME, PRIME + 1n, ORDER >> 1n, (ORDER >> 1n) + 1n],
  ...[2n * ORDER, 2n * ORDER + 1n, (1n << 256n) - 1n, 1n << 256n],
  ...[(1n << 512n) - 1n, ORDER * ORDER + 5n],
  // Where the sum by the table of the base point comes to a point and itself.
  0xc3f0fc3d00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  0xd7f0fc3d00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
];

export const P256_CHECKS: Record<string, Check> = {
  "Multiples of P-256's base point and of others are OpenSSL's": (kernels) => {
    for (const scalar of scalars()) {
      assertSum(kernels, scalar, NOTHING, NOTHING);
      assertSum(kernels, NOTHING, publicKey(scalarOf(random(32))), scalar);
      // The base point, as if it were another.
      assertSum(kernels, NOTHING, publicKey(1n), scalar);
    }
  },
  "Sums of two multiples are OpenSSL's, of equal and opposite ones, too": (
    kernels,
  ) => {
    for (const scalar of scalars()) {
      const secret = scalarOf(random(32));
      assertSum(kernels, random(32), publicKey(secret), scalar);
      const times = scalarOf(random(32));
      const same = times * secret % ORDER;
      for (const second of [same, ORDER - same, 2n * same % ORDER, 0n]) {
        assertSum(kernels, bytes(second), publicKey(secret), bytes(times));
      }
    }
  },
  "Inverses modulo P-256's order are OpenSSL's": (kernels) => {
    for (const scalar of scalars()) {
      const [got, want] = [out(32), out(32)];
      for (const [reference, to] of [[KERNEL, got], [REFERENCE, want]]) {
        const args = [reference as number, scalar, scalar.length];
        if (kernels.call("p256_inverse", [...args, to as typeof got]) !== 1) {
          throw new Error(`${scalar.toHex()} has no inverse`);
        }
      }
      assertSame(got.bytes, want.bytes, `The inverse of ${scalar.toHex()}`);
    }
  },
  "ECDH on P-256 is node:crypto's": (kernels) => {
    for (let times = 0; times < 200; times++) {
      const [own, peer] = [createECDH("prime256v1"), createECDH("prime256v1")];
      own.generateKeys();
      peer.generateKeys();
      const secret = new Uint8Array(own.getPrivateKey());
      const point = new Uint8Array(peer.getPublicKey());
      const made = multiply(kernels, secret, NOTHING, NOTHING);
      assertSame(made, new Uint8Array(own.getPublicKey()), "A public key");
      const shared = multiply(kernels, NOTHING, point, secret).subarray(1, 33);
      const want = new Uint8Array(own.computeSecret(peer.getPublicKey()));
      assertSame(shared, want, "A shared secret");
    }
  },
  "Signatures of node:crypto's are right, and changed ones are not": (
    kernels,
  ) => {
    for (let times = 0; times < 100; times++) {
      const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
      const message = random(below(100));
      const signature = new Uint8Array(
        sign("sha256", message, {
          key: pair.privateKey,
          dsaEncoding: "ieee-p1363",
        }),
      );
      const digest = new Uint8Array(
        createHash("sha256").update(message).digest(),
      );
      const point = pointOf(pair.publicKey);
      if (!verifies(kernels, point, digest, signature)) {
        throw new Error("A signature of node:crypto's was refused");
      }
      flipBit(signature, below(64));
      if (verifies(kernels, point, digest, signature)) {
        throw new Error("A changed signature was accepted");
      }
    }
  },
  "Points that aren't on P-256 are refused": (kernels) => {
    const point = publicKey(5n);
    flipBit(point, 40);
    const beyond = new Uint8Array(65).fill(0xff);
    beyond[0] = 4;
    for (const wrong of [point, beyond]) {
      for (const reference of [KERNEL, REFERENCE]) {
        const args = [reference, NOTHING, 0, wrong, 65, bytes(3n), 32, out(65)];
        if (kernels.call("p256", args) !== -2) throw new Error("Accepted");
      }
    }
  },
  "OpenSSL's vectors of ECDSA on P-256": async (kernels, folder) => {
    const text = await Deno.readTextFile(`${folder}/evppkey_ecdsa.txt`);
    const pem =
      /PublicKey=P-256-PUBLIC\n(-----BEGIN[^]*?-----END PUBLIC KEY-----)/;
    const point = pointOf(createPublicKey(text.match(pem)?.[1] ?? ""));
    const vectors = text.matchAll(
      /Verify = P-256-PUBLIC\nCtrl = digest:SHA1\nInput = "(.{20})"\nOutput = (3045[0-9a-f]{138})\n(Result = \S+)?/g,
    );
    let [right, wrong] = [0, 0];
    for (const [, input = "", output = "", result] of vectors) {
      const digest = new TextEncoder().encode(input);
      const signature = Uint8Array.fromHex(
        output.slice(10, 74) + output.slice(78, 142),
      );
      if (verifies(kernels, point, digest, signature) === Boolean(result)) {
        throw new Error(`Of ${output} it says ${result}`);
      }
      result ? wrong++ : right++;
    }
    if (right < 1 || wrong < 2) throw new Error(`${right} and ${wrong} only`);
  },
  "OpenSSL's vectors of ECDH on P-256": async (kernels, folder) => {
    const text = await Deno.readTextFile(`${folder}/evppkey_ecdh.txt`);
    const keys = new Map<string, string>();
    for (
      const [, name = "", pem = ""] of text.matchAll(
        /^P(?:rivate|ublic)Key=(\S+)\n(-----BEGIN[^]*?-----END .*)/gm,
      )
    ) keys.set(name, pem);
    let done = 0;
    for (
      const [, own = "", peer = "", secret = ""] of text.matchAll(
        /^Derive=(P-256\S*|\S*prime256v1\S*)\nPeerKey=(\S+)\nSharedSecret=([0-9a-f]+)$/gim,
      )
    ) {
      const jwk = createPrivateKey(keys.get(own) ?? "").export({
        format: "jwk",
      });
      const point = pointOf(createPublicKey(keys.get(peer) ?? ""));
      const shared = multiply(kernels, NOTHING, point, decode(jwk.d));
      assertSame(shared.subarray(1, 33), Uint8Array.fromHex(secret), own);
      done++;
    }
    if (done < 8) throw new Error(`Only ${done} vectors were run`);
  },
};

function* scalars(): Generator<Uint8Array<ArrayBuffer>> {
  for (const scalar of SCALARS) yield bytes(scalar);
  for (const fill of Object.values(FILLS)) yield fill(32).slice();
  for (let times = 0; times < 100; times++) yield random(32).slice();
}

/** One multiple, or the sum of two: of the base point, and of another. */
function multiply(
  kernels: Kernels,
  scalar: Uint8Array,
  point: Uint8Array,
  other: Uint8Array,
  reference = KERNEL,
): Uint8Array {
  const sum = out(65);
  const length = kernels.call("p256", [
    ...[reference, scalar, scalar.length, point, point.length],
    ...[other, other.length, sum],
  ], below(16));
  if (length < 0) throw new Error(`It was refused: ${length}`);
  return sum.bytes.subarray(0, length);
}

function assertSum(
  kernels: Kernels,
  scalar: Uint8Array,
  point: Uint8Array,
  other: Uint8Array,
): void {
  assertSame(
    multiply(kernels, scalar, point, other),
    multiply(kernels, scalar, point, other, REFERENCE),
    `${scalar.toHex()} of the base and ${other.toHex()} of ${point.toHex()}`,
  );
}

/** FIPS 186-5, 6.4.2. */
function verifies(
  kernels: Kernels,
  point: Uint8Array,
  digest: Uint8Array,
  signature: Uint8Array,
): boolean {
  const [r, s] = [signature.subarray(0, 32), signature.subarray(32)];
  const inverse = out(32);
  kernels.call("p256_inverse", [KERNEL, s, 32, inverse]);
  const w = numberOf(inverse.bytes);
  const ofBase = bytes(numberOf(digest) * w % ORDER);
  const ofPoint = bytes(numberOf(r) * w % ORDER);
  const sum = multiply(kernels, ofBase, point, ofPoint);
  return numberOf(sum.subarray(1, 33)) % ORDER === numberOf(r);
}

function flipBit(bytes: Uint8Array, at: number): void {
  bytes[at] = (bytes[at] ?? 0) ^ 1 << below(8);
}

function publicKey(secret: bigint): Uint8Array {
  const key = createECDH("prime256v1");
  key.setPrivateKey(bytes(secret));
  return new Uint8Array(key.getPublicKey());
}

function pointOf(key: KeyObject): Uint8Array {
  const { x, y } = key.export({ format: "jwk" });
  return new Uint8Array([4, ...decode(x), ...decode(y)]);
}

function decode(base64url: string | undefined): Uint8Array {
  return Uint8Array.fromBase64(base64url ?? "", { alphabet: "base64url" });
}

/** A scalar that a key may have, out of any bytes. */
function scalarOf(from: Uint8Array): bigint {
  return numberOf(from) % (ORDER - 1n) + 1n;
}

function numberOf(from: Uint8Array): bigint {
  return BigInt(`0x${from.toHex() || "0"}`);
}

function bytes(value: bigint): Uint8Array<ArrayBuffer> {
  const hex = value.toString(16);
  return Uint8Array.fromHex(
    hex.padStart(Math.max(64, hex.length + hex.length % 2), "0"),
  );
}
