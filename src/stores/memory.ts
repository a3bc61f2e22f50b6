/**
 * A {@linkcode SessionStore} in this process's memory.
 *
 * @example
 * ```ts
 * import { MemorySessionStore } from "@sesame/tls/stores/memory";
 * import { assertEquals } from "@std/assert";
 *
 * const store = new MemorySessionStore({ maxEntries: 1_000 });
 * const id = crypto.getRandomValues(new Uint8Array(32));
 * const expiresAt = new Date(Date.now() + 7_200_000);
 * store.set(id, new Uint8Array([1, 2, 3]), { expiresAt });
 *
 * assertEquals(store.get(id), new Uint8Array([1, 2, 3]));
 * store.delete(id, "revoked");
 * assertEquals(store.get(id), undefined);
 * ```
 *
 * @module
 */

import { checkCount, checkId, checkSetArguments } from "./_arguments.ts";
import { type Expiring, ExpiryHeap } from "./_expiry_heap.ts";
import type {
  RemovalReason,
  SessionSetOptions,
  SessionStore,
} from "./session_store.ts";

export type {
  MaybePromise,
  RemovalReason,
  SessionGetOptions,
  SessionSetOptions,
  SessionStore,
} from "./session_store.ts";

/** Options of {@linkcode MemorySessionStore}. */
export interface MemorySessionStoreOptions {
  /**
   * The most records to hold, at least 1.
   *
   * @default {20_480} The size of OpenSSL's own session cache.
   */
  maxEntries?: number;
  /**
   * The most bytes to hold, of ids and records together, at least 1. A record
   * that is larger by itself is not kept.
   *
   * @default {33_554_432} 32 MiB. A record has 200 bytes to 2 KiB, by whether
   * the client showed a certificate.
   */
  maxBytes?: number;
  /**
   * The clock, in milliseconds since the epoch.
   *
   * @default {Date.now}
   */
  now?: () => number;
}

interface Entry extends Expiring {
  readonly key: string;
  readonly record: Uint8Array;
}

/**
 * Keeps sessions in memory, within a number of entries and of bytes. To stay
 * within them it drops what has expired, then what was least recently stored or
 * looked up. Records that are dropped or replaced are filled with zeros, as
 * they hold master secrets. Calls are synchronous, so signals make no
 * difference.
 */
export class MemorySessionStore implements SessionStore {
  readonly #maxEntries: number;
  readonly #maxBytes: number;
  readonly #now: () => number;
  /** In the order of use, the least recently used first. */
  readonly #entries = new Map<string, Entry>();
  readonly #byExpiry = new ExpiryHeap<Entry>();
  #bytes = 0;

  /**
   * Makes an empty store.
   *
   * @param options Limits, and the clock.
   * @throws {TypeError} If a limit is not a number.
   * @throws {RangeError} If a limit is not a whole number of at least 1.
   */
  constructor(options: MemorySessionStoreOptions = {}) {
    this.#maxEntries = checkCount(
      "maxEntries",
      options.maxEntries ?? 20_480,
      1,
    );
    this.#maxBytes = checkCount(
      "maxBytes",
      options.maxBytes ?? 32 * 1024 * 1024,
      1,
    );
    this.#now = options.now ?? Date.now;
  }

  /** How many records the store holds that have not expired. */
  get size(): number {
    this.#removeExpired();
    return this.#entries.size;
  }

  /** How many bytes the store holds, of ids and records that have not expired. */
  get bytes(): number {
    this.#removeExpired();
    return this.#bytes;
  }

  /**
   * Looks a session up, and makes it the most recently used.
   *
   * @param id The session id.
   * @returns A copy of the record, or `undefined` where there is none or it has expired.
   * @throws {TypeError} If `id` is not a `Uint8Array`.
   */
  get(id: Uint8Array): Uint8Array | undefined {
    const entry = this.#live(id);
    if (entry === undefined) return undefined;
    this.#entries.delete(entry.key);
    this.#entries.set(entry.key, entry);
    return new Uint8Array(entry.record);
  }

  /**
   * Stores a copy of a session, in place of any other under this id, and makes
   * room for it.
   *
   * @param id The session id.
   * @param record The bytes to keep.
   * @param options When the record expires.
   * @throws {TypeError} If an argument is of the wrong type.
   * @throws {RangeError} If `expiresAt` is an invalid date.
   */
  set(id: Uint8Array, record: Uint8Array, options: SessionSetOptions): void {
    const expiresAt = checkSetArguments(id, record, options);
    const key = keyOf(id);
    this.#wipe(this.#entries.get(key));
    if (
      expiresAt <= this.#now() || id.length + record.length > this.#maxBytes
    ) return;
    // Not `record.slice()`: a Node Buffer's slice shares its memory.
    this.#add({ key, record: new Uint8Array(record), expiresAt, place: 0 });
    this.#makeRoom();
  }

  /**
   * Removes a session.
   *
   * @param id The session id.
   * @param _reason Why; it makes no difference here.
   * @throws {TypeError} If `id` is not a `Uint8Array`.
   */
  delete(id: Uint8Array, _reason: RemovalReason): void {
    checkId(id);
    this.#wipe(this.#entries.get(keyOf(id)));
  }

  /**
   * Looks a session up and removes it.
   *
   * @param id The session id.
   * @returns The record, or `undefined` where there is none or it has expired.
   * @throws {TypeError} If `id` is not a `Uint8Array`.
   */
  take(id: Uint8Array): Uint8Array | undefined {
    const entry = this.#live(id);
    if (entry === undefined) return undefined;
    // The array is the caller's now: neither copied nor wiped.
    this.#remove(entry);
    return entry.record;
  }

  /** Removes all records, and fills them with zeros. */
  clear(): void {
    for (const entry of this.#entries.values()) entry.record.fill(0);
    this.#entries.clear();
    this.#byExpiry.clear();
    this.#bytes = 0;
  }

  /** Same as {@linkcode MemorySessionStore.clear}. */
  [Symbol.dispose](): void {
    this.clear();
  }

  #live(id: Uint8Array): Entry | undefined {
    checkId(id);
    const entry = this.#entries.get(keyOf(id));
    if (entry === undefined || entry.expiresAt > this.#now()) return entry;
    this.#wipe(entry);
    return undefined;
  }

  #makeRoom(): void {
    this.#removeExpired();
    for (const oldest of this.#entries.values()) {
      if (
        this.#entries.size <= this.#maxEntries && this.#bytes <= this.#maxBytes
      ) return;
      this.#wipe(oldest);
    }
  }

  #removeExpired(): void {
    const now = this.#now();
    for (;;) {
      const entry = this.#byExpiry.first;
      if (entry === undefined || entry.expiresAt > now) return;
      this.#wipe(entry);
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
    this.#bytes += sizeOf(entry);
  }

  #remove(entry: Entry): void {
    this.#entries.delete(entry.key);
    this.#byExpiry.remove(entry);
    this.#bytes -= sizeOf(entry);
  }
}

/** One UTF-16 code unit per byte: ids that differ give keys that differ. */
function keyOf(id: Uint8Array): string {
  let key = "";
  for (const byte of id) key += String.fromCharCode(byte);
  return key;
}

function sizeOf(entry: Entry): number {
  return entry.key.length + entry.record.length;
}
