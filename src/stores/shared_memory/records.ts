import type { SessionEntry } from "../session_store.ts";
import { Buckets } from "./buckets.ts";
import { ENTRY_BYTES, WORD, WORDS_BYTES } from "./layout.ts";
import { Lock } from "./lock.ts";
import { Ring } from "./ring.ts";

/** A record to store. */
export interface NewRecord {
  readonly id: Uint8Array;
  /** UTF-8, empty for none. */
  readonly tag: Uint8Array;
  readonly record: Uint8Array;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/**
 * Records in memory that threads share. Each method is atomic. Removed records are filled with
 * zeros.
 */
export class SharedRecords {
  readonly #words: Int32Array;
  readonly #buckets: Buckets;
  readonly #ring: Ring;
  readonly #lock: Lock;

  /** Uses memory of `allocate`. */
  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory, 0, WORDS_BYTES / 4);
    const buckets = this.#words[WORD.buckets] ?? 0;
    const words = new Int32Array(memory, WORDS_BYTES, buckets);
    this.#ring = new Ring(memory, WORDS_BYTES + words.byteLength);
    this.#buckets = new Buckets(words, this.#ring);
    const place = { holder: WORD.lockHolder, turns: WORD.lockTurns };
    this.#lock = new Lock(this.#words, place, () => this.#reset());
  }

  /** The number of records that have not expired at `now`. */
  count(now: number): number {
    return this.#lock.run(() => {
      this.#removeExpired(now);
      return this.#entries;
    });
  }

  /** A copy of a record. */
  get(id: Uint8Array, now: number): Uint8Array | undefined {
    return this.#lock.run(() => {
      const at = this.#findLive(id, now);
      return at === undefined ? undefined : this.#copyAt(at);
    });
  }

  /** A copy of a record, which is removed. */
  take(id: Uint8Array, now: number): Uint8Array | undefined {
    return this.#lock.run(() => {
      const at = this.#findLive(id, now);
      if (at === undefined) return undefined;
      const record = this.#copyAt(at);
      this.#remove(at);
      return record;
    });
  }

  /** Adds a record, in place of any other with this id, unless it has expired or is too large. */
  set(entry: NewRecord, now: number): void {
    this.#lock.run(() => {
      this.#remove(this.#buckets.find(entry.id));
      this.#dropWhile((at) => this.#hasExpired(at, now));
      const size = sizeOf(entry);
      if (entry.expiresAt <= now || size > this.#ring.bytes.length) return;
      const maxEntries = this.#words[WORD.maxEntries] ?? 0;
      this.#dropWhile(() => this.#entries >= maxEntries);
      this.#write(this.#ring.add(size, () => this.#drop()), entry);
    });
  }

  /** Removes a record. */
  delete(id: Uint8Array): void {
    this.#lock.run(() => this.#remove(this.#buckets.find(id)));
  }

  /** Removes all records with a tag. Returns how many had not expired. */
  deleteTagged(tag: Uint8Array, now: number): number {
    return this.#lock.run(() => {
      this.#removeExpired(now);
      return this.#removeWhere((at) => this.#hasTag(at, tag));
    });
  }

  /** Removes expired records. Returns how many there were. */
  removeExpired(now: number): number {
    return this.#lock.run(() => this.#removeExpired(now));
  }

  /** The records that have not expired. */
  list(now: number): SessionEntry[] {
    return this.#lock.run(() => {
      const list: SessionEntry[] = [];
      this.#ring.forEach((at) => {
        if (!this.#hasExpired(at, now)) list.push(this.#publicEntry(at));
      });
      return list;
    });
  }

  /** Removes all records. */
  clear(): void {
    this.#lock.run(() => this.#reset());
  }

  get #entries(): number {
    return this.#words[WORD.entries] ?? 0;
  }

  /** The place of a record that has not expired. One that has is removed. */
  #findLive(id: Uint8Array, now: number): number | undefined {
    const at = this.#buckets.find(id);
    if (at === undefined || !this.#hasExpired(at, now)) return at;
    this.#remove(at);
    return undefined;
  }

  #copyAt(at: number): Uint8Array {
    const { id, tag, record } = this.#lengths(at);
    const begin = at + ENTRY_BYTES + id + tag;
    return new Uint8Array(this.#ring.bytes.subarray(begin, begin + record));
  }

  #write(at: number, entry: NewRecord): void {
    const ring = this.#ring;
    const { id, tag, record } = entry;
    const begin = at + ENTRY_BYTES;
    ring.bytes.set(id, begin);
    ring.bytes.set(tag, begin + id.length);
    ring.bytes.set(record, begin + id.length + tag.length);
    ring.setField(at, "idLength", id.length);
    ring.setField(at, "tagLength", tag.length);
    ring.setField(at, "recordLength", record.length);
    ring.setExpiresAt(at, entry.expiresAt);
    this.#buckets.add(at, id);
    this.#words[WORD.entries] = this.#entries + 1;
  }

  #remove(at: number | undefined): void {
    if (at === undefined) return;
    this.#buckets.remove(at);
    this.#ring.erase(at);
    this.#words[WORD.entries] = this.#entries - 1;
  }

  #removeExpired(now: number): number {
    return this.#removeWhere((at) => this.#hasExpired(at, now));
  }

  #removeWhere(isMeant: (at: number) => boolean): number {
    let removed = 0;
    this.#ring.forEach((at) => {
      if (!isMeant(at)) return;
      this.#remove(at);
      removed++;
    });
    return removed;
  }

  /** Drops the oldest entries while that holds for them, and those that were removed. */
  #dropWhile(isMeant: (at: number) => boolean): void {
    for (;;) {
      const { oldest } = this.#ring;
      if (oldest === undefined) return;
      if (!this.#ring.isRemoved(oldest) && !isMeant(oldest)) return;
      this.#drop();
    }
  }

  #drop(): void {
    const { oldest } = this.#ring;
    if (oldest !== undefined && !this.#ring.isRemoved(oldest)) {
      this.#remove(oldest);
    }
    this.#ring.dropOldest();
  }

  #reset(): void {
    this.#buckets.clear();
    this.#ring.clear();
    this.#words[WORD.entries] = 0;
  }

  #hasExpired(at: number, now: number): boolean {
    return this.#ring.expiresAt(at) <= now;
  }

  #hasTag(at: number, tag: Uint8Array): boolean {
    const lengths = this.#lengths(at);
    return lengths.tag === tag.length &&
      this.#ring.hasBytes(at + ENTRY_BYTES + lengths.id, tag);
  }

  #lengths(at: number): { id: number; tag: number; record: number } {
    return {
      id: this.#ring.field(at, "idLength"),
      tag: this.#ring.field(at, "tagLength"),
      record: this.#ring.field(at, "recordLength"),
    };
  }

  #publicEntry(at: number): SessionEntry {
    const lengths = this.#lengths(at);
    const begin = at + ENTRY_BYTES;
    const tagBegin = begin + lengths.id;
    const copy = (begin: number, end: number): Uint8Array =>
      new Uint8Array(this.#ring.bytes.subarray(begin, end));
    const tag = copy(tagBegin, tagBegin + lengths.tag);
    return {
      id: copy(begin, tagBegin),
      expiresAt: new Date(this.#ring.expiresAt(at)),
      ...(tag.length === 0
        ? {}
        : { tag: new TextDecoder("utf-8", { ignoreBOM: true }).decode(tag) }),
      size: lengths.record,
    };
  }
}

/** The bytes of an entry. */
function sizeOf({ id, tag, record }: NewRecord): number {
  const bytes = ENTRY_BYTES + id.length + tag.length + record.length;
  return Math.ceil(bytes / ENTRY_BYTES) * ENTRY_BYTES;
}
