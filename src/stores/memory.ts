/**
 * A {@linkcode SessionStore} in the memory of this process.
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

import { checkedInteger } from "../internal/option_checks.ts";
import { ownOptions } from "../internal/own_options.ts";
import {
  checkId,
  checkSetArguments,
  checkTag,
} from "../internal/session_arguments.ts";
import { MemoryRecords } from "./memory/records.ts";
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
   * The most records to keep, at least 1.
   *
   * @default {20_480} The size of OpenSSL's own session cache.
   */
  maxEntries?: number;
  /**
   * The most bytes to keep, of ids, tags and records together, at least 1. A record that
   * exceeds this by itself is not stored.
   *
   * @default {33_554_432} 32 MiB. A record has between 200 bytes and 2 KiB; the larger ones
   * contain a client certificate.
   */
  maxBytes?: number;
  /**
   * Returns the current time in milliseconds since the epoch.
   *
   * @default {Date.now}
   */
  now?: () => number;
}

/**
 * A store in memory, with limits on the number of records and on their bytes. When a limit is
 * exceeded, expired records are removed first, then those that were least recently stored or
 * looked up. Removed and replaced records are filled with zeros. All calls except `entries`
 * return at once, so signals have no effect.
 */
export class MemorySessionStore implements SessionStore {
  readonly #records: MemoryRecords;

  /**
   * Creates an empty store.
   *
   * @param options The limits and the clock.
   * @throws {TypeError} If a limit is not a number, or there is no option of a name.
   * @throws {RangeError} If a limit is not a whole number of at least 1.
   */
  constructor(options: MemorySessionStoreOptions = {}) {
    const own = ownOptions(options, {
      maxEntries: true,
      maxBytes: true,
      now: true,
    }, { of: "MemorySessionStore" });
    const { maxEntries = 20_480, maxBytes = 32 * 1024 * 1024 } = own;
    this.#records = new MemoryRecords({
      maxEntries: checkedInteger(maxEntries, "maxEntries", { min: 1 }),
      maxBytes: checkedInteger(maxBytes, "maxBytes", { min: 1 }),
    }, own.now ?? (() => Date.now()));
  }

  /** The number of records that have not expired. */
  get size(): number {
    this.#records.removeExpired();
    return this.#records.size;
  }

  /** The bytes of the ids, tags and records that have not expired. */
  get bytes(): number {
    this.#records.removeExpired();
    return this.#records.bytes;
  }

  /**
   * Looks up a session, which becomes the most recently used one.
   *
   * @param id The session id.
   * @returns A copy of the record, or `undefined` if there is none or it has expired.
   * @throws {TypeError} If `id` is not a `Uint8Array`.
   */
  get(id: Uint8Array): Uint8Array | undefined {
    checkId(id);
    return this.#records.get(id);
  }

  /**
   * Stores a copy of a record, in place of any other with this id.
   *
   * @param id The session id.
   * @param record The bytes to store.
   * @param options The expiry and the tag.
   * @throws {TypeError} If an argument is of the wrong type.
   * @throws {RangeError} If `expiresAt` is an invalid date, or the tag is empty or longer than
   * 256 bytes.
   */
  set(id: Uint8Array, record: Uint8Array, options: SessionSetOptions): void {
    const own = ownOptions(options);
    const expiresAt = checkSetArguments(id, record, own);
    this.#records.set(id, record, expiresAt, own.tag);
  }

  /**
   * Removes a session.
   *
   * @param id The session id.
   * @param _reason The reason, which has no effect.
   * @throws {TypeError} If `id` is not a `Uint8Array`.
   */
  delete(id: Uint8Array, _reason: RemovalReason): void {
    checkId(id);
    this.#records.delete(id);
  }

  /**
   * Looks up a session and removes it.
   *
   * @param id The session id.
   * @returns The record, or `undefined` if there is none or it has expired.
   * @throws {TypeError} If `id` is not a `Uint8Array`.
   */
  take(id: Uint8Array): Uint8Array | undefined {
    checkId(id);
    return this.#records.take(id);
  }

  /**
   * Removes all sessions that were stored with a tag, in time that depends on their number.
   *
   * @param options The tag.
   * @returns The number of removed sessions that had not expired.
   * @throws {TypeError} If the tag is not a string.
   * @throws {RangeError} If the tag is empty or longer than 256 bytes.
   */
  revoke({ tag }: SessionRevokeOptions): number {
    checkTag(tag);
    return this.#records.deleteTagged(tag);
  }

  /**
   * Lists the sessions that have not expired, without making them recently used. Sessions that
   * are stored after the call are not in the list.
   */
  async *entries(): AsyncGenerator<SessionEntry, void, void> {
    yield* this.#records.list();
  }

  /**
   * Removes expired records. Each `set` does the same.
   *
   * @returns The number of removed records.
   */
  purge(): number {
    return this.#records.removeExpired();
  }

  /** Removes all records and fills them with zeros. */
  clear(): void {
    this.#records.clear();
  }

  /** Same as {@linkcode MemorySessionStore.clear}. */
  [Symbol.dispose](): void {
    this.clear();
  }
}
