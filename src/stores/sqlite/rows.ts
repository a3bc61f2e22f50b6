import { entryOf } from "../_envelope.ts";
import type { SessionEntry } from "../session_store.ts";

/** A row of a result. */
export type Row = Record<string, unknown>;

/** The record of a row; `undefined` without a row. */
export function recordOf(row: Row | undefined): Uint8Array | undefined {
  const record = row?.["record"];
  return record instanceof Uint8Array ? record : undefined;
}

/** The entry of a row of a list. */
export function rowEntry({ id, expires_at, tag, size }: Row): SessionEntry {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  return entryOf({
    id: id instanceof Uint8Array ? id : new Uint8Array(),
    expiresAt: Number(expires_at),
    tag: tag instanceof Uint8Array ? decoder.decode(tag) : undefined,
  }, Number(size));
}

/** The least id that is greater than that of an entry. */
export function nextId(entry: SessionEntry | undefined): Uint8Array | null {
  return entry === undefined ? null : Uint8Array.of(...entry.id, 0);
}

/** A tag as it is stored. */
export function tagBytes(tag: string): Uint8Array {
  return new TextEncoder().encode(tag);
}
