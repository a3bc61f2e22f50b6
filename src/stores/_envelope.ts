/**
 * The value that a store writes to a backend for bytes: a version (1 byte), the expiry in
 * milliseconds since 1970 (64-bit float), the lengths of id and tag (16 bits each), the id,
 * the tag in UTF-8 (empty for none), and the record. Numbers are big-endian.
 *
 * @module
 */

import type { SessionEntry } from "./session_store.ts";

const VERSION = 1;
const EXPIRY_AT = 1;
const ID_LENGTH_AT = 9;
const TAG_LENGTH_AT = 11;
const ID_AT = 13;

/** A U+FEFF at the start of a tag is part of it, and no byte order mark. */
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** A record with the arguments that it was stored with. */
export interface Envelope {
  readonly id: Uint8Array;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  readonly tag: string | undefined;
  readonly record: Uint8Array;
}

/** Encodes an envelope. */
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

/** Decodes an envelope, which shares the memory of `bytes`; `undefined` for other bytes. */
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

/** A copy of the envelope's record, unless it has expired at `now`. Wipes the original. */
export function takeRecord(
  envelope: Envelope | undefined,
  now: number,
): Uint8Array | undefined {
  if (envelope === undefined) return undefined;
  const { expiresAt, record } = envelope;
  const copy = expiresAt > now ? new Uint8Array(record) : undefined;
  record.fill(0);
  return copy;
}

/** The entry of a session in a list; `size` is the length of its record. */
export function entryOf(
  { id, expiresAt, tag }: Omit<Envelope, "record">,
  size: number,
): SessionEntry {
  return {
    id: new Uint8Array(id),
    expiresAt: new Date(expiresAt),
    ...(tag === undefined ? {} : { tag }),
    size,
  };
}
