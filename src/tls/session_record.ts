/**
 * What a store keeps of a session: one byte of version, the expiry as milliseconds
 * since 1970 in a 64-bit float, the length of the session id context and the context
 * itself, then the session in DER.
 *
 * @module
 */

const VERSION = 1;
const EXPIRY_AT = 1;
const CONTEXT_AT = 10;

/** A record, taken apart. */
export interface SessionRecord {
  /** When the session stops being usable, in milliseconds since 1970. */
  readonly expiresAt: number;
  /** The session id context that the session is bound to. */
  readonly context: Uint8Array;
  /** The session in OpenSSL's ASN.1 form: a secret. */
  readonly der: Uint8Array;
}

/** The bytes of a record. */
export function encodeSessionRecord(
  { expiresAt, context, der }: SessionRecord,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(CONTEXT_AT + context.length + der.length);
  bytes[0] = VERSION;
  new DataView(bytes.buffer).setFloat64(EXPIRY_AT, expiresAt);
  bytes[CONTEXT_AT - 1] = context.length;
  bytes.set(context, CONTEXT_AT);
  bytes.set(der, CONTEXT_AT + context.length);
  return bytes;
}

/** A record of its bytes; `undefined` for anything that this version can't read. */
export function decodeSessionRecord(
  bytes: Uint8Array,
): SessionRecord | undefined {
  if (!(bytes instanceof Uint8Array) || bytes.length <= CONTEXT_AT) {
    return undefined;
  }
  const { buffer, byteOffset } = bytes;
  const expiresAt = new DataView(buffer, byteOffset).getFloat64(EXPIRY_AT);
  const derAt = CONTEXT_AT + (bytes[CONTEXT_AT - 1] ?? 0);
  if (
    bytes[0] !== VERSION || !Number.isFinite(expiresAt) ||
    derAt >= bytes.length
  ) {
    return undefined;
  }
  return {
    expiresAt,
    context: bytes.subarray(CONTEXT_AT, derAt),
    der: bytes.subarray(derAt),
  };
}
