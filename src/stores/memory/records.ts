import { latin1 } from "../../internal/bytes.ts";
import type { SessionEntry } from "../session_store.ts";
import { type Expiring, ExpiryHeap } from "./expiry_heap.ts";
import { type Tagged, TagIndex } from "./tag_index.ts";

/** A record in memory. */
interface Entry extends Expiring, Tagged {
  readonly key: string;
  readonly record: Uint8Array;
  /** The bytes of id, tag and record. */
  readonly size: number;
}

/** The limits of {@linkcode MemoryRecords}. */
export interface MemoryLimits {
  /** The most records. */
  readonly maxEntries: number;
  /** The most bytes of ids, tags and records. */
  readonly maxBytes: number;
}

/**
 * Records in memory, within limits. Expired records are removed first, then the least recently
 * used ones. Removed records are filled with zeros.
 */
export class MemoryRecords {
  readonly #limits: MemoryLimits;
  readonly #now: () => number;
  /** In the order of use, the least recently used first. */
  readonly #entries = new Map<string, Entry>();
  readonly #byExpiry = new ExpiryHeap<Entry>();
  readonly #byTag = new TagIndex<Entry>();
  #bytes = 0;

  /** Creates an empty collection. */
  constructor(limits: MemoryLimits, now: () => number) {
    this.#limits = limits;
    this.#now = now;
  }

  /** The number of records. */
  get size(): number {
    return this.#entries.size;
  }

  /** The bytes of all ids, tags and records. */
  get bytes(): number {
    return this.#bytes;
  }

  /** A copy of a record, which becomes the most recently used one. */
  get(id: Uint8Array): Uint8Array | undefined {
    const entry = this.#unexpired(id);
    if (entry === undefined) return undefined;
    this.#entries.delete(entry.key);
    this.#entries.set(entry.key, entry);
    return new Uint8Array(entry.record);
  }

  /** Adds a copy of a record, in place of any other with this id, unless it exceeds a limit. */
  set(
    id: Uint8Array,
    record: Uint8Array,
    expiresAt: number,
    tag: string | undefined,
  ): void {
    const key = latin1(id);
    this.#wipe(this.#entries.get(key));
    const tagBytes = new TextEncoder().encode(tag);
    const size = id.length + tagBytes.length + record.length;
    if (expiresAt <= this.#now() || size > this.#limits.maxBytes) return;
    this.#add({
      key,
      // Not `record.slice()`, which shares the memory of a Node.js Buffer.
      record: new Uint8Array(record),
      expiresAt,
      tag: copyOf(tagBytes),
      size,
      place: 0,
    });
    this.#enforceLimits();
  }

  /** Removes a record and wipes it. */
  delete(id: Uint8Array): void {
    this.#wipe(this.#entries.get(latin1(id)));
  }

  /** Removes a record and returns it, not a copy. */
  take(id: Uint8Array): Uint8Array | undefined {
    const entry = this.#unexpired(id);
    if (entry === undefined) return undefined;
    this.#remove(entry);
    return entry.record;
  }

  /** Removes all records with a tag. Returns how many there were. */
  deleteTagged(tag: string): number {
    this.removeExpired();
    const entries = this.#byTag.of(tag);
    for (const entry of entries) this.#wipe(entry);
    return entries.length;
  }

  /** Lists the records that were there at the first call and haven't been removed since. */
  *list(): Generator<SessionEntry, void, void> {
    // A copy of the keys: `get` moves entries to the end of the map.
    for (const key of [...this.#entries.keys()]) {
      const entry = this.#entries.get(key);
      if (entry !== undefined && entry.expiresAt > this.#now()) {
        yield publicEntry(entry);
      }
    }
  }

  /** Removes expired records. Returns how many there were. */
  removeExpired(): number {
    const now = this.#now();
    for (let removed = 0;; removed++) {
      const entry = this.#byExpiry.first;
      if (entry === undefined || entry.expiresAt > now) return removed;
      this.#wipe(entry);
    }
  }

  /** Removes all records. */
  clear(): void {
    for (const entry of this.#entries.values()) entry.record.fill(0);
    this.#entries.clear();
    this.#byExpiry.clear();
    this.#byTag.clear();
    this.#bytes = 0;
  }

  #unexpired(id: Uint8Array): Entry | undefined {
    const entry = this.#entries.get(latin1(id));
    if (entry === undefined || entry.expiresAt > this.#now()) return entry;
    this.#wipe(entry);
    return undefined;
  }

  #enforceLimits(): void {
    this.removeExpired();
    const { maxEntries, maxBytes } = this.#limits;
    for (const oldest of this.#entries.values()) {
      if (this.#entries.size <= maxEntries && this.#bytes <= maxBytes) return;
      this.#wipe(oldest);
    }
  }

  #wipe(entry: Entry | undefined): void {
    if (entry === undefined) return;
    this.#remove(entry);
    entry.record.fill(0);
  }

  #add(entry: Entry): void {
    this.#entries.set(entry.key, entry);
    this.#byExpiry.add(entry);
    this.#byTag.add(entry);
    this.#bytes += entry.size;
  }

  #remove(entry: Entry): void {
    this.#entries.delete(entry.key);
    this.#byExpiry.remove(entry);
    this.#byTag.remove(entry);
    this.#bytes -= entry.size;
  }
}

/** The tag as a new string: a part of a longer string would keep all of that in memory. */
function copyOf(tagBytes: Uint8Array): string | undefined {
  if (tagBytes.length === 0) return undefined;
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(tagBytes);
}

function publicEntry({ key, record, expiresAt, tag }: Entry): SessionEntry {
  return {
    id: Uint8Array.from(key, (unit) => unit.charCodeAt(0)),
    expiresAt: new Date(expiresAt),
    ...(tag === undefined ? {} : { tag }),
    size: record.length,
  };
}
