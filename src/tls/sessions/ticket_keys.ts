import { checkedBytes } from "../../internal/option_checks.ts";
import {
  optionRangeError,
  optionTypeError,
} from "../../internal/option_error.ts";
import { TLS1_3_VERSION } from "../../libssl/constants.ts";
import type { SSL, SSL_CTX } from "../../libssl/handles.ts";
import type { Libssl } from "../../libssl/libssl.ts";
import type { OpenSSL } from "../../libssl/openssl.ts";
import type { TicketKey } from "../../libssl/callbacks/ticket_key.ts";
import { areEqual } from "../../internal/bytes.ts";
import type { TicketMode } from "./session_options.ts";

const KEYS_BYTES = 80;
const NAME_BYTES = 16;
const HMAC_KEY_BYTES = 32;

/** Keys of stateless tickets: the first one encrypts, all decrypt. */
export type TicketKeys = readonly [TicketKey, ...TicketKey[]];

/**
 * The keys of `options.ticketKeys`, checked and copied.
 *
 * @throws {TypeError} If keys aren't Uint8Arrays, or tickets aren't stateless.
 * @throws {RangeError} If a key isn't 80 bytes, or there is none.
 */
export function ticketKeysOf(
  keys: readonly Uint8Array[] | undefined,
  tickets: TicketMode,
): TicketKeys | undefined {
  if (keys === undefined) return undefined;
  if (tickets !== "stateless") {
    throw optionTypeError(
      "ticketKeys",
      (nameOf) =>
        `needs ${nameOf(["tickets"])} to be "stateless", received "${tickets}"`,
    );
  }
  const [current, ...others] = [keys].flat().map(toTicketKey);
  if (current === undefined) {
    throw optionRangeError(
      "ticketKeys",
      "must have at least one key, received an empty array",
    );
  }
  return [current, ...others];
}

/** Random keys, as OpenSSL makes them for a context; `null` without entropy. */
export function randomTicketKeys({ libssl }: OpenSSL): TicketKeys | null {
  const bytes = libssl.RAND_bytes(KEYS_BYTES);
  return bytes && [toTicketKey(bytes)];
}

/**
 * Has the tickets of a context's connections encrypted and decrypted by the keys that `keysOf`
 * returns. A ticket of another key than the first is renewed, and in TLS 1.3 each one.
 */
export function setTicketKeys(
  libssl: Libssl,
  ctx: SSL_CTX,
  keysOf: (ssl: SSL) => TicketKeys | null,
): void {
  libssl.SSL_CTX_set_tlsext_ticket_key_evp_cb(ctx, (ssl, name) => {
    const keys = keysOf(ssl);
    if (keys === null) return null;
    const [current] = keys;
    if (name === null) return { key: current, renew: false };
    const key = keys.find((key) => areEqual(key.name, name));
    // Clients of TLS 1.3 use a ticket once (RFC 8446, appendix C.4).
    const isTls13 = libssl.SSL_version(ssl) === TLS1_3_VERSION;
    return key ? { key, renew: isTls13 || key !== current } : null;
  });
}

/** The 80 bytes are in OpenSSL's order: name, HMAC key, AES key. */
function toTicketKey(bytes: Uint8Array): TicketKey {
  const copy = checkedBytes(bytes, "ticketKeys");
  if (copy.length !== KEYS_BYTES) {
    throw optionRangeError(
      "ticketKeys",
      `must be ${KEYS_BYTES} bytes each, received one of ${copy.length}`,
    );
  }
  return {
    name: copy.subarray(0, NAME_BYTES),
    hmacKey: copy.subarray(NAME_BYTES, NAME_BYTES + HMAC_KEY_BYTES),
    aesKey: copy.subarray(NAME_BYTES + HMAC_KEY_BYTES),
  };
}
