import { byteCopy } from "../internal/byte_view.ts";
import { TLS1_3_VERSION } from "../libssl/constants.ts";
import type { SSL_CTX } from "../libssl/handles.ts";
import type { Libssl } from "../libssl/libssl.ts";
import { areEqual } from "./bytes.ts";
import type { TicketMode } from "./session_setup.ts";

const KEYS_BYTES = 80;
const NAME_BYTES = 16;
const HMAC_KEY_BYTES = 32;

/**
 * Sets the keys of stateless tickets: the first encrypts, all decrypt, and a ticket of
 * another than the first is renewed, in TLS 1.3 any. Without keys, OpenSSL makes its own.
 *
 * @throws {TypeError} If keys aren't Uint8Arrays, or tickets aren't stateless.
 * @throws {RangeError} If a key isn't 80 bytes, or there is none.
 */
export function setTicketKeys(
  libssl: Libssl,
  ctx: SSL_CTX,
  keys: readonly Uint8Array[] | undefined,
  tickets: TicketMode,
): void {
  if (keys === undefined) return;
  if (tickets !== "stateless") {
    throw new TypeError(
      `options.ticketKeys has no use with ${tickets} tickets`,
    );
  }
  const all = [keys].flat().map(toTicketKey);
  const [current] = all;
  if (current === undefined) {
    throw new RangeError("options.ticketKeys must not be an empty list");
  }
  libssl.SSL_CTX_set_tlsext_ticket_key_evp_cb(ctx, (ssl, name) => {
    if (name === null) return { key: current, renew: false };
    const key = all.find((key) => areEqual(key.name, name));
    // In TLS 1.3 clients use a ticket once, and want another (RFC 8446, C.4).
    const isTls13 = libssl.SSL_version(ssl) === TLS1_3_VERSION;
    return key ? { key, renew: isTls13 || key !== current } : null;
  });
}

/** OpenSSL's order in its 80 bytes: name, HMAC key, AES key. */
function toTicketKey(
  bytes: Uint8Array,
): { name: Uint8Array; hmacKey: Uint8Array; aesKey: Uint8Array } {
  const copy = byteCopy(bytes, "options.ticketKeys");
  if (copy.length !== KEYS_BYTES) {
    throw new RangeError(
      `options.ticketKeys must be ${KEYS_BYTES} bytes each, received ${copy.length}`,
    );
  }
  return {
    name: copy.subarray(0, NAME_BYTES),
    hmacKey: copy.subarray(NAME_BYTES, NAME_BYTES + HMAC_KEY_BYTES),
    aesKey: copy.subarray(NAME_BYTES + HMAC_KEY_BYTES),
  };
}
