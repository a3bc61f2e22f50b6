/** OpenSSL's own test vectors (NIST's, the RFCs' and others), out of its release tarball. */
import { assertSame, below } from "./inputs.ts";
import { type Check, type Kernels, out } from "./kernels.ts";
import { NoCipherError, open, seal } from "./messages.ts";

type Vector = Record<string, string>;

/** Keys that XTS takes outside of FIPS mode. */
const KEY_REFUSED = "KEY_SET_ERROR";

export const VECTOR_CHECKS: Record<string, Check> = {
  "OpenSSL's vectors of AES": (kernels, folder) =>
    runCiphers(kernels, folder, "ciph_aes_common", 280),
  "OpenSSL's vectors of AES-CCM": (kernels, folder) =>
    runCiphers(kernels, folder, "ciph_aes_ccm_cavs", 500),
  "OpenSSL's vectors of ChaCha20": (kernels, folder) =>
    runCiphers(kernels, folder, "ciph_chacha", 27),
  "OpenSSL's vectors of Poly1305": async (kernels, folder) => {
    const vectors = (await read(folder, "mac_poly1305")).filter((vector) =>
      vector.MAC === "Poly1305"
    );
    expectMany(vectors.length, 20);
    for (const { Key, Input, Output } of vectors) {
      const [message, tag] = [hex(Input), out(16)];
      const args = [
        0,
        hex(Key),
        message,
        below(message.length + 1),
        message.length,
        tag,
      ];
      kernels.call("poly1305", args);
      assertSame(tag.bytes, hex(Output), "Poly1305");
    }
  },
};

async function runCiphers(
  kernels: Kernels,
  folder: string,
  name: string,
  atLeast: number,
): Promise<void> {
  let done = 0;
  for (const vector of await read(folder, name)) {
    const about = vector.Cipher !== undefined && vector.Result !== KEY_REFUSED;
    if (about && runCipher(kernels, vector)) done++;
  }
  expectMany(done, atLeast);
}

/** False for ciphers that the module doesn't have. */
function runCipher(kernels: Kernels, vector: Vector): boolean {
  try {
    check(kernels, vector);
    return true;
  } catch (error) {
    if (error instanceof NoCipherError) return false;
    throw error;
  }
}

function check(kernels: Kernels, vector: Vector): void {
  const { Cipher: cipher = "", Operation, Result } = vector;
  const [plain, sealed, tag] = [
    hex(vector.Plaintext),
    hex(vector.Ciphertext),
    hex(vector.Tag),
  ];
  const rest = {
    cipher,
    key: hex(vector.Key),
    iv: hex(vector.IV),
    aad: hex(vector.AAD),
  };
  // XTS takes a message in one call only.
  const split = cipher.includes("xts") ? plain.length : below(plain.length + 1);
  if (Result !== undefined) {
    return refuses(kernels, { ...rest, input: sealed, split }, tag);
  }
  if (Operation !== "DECRYPT") {
    const ours = seal(kernels, { ...rest, input: plain, split }, tag.length);
    assertSame(ours.output, sealed, cipher);
    assertSame(ours.tag, tag, `The tag of ${cipher}`);
  }
  if (Operation !== "ENCRYPT") {
    const opened = open(kernels, { ...rest, input: sealed, split }, tag);
    assertSame(opened, plain, `${cipher} opened`);
  }
}

function refuses(
  kernels: Kernels,
  message: Parameters<typeof open>[1],
  tag: Uint8Array,
): void {
  try {
    open(kernels, message, tag);
  } catch (error) {
    if (error instanceof NoCipherError) throw error;
    return;
  }
  throw new Error(`${message.cipher} accepted what it must refuse`);
}

/** Paragraphs of "name = value"; "MAC by..." and comments are left out. */
async function read(folder: string, name: string): Promise<Vector[]> {
  const text = await Deno.readTextFile(`${folder}/evp${name}.txt`);
  return text.replaceAll(/^#.*\n/gm, "").split(/\n\s*\n/).map((paragraph) =>
    Object.fromEntries(
      paragraph.split("\n").map((line) =>
        line.split("=").map((word) => word.trim())
      )
        .filter((words) => words.length === 2),
    )
  );
}

function hex(value = ""): Uint8Array {
  return Uint8Array.fromHex(value);
}

function expectMany(count: number, atLeast: number): void {
  if (count < atLeast) {
    throw new Error(`Only ${count} vectors were run, not ${atLeast}`);
  }
}
