import { Buffer } from "node:buffer";
import { areEqual } from "../../internal/bytes.ts";
import type { SSL_CTX } from "../../libssl/handles.ts";
import type { OpenSSL } from "../../libssl/openssl.ts";
import { operationFailed } from "../errors/tls_errors.ts";

const PART_BYTES = 16;

/** The size of the keys: the name, the HMAC key and the AES key, 16 bytes each. */
export const TICKET_KEYS_BYTES: number = 3 * PART_BYTES;

/**
 * Protects the tickets of a context by keys in Node.js's form, with HMAC-SHA256 and AES-128-CBC
 * as it does: its servers resume ours, and ours theirs. As in Node.js, a ticket isn't renewed when
 * it is used.
 */
export function useTicketKeys(
  { libssl }: OpenSSL,
  ctx: SSL_CTX,
  keys: Uint8Array,
): void {
  const [name, hmacKey, aesKey] = [0, 1, 2].map((i) =>
    keys.slice(PART_BYTES * i, PART_BYTES * (i + 1))
  ) as [Uint8Array, Uint8Array, Uint8Array];
  const key = { name, hmacKey, aesKey };
  libssl.SSL_CTX_set_tlsext_ticket_key_evp_cb(
    ctx,
    (_, asked) =>
      asked === null || areEqual(asked, name) ? { key, renew: false } : null,
  );
}

/** Asks for the keys of a ticket, by its name. */
export type TicketKeyQuestion = (
  name: Buffer,
  iv: Buffer,
  isNew: boolean,
) => [
  result: number,
  hmacKey: Uint8Array,
  aesKey: Uint8Array,
  name?: Uint8Array,
] | undefined;

/** Protects the tickets of a context by the keys that are answered. */
export function askForTicketKeys(
  { libssl }: OpenSSL,
  ctx: SSL_CTX,
  ask: TicketKeyQuestion,
): void {
  libssl.SSL_CTX_set_tlsext_ticket_key_evp_cb(ctx, (_, asked) => {
    const name = Buffer.from(asked ?? new Uint8Array(PART_BYTES));
    const answer = ask(name, Buffer.alloc(PART_BYTES), asked === null);
    if (!answer || answer[0] <= 0) return null;
    const [result, hmacKey, aesKey, newName = name] = answer;
    return { key: { name: newName, hmacKey, aesKey }, renew: result === 2 };
  });
}

/** New keys. */
export function randomTicketKeys({ libssl }: OpenSSL): Uint8Array<ArrayBuffer> {
  const keys = libssl.RAND_bytes(TICKET_KEYS_BYTES);
  if (keys === null) throw operationFailed("Cannot make ticket keys");
  return keys;
}
