/** P-256 and P-384 against OpenSSL's C code, `node:crypto` and OpenSSL's test vectors. */
import {
  createECDH,
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
} from "node:crypto";
import {
  type Curve,
  decode,
  KERNEL,
  NOTHING,
  numberOf,
  P256,
  P384,
  pointOf,
  REFERENCE,
} from "./curves.ts";
import { assertSame, below, random } from "./inputs.ts";
import { type Check, type Kernels, out } from "./kernels.ts";

export const CURVE_CHECKS: Record<string, Check> = {
  ...checksOf(P256),
  ...checksOf(P384),
  "OpenSSL's vectors of ECDSA on P-256": async (kernels, folder) => {
    const text = await Deno.readTextFile(`${folder}/evppkey_ecdsa.txt`);
    const vectors = text.matchAll(
      /Verify = P-256-PUBLIC\nCtrl = digest:SHA1\nInput = "(.{20})"\nOutput = (3045[0-9a-f]{138})\n(Result = \S+)?/g,
    );
    let [right, wrong] = [0, 0];
    for (const [, input = "", output = "", result] of vectors) {
      const digest = new TextEncoder().encode(input);
      const point = publicKey(text, "P-256-PUBLIC");
      const signature = integers(output);
      if (
        P256.verifies(kernels, point, digest, signature) === Boolean(result)
      ) {
        throw new Error(`Of ${output} it says ${result}`);
      }
      result ? wrong++ : right++;
    }
    if (right < 1 || wrong < 2) throw new Error(`${right} and ${wrong} only`);
  },
  "OpenSSL's vector of ECDSA on P-384": async (kernels, folder) => {
    const text = await Deno.readTextFile(`${folder}/evppkey_ecdsa.txt`);
    const [, input = "", output = ""] = text.match(
      /DigestVerify = SHA384\nKey = P-384-PUBLIC\nInput = "(.*)"\nOutput = (\S+)/,
    ) ?? [];
    const digest = createHash("sha384").update(input).digest();
    const point = publicKey(text, "P-384-PUBLIC");
    if (
      !P384.verifies(
        kernels,
        point,
        new Uint8Array(digest),
        integers(output),
      )
    ) {
      throw new Error("It was refused");
    }
  },
};

function checksOf(curve: Curve): Record<string, Check> {
  return {
    [`Multiples of ${curve.name}'s base point and of others are OpenSSL's`]: (
      kernels,
    ) => {
      for (const scalar of curve.scalars()) {
        const point = curve.publicKey(curve.scalarOf(random(curve.bytes)));
        curve.assertSum(kernels, scalar, NOTHING, NOTHING);
        curve.assertSum(kernels, NOTHING, point, scalar);
        // The base point, as if it were another.
        curve.assertSum(kernels, NOTHING, curve.publicKey(1n), scalar);
      }
    },
    [`Sums of two multiples are OpenSSL's on ${curve.name}, of equal and opposite ones, too`]:
      (kernels) => {
        const { order } = curve;
        for (const scalar of curve.scalars()) {
          const secret = curve.scalarOf(random(curve.bytes));
          const point = curve.publicKey(secret);
          curve.assertSum(kernels, random(curve.bytes), point, scalar);
          const times = curve.scalarOf(random(curve.bytes));
          const same = times * secret % order;
          for (const second of [same, order - same, 2n * same % order, 0n]) {
            const [of, by] = [curve.toBytes(second), curve.toBytes(times)];
            curve.assertSum(kernels, of, point, by);
          }
        }
      },
    [`Inverses modulo ${curve.name}'s order are OpenSSL's`]: (kernels) => {
      for (const scalar of curve.scalars()) {
        const invert = (reference: number) => {
          const to = out(curve.bytes);
          const args = [reference, scalar, scalar.length, to];
          if (kernels.call(`${curve.export}_inverse`, args) !== 1) {
            throw new Error(`${scalar.toHex()} has no inverse`);
          }
          return to.bytes;
        };
        const what = `The inverse of ${scalar.toHex()}`;
        assertSame(invert(KERNEL), invert(REFERENCE), what);
      }
    },
    [`ECDH on ${curve.name} is node:crypto's`]: (kernels) => {
      for (let times = 0; times < 200; times++) {
        const own = createECDH(curve.nodeName);
        const peer = createECDH(curve.nodeName);
        own.generateKeys();
        peer.generateKeys();
        const secret = new Uint8Array(own.getPrivateKey());
        const point = new Uint8Array(peer.getPublicKey());
        const made = curve.multiply(kernels, secret, NOTHING, NOTHING);
        assertSame(made, new Uint8Array(own.getPublicKey()), "A public key");
        const shared = curve.multiply(kernels, NOTHING, point, secret);
        const want = new Uint8Array(own.computeSecret(peer.getPublicKey()));
        assertSame(curve.x(shared), want, "A shared secret");
      }
    },
    [`Signatures of node:crypto's on ${curve.name} are right, and changed ones are not`]:
      (kernels) => {
        for (let times = 0; times < 100; times++) {
          assertVerifies(kernels, curve, random(below(100)));
        }
      },
    [`Points that aren't on ${curve.name} are refused`]: (kernels) => {
      const point = curve.publicKey(5n);
      flipBit(point, 40);
      const beyond = new Uint8Array(point.length).fill(0xff);
      beyond[0] = 4;
      const scalar = curve.toBytes(3n);
      for (const wrong of [point, beyond]) {
        for (const reference of [KERNEL, REFERENCE]) {
          const args = [reference, NOTHING, 0, wrong, wrong.length];
          const rest = [scalar, scalar.length, out(point.length)];
          if (kernels.call(curve.export, [...args, ...rest]) !== -2) {
            throw new Error("Accepted");
          }
        }
      }
    },
    [`OpenSSL's vectors of ECDH on ${curve.name}`]: async (kernels, folder) => {
      const text = await Deno.readTextFile(`${folder}/evppkey_ecdh.txt`);
      const names = `${curve.name}\\S*|\\S*${curve.nodeName}\\S*`;
      const vectors = text.matchAll(
        new RegExp(
          `^Derive=(${names})\nPeerKey=(\\S+)\nSharedSecret=([0-9a-f]+)$`,
          "gim",
        ),
      );
      let done = 0;
      for (const [, own = "", peer = "", secret = ""] of vectors) {
        const { d } = createPrivateKey(pemOf(text, own)).export({
          format: "jwk",
        });
        const point = publicKey(text, peer);
        const shared = curve.multiply(kernels, NOTHING, point, decode(d));
        assertSame(curve.x(shared), Uint8Array.fromHex(secret), own);
        done++;
      }
      const least = curve === P256 ? 8 : 4;
      if (done < least) throw new Error(`Only ${done} vectors were run`);
    },
  };
}

function assertVerifies(
  kernels: Kernels,
  curve: Curve,
  message: Uint8Array,
): void {
  const { hash, name } = curve;
  const { privateKey: key, publicKey } = generateKeyPairSync("ec", {
    namedCurve: name,
  });
  const signature = new Uint8Array(
    sign(hash, message, { key, dsaEncoding: "ieee-p1363" }),
  );
  const digest = new Uint8Array(createHash(hash).update(message).digest());
  const verifies = () => {
    const r = numberOf(signature.subarray(0, curve.bytes));
    const s = numberOf(signature.subarray(curve.bytes));
    return curve.verifies(kernels, pointOf(publicKey), digest, [r, s]);
  };
  if (!verifies()) throw new Error("A signature of node:crypto's was refused");
  flipBit(signature, below(signature.length));
  if (verifies()) throw new Error("A changed signature was accepted");
}

function flipBit(bytes: Uint8Array, at: number): void {
  bytes[at] = (bytes[at] ?? 0) ^ 1 << below(8);
}

/** A key of OpenSSL's test data. */
function pemOf(text: string, name: string): string {
  const key = new RegExp(
    `^P(?:rivate|ublic)Key=${name}\n(-----BEGIN[^]*?-----END .*)`,
    "m",
  );
  return text.match(key)?.[1] ?? "";
}

function publicKey(text: string, name: string): Uint8Array {
  return pointOf(createPublicKey(pemOf(text, name)));
}

/** The two integers of a signature in DER, of fewer than 128 bytes. */
function integers(signature: string): [bigint, bigint] {
  const der = Uint8Array.fromHex(signature);
  const [length = 0] = der.subarray(3);
  const second = der.subarray(4 + length + 2);
  return [numberOf(der.subarray(4, 4 + length)), numberOf(second)];
}
