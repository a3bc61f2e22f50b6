/**
 * A {@linkcode SessionStore} in a Deno KV database: the global one of Deno
 * Deploy, or a file shared by the processes of one machine. Deno needs
 * `--unstable-kv`, or `"unstable": ["kv"]` in its configuration file.
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

import { ownOptions } from "../internal/own_options.ts";
import {
  checkId,
  checkSetArguments,
  checkTag,
} from "../internal/session_arguments.ts";
import type { Envelope } from "./_envelope.ts";
import { checkKv, type DenoKv } from "./kv/database.ts";
import { checkSize, KvSessions, wipe } from "./kv/sessions.ts";
import { failure } from "./_failures.ts";
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
   * What the keys begin with. Stores with the same prefix share their sessions;
   * otherwise neither prefix may begin with the other.
   *
   * @default {["sesame"]}
   */
  prefix?: readonly string[];
  /**
   * The clock, in milliseconds since the epoch.
   *
   * @default {Date.now}
   */
  now?: () => number;
}

/**
 * Keeps sessions in a Deno KV database, where all who have it open find them:
 * reads are strongly consistent, in every region. A record may have almost
 * 64 KiB. The database frees expired records by itself, a while later;
 * {@linkcode KvSessionStore.purge} doesn't wait for that. While other processes
 * write to a database file, a call tries again for 5 seconds.
 *
 * Records hold master secrets, and Deno makes a database file that others can
 * read, unless the umask says otherwise: put it into a directory of mode 0700.
 *
 * A call whose signal is aborted fails, unless it is at the database already.
 */
export class KvSessionStore implements SessionStore {
  readonly #now: () => number;
  readonly #sessions: KvSessions;

  /**
   * Makes a store over an open database, which stays yours to close.
   *
   * @param kv The database, of `Deno.openKv()`.
   * @param options Where in the database, and the clock.
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
   * Looks a session up.
   *
   * @param id The session id.
   * @param options When to give up.
   * @returns The record, or `undefined` where there is none or it has expired.
   * @throws {TypeError} If `id` is not a `Uint8Array`.
   * @throws {Error} If the database fails.
   */
  async get(
    id: Uint8Array,
    { signal }: SessionGetOptions = {},
  ): Promise<Uint8Array | undefined> {
    checkId(id);
    signal?.throwIfAborted();
    return await attempt("look the session up", signal, async () => {
      const { session } = await this.#sessions.find(id);
      return this.#recordOf(session);
    });
  }

  /**
   * Stores a session, in place of any other under this id.
   *
   * @param id The session id.
   * @param record The bytes to keep.
   * @param options When the record expires, its tag, and when to give up.
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
    await attempt("store the session", signal, async () => {
      const now = this.#now();
      if (expiresAt > now) await this.#sessions.put(session, now, signal);
      else wipe(await this.#sessions.remove(id, signal));
    });
  }

  /**
   * Removes a session.
   *
   * @param id The session id.
   * @param _reason Why; it makes no difference here.
   * @throws {TypeError} If `id` is not a `Uint8Array`.
   * @throws {Error} If the database fails.
   */
  async delete(id: Uint8Array, _reason: RemovalReason): Promise<void> {
    checkId(id);
    await attempt("remove the session", undefined, async () => {
      wipe(await this.#sessions.remove(id));
    });
  }

  /**
   * Looks a session up and removes it. Of all who ask for it at the same time,
   * wherever they are, one gets it.
   *
   * @param id The session id.
   * @param options When to give up.
   * @returns The record, or `undefined` where there is none or it has expired.
   * @throws {TypeError} If `id` is not a `Uint8Array`.
   * @throws {Error} If the database fails.
   */
  async take(
    id: Uint8Array,
    { signal }: SessionGetOptions = {},
  ): Promise<Uint8Array | undefined> {
    checkId(id);
    return await attempt("take the session", signal, async () => {
      const session = await this.#sessions.remove(id, signal);
      return this.#recordOf(session);
    });
  }

  /**
   * Removes all sessions that were stored with a tag, found by an index.
   *
   * @param options The tag.
   * @returns How many sessions were removed.
   * @throws {TypeError} If the tag is no string.
   * @throws {RangeError} If the tag is empty, or longer than 256 bytes.
   * @throws {Error} If the database fails; some may have been removed.
   */
  async revoke({ tag }: SessionRevokeOptions): Promise<number> {
    checkTag(tag);
    return await attempt(
      "revoke the sessions",
      undefined,
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
        wipe(session);
        if (session.expiresAt > this.#now()) yield entryOf(session);
      }
    } catch (error) {
      throw failure("list the sessions", error);
    }
  }

  /**
   * Removes all records that have expired, instead of leaving them to the
   * database. Reads all records of the prefix.
   *
   * @returns How many records it removed.
   * @throws {Error} If the database fails; some may have been removed.
   */
  async purge(): Promise<number> {
    return await attempt(
      "remove expired sessions",
      undefined,
      () => this.#sessions.removeExpired(this.#now()),
    );
  }

  #recordOf(session: Envelope | undefined): Uint8Array | undefined {
    if (session === undefined) return undefined;
    const alive = session.expiresAt > this.#now();
    const record = alive ? new Uint8Array(session.record) : undefined;
    wipe(session);
    return record;
  }
}

function entryOf({ id, expiresAt, tag, record }: Envelope): SessionEntry {
  return {
    id: new Uint8Array(id),
    expiresAt: new Date(expiresAt),
    ...(tag === undefined ? {} : { tag }),
    size: record.length,
  };
}

async function attempt<T>(
  what: string,
  signal: AbortSignal | undefined,
  body: () => Promise<T>,
): Promise<T> {
  try {
    return await body();
  } catch (error) {
    if (signal?.aborted && error === signal.reason) throw error;
    throw failure(what, error);
  }
}

function checkPrefix(prefix: readonly string[]): readonly string[] {
  if (
    Array.isArray(prefix) && prefix.every((part) => typeof part === "string")
  ) {
    return [...prefix];
  }
  throw new TypeError(
    "Cannot create the session store: prefix must be an array of strings",
  );
}
