import { concat } from "../../../internal/bytes.ts";
import { MESSAGE_HASH } from "./codes.ts";
import type { ClientSession } from "../session.ts";
import { HASH_BYTES, hashOf, type PskHash } from "./psk.ts";
import { handshakeMessage, uint, vector } from "./vectors.ts";

/** The messages before a hello: none, or the first hello and the HelloRetryRequest. */
export type PrecedingMessages =
  | readonly [hello: Uint8Array, retry: Uint8Array]
  | null;

/**
 * Computes a binder (RFC 8446, 4.2.11.2): an HMAC of the transcript up to and with the
 * identities of the hello.
 *
 * @param truncated The hello up to its list of binders, with the lengths of the whole.
 */
export async function binderOf(
  session: ClientSession,
  truncated: Uint8Array,
  preceding: PrecedingMessages,
): Promise<Uint8Array> {
  const hash = hashOf(session);
  const transcript = await digest(
    hash,
    concat([...await beginning(hash, preceding), truncated]),
  );
  const nothing = await digest(hash, new Uint8Array());
  const early = await hmac(
    hash,
    new Uint8Array(HASH_BYTES[hash]),
    session.masterKey,
  );
  const binderKey = await expand(hash, early, "res binder", nothing);
  const finished = await expand(hash, binderKey, "finished", new Uint8Array());
  const binder = await hmac(hash, finished, transcript);
  for (const secret of [early, binderKey, finished]) secret.fill(0);
  return binder;
}

/** A first hello is in the transcript by its hash, in a message of its own (RFC 8446, 4.4.1). */
async function beginning(
  hash: PskHash,
  preceding: PrecedingMessages,
): Promise<Uint8Array[]> {
  if (preceding === null) return [];
  const [hello, retry] = preceding;
  return [handshakeMessage(MESSAGE_HASH, await digest(hash, hello)), retry];
}

/** HKDF-Expand-Label with the length of the hash: one block of HKDF (RFC 8446, 7.1; RFC 5869). */
function expand(
  hash: PskHash,
  secret: Uint8Array,
  label: string,
  context: Uint8Array,
): Promise<Uint8Array> {
  return hmac(
    hash,
    secret,
    concat([
      uint(2, HASH_BYTES[hash]),
      vector(1, new TextEncoder().encode(`tls13 ${label}`)),
      vector(1, context),
      uint(1, 1),
    ]),
  );
}

async function hmac(
  hash: PskHash,
  key: Uint8Array,
  data: Uint8Array,
): Promise<Uint8Array> {
  // WebCrypto's types take no shared memory. Either of both may be a secret.
  const own = [new Uint8Array(key), new Uint8Array(data)] as const;
  const imported = await crypto.subtle.importKey(
    "raw",
    own[0],
    { name: "HMAC", hash },
    false,
    ["sign"],
  );
  const result = await crypto.subtle.sign("HMAC", imported, own[1]);
  for (const copy of own) copy.fill(0);
  return new Uint8Array(result);
}

async function digest(hash: PskHash, data: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(
    await crypto.subtle.digest(hash, new Uint8Array(data)),
  );
}
