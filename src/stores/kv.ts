/**
 * A {@linkcode SessionStore} in a Deno KV database: the global one of Deno Deploy, or a file that
 * the processes of one machine share. Deno needs the flag `--unstable-kv`, or
 * `"unstable": ["kv"]` in its configuration file.
 *
 * @example
 * ```ts
 * import { KvSessionStore } from "@sesame/tls/stores/kv";
 * import { assertEquals } from "@std/assert";
 *
 * const kv = await Deno.openKv(":memory:");
 * const store = new KvSessionStore(kv);
 * const id = crypto.getRandomValues(new Uint8Array(32));
 * const expiresAt = new Date(Date.now() + 7_200_000);
 * await store.set(id, new Uint8Array([1, 2, 3]), { expiresAt, tag: "alice" });
 *
 * assertEquals(await store.get(id), new Uint8Array([1, 2, 3]));
 * assertEquals(await store.revoke({ tag: "alice" }), 1);
 * assertEquals(await store.get(id), undefined);
 * kv.close();
 * ```
 *
 * @module
 */

import { optionTypeError } from "../internal/option_error.ts";
import { ownOptions } from "../internal/own_options.ts";
import { received } from "../internal/received.ts";
import {
  checkId,
  checkSetArguments,
  checkTag,
} from "../internal/session_arguments.ts";
import { entryOf, takeRecord } from "./_envelope.ts";
import { attempt, failure } from "./_failures.ts";
import { checkKv, type DenoKv } from "./kv/database.ts";
import { checkSize, KvSessions, wipe } from "./kv/sessions.ts";
import type {
  RemovalReason,
  SessionEntry,
  SessionGetOptions,
  SessionRevokeOptions,
  SessionSetOptions,
  SessionStore,
} from "./session_store.ts";

export type {
  DenoKv,
  DenoKvAtomicOperation,
  DenoKvEntry,
  DenoKvKey,
} from "./kv/database.ts";
export type * from "./session_store.ts";

/** Options of {@linkcode KvSessionStore}. */
export interface KvSessionStoreOptions {
  /**
   * The beginning of all keys. Stores with the same prefix share their sessions. Of two
   * different prefixes, neither may begin with the other.
   *
   * @default {["sesame"]}
   */
  prefix?: readonly string[];
  /**
   * Returns the current time in milliseconds since the epoch.
   *
   * @default {Date.now}
   */
  now?: () => number;
}

/**
 * A store in a Deno KV database. Reads are strongly consistent, in every region. A record may
 * have almost 64 KiB. The database removes expired records by itself some time later;
 * {@linkcode KvSessionStore.purge} removes them at once. While another process writes to a
 * database file, a call is retried for up to 5 seconds.
 *
 * Records hold master secrets, and Deno creates database files with the mode of the umask, often
 * readable by others: put the file into a directory of mode 0700.
 *
 * A call fails when its signal is aborted, unless the database is working on it.
 */
export class KvSessionStore implements SessionStore {
  readonly #now: () => number;
  readonly #sessions: KvSessions;

  /**
   * Creates a store in an open database, which the caller closes.
   *
   * @param kv The database, as `Deno.openKv()` returns it.
   * @param options The prefix of the keys, and the clock.
   * @throws {TypeError} If an argument is of the wrong type.
   */
  constructor(kv: DenoKv, options: KvSessionStoreOptions = {}) {
    checkKv(kv);
    const own = ownOptions(options, { prefix: true, now: true }, {
      of: "KvSessionStore",
    });
    const prefix = checkPrefix(own.prefix ?? ["sesame"]);
    this.#now = own.now ?? (() => Date.now());
    this.#sessions = new KvSessions(kv, prefix);
  }

  /**
   * Looks up a session.
   *
   * @param id The session id.
   * @param options The signal.
   * @returns The record, or `undefined` if there is none or it has expired.
   * @throws {TypeError} If `id` is not a `Uint8Array`.
   * @throws {Error} If the database fails.
   */
  async get(
    id: Uint8Array,
    { signal }: SessionGetOptions = {},
  ): Promise<Uint8Array | undefined> {
    checkId(id);
    return await attempt("look up the session", async () => {
      const { session } = await this.#sessions.find(id);
      return takeRecord(session, this.#now());
    }, signal);
  }

  /**
   * Stores a record, in place of any other with this id.
   *
   * @param id The session id.
   * @param record The bytes to store.
   * @param options The expiry, the tag and the signal.
   * @throws {TypeError} If an argument is of the wrong type.
   * @throws {RangeError} If `expiresAt` is an invalid date, the tag is empty or
   * longer than 256 bytes, or id, tag and record are too large for Deno KV.
   * @throws {Error} If the database fails.
   */
  async set(
    id: Uint8Array,
    record: Uint8Array,
    options: SessionSetOptions,
  ): Promise<void> {
    const own = ownOptions(options);
    const expiresAt = checkSetArguments(id, record, own);
    const { tag, signal } = own;
    const session = { id, expiresAt, tag, record };
    checkSize(session);
    await attempt("store the session", async () => {
      const now = this.#now();
      if (expiresAt > now) await this.#sessions.put(session, now, signal);
      else wipe(await this.#sessions.remove(id, signal));
    }, signal);
  }

  /**
   * Removes a session.
   *
   * @param id The session id.
   * @param _reason The reason, which has no effect.
   * @throws {TypeError} If `id` is not a `Uint8Array`.
   * @throws {Error} If the database fails.
   */
  async delete(id: Uint8Array, _reason: RemovalReason): Promise<void> {
    checkId(id);
    await attempt("remove the session", async () => {
      wipe(await this.#sessions.remove(id));
    });
  }

  /**
   * Looks up a session and removes it. Of several processes that do so at the same time, one
   * gets the record.
   *
   * @param id The session id.
   * @param options The signal.
   * @returns The record, or `undefined` if there is none or it has expired.
   * @throws {TypeError} If `id` is not a `Uint8Array`.
   * @throws {Error} If the database fails.
   */
  async take(
    id: Uint8Array,
    { signal }: SessionGetOptions = {},
  ): Promise<Uint8Array | undefined> {
    checkId(id);
    return await attempt("take the session", async () => {
      const session = await this.#sessions.remove(id, signal);
      return takeRecord(session, this.#now());
    }, signal);
  }

  /**
   * Removes all sessions that were stored with a tag, which it finds by an index.
   *
   * @param options The tag.
   * @returns The number of removed sessions that had not expired.
   * @throws {TypeError} If the tag is not a string.
   * @throws {RangeError} If the tag is empty or longer than 256 bytes.
   * @throws {Error} If the database fails; some may have been removed.
   */
  async revoke({ tag }: SessionRevokeOptions): Promise<number> {
    checkTag(tag);
    return await attempt(
      "revoke the sessions",
      () => this.#sessions.removeTagged(tag, this.#now()),
    );
  }

  /**
   * Lists the sessions that have not expired. Reads all records of the prefix.
   *
   * @throws {Error} If the database fails.
   */
  async *entries(): AsyncIterable<SessionEntry> {
    try {
      for await (const session of this.#sessions.all()) {
        const size = session.record.length;
        wipe(session);
        if (session.expiresAt > this.#now()) yield entryOf(session, size);
      }
    } catch (error) {
      throw failure("list the sessions", error);
    }
  }

  /**
   * Removes expired records. Reads all records of the prefix.
   *
   * @returns The number of removed records.
   * @throws {Error} If the database fails; some may have been removed.
   */
  async purge(): Promise<number> {
    return await attempt(
      "remove expired sessions",
      () => this.#sessions.removeExpired(this.#now()),
    );
  }
}

function checkPrefix(prefix: readonly string[]): readonly string[] {
  if (
    Array.isArray(prefix) && prefix.every((part) => typeof part === "string")
  ) {
    return [...prefix];
  }
  throw optionTypeError(
    "prefix",
    `must be an array of strings, received ${received(prefix)}`,
  );
}
