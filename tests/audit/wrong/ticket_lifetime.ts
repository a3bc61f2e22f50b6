/**
 * A front before a server that changes the lifetimes of its tickets: OpenSSL has them live for
 * seven days at most. It has the server's keys.
 *
 * @module
 */
import { createCipheriv, createDecipheriv, createHmac } from "node:crypto";
import { NEW_SESSION_TICKET } from "../../../src/audit/client/hello/codes.ts";
import { concat } from "../../../src/internal/bytes.ts";
import {
  SSL3_RT_APPLICATION_DATA,
  SSL3_RT_HANDSHAKE,
} from "../../../src/libssl/mod.ts";
import type { TlsTransport } from "../../../src/tls/socket/transport.ts";

const HEADER_BYTES = 5;
const TAG_BYTES = 16;
const LIFETIME_AT = 4;

/**
 * A connection whose tickets of TLS 1.3 say another lifetime.
 *
 * @param secretOf Returns the server's application traffic secret of TLS_AES_256_GCM_SHA384, as
 * soon as it has it.
 */
export function withLifetime(
  { readable, writable }: TlsTransport,
  seconds: number,
  secretOf: () => Uint8Array | undefined,
): TlsTransport {
  let keys: RecordKeys | undefined;
  let rest = new Uint8Array();
  const changed = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller): void {
      const bytes = concat([rest, chunk]);
      let at = 0;
      for (;;) {
        const end = at + HEADER_BYTES + ((bytes[at + 3] ?? 0) << 8) +
          (bytes[at + 4] ?? 0);
        if (bytes.length < at + HEADER_BYTES || bytes.length < end) break;
        const secret = secretOf();
        if (secret) keys ??= new RecordKeys(secret);
        keys?.change(bytes.subarray(at, end), (content) => {
          const isTicket = content.at(-1) === SSL3_RT_HANDSHAKE &&
            content[0] === NEW_SESSION_TICKET;
          if (isTicket) {
            new DataView(content.buffer, content.byteOffset)
              .setUint32(LIFETIME_AT, seconds);
          }
        });
        at = end;
      }
      if (at > 0) controller.enqueue(bytes.slice(0, at));
      rest = bytes.slice(at);
    },
  });
  return { readable: readable.pipeThrough(changed), writable };
}

/** The keys of one direction, and the number of its next record (RFC 8446, 5.2 and 7.3). */
class RecordKeys {
  readonly #key: Uint8Array;
  readonly #iv: Uint8Array;
  #sequence = 0;

  constructor(secret: Uint8Array) {
    this.#key = expanded(secret, "key", 32);
    this.#iv = expanded(secret, "iv", 12);
  }

  /** Changes a record in place, if it is of these keys. */
  change(record: Uint8Array, change: (content: Uint8Array) => void): void {
    if (record[0] !== SSL3_RT_APPLICATION_DATA) return;
    const header = record.subarray(0, HEADER_BYTES);
    const body = record.subarray(HEADER_BYTES, -TAG_BYTES);
    const tag = record.subarray(-TAG_BYTES);
    const nonce = this.#nonce();
    let content: Uint8Array;
    try {
      const decipher = createDecipheriv("aes-256-gcm", this.#key, nonce)
        .setAAD(header).setAuthTag(tag);
      content = concat([decipher.update(body), decipher.final()]);
    } catch {
      // Of the handshake's keys.
      return;
    }
    this.#sequence++;
    change(content);
    const cipher = createCipheriv("aes-256-gcm", this.#key, nonce)
      .setAAD(header);
    body.set(concat([cipher.update(content), cipher.final()]));
    tag.set(cipher.getAuthTag());
  }

  #nonce(): Uint8Array {
    const nonce = this.#iv.slice();
    const view = new DataView(nonce.buffer);
    view.setUint32(8, view.getUint32(8) ^ this.#sequence);
    return nonce;
  }
}

/** HKDF-Expand-Label with SHA-384, of at most one block (RFC 8446, 7.1). */
function expanded(secret: Uint8Array, label: string, size: number): Uint8Array {
  const name = new TextEncoder().encode(`tls13 ${label}`);
  const info = [0, size, name.length, ...name, 0, 1];
  return createHmac("sha384", secret).update(Uint8Array.from(info)).digest()
    .subarray(0, size);
}
