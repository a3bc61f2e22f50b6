/**
 * A {@linkcode SessionStore} in memory that the threads of a process share: workers look sessions
 * up and store them without a message.
 *
 * @example
 * ```ts
 * import { SharedMemorySessionStore } from "@sesame/tls/stores/shared-memory";
 * import { assertEquals } from "@std/assert";
 *
 * // In one thread.
 * const store = new SharedMemorySessionStore();
 * const { memory } = store;
 *
 * // In a worker that has received `memory`.
 * const other = new SharedMemorySessionStore({ memory });
 *
 * const id = crypto.getRandomValues(new Uint8Array(32));
 * const expiresAt = new Date(Date.now() + 7_200_000);
 * other.set(id, new Uint8Array([1, 2, 3]), { expiresAt });
 * assertEquals(store.take(id), new Uint8Array([1, 2, 3]));
 * assertEquals(other.get(id), undefined);
 * ```
 *
 * @module
 */

import { checkedInteger } from "../internal/option_checks.ts";
import { optionTypeError } from "../internal/option_error.ts";
import { ownOptions } from "../internal/own_options.ts";
import { received } from "../internal/received.ts";
import {
  checkId,
  checkSetArguments,
  checkTag,
} from "../internal/session_arguments.ts";
import {
  allocate,
  isAllocated,
  MAX_BYTES,
  MAX_ENTRIES,
} from "./shared_memory/layout.ts";
import { SharedRecords } from "./shared_memory/records.ts";
import type {
  RemovalReason,
  SessionEntry,
  SessionRevokeOptions,
  SessionSetOptions,
  SessionStore,
} from "./session_store.ts";

export type * from "./session_store.ts";

/** Options of {@linkcode SharedMemorySessionStore}. */
export interface SharedMemorySessionStoreOptions {
  /**
   * The memory of a store of another thread, to use its records. The limits are those of that store.
   *
   * @default New memory.
   */
  memory?: SharedArrayBuffer;
  /**
   * The most records to keep, from 1 to 16,777,216.
   *
   * @default {20_480} The size of OpenSSL's own session cache.
   */
  maxEntries?: number;
  /**
   * The bytes to keep records in, from 1 to 1 GiB. A record takes those of its id, its tag and
   * itself, and 32 to 63 more. One that exceeds `maxBytes` by itself is not stored.
   *
   * @default {33_554_432} 32 MiB. The operating system provides them when they are used.
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
 * A store in memory that threads share, with limits on the number of records and on their bytes.
 * When a limit is exceeded, the records that were stored first are removed. Removed and replaced
 * records are filled with zeros. All calls except `entries` return at once, so signals have no
 * effect.
 *
 * A call waits while another thread is in one, which takes microseconds. So it can't be used where
 * `Atomics.wait` throws: in the main thread of a browser. If a worker is terminated in the middle of
 * a call, the next call of another thread waits for a second and removes all records.
 */
export class SharedMemorySessionStore implements SessionStore {
  /** The memory, to be sent to workers. It holds the records: don't change it. */
  readonly memory: SharedArrayBuffer;
  readonly #records: SharedRecords;
  readonly #now: () => number;

  /**
   * Creates an empty store, or opens that of another thread.
   *
   * @param options The memory or the limits, and the clock.
   * @throws {TypeError} If an option is of the wrong type, `memory` is not that of a store or there
   * are limits beside it, or there is no option of a name.
   * @throws {RangeError} If a limit is not a whole number in its range.
   */
  constructor(options: SharedMemorySessionStoreOptions = {}) {
    const own = ownOptions(options, {
      memory: true,
      maxEntries: true,
      maxBytes: true,
      now: true,
    }, { of: "SharedMemorySessionStore" });
    this.memory = memoryOf(own);
    this.#records = new SharedRecords(this.memory);
    this.#now = own.now ?? (() => Date.now());
  }

  /** The number of records that have not expired. */
  get size(): number {
    return this.#records.count(this.#now());
  }

  /**
   * Looks up a session.
   *
   * @param id The session id.
   * @returns A copy of the record, or `undefined` if there is none or it has expired.
   * @throws {TypeError} If `id` is not a `Uint8Array`.
   */
  get(id: Uint8Array): Uint8Array | undefined {
    checkId(id);
    return this.#records.get(id, this.#now());
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
    const tag = new TextEncoder().encode(own.tag);
    this.#records.set({ id, tag, record, expiresAt }, this.#now());
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
   * Looks up a session and removes it: of several threads that do so, one gets the record.
   *
   * @param id The session id.
   * @returns The record, or `undefined` if there is none or it has expired.
   * @throws {TypeError} If `id` is not a `Uint8Array`.
   */
  take(id: Uint8Array): Uint8Array | undefined {
    checkId(id);
    return this.#records.take(id, this.#now());
  }

  /**
   * Removes all sessions that were stored with a tag, in time that depends on the number of all
   * sessions.
   *
   * @param options The tag.
   * @returns The number of removed sessions that had not expired.
   * @throws {TypeError} If the tag is not a string.
   * @throws {RangeError} If the tag is empty or longer than 256 bytes.
   */
  revoke({ tag }: SessionRevokeOptions): number {
    checkTag(tag);
    const bytes = new TextEncoder().encode(tag);
    return this.#records.deleteTagged(bytes, this.#now());
  }

  /** Lists the sessions that have not expired when the list is first read. */
  async *entries(): AsyncGenerator<SessionEntry, void, void> {
    yield* this.#records.list(this.#now());
  }

  /**
   * Removes expired records, in time that depends on the number of all records.
   *
   * @returns The number of removed records.
   */
  purge(): number {
    return this.#records.removeExpired(this.#now());
  }

  /** Removes all records and fills them with zeros, for all threads. */
  clear(): void {
    this.#records.clear();
  }
}

function memoryOf(
  { memory, maxEntries, maxBytes }: SharedMemorySessionStoreOptions,
): SharedArrayBuffer {
  if (memory === undefined) {
    return allocate({
      maxEntries: checkedInteger(maxEntries ?? 20_480, "maxEntries", {
        min: 1,
        max: MAX_ENTRIES,
      }),
      maxBytes: checkedInteger(maxBytes ?? 32 * 1024 * 1024, "maxBytes", {
        min: 1,
        max: MAX_BYTES,
      }),
    });
  }
  if (!(memory instanceof SharedArrayBuffer) || !isAllocated(memory)) {
    throw optionTypeError(
      "memory",
      `must be the memory of a SharedMemorySessionStore, received ${
        received(memory)
      }`,
    );
  }
  const limit = maxEntries === undefined ? "maxBytes" : "maxEntries";
  if (maxEntries !== undefined || maxBytes !== undefined) {
    throw optionTypeError(limit, "must not be given beside options.memory");
  }
  return memory;
}
