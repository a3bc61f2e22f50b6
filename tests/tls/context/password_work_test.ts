/** How much work a file may ask for before its password opens it. */
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { describe, it } from "@std/testing/bdd";
import { TlsContext, TlsError } from "@sesame/tls";
import { encryptedKey, pemOf, pfxOf, pki } from "../../support/credentials.ts";

const { cert, key } = pki.server;
const [SEQUENCE, INTEGER, OCTETS, OID] = [0x30, 0x02, 0x04, 0x06];
const PBES2 = [42, 134, 72, 134, 247, 13, 1, 5, 13];
const PBKDF2 = [42, 134, 72, 134, 247, 13, 1, 5, 12];
const SCRYPT = [43, 6, 1, 4, 1, 218, 71, 4, 11];
const PBE_SHA1_3DES = [42, 134, 72, 134, 247, 13, 1, 12, 1, 3];
const AES_256_CBC = [96, 134, 72, 1, 101, 3, 4, 1, 42];

const salt = tlv(OCTETS, new Array(16).fill(1));
const aes = tlv(SEQUENCE, tlv(OID, AES_256_CBC), salt);

/** An encrypted private key, whose content doesn't matter. */
function keyBy(algorithm: number[]): string {
  return pemOf(
    "ENCRYPTED PRIVATE KEY",
    Uint8Array.from(
      tlv(SEQUENCE, algorithm, tlv(OCTETS, new Array(32).fill(2))),
    ),
  );
}

function pbes2(kdf: number[], ...parameters: number[][]): number[] {
  const function_ = tlv(SEQUENCE, tlv(OID, kdf), tlv(SEQUENCE, ...parameters));
  return tlv(SEQUENCE, tlv(OID, PBES2), tlv(SEQUENCE, function_, aes));
}

const TOO_MUCH: Record<string, number[]> = {
  "PBKDF2, 2^31 - 1 times": pbes2(PBKDF2, salt, number(0x7fff_ffff)),
  "PBKDF2, 1,500,001 times": pbes2(PBKDF2, salt, number(1_500_001)),
  "PBKDF2, more often than any number has bits": pbes2(
    PBKDF2,
    salt,
    tlv(INTEGER, new Array(12).fill(0x7f)),
  ),
  "PKCS#12's own function": tlv(
    SEQUENCE,
    tlv(OID, PBE_SHA1_3DES),
    tlv(SEQUENCE, salt, number(0x7fff_ffff)),
  ),
  "scrypt of much memory": pbes2(
    SCRYPT,
    salt,
    number(2 ** 20),
    number(8),
    number(1),
  ),
  "scrypt, again and again": pbes2(
    SCRYPT,
    salt,
    number(2 ** 10),
    number(1),
    number(2 ** 20),
  ),
};

describe("A private key is refused whose password takes too much work", () => {
  for (const [what, algorithm] of Object.entries(TOO_MUCH)) {
    it(what, () => {
      const error = assertThrows(
        () =>
          new TlsContext({ cert, key: keyBy(algorithm), passphrase: "secret" }),
        TlsError,
        "Cannot read options.key",
      );
      assertStringIncludes(error.reason ?? "", "unsupported number of rounds");
      assertEquals(error.optionPath, ["key"]);
    });
  }

  it("but not one that takes its usual work", () => {
    new TlsContext({
      cert,
      key: encryptedKey(key, "secret"),
      passphrase: "secret",
    }).close();
  });
});

describe("A PKCS#12 file is refused", () => {
  it("whose MAC takes too much work", () => {
    const file = pfxOf(pki.server, "secret");
    new TlsContext({ pfx: file, passphrase: "secret" }).close();
    // PFX: version, contents, MAC data: digest, salt, iterations (RFC 7292, 4).
    const [version = [], contents = [], mac = []] = parts(file);
    const [digest = [], salt = []] = parts(Uint8Array.from(mac));
    const pfx = Uint8Array.from(
      tlv(
        SEQUENCE,
        version,
        contents,
        tlv(SEQUENCE, digest, salt, number(0x7fff_ffff)),
      ),
    );
    const error = assertThrows(
      () => new TlsContext({ pfx, passphrase: "secret" }),
      TlsError,
      "Cannot read options.pfx",
    );
    assertStringIncludes(error.reason ?? "", "unsupported number of rounds");
  });
});

function tlv(tag: number, ...contents: number[][]): number[] {
  const body = contents.flat();
  const { length } = body;
  return length < 0x80
    ? [tag, length, ...body]
    : [tag, 0x82, length >> 8, length & 0xff, ...body];
}

function number(value: number): number[] {
  const bytes = [24, 16, 8, 0].map((bits) => value >> bits & 0xff);
  const first = bytes.findIndex((byte) => byte !== 0);
  const short = bytes.slice(first);
  return tlv(INTEGER, (short[0] ?? 0) < 0x80 ? short : [0, ...short]);
}

/** The elements of a sequence, with their headers. */
function parts(sequence: Uint8Array): number[][] {
  const found: number[][] = [];
  for (let at = end(sequence, 0).body; at < sequence.length;) {
    const { next } = end(sequence, at);
    found.push([...sequence.subarray(at, next)]);
    at = next;
  }
  return found;
}

function end(bytes: Uint8Array, at: number): { body: number; next: number } {
  const first = bytes[at + 1] ?? 0;
  const count = first < 0x80 ? 0 : first - 0x80;
  const body = at + 2 + count;
  const length = count === 0
    ? first
    : bytes.subarray(at + 2, body).reduce((sum, byte) => sum * 256 + byte, 0);
  return { body, next: body + length };
}
