/**
 * What a store keeps where its backend keeps only bytes: one byte of version,
 * the expiry as milliseconds since 1970 in a 64-bit float, the lengths of id
 * and tag in 16 bits each, then the id, the tag in UTF-8 (none if empty), and
 * the record.
 *
 * @module
 */

const VERSION = 1;
const EXPIRY_AT = 1;
const ID_LENGTH_AT = 9;
const TAG_LENGTH_AT = 11;
const ID_AT = 13;

/** A tag may begin with U+FEFF, which is no byte order mark there. */
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** A record with all that a store was told of it. */
export interface Envelope {
  readonly id: Uint8Array;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  readonly tag: string | undefined;
  readonly record: Uint8Array;
}

/** The bytes of an envelope. */
export function encodeEnvelope(
  { id, expiresAt, tag, record }: Envelope,
): Uint8Array<ArrayBuffer> {
  const tagBytes = new TextEncoder().encode(tag);
  const tagAt = ID_AT + id.length;
  const recordAt = tagAt + tagBytes.length;
  const bytes = new Uint8Array(recordAt + record.length);
  const view = new DataView(bytes.buffer);
  bytes[0] = VERSION;
  view.setFloat64(EXPIRY_AT, expiresAt);
  view.setUint16(ID_LENGTH_AT, id.length);
  view.setUint16(TAG_LENGTH_AT, tagBytes.length);
  bytes.set(id, ID_AT);
  bytes.set(tagBytes, tagAt);
  bytes.set(record, recordAt);
  return bytes;
}

/**
 * An envelope of its bytes, sharing their memory; `undefined` for anything that
 * this version can't read.
 */
export function decodeEnvelope(bytes: Uint8Array): Envelope | undefined {
  if (bytes.length < ID_AT || bytes[0] !== VERSION) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const expiresAt = view.getFloat64(EXPIRY_AT);
  const tagAt = ID_AT + view.getUint16(ID_LENGTH_AT);
  const recordAt = tagAt + view.getUint16(TAG_LENGTH_AT);
  if (!Number.isFinite(expiresAt) || recordAt > bytes.length) return undefined;
  const tag = utf8.decode(bytes.subarray(tagAt, recordAt));
  return {
    id: bytes.subarray(ID_AT, tagAt),
    expiresAt,
    tag: tag === "" ? undefined : tag,
    record: bytes.subarray(recordAt),
  };
}
