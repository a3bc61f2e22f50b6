/**
 * What an encrypted store keeps of a record:
 *
 *     version   1 byte, 1
 *     key id    8 bytes
 *     salt     32 bytes, random
 *     sealed    the rest: AES-256-GCM, with its tag of 16 bytes, of
 *               the expiry (milliseconds since 1970, a 64-bit float) and the record
 *
 * The key of the record is HKDF-SHA-256 of the key, with the salt, and "sesame
 * session record" for info; the nonce is 12 zeros. The additional data is
 * version, key id, and salt, the length of the context in bytes (32 bits), the
 * context in UTF-8, and the session's id. Numbers are big-endian.
 *
 * Random nonces under one key would have to stop at 2^32 records, lest two be
 * the same. A key of its own per record, from 256 random bits, has no such end.
 *
 * @module
 */

import {
  derivation,
  hexOf,
  KEY_ID_BYTES,
  type KeyRing,
  type RecordKey,
} from "./keys.ts";

const VERSION = 1;
const SALT_AT = 1 + KEY_ID_BYTES;
const SALT_BYTES = 32;
const SEALED_AT = SALT_AT + SALT_BYTES;
const EXPIRY_BYTES = 8;
const GCM_TAG_BYTES = 16;
const LEAST_BYTES = SEALED_AT + EXPIRY_BYTES + GCM_TAG_BYTES;

/** A record, and what it is sealed with. */
export interface Opened {
  readonly record: Uint8Array;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** A record's key is none of those that are in use. */
export class UnknownKeyError extends Error {
  /** Names the key. */
  readonly keyId: string;

  constructor(keyId: string) {
    super(`its key ${keyId} is unknown`);
    this.keyId = keyId;
  }
}

/** Encrypts a record, bound to the session's id and a context. */
export async function seal(
  key: RecordKey,
  binding: Uint8Array,
  { record, expiresAt }: Opened,
): Promise<Uint8Array> {
  const header = new Uint8Array(SEALED_AT);
  header[0] = VERSION;
  header.set(key.idBytes, 1);
  const salt = crypto.getRandomValues(new Uint8Array(SALT_BYTES));
  header.set(salt, SALT_AT);

  const plain = new Uint8Array(EXPIRY_BYTES + record.length);
  new DataView(plain.buffer).setFloat64(0, expiresAt);
  plain.set(record, EXPIRY_BYTES);
  try {
    const sealed = await crypto.subtle.encrypt(
      gcm(header, binding),
      await keyOf(key, salt, "encrypt"),
      plain,
    );
    return joined(header, new Uint8Array(sealed));
  } finally {
    plain.fill(0);
  }
}

/**
 * Decrypts what {@linkcode seal} made for the same binding, with any of the
 * keys. Throws an {@linkcode Error} that says why not.
 */
export async function open(
  keys: KeyRing,
  binding: Uint8Array,
  stored: Uint8Array,
): Promise<Opened> {
  if (stored.length < LEAST_BYTES) {
    throw new Error(`it is too short, with ${stored.length} bytes`);
  }
  if (stored[0] !== VERSION) {
    throw new Error(`its format has the unknown version ${stored[0]}`);
  }
  const keyId = hexOf(stored.subarray(1, SALT_AT));
  const key = keys.byId.get(keyId);
  if (key === undefined) throw new UnknownKeyError(keyId);

  const header = new Uint8Array(stored.subarray(0, SEALED_AT));
  const sealed = new Uint8Array(stored.subarray(SEALED_AT));
  const aesKey = await keyOf(key, header.slice(SALT_AT), "decrypt");
  const plain = new Uint8Array(
    await crypto.subtle.decrypt(gcm(header, binding), aesKey, sealed)
      .catch(() => {
        throw new Error(
          "its authentication failed: it was changed, or is of another id or context",
        );
      }),
  );
  const expiresAt = new DataView(plain.buffer).getFloat64(0);
  const record = plain.slice(EXPIRY_BYTES);
  plain.fill(0);
  return { record, expiresAt };
}

/** What the store within gets for a tag: an HMAC-SHA-256 of context and tag. */
export async function hideTag(
  { tagKey }: RecordKey,
  context: Uint8Array,
  tag: string,
): Promise<string> {
  const data = bindingOf(context, new TextEncoder().encode(tag));
  return hexOf(new Uint8Array(await crypto.subtle.sign("HMAC", tagKey, data)));
}

/** A context, its length before it, and what is bound to it. */
export function bindingOf(
  context: Uint8Array,
  bound: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, context.length);
  return joined(joined(length, context), bound);
}

function joined(
  one: Uint8Array,
  other: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const result = new Uint8Array(one.length + other.length);
  result.set(one);
  result.set(other, one.length);
  return result;
}

function keyOf(
  { material }: RecordKey,
  salt: Uint8Array<ArrayBuffer>,
  use: "encrypt" | "decrypt",
): Promise<CryptoKey> {
  const aes = { name: "AES-GCM", length: 256 };
  return crypto.subtle.deriveKey(
    derivation("record", salt),
    material,
    aes,
    false,
    [use],
  );
}

function gcm(header: Uint8Array, binding: Uint8Array): AesGcmParams {
  return {
    name: "AES-GCM",
    // Each key is used once.
    iv: new Uint8Array(12),
    additionalData: joined(header, binding),
  };
}
