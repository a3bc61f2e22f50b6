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

import { ownOptions } from "../internal/own_options.ts";
import {
  checkId,
  checkSetArguments,
  checkTag,
} from "../internal/session_arguments.ts";
import { checkCount } from "./_options.ts";
import { type Expiring, ExpiryHeap } from "./_expiry_heap.ts";
import { type Tagged, TagIndex } from "./_tag_index.ts";
import type {
  RemovalReason,
  SessionEntry,
  SessionRevokeOptions,
  SessionSetOptions,
  SessionStore,
} from "./session_store.ts";

export type * from "./session_store.ts";

/** Options of {@linkcode MemorySessionStore}. */
export interface MemorySessionStoreOptions {
  /**
   * The most records to hold, at least 1.
   *
   * @default {20_480} The size of OpenSSL's own session cache.
   */
  maxEntries?: number;
  /**
   * The most bytes to hold, of ids, tags and records together, at least 1. A
   * record that is larger by itself is not kept.
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

interface Entry extends Expiring, Tagged {
  readonly key: string;
  readonly record: Uint8Array;
  /** In bytes, of all that is kept of it. */
  readonly size: number;
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
  readonly #byTag = new TagIndex<Entry>();
  #bytes = 0;

  /**
   * Makes an empty store.
   *
   * @param options Limits, and the clock.
   * @throws {TypeError} If a limit is not a number, or there is no option of a
   * name.
   * @throws {RangeError} If a limit is not a whole number of at least 1.
   */
  constructor(options: MemorySessionStoreOptions = {}) {
    const own = ownOptions(options, {
      maxEntries: true,
      maxBytes: true,
      now: true,
    }, { of: "MemorySessionStore" });
    this.#maxEntries = checkCount(
      "maxEntries",
      own.maxEntries ?? 20_480,
      1,
    );
    this.#maxBytes = checkCount(
      "maxBytes",
      own.maxBytes ?? 32 * 1024 * 1024,
      1,
    );
    this.#now = own.now ?? (() => Date.now());
  }

  /** How many records the store holds that have not expired. */
  get size(): number {
    this.#removeExpired();
    return this.#entries.size;
  }

  /** How many bytes the store holds, of ids, tags and records that have not expired. */
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
   * @param options When the record expires, and its tag.
   * @throws {TypeError} If an argument is of the wrong type.
   * @throws {RangeError} If `expiresAt` is an invalid date, or the tag is empty
   * or longer than 256 bytes.
   */
  set(id: Uint8Array, record: Uint8Array, options: SessionSetOptions): void {
    const own = ownOptions(options);
    const expiresAt = checkSetArguments(id, record, own);
    const key = keyOf(id);
    this.#wipe(this.#entries.get(key));
    const tagBytes = new TextEncoder().encode(own.tag);
    const size = id.length + tagBytes.length + record.length;
    if (expiresAt <= this.#now() || size > this.#maxBytes) return;
    this.#add({
      key,
      // Not `record.slice()`: a Node Buffer's slice shares its memory.
      record: new Uint8Array(record),
      expiresAt,
      tag: copyOf(tagBytes),
      size,
      place: 0,
    });
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

  /**
   * Removes all sessions that were stored with a tag. The others cost no time.
   *
   * @param options The tag.
   * @returns How many sessions were removed, without those that had expired.
   * @throws {TypeError} If the tag is no string.
   * @throws {RangeError} If the tag is empty, or longer than 256 bytes.
   */
  revoke({ tag }: SessionRevokeOptions): number {
    checkTag(tag);
    this.#removeExpired();
    const entries = this.#byTag.of(tag);
    for (const entry of entries) this.#wipe(entry);
    return entries.length;
  }

  /**
   * Lists the sessions that have not expired; that is no use of them. What is
   * stored after it began is not in the list, what is removed before its turn
   * neither.
   */
  async *entries(): AsyncGenerator<SessionEntry, void, void> {
    // The keys as they are now: `get` would move entries to the end for ever.
    for (const key of [...this.#entries.keys()]) {
      const entry = this.#entries.get(key);
      if (entry !== undefined && entry.expiresAt > this.#now()) {
        yield publicEntry(entry);
      }
    }
  }

  /**
   * Removes all that has expired. Every `set` does so too.
   *
   * @returns How many records it removed.
   */
  purge(): number {
    return this.#removeExpired();
  }

  /** Removes all records, and fills them with zeros. */
  clear(): void {
    for (const entry of this.#entries.values()) entry.record.fill(0);
    this.#entries.clear();
    this.#byExpiry.clear();
    this.#byTag.clear();
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

  #removeExpired(): number {
    const now = this.#now();
    for (let removed = 0;; removed++) {
      const entry = this.#byExpiry.first;
      if (entry === undefined || entry.expiresAt > now) return removed;
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

/** One UTF-16 code unit per byte: ids that differ give keys that differ. */
function keyOf(id: Uint8Array): string {
  let key = "";
  for (const byte of id) key += String.fromCharCode(byte);
  return key;
}

/** A string of its own: a part of a longer one would keep all of that in memory. */
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
