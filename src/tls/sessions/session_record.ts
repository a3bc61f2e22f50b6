/**
 * What a store keeps of a session: one byte of version, the expiry as milliseconds
 * since 1970 in a 64-bit float, the length of the session id context and the context
 * itself, the session in DER, and a CRC-32 of all before it. Version 1 had no checksum.
 *
 * The checksum detects accidental damage, not manipulation: `EncryptedSessionStore` does.
 *
 * @module
 */

import { byteView } from "../../internal/byte_view.ts";

const VERSION = 2;
const VERSION_WITHOUT_CHECKSUM = 1;
const EXPIRY_AT = 1;
const CONTEXT_AT = 10;
const CHECKSUM_BYTES = 4;

const SEQUENCE = 0x30;

/** More than any session takes: a certificate and a ticket are most of it. */
const MAX_RECORD_BYTES = 1 << 20;

/** The fields of a record. */
export interface SessionRecord {
  /** When the record expires, in milliseconds since 1970. */
  readonly expiresAt: number;
  /** The session id context that the session is bound to. */
  readonly context: Uint8Array;
  /** The session in DER, as `i2d_SSL_SESSION` writes it: a secret. */
  readonly der: Uint8Array;
}

/** Why bytes are no record: an unknown version of the format, or a damaged record. */
export type InvalidRecordReason = "unknown-version" | "damaged";

/** The bytes of a record. */
export function encodeSessionRecord(
  { expiresAt, context, der }: SessionRecord,
): Uint8Array<ArrayBuffer> {
  const derAt = CONTEXT_AT + context.length;
  const end = derAt + der.length;
  const bytes = new Uint8Array(end + CHECKSUM_BYTES);
  const view = new DataView(bytes.buffer);
  bytes[0] = VERSION;
  view.setFloat64(EXPIRY_AT, expiresAt);
  bytes[CONTEXT_AT - 1] = context.length;
  bytes.set(context, CONTEXT_AT);
  bytes.set(der, derAt);
  view.setUint32(end, crc32(bytes.subarray(0, end)));
  return bytes;
}

/**
 * Decodes a record that a `TlsContext` has written to its `SessionStore`, to inspect or count
 * sessions.
 *
 * @example Decode what a store returns
 * ```ts
 * import { decodeSessionRecord } from "@sesame/tls";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(decodeSessionRecord(new Uint8Array()), "unknown-version");
 * ```
 *
 * @param record The bytes that `get` of the store returns.
 * @returns The fields, which share the memory of `record`, or the reason why it is no record.
 */
export function decodeSessionRecord(
  record: Uint8Array,
): SessionRecord | InvalidRecordReason {
  const bytes = viewOf(record);
  if (bytes === undefined) return "unknown-version";
  if (bytes.length > MAX_RECORD_BYTES) return "damaged";
  const version = bytes[0];
  if (version !== VERSION && version !== VERSION_WITHOUT_CHECKSUM) {
    return "unknown-version";
  }
  const end = bytes.length - (version === VERSION ? CHECKSUM_BYTES : 0);
  if (end <= CONTEXT_AT) return "damaged";
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (
    version === VERSION &&
    view.getUint32(end) !== crc32(bytes.subarray(0, end))
  ) return "damaged";
  const derAt = CONTEXT_AT + (bytes[CONTEXT_AT - 1] ?? 0);
  const expiresAt = view.getFloat64(EXPIRY_AT);
  const der = bytes.subarray(derAt, end);
  if (!Number.isFinite(expiresAt) || !isWholeDer(der)) return "damaged";
  return { expiresAt, context: bytes.subarray(CONTEXT_AT, derAt), der };
}

/** A plain view of the bytes, whatever their class; `undefined` if they are none. */
function viewOf(bytes: Uint8Array): Uint8Array | undefined {
  try {
    return byteView(bytes, "bytes");
  } catch {
    return undefined;
  }
}

/** Whether a sequence begins at the first byte and ends with the last. */
function isWholeDer(der: Uint8Array): boolean {
  const [tag, first = 0] = der;
  const count = first < 0x80 ? 0 : first - 0x80;
  if (tag !== SEQUENCE || count > 4) return false;
  const length = count === 0
    ? first
    : der.subarray(2, 2 + count).reduce((sum, byte) => sum * 256 + byte, 0);
  return 2 + count + length === der.length;
}

/** The checksum of Ethernet and zip files (ISO 3309). */
function crc32(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc = (crc >>> 8) ^ (CRC_OF_BYTE[(crc ^ byte) & 0xff] ?? 0);
  }
  return ~crc >>> 0;
}

const CRC_OF_BYTE = Int32Array.from({ length: 256 }, (_, byte) => {
  for (let bit = 0; bit < 8; bit++) {
    byte = (byte >>> 1) ^ (byte & 1 ? 0xedb88320 : 0);
  }
  return byte;
});
