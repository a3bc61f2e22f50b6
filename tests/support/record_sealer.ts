import { createCipheriv, createHmac } from "node:crypto";

const KEY_BYTES = 16;
const IV_BYTES = 12;
const APPLICATION_DATA = 23;

/**
 * Makes records of TLS 1.3 with TLS_AES_128_GCM_SHA256 (RFC 8446, section 5.2) from a
 * traffic secret, such as a key log gives it: of any type and content, as no library does.
 */
export class RecordSealer {
  readonly #key: Uint8Array;
  readonly #iv: Uint8Array;
  #sequence = 0n;

  /** From a secret in hex. */
  constructor(secret: string) {
    const bytes = Uint8Array.fromHex(secret);
    this.#key = expandLabel(bytes, "key", KEY_BYTES);
    this.#iv = expandLabel(bytes, "iv", IV_BYTES);
  }

  /** A record of a content type. */
  seal(type: number, content: Uint8Array): Uint8Array {
    const inner = new Uint8Array([...content, type]);
    const length = inner.length + 16;
    const header = new Uint8Array(
      [APPLICATION_DATA, 3, 3, length >> 8, length & 0xff],
    );
    const nonce = this.#iv.slice();
    const view = new DataView(nonce.buffer);
    view.setBigUint64(4, view.getBigUint64(4) ^ this.#sequence++);
    const cipher = createCipheriv("aes-128-gcm", this.#key, nonce);
    cipher.setAAD(header);
    const sealed = [cipher.update(inner), cipher.final(), cipher.getAuthTag()];
    return new Uint8Array([...header, ...sealed.flatMap((part) => [...part])]);
  }
}

/** RFC 8446, section 7.1, for lengths that one block of SHA-256 covers. */
function expandLabel(
  secret: Uint8Array,
  label: string,
  length: number,
): Uint8Array {
  const name = new TextEncoder().encode(`tls13 ${label}`);
  const info = new Uint8Array([0, length, name.length, ...name, 0, 1]);
  const block = createHmac("sha256", secret).update(info).digest();
  return new Uint8Array(block.subarray(0, length));
}
