/** Exponentiation against OpenSSL's C code, BigInt, `node:crypto` and OpenSSL's test vectors. */
import { constants, generateKeyPairSync, privateDecrypt } from "node:crypto";
import { assertSame, below, FILLS, random } from "./inputs.ts";
import { type Check, type Kernels, out } from "./kernels.ts";

const WORD_BITS = 64;
const MOST_WORDS = 66;
const KERNEL = 0;
const REFERENCE = 1;
/** By the kernel, in place, and for two at once. */
const KERNELS = [KERNEL, 2, 3];
const RSA_SIZES = [1024, 2048, 3072];

export const MOD_EXP_CHECKS: Record<string, Check> = {
  "Powers are OpenSSL's and BigInt's, of every size of a modulus": (
    kernels,
  ) => {
    for (let words = 1; words <= MOST_WORDS; words++) {
      for (const modulus of moduli(words)) {
        const base = pick(bases(modulus));
        assertPower(kernels, base, pick(exponents(2)), modulus);
      }
    }
  },
  "Powers of all kinds are OpenSSL's, of the sizes that RSA takes": (
    kernels,
  ) => {
    for (const words of [16, 24, 32]) {
      for (const modulus of moduli(words)) {
        for (const base of bases(modulus)) {
          assertPower(kernels, base, pick(exponents(2)), modulus);
        }
      }
    }
  },
  "Exponents of all kinds and lengths are OpenSSL's": (kernels) => {
    for (let words = 1; words <= 20; words++) {
      for (const exponent of exponents(words)) {
        const modulus = numberOf(random(64)) | 1n;
        assertPower(kernels, numberOf(random(64)), exponent, modulus);
      }
    }
  },
  "RSA by two primes is node:crypto's": (kernels) => {
    for (const modulusLength of RSA_SIZES) {
      const { privateKey } = generateKeyPairSync("rsa", { modulusLength });
      const jwk = privateKey.export({ format: "jwk" });
      const [n, e, qi] = [decode(jwk.n), decode(jwk.e), decode(jwk.qi)];
      const [p, dp] = [decode(jwk.p), decode(jwk.dp)];
      const [q, dq] = [decode(jwk.q), decode(jwk.dq)];
      for (let times = 0; times < 10; times++) {
        const message = numberOf(random(modulusLength / 8)) % n;
        const ofP = power(kernels, 3, true, message % p, dp, p);
        const ofQ = power(kernels, 3, true, message % q, dq, q);
        const signature = ofQ + (ofP - ofQ % p + p) * qi % p * q;
        const key = { key: privateKey, padding: constants.RSA_NO_PADDING };
        const want = privateDecrypt(key, bytes(message, modulusLength / 8));
        assertSame(
          bytes(signature, modulusLength / 8),
          new Uint8Array(want),
          `RSA-${modulusLength}`,
        );
        const back = power(kernels, KERNEL, false, signature, e, n);
        if (back !== message) throw new Error(`RSA-${modulusLength} back`);
      }
    }
  },
  "OpenSSL's vectors of exponentiation": async (kernels, folder) => {
    const text = await Deno.readTextFile(`${folder}/bnmod.txt`);
    let done = 0;
    for (
      const [, ...fields] of text.matchAll(
        /^ModExp = (\w+)\nA = (\w+)\nE = (\w+)\nM = (\w+)$/gm,
      )
    ) {
      const [want, a, e, m = 0n] = fields.map((hex) => BigInt(`0x${hex}`));
      if (m % 2n === 0n) continue;
      for (const how of KERNELS) {
        if (power(kernels, how, true, a ?? 0n, e ?? 0n, m) !== want) {
          throw new Error(`${a} to the power of ${e} modulo ${m}`);
        }
      }
      done++;
    }
    if (done < 50) throw new Error(`Only ${done} vectors were run`);
  },
};

/** The ends of what fits into words, digits that are as large as they get, and random ones. */
function moduli(words: number): bigint[] {
  const end = 1n << BigInt(words * WORD_BITS);
  const smallest = end >> BigInt(WORD_BITS - 1) | 1n;
  const largestDigits = BigInt(`0b${"0111111111111".repeat(5 * words)}`);
  return [
    ...[end - 1n, end - 3n, (end >> 1n) + 1n, (end >> 1n) - 1n, smallest],
    largestDigits % end | 1n | end >> 2n,
    ...Object.values(FILLS).map((fill) => numberOf(fill(words * 8)) | 1n),
  ].filter((modulus) => modulus > 1n);
}

function bases(modulus: bigint): bigint[] {
  const length = bytes(modulus).length;
  return [
    ...[0n, 1n, 2n, modulus - 1n, modulus - 2n, modulus >> 1n, modulus],
    ...Object.values(FILLS).map((fill) => numberOf(fill(length)) % modulus),
  ];
}

function exponents(words: number): bigint[] {
  const end = 1n << BigInt(words * WORD_BITS);
  return [
    ...[0n, 1n, 2n, 3n, 17n, 31n, 32n, 65537n, end - 1n, end >> 1n],
    ...Object.values(FILLS).map((fill) => numberOf(fill(words * 8))),
  ];
}

function assertPower(
  kernels: Kernels,
  base: bigint,
  exponent: bigint,
  modulus: bigint,
): void {
  const want = power(kernels, REFERENCE, true, base, exponent, modulus);
  if (want !== powerOf(base, exponent, modulus)) {
    throw new Error("OpenSSL's is not BigInt's");
  }
  for (const how of KERNELS) {
    for (const secret of [true, false]) {
      if (power(kernels, how, secret, base, exponent, modulus) !== want) {
        throw new Error(
          `${base} to the power of ${exponent} modulo ${modulus}, ${how}`,
        );
      }
    }
  }
}

function power(
  kernels: Kernels,
  how: number,
  secret: boolean,
  ...numbers: [base: bigint, exponent: bigint, modulus: bigint]
): bigint {
  const result = out(bytes(numbers[2]).length);
  const args = numbers.map((number) => bytes(number)).flatMap((number) => [
    number,
    number.length,
  ]);
  if (!kernels.call("mod_exp", [how, Number(secret), ...args, result])) {
    throw new Error(`It was refused: ${numbers}`);
  }
  return numberOf(result.bytes);
}

function powerOf(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n % modulus;
  for (const bit of exponent.toString(2)) {
    result = result * result % modulus;
    if (bit === "1") result = result * base % modulus;
  }
  return result;
}

function pick<T>(from: T[]): T {
  return from[below(from.length)] as T;
}

function decode(base64url: string | undefined): bigint {
  return numberOf(
    Uint8Array.fromBase64(base64url ?? "", { alphabet: "base64url" }),
  );
}

function numberOf(from: Uint8Array): bigint {
  return BigInt(`0x${from.toHex() || "0"}`);
}

function bytes(value: bigint, length = 0): Uint8Array<ArrayBuffer> {
  const hex = value.toString(16);
  return Uint8Array.fromHex(
    hex.padStart(Math.max(2 * length, hex.length + hex.length % 2), "0"),
  );
}
