/** TLS's key schedules against OpenSSL's TLS13-KDF and TLS1-PRF, `node:crypto` and RFC 8448. */
import { createHmac, hkdfSync } from "node:crypto";
import { assertSame, below, FILLS, random } from "./inputs.ts";
import { type Check, type Kernels, out, text } from "./kernels.ts";

const KERNEL = 0;
const REFERENCE = 1;
/** By the names that OpenSSL has for them. */
const DIGESTS = [["SHA256", 32], ["SHA2-384", 48]] as const;
const NOTHING = new Uint8Array();
const LONGEST_LABEL = 249;

export const TLS_KDF_CHECKS: Record<string, Check> = {
  "TLS 1.3's secrets are OpenSSL's, of every length, label and context": (
    kernels,
  ) => {
    for (const [digest, size] of DIGESTS) {
      for (const fill of Object.values(FILLS)) {
        for (let length = 1; length <= 300; length++) {
          compare(kernels, digest, {
            key: fill(size),
            label: fill(below(LONGEST_LABEL + 1)),
            data: fill(below(256)),
            length,
          });
        }
      }
      const long = { key: random(size), label: random(5), data: random(size) };
      compare(kernels, digest, { ...long, length: 255 * size });
      refuses(kernels, digest, { ...long, length: 255 * size + 1 });
      refuses(kernels, digest, { ...long, label: random(250), length: 16 });
      refuses(kernels, digest, { ...long, data: random(256), length: 16 });
    }
  },
  "TLS 1.3's extracted secrets are OpenSSL's, without one before or a key, too":
    (kernels) => {
      for (const [digest, size] of DIGESTS) {
        for (let keyLength = 0; keyLength <= LONGEST_LABEL; keyLength++) {
          for (const salt of [NOTHING, random(size)]) {
            const key = random(keyLength);
            const label = new TextEncoder().encode("derived");
            const input = { key, salt, label, length: size, extracts: 1 };
            compare(kernels, digest, input);
          }
        }
      }
    },
  "TLS 1.3's secrets are node:crypto's": (kernels) => {
    const label = new TextEncoder().encode("key");
    for (let length = 1; length <= 255; length++) {
      const [key, data] = [random(32), random(32)];
      // hkdfSync extracts first, with a salt of zeros.
      const prk = createHmac("sha256", new Uint8Array(32)).update(key).digest();
      const info = new Uint8Array([
        ...[length >> 8, length & 255, 6 + label.length],
        ...new TextEncoder().encode("tls13 "),
        ...[...label, data.length, ...data],
      ]);
      const want = hkdfSync("sha256", key, NOTHING, info, length);
      const input = { key: new Uint8Array(prk), label, data, length };
      const got = derive(kernels, KERNEL, "SHA256", input);
      assertSame(got, new Uint8Array(want), `${length} bytes`);
    }
  },
  "TLS 1.3's secrets are those of RFC 8448": (kernels) => {
    // 3: "extract secret early", then "derive secret for handshake" by "extract secret handshake".
    const derived = new TextEncoder().encode("derived");
    const early = derive(kernels, KERNEL, "SHA256", {
      ...{ key: NOTHING, salt: NOTHING, label: derived },
      ...{ length: 32, extracts: 1 },
    });
    assertSame(early, Uint8Array.fromHex(RFC8448.early), "The early secret");
    const handshake = derive(kernels, KERNEL, "SHA256", {
      ...{ key: Uint8Array.fromHex(RFC8448.shared), salt: early },
      ...{ label: derived, length: 32, extracts: 1 },
    });
    assertSame(
      handshake,
      Uint8Array.fromHex(RFC8448.handshake),
      "The handshake secret",
    );
  },
  "TLS 1.2's secrets are OpenSSL's, of every length and secret, and TLS 1.1's":
    (
      kernels,
    ) => {
      for (const digest of ["SHA256", "SHA2-384", "MD5-SHA1"]) {
        for (const fill of Object.values(FILLS)) {
          for (let length = 1; length <= 300; length++) {
            const secret = fill(below(600) + 1);
            const [seed, other] = [fill(below(80) + 1), fill(below(80))];
            const [got, want] = [KERNEL, REFERENCE].map((reference) => {
              const to = out(length);
              const args = [
                reference,
                text(digest),
                secret,
                secret.length,
                seed,
              ]
                .concat(seed.length, other, other.length);
              const ok = kernels.call("tls12_prf", [...args, to, length]);
              if (ok !== 1) throw new Error("It failed");
              return to.bytes;
            });
            if (!got || !want) continue;
            assertSame(got, want, `${length} bytes by ${digest}`);
          }
        }
      }
    },
  "The MACs of Finished are OpenSSL's": (kernels) => {
    for (const [digest, size] of DIGESTS) {
      for (const fill of Object.values(FILLS)) {
        for (let length = 0; length <= 300; length++) {
          const [key, message] = [fill(size), fill(length)];
          const [got, want] = [out(size), out(size)];
          const rest = [text(digest), key, size, message, length];
          for (const [reference, to] of [[KERNEL, got], [REFERENCE, want]]) {
            const args = [reference as number, ...rest, to as typeof got, size];
            if (kernels.call("tls13_finished", args, below(16)) !== 1) {
              throw new Error("It failed");
            }
          }
          assertSame(got.bytes, want.bytes, `${digest} of ${length} bytes`);
        }
      }
    }
  },
};

const RFC8448 = {
  early: "33ad0a1c607ec03b09e6cd9893680ce210adf300aa1f2660e1b22e10f170f92a",
  shared: "8bd4054fb55b9d63fdfbacf9f04b9f0d35e6d63f537563efd46272900f89492d",
  handshake: "1dc826e93606aa6fdc0aadc12f741b01046aa6b99f691ed221a9f0ca043fbeac",
};

interface Input {
  key: Uint8Array;
  salt?: Uint8Array;
  label: Uint8Array;
  data?: Uint8Array;
  length: number;
  extracts?: number;
}

function derive(
  kernels: Kernels,
  reference: number,
  digest: string,
  { key, salt = NOTHING, label, data = NOTHING, length, extracts = 0 }: Input,
): Uint8Array {
  const made = out(length);
  const args = [reference, text(digest), extracts, key, key.length, salt]
    .concat(salt.length, label, label.length, data, data.length);
  const ok = kernels.call("tls13_kdf", [...args, made, length], below(16));
  if (ok !== 1) throw new RefusedError();
  return made.bytes;
}

class RefusedError extends Error {}

function compare(kernels: Kernels, digest: string, input: Input): void {
  assertSame(
    derive(kernels, KERNEL, digest, input),
    derive(kernels, REFERENCE, digest, input),
    `${input.length} bytes by ${digest}`,
  );
}

function refuses(kernels: Kernels, digest: string, input: Input): void {
  for (const reference of [KERNEL, REFERENCE]) {
    try {
      derive(kernels, reference, digest, input);
    } catch (error) {
      if (error instanceof RefusedError) continue;
      throw error;
    }
    throw new Error("It was accepted");
  }
}
