/**
 * The format of an encrypted record:
 *
 *     version   1 byte, 2
 *     key id    8 bytes
 *     salt     32 bytes, random
 *     sealed    the rest: AES-256-GCM, with its tag of 16 bytes, of
 *               the expiry and the time of sealing (milliseconds since 1970, 64-bit
 *               floats), the digest of the tag (32 bytes; zeros without one), the record
 *
 * Version 1 has neither the time of sealing nor the tag. It can still be read.
 *
 * The key of a record is derived from the secret key by HKDF-SHA-256, with the salt and the info
 * "sesame session record"; the nonce is 12 zeros. The additional data is the version, key id and
 * salt, the length of the context in bytes (32 bits), the context in UTF-8, and the session's id.
 * Numbers are big-endian.
 *
 * With random nonces, a key could encrypt only 2^32 records, as nonces must not repeat. With a key
 * for each record, derived from 256 random bits, there is no such limit.
 *
 * @module
 */

import { toHex } from "../../internal/bytes.ts";
import {
  derivation,
  KEY_ID_BYTES,
  type KeyRing,
  type RecordKey,
} from "./keys.ts";

const VERSION = 2;
const UNTAGGED_VERSION = 1;
const SALT_AT = 1 + KEY_ID_BYTES;
const SALT_BYTES = 32;
const SEALED_AT = SALT_AT + SALT_BYTES;
const EXPIRY_BYTES = 8;
const SEALED_TIME_AT = 8;
const TAG_AT = 16;
const TAG_BYTES = 32;
const RECORD_AT = TAG_AT + TAG_BYTES;
const GCM_TAG_BYTES = 16;
const LEAST_BYTES = SEALED_AT + EXPIRY_BYTES + GCM_TAG_BYTES;

/** A record, with what is encrypted along with it. */
export interface Sealed {
  readonly record: Uint8Array;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  /** When it was encrypted, in milliseconds since the epoch. */
  readonly sealedAt: number;
  /** The digest of the tag; `undefined` without one. */
  readonly tag: Uint8Array | undefined;
}

/** A decrypted record. One of version 1 has neither a time nor a tag. */
export type Opened =
  | Sealed
  | (Pick<Sealed, "record" | "expiresAt"> & { readonly sealedAt: undefined });

/** The key of a record is unknown. */
export class UnknownKeyError extends Error {
  /** The id of the key. */
  readonly keyId: string;

  constructor(keyId: string) {
    super(`its key ${keyId} is unknown`);
    this.keyId = keyId;
  }
}

/** Encrypts a record, bound to the session's id and a context by `binding`. */
export async function seal(
  key: RecordKey,
  binding: Uint8Array,
  { record, expiresAt, sealedAt, tag }: Sealed,
): Promise<Uint8Array> {
  const header = new Uint8Array(SEALED_AT);
  header[0] = VERSION;
  header.set(key.idBytes, 1);
  const salt = crypto.getRandomValues(new Uint8Array(SALT_BYTES));
  header.set(salt, SALT_AT);

  const plain = new Uint8Array(RECORD_AT + record.length);
  const view = new DataView(plain.buffer);
  view.setFloat64(0, expiresAt);
  view.setFloat64(SEALED_TIME_AT, sealedAt);
  if (tag !== undefined) plain.set(tag, TAG_AT);
  plain.set(record, RECORD_AT);
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
 * Decrypts a record that {@linkcode seal} made with the same binding and any of the keys.
 *
 * @throws {Error} With the reason, if it can't.
 */
export async function open(
  keys: KeyRing,
  binding: Uint8Array,
  stored: Uint8Array,
): Promise<Opened> {
  const isTooShort = stored[0] === VERSION
    ? stored.length < SEALED_AT + RECORD_AT + GCM_TAG_BYTES
    : stored.length < LEAST_BYTES;
  if (isTooShort) {
    throw new Error(`its record of ${stored.length} bytes is too short`);
  }
  if (stored[0] !== VERSION && stored[0] !== UNTAGGED_VERSION) {
    throw new Error(`its format has the unknown version ${stored[0]}`);
  }
  const keyId = toHex(stored.subarray(1, SALT_AT));
  const key = keys.byId.get(keyId);
  if (key === undefined) throw new UnknownKeyError(keyId);

  const header = new Uint8Array(stored.subarray(0, SEALED_AT));
  const sealed = new Uint8Array(stored.subarray(SEALED_AT));
  const aesKey = await keyOf(key, header.slice(SALT_AT), "decrypt");
  const plain = new Uint8Array(
    await crypto.subtle.decrypt(gcm(header, binding), aesKey, sealed)
      .catch(() => {
        throw new Error(
          "its authentication failed: it was changed, or belongs to another id or context",
        );
      }),
  );
  try {
    return parted(plain, header[0] === VERSION);
  } finally {
    plain.fill(0);
  }
}

function parted(plain: Uint8Array<ArrayBuffer>, isTagged: boolean): Opened {
  const view = new DataView(plain.buffer);
  const expiresAt = view.getFloat64(0);
  if (!isTagged) {
    const record = plain.slice(EXPIRY_BYTES);
    return { record, expiresAt, sealedAt: undefined };
  }
  const tag = plain.slice(TAG_AT, RECORD_AT);
  return {
    record: plain.slice(RECORD_AT),
    expiresAt,
    sealedAt: view.getFloat64(SEALED_TIME_AT),
    tag: tag.some((byte) => byte !== 0) ? tag : undefined,
  };
}

/** The digest of a tag: SHA-256 of context and tag, the same for all keys. */
export async function digestOfTag(
  context: Uint8Array,
  tag: string,
): Promise<Uint8Array> {
  const data = bindingOf(context, new TextEncoder().encode(tag));
  return new Uint8Array(await crypto.subtle.digest("SHA-256", data));
}

/** The tag for the inner store: HMAC-SHA-256 of context and tag, in hex. */
export async function hashTag(
  { tagKey }: RecordKey,
  context: Uint8Array,
  tag: string,
): Promise<string> {
  const data = bindingOf(context, new TextEncoder().encode(tag));
  return toHex(new Uint8Array(await crypto.subtle.sign("HMAC", tagKey, data)));
}

/** The length of the context, the context, and the bytes that are bound to it. */
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
    // Each key encrypts one record.
    iv: new Uint8Array(12),
    additionalData: joined(header, binding),
  };
}
